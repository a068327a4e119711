"""Declarations and migrations, on the embedded engine and on MongoDB alike."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pymongo.errors import DuplicateKeyError

from server.composition.opening import COLLECTIONS, prepare
from server.config import Settings
from server.storage.errors import MigrationsBusy, SchemaConflict, StoreRefused
from server.storage.migrations import COLLECTION, Migration, migrate
from server.storage.mongo import Database, translate_errors
from server.storage.schema import CollectionSpec, Index, apply, schema_validator
from tests.harness.keys import masters

NAMES = Index("by_name", (("name", 1),), unique=True)
OPEN = Index("open_ones", (("queue", 1), ("rank", -1)), unique=True, partial={"open": True})
FLEETING = Index("fleeting", (("until", 1),), expire_after_seconds=3600)
STRING = schema_validator(
    {"_id": {}, "name": {"bsonType": "string"}, "queue": {}, "rank": {}, "open": {}, "until": {}},
    optional=("queue", "rank", "open", "until"),
)
THINGS = CollectionSpec("things", (NAMES, OPEN, FLEETING), STRING)


async def index_names(database: Database, collection: str) -> set[str]:
    return {index["name"] async for index in database[collection].list_indexes()}


async def test_declarations_hold_and_applying_twice_changes_nothing(database: Database) -> None:
    for _ in range(2):
        await apply(database, [THINGS])
        assert await index_names(database, "things") == {"_id_", "by_name", "open_ones", "fleeting"}
    await database.things.insert_one({"name": "a", "queue": 1, "rank": 1, "open": True})
    with pytest.raises(DuplicateKeyError):
        await database.things.insert_one({"name": "a"})
    with pytest.raises(DuplicateKeyError):
        await database.things.insert_one({"name": "b", "queue": 1, "rank": 1, "open": True})
    await database.things.insert_one({"name": "b", "queue": 1, "rank": 1, "open": False})
    for wrong in ({"name": 7}, {}, {"name": "c", "extra": 1}):
        with pytest.raises(StoreRefused):
            async with translate_errors():
                await database.things.insert_one(wrong)


async def test_many_may_apply_at_once(database: Database) -> None:
    await asyncio.gather(*(apply(database, [THINGS]) for _ in range(4)))
    assert await index_names(database, "things") == {"_id_", "by_name", "open_ones", "fleeting"}


async def test_validator_is_replaced(database: Database) -> None:
    await apply(database, [THINGS])
    await apply(database, [CollectionSpec("things", THINGS.indexes, {"$jsonSchema": {"required": ["size"]}})])
    await database.things.insert_one({"size": 1, "name": "b"})
    with pytest.raises(StoreRefused):
        async with translate_errors():
            await database.things.insert_one({"name": "a"})
    await apply(database, [CollectionSpec("things", THINGS.indexes)])
    await database.things.insert_one({"anything": 1, "name": "c"})


@pytest.mark.parametrize(
    "changed",
    [
        Index("by_name", (("name", 1),)),
        Index("by_name", (("title", 1),), unique=True),
        Index("renamed", (("name", 1),), unique=True),
    ],
)
async def test_changed_index_needs_a_migration(database: Database, changed: Index) -> None:
    await apply(database, [CollectionSpec("things", (NAMES,))])
    with pytest.raises(SchemaConflict):
        await apply(database, [CollectionSpec("things", (changed,))])
    assert await index_names(database, "things") == {"_id_", "by_name"}


async def raise_level(database: Database) -> None:
    await database.level.update_one({"_id": 1}, {"$inc": {"value": 1}}, upsert=True)
    # Long enough for the others to come while this one works.
    await asyncio.sleep(0.05)


async def level(database: Database) -> int:
    found = await database.level.find_one({"_id": 1})
    return int(found["value"]) if found else 0


STEPS = [Migration(1, "first", raise_level), Migration(2, "second", raise_level)]


async def test_each_migration_runs_once_in_order(database: Database) -> None:
    assert await migrate(database, STEPS[:1]) == [1]
    assert await migrate(database, STEPS) == [2]
    assert await migrate(database, STEPS) == []
    assert await level(database) == 2


async def test_processes_that_start_at_once_share_the_work(database: Database) -> None:
    results = await asyncio.gather(*(migrate(database, STEPS) for _ in range(4)))
    assert sorted(version for done in results for version in done) == [1, 2]
    assert await level(database) == 2


async def test_failed_migration_is_repeated(database: Database) -> None:
    async def fail(_: Database) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await migrate(database, [STEPS[0], Migration(2, "second", fail)])
    assert await migrate(database, STEPS) == [2]


async def test_claim_of_a_dead_process_lapses_and_a_living_one_is_respected(database: Database) -> None:
    lock = {"_id": "lock", "holder": "gone", "expires_at": datetime.now(UTC) + timedelta(minutes=1)}
    await database[COLLECTION].insert_one(lock)
    with pytest.raises(MigrationsBusy):
        await migrate(database, STEPS, patience_s=0.3)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await database[COLLECTION].update_one({"_id": "lock"}, {"$set": {"expires_at": past}})
    assert await migrate(database, STEPS) == [1, 2]


async def test_newer_database_is_refused(database: Database) -> None:
    await migrate(database, STEPS)
    with pytest.raises(SchemaConflict, match="migration 2"):
        await migrate(database, STEPS[:1])
    with pytest.raises(SchemaConflict, match="migration 1"):
        await migrate(database, [Migration(1, "another", raise_level), STEPS[1]])
    with pytest.raises(ValueError, match="numbered"):
        await migrate(database, [Migration(2, "second", raise_level)])


async def test_data_of_a_newer_version_is_left_as_it_is(database: Database, tmp_path: Path) -> None:
    """An older program is refused before its declarations replace the newer ones, under which it could not write."""
    newer = CollectionSpec(COLLECTIONS[0].name, validator={"$jsonSchema": {"required": ["of_a_newer_version"]}})
    await apply(database, [newer])
    await database[COLLECTION].insert_one({"_id": 99, "name": "of a newer version"})

    async def declared() -> list[object]:
        return sorted([item async for item in await database.list_collections()], key=lambda item: str(item["name"]))

    before = await declared()
    with pytest.raises(SchemaConflict, match="migration 99"):
        await prepare(database, masters(), Settings(data_dir=tmp_path))
    assert await declared() == before
