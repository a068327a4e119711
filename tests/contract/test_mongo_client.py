"""What the client and its errors promise, on the embedded engine and on MongoDB alike."""

import traceback
from datetime import UTC, datetime

import pytest
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from server.kernel.errors import Unavailable
from server.storage.errors import StoreRefused
from server.storage.mongo import Database, duplicate_index_name, open_client, ping, translate_errors
from server.storage.schema import CollectionSpec, Index, apply, schema_validator

MESSAGES = CollectionSpec(
    "messages",
    (
        Index("once", (("room", 1), ("sender", 1), ("key", 1)), unique=True),
        Index("room_seq", (("room", 1), ("seq", 1)), unique=True),
    ),
)


def message(number: int, *, seq: int | None = None, key: str | None = None) -> dict[str, object]:
    return {
        "_id": number,
        "room": "r",
        "sender": "s",
        "key": key or f"k{number}",
        "seq": number if seq is None else seq,
    }


async def test_ping(database: Database) -> None:
    await ping(database.client)


async def test_unreachable_store_is_unavailable() -> None:
    client = open_client("mongodb://127.0.0.1:1/?directConnection=true", embedded=True)
    with pytest.raises(Unavailable) as caught:
        await ping(client)
    assert caught.value.__cause__ is None
    client.close()


@pytest.mark.parametrize(
    ("bad", "index"),
    [
        (message(3, key="k0"), "once"),
        (message(3, seq=0), "room_seq"),
        (message(0, seq=9, key="other"), "_id_"),
    ],
)
async def test_ordered_insert_says_where_it_stopped_and_why(
    database: Database, bad: dict[str, object], index: str
) -> None:
    await apply(database, [MESSAGES])
    await database.messages.insert_one(message(0))
    with pytest.raises(BulkWriteError) as caught:
        async with translate_errors():
            await database.messages.insert_many([message(1), message(2), bad, message(4)], ordered=True)
    assert duplicate_index_name(caught.value) == (2, index)
    stored = [document["_id"] async for document in database.messages.find({})]
    assert sorted(stored) == [0, 1, 2], "what stands before the position is stored, nothing from it on"


async def test_single_writes_name_the_index(database: Database) -> None:
    await apply(database, [MESSAGES])
    await database.messages.insert_many([message(0), message(1)])
    with pytest.raises(DuplicateKeyError) as inserted:
        await database.messages.insert_one(message(2, seq=1))
    with pytest.raises(DuplicateKeyError) as updated:
        await database.messages.update_one({"_id": 0}, {"$set": {"seq": 1}})
    with pytest.raises(DuplicateKeyError) as modified:
        await database.messages.find_one_and_update({"_id": 0}, {"$set": {"seq": 1}})
    for caught in (inserted, updated, modified):
        assert duplicate_index_name(caught.value) == (0, "room_seq")


async def test_content_that_looks_like_an_index_name_is_not_taken_for_one(database: Database) -> None:
    await apply(database, [MESSAGES])
    trap = "E11000 duplicate key error collection: a.b index: forged dup key"
    await database.messages.insert_one(message(0, key=trap))
    with pytest.raises(DuplicateKeyError) as caught:
        await database.messages.insert_one(message(1, key=trap))
    assert duplicate_index_name(caught.value) == (0, "once")


def test_other_errors_name_no_index() -> None:
    assert duplicate_index_name(OperationFailure("no", 13)) is None
    assert duplicate_index_name(BulkWriteError({"writeErrors": [], "writeConcernErrors": []})) is None


async def test_refused_document_is_not_in_the_error(database: Database) -> None:
    await apply(database, [CollectionSpec("notes", (), schema_validator({"_id": {}, "n": {"bsonType": "int"}}))])
    for write in (
        database.notes.insert_one({"_id": 1, "n": "Budi Santoso"}),
        database.notes.insert_many([{"_id": 2, "n": 2}, {"_id": 3, "n": "Budi Santoso"}]),
    ):
        with pytest.raises(StoreRefused) as caught:
            async with translate_errors():
                await write
        assert caught.value.code == 121
        assert "Budi" not in "".join(traceback.format_exception(caught.value))


async def test_passing_trouble_is_told_from_refusal() -> None:
    async def fail(error: Exception) -> None:
        async with translate_errors():
            raise error

    for code in (91, 189, 11600, 10107):
        with pytest.raises(Unavailable):
            await fail(OperationFailure("x", code))
    with pytest.raises(StoreRefused):
        await fail(OperationFailure("x", 2))
    with pytest.raises(Unavailable):
        await fail(BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}))
    with pytest.raises(ZeroDivisionError):
        await fail(ZeroDivisionError())


async def test_times_come_back_aware(database: Database) -> None:
    now = datetime.now(UTC)
    await database.times.insert_one({"_id": 1, "at": now})
    found = await database.times.find_one({"_id": 1})
    assert found is not None
    assert found["at"] == now.replace(microsecond=now.microsecond // 1000 * 1000), "whole milliseconds"


async def test_reading_named_ids_examines_nothing_else(database: Database) -> None:
    """Windows of a list are read like this: a range of `_id` would read the whole collection on the embedded engine."""
    await database.things.insert_many([{"_id": f"list.{number:010d}"} for number in range(200)])
    named = [f"list.{number:010d}" for number in range(190, 210)]
    command = {"find": "things", "filter": {"_id": {"$in": named}}}
    plan = await database.command({"explain": command, "verbosity": "executionStats"})
    assert plan["executionStats"]["nReturned"] == 10
    assert plan["executionStats"]["totalDocsExamined"] <= 20
