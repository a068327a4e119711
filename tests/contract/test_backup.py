"""Archives of a database: what comes back, what is refused, what a kill leaves, what writers do to one."""

import asyncio
import signal
import stat
import sys
from pathlib import Path

import pytest

from server.audit.service import AuditTrail
from server.audit.store import MongoAuditStore
from server.composition.opening import ARCHIVED, COLLECTIONS
from server.storage.backup import back_up
from server.storage.errors import ArchiveUnusable, RestoreRefused, RestoreUnfinished, SchemaConflict, StorageError
from server.storage.mongo import Database
from server.storage.restore import RESTORES, finish, require_whole
from server.storage.schema import CollectionSpec, apply
from tests.harness.database import (
    AUDIT_KEY,
    KEY,
    SECRET,
    content,
    conversation,
    fill,
    made,
    message,
    moment,
    names_in,
    put_back,
    shape,
)

_BREATH_S = 0.05
"""Between two writes of a writer: a server that is busy, not one without a moment for anybody else."""

RESTORER = """
import asyncio, os, signal, sys
from pathlib import Path
from pymongo import monitoring
from server.composition.opening import ARCHIVED
from server.storage.mongo import open_client
from server.storage.restore import restore

class Death(monitoring.CommandListener):
    inserts = 0

    def started(self, event):
        self.inserts += event.command_name == "insert" and event.command["insert"] == "messages"
        if self.inserts == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    def succeeded(self, event): pass
    def failed(self, event): pass

async def main():
    monitoring.register(Death())
    client = open_client(sys.argv[1], embedded=True)
    await restore(client[sys.argv[2]], ARCHIVED, Path(sys.argv[3]), bytes(range(32)), version="1")

asyncio.run(main())
"""
"""Dies when it has written a part of the messages, neither earlier nor later."""


async def test_everything_comes_back_as_it_was(database: Database, target: Database, archive: Path) -> None:
    """Byte for byte, with indexes and validators, and the trail fits its anchor."""
    await fill(database)
    inventory = await back_up(database, ARCHIVED, archive, KEY, version="1")
    counts = await put_back(target, archive)
    await finish(target)
    before = await content(database)
    assert await content(target) == before
    assert {name: len(documents) for name, documents in before.items()} == {name: counts[name] for name in before}
    assert dict(inventory.counts) == counts
    assert all(before[spec.name] for spec in COLLECTIONS)
    assert await shape(target) == await shape(database)
    assert set(await shape(target)) == {spec.name for spec in COLLECTIONS}
    trail = AuditTrail(MongoAuditStore(target), AUDIT_KEY)
    assert (await trail.verify()).ok
    await require_whole(target)


async def test_nothing_of_the_backup_stays_in_the_database(database: Database, archive: Path) -> None:
    """The mark by which it knows that it has seen all changes is taken away."""
    await fill(database, conversations=1)
    await made(database, archive)
    assert await database.backup_marks.find_one({}) is None
    await made(database, archive.with_name("second"))


async def test_failed_backup_leaves_no_file(database: Database, archive: Path) -> None:
    """A collection that is not known would be missing from the archive, so there is none."""
    await database.strange.insert_one({"_id": 1})
    with pytest.raises(ArchiveUnusable, match="strange"):
        await made(database, archive)
    with pytest.raises(ArchiveUnusable, match="can't be written"):
        await made(database, archive.parent / "nowhere" / "file")
    assert names_in(archive.parent) == []


async def test_full_database_is_refused(database: Database, target: Database, archive: Path) -> None:
    """One document anywhere is enough; empty collections are not."""
    await fill(database, conversations=1)
    await made(database, archive)
    await apply(target, COLLECTIONS)
    await target.choices.insert_one(
        {"account_id": "a9", "number": 1, "purpose": "chat", "granted": True, "version": 1, "at": moment()}
    )
    before = await content(target)
    with pytest.raises(RestoreRefused, match="choices"):
        await put_back(target, archive)
    assert await content(target) == before
    await target.choices.delete_many({})
    await put_back(target, archive)
    assert await content(target) == await content(database)


async def test_unknown_collections_are_refused(database: Database, target: Database, archive: Path) -> None:
    """An archive of a later version is not restored in part."""
    await database.later.insert_one({"_id": 1})
    await back_up(database, (CollectionSpec("later"),), archive, KEY, version="99")
    with pytest.raises(RestoreRefused, match=r"version 99.*later"):
        await put_back(target, archive)
    assert await target.list_collection_names() == []


async def test_refused_documents_stay_untold(database: Database, target: Database, archive: Path) -> None:
    """The driver's error quotes the document; ours does not."""
    await apply(database, COLLECTIONS)
    await database.command({"collMod": "messages", "validator": {}})
    await database.messages.insert_one({**message("c1", 1), "seq": "satu"})
    await made(database, archive)
    with pytest.raises(StorageError) as refusal:
        await put_back(target, archive)
    assert not isinstance(refusal.value, SchemaConflict)
    assert SECRET not in repr(refusal.value)
    assert refusal.value.__cause__ is None


async def test_killed_restore_is_repeated(
    database: Database, target: Database, archive: Path, mongo_url: str, tmp_path: Path
) -> None:
    """Until then nobody else may use the database, and no other archive goes into it."""
    await fill(database, conversations=30)
    await made(database, archive)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RESTORER, mongo_url, target.name, str(archive), cwd=Path(__file__).parents[2]
    )
    assert await process.wait() == -signal.SIGKILL
    assert await target.messages.find_one({}) is not None
    assert await content(target) != await content(database)
    with pytest.raises(RestoreUnfinished):
        await require_whole(target)
    with pytest.raises(RestoreUnfinished):
        await made(target, tmp_path / "half")
    other = await made(database, tmp_path / "other")
    with pytest.raises(RestoreRefused, match="another archive"):
        await put_back(target, other)
    await put_back(target, archive)
    assert await content(target) == await content(database)
    # Killed after the last document, before `finish`.
    await put_back(target, archive)
    await finish(target)
    await require_whole(target)
    assert await content(target) == await content(database)
    assert await target[RESTORES].find_one({}) is None


async def test_archive_made_among_writers_has_no_holes(database: Database, target: Database, archive: Path) -> None:
    """Pieces come in the order of digests: without a second look a later message could be in and an earlier not."""
    await fill(database, conversations=4, messages=300)
    tops = {f"c{number}": 300 for number in range(1, 5)}
    stopped = asyncio.Event()

    async def write(conversation_id: str) -> None:
        while not stopped.is_set():
            top = tops[conversation_id]
            await database.messages.insert_many([message(conversation_id, top + 1), message(conversation_id, top + 2)])
            tops[conversation_id] = top + 2
            await database.conversations.update_one({"_id": conversation_id}, {"$set": {"last_seq": top + 2}})
            await asyncio.sleep(_BREATH_S)

    async def come_and_go() -> None:
        number = 1000
        while not stopped.is_set():
            number += 1
            await database.conversations.insert_one(conversation(number))
            await database.conversations.delete_one({"_id": f"c{number - 3}"})
            await database.sessions.update_one({"_id": "s1"}, {"$set": {"seen_at": moment(number)}})
            await asyncio.sleep(_BREATH_S)

    writers = [asyncio.create_task(write(name)) for name in tops] + [asyncio.create_task(come_and_go())]
    before = dict(tops)
    try:
        await made(database, archive)
    finally:
        stopped.set()
        await asyncio.gather(*writers)
    assert sum(tops.values()) > sum(before.values()) + 8
    await put_back(target, archive)
    await finish(target)
    seqs: dict[str, list[int]] = {name: [] for name in tops}
    async for item in target.messages.find({}):
        seqs[item["conversation_id"]].append(item["seq"])
    for name, found in seqs.items():
        assert sorted(found) == list(range(1, len(found) + 1)), name
        assert before[name] <= len(found) <= tops[name], name
        known = await target.conversations.find_one({"_id": name})
        assert known is not None
        assert known["last_seq"] <= len(found), name
    numbers = [item["number"] async for item in target.conversations.find({"number": {"$gt": 1000}})]
    assert len(numbers) <= 4


def test_who_knows_comes_first() -> None:
    """The order on which the promise of the test above rests, and every collection is in it."""
    order = [spec.name for spec in ARCHIVED]
    assert sorted(order) == sorted(spec.name for spec in COLLECTIONS)
    for knowing, known in (
        ("audit_anchors", "audit_blocks"),
        ("audit_blocks", "messages"),
        ("audit_blocks", "conversations"),
        ("conversations", "messages"),
        ("conversations", "counters"),
        ("conversations", "accounts"),
        ("sessions", "accounts"),
        ("choices", "accounts"),
    ):
        assert order.index(knowing) < order.index(known), (knowing, known)


async def test_anchor_file_is_renewed_only_for_a_trail_that_fits(database: Database, tmp_path: Path) -> None:
    """After a restore the file says what the trail says; beside a shortened one there is none."""
    await fill(database, conversations=1)
    file = tmp_path / "audit.anchor"
    trail = AuditTrail(MongoAuditStore(database), AUDIT_KEY, anchor_file=file)
    assert not (await trail.verify()).ok
    assert (await trail.renew_anchor_file()).ok
    assert (await trail.verify()).ok
    await trail.close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    last = (await trail.verify()).blocks
    await database.audit_blocks.delete_one({"_id": last})
    robbed = AuditTrail(MongoAuditStore(database), AUDIT_KEY, anchor_file=file)
    assert not (await robbed.renew_anchor_file()).ok
    assert not file.exists()
