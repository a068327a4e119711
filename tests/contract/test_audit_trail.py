"""The trail on the real store: grouping, several writers, outages, and every way of tampering with what is stored."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bson.int64 import Int64

from server.audit.model import AuditEntry, VerificationReport, seal_block
from server.audit.service import AuditTrail
from server.audit.store import ANCHORS, AUDIT_COLLECTIONS, BLOCKS, MongoAuditStore
from server.storage.embedded import EmbeddedStore
from server.storage.mongo import Database, open_client
from server.storage.schema import apply

KEY = bytes(range(32))

APPENDER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.audit.store import MongoAuditStore
from server.storage.mongo import open_client

async def main():
    client = open_client(sys.argv[1], embedded=True)
    trail = AuditTrail(MongoAuditStore(client[sys.argv[2]]), bytes(range(32)), anchor_file=Path(sys.argv[3]))
    number = 0
    while True:
        number += 1
        await trail.append([AuditEntry("chat:message:posted", "a1", (f"m{number}",), datetime.now(UTC))])
        print(number, flush=True)

asyncio.run(main())
"""


def entry(number: int) -> AuditEntry:
    return AuditEntry("chat:message:posted", "a1", ("c1", f"m{number}"), datetime.now(UTC), {"seq": number})


@pytest.fixture
async def audited(database: Database) -> Database:
    await apply(database, AUDIT_COLLECTIONS)
    return database


@pytest.fixture
def anchor_file(tmp_path: Path) -> Path:
    return tmp_path / "audit.anchor"


def trail_of(database: Database, anchor_file: Path | None = None, key: bytes = KEY) -> AuditTrail:
    return AuditTrail(MongoAuditStore(database), key, anchor_file=anchor_file)


@pytest.fixture
async def trail(audited: Database, anchor_file: Path) -> AsyncIterator[AuditTrail]:
    trail = trail_of(audited, anchor_file)
    yield trail
    await trail.close()


async def filled(database: Database, anchor_file: Path | None = None) -> None:
    """Five blocks of three entries each, and a process that ended in order."""
    trail = trail_of(database, anchor_file)
    for block in range(5):
        await trail.append([entry(3 * block + position) for position in range(1, 4)])
    await trail.close()


async def test_empty_trail_is_in_order(trail: AuditTrail) -> None:
    assert await trail.verify() == VerificationReport(True, 0, 0)


async def test_what_comes_together_is_one_block(trail: AuditTrail) -> None:
    await trail.append([entry(0)])
    await asyncio.gather(*(trail.append([entry(number), entry(-number)]) for number in range(1, 21)))
    assert await trail.verify() == VerificationReport(True, 41, 2)
    await trail.append([])
    assert (await trail.verify()).blocks == 2


async def test_trail_goes_on_after_a_restart(audited: Database, anchor_file: Path) -> None:
    for _ in range(3):
        await filled(audited, anchor_file)
    assert await trail_of(audited, anchor_file).verify() == VerificationReport(True, 45, 15)


async def test_several_processes_make_one_chain(audited: Database) -> None:
    trails = [trail_of(audited) for _ in range(3)]

    async def work(trail: AuditTrail, first: int) -> None:
        for number in range(first, first + 10):
            await trail.append([entry(number)])

    await asyncio.gather(*(work(trail, 100 * index) for index, trail in enumerate(trails)))
    assert await trails[0].verify() == VerificationReport(True, 30, 30)
    await asyncio.gather(*(trail.close() for trail in trails))


async def test_long_trail_is_found_and_checked_window_by_window(audited: Database) -> None:
    trail = trail_of(audited)
    for number in range(120):
        await trail.append([entry(number)])
    # Ended without closing: the next one starts from an anchor that lags behind.
    second = trail_of(audited)
    await second.append([entry(120)])
    assert await second.verify() == VerificationReport(True, 121, 121)
    await second.close()
    await trail.close()


async def test_block_that_was_stored_though_nobody_heard_is_not_stored_twice(tmp_path: Path) -> None:
    """The engine is killed again and again while blocks are written."""
    engine = EmbeddedStore(tmp_path / "data", cache_mb=64)
    client = open_client(await engine.start(), embedded=True)
    database = client.trial
    await apply(database, AUDIT_COLLECTIONS)
    # A busy machine takes its time to start an engine.
    trail = AuditTrail(MongoAuditStore(database), KEY, anchor_file=tmp_path / "anchor", patience_s=60)
    for number in range(1, 121):
        await trail.append([entry(number)])
        if number in (40, 80) and engine.engine_pid is not None:
            os.kill(engine.engine_pid, signal.SIGKILL)
    await trail.close()
    report = await trail.verify()
    assert report.ok
    lines = [line async for block in database[BLOCKS.name].find({}) for line in block["entries"]]
    assert len(lines) == len(set(lines)) == 120
    client.close()
    await engine.stop()


async def test_killed_writer_leaves_a_trail_in_order(
    audited: Database, mongo_url: str, anchor_file: Path, source_root: Path
) -> None:
    for _ in range(2):
        writer = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            APPENDER,
            mongo_url,
            audited.name,
            str(anchor_file),
            stdout=asyncio.subprocess.PIPE,
            cwd=source_root,
            env={**os.environ, "PYTHONPATH": str(source_root)},
        )
        assert writer.stdout is not None
        acknowledged = 0
        while acknowledged < 25:
            acknowledged = int(await writer.stdout.readline())
        before = (await trail_of(audited).verify()).entries
        writer.kill()
        await writer.wait()
        report = await trail_of(audited, anchor_file).verify()
        assert report.ok, report.reason
        assert report.entries >= max(before, acknowledged)


Tampering = Callable[[Database], Awaitable[None]]


async def change_entry(database: Database) -> None:
    block = await database[BLOCKS.name].find_one({"_id": 3})
    assert block is not None
    lines = [line.replace("m8", "m9") for line in block["entries"]]
    await database[BLOCKS.name].update_one({"_id": 3}, {"$set": {"entries": lines}})


async def remove_entry(database: Database) -> None:
    block = await database[BLOCKS.name].find_one({"_id": 3})
    assert block is not None
    values = {"entries": block["entries"][:1] + block["entries"][2:], "links": block["links"][:1] + block["links"][2:]}
    await database[BLOCKS.name].update_one({"_id": 3}, {"$set": {**values, "count": 2}})


async def move_entries(database: Database) -> None:
    block = await database[BLOCKS.name].find_one({"_id": 3})
    assert block is not None
    first, second, third = block["entries"]
    await database[BLOCKS.name].update_one({"_id": 3}, {"$set": {"entries": [first, third, second]}})


async def remove_block(database: Database) -> None:
    await database[BLOCKS.name].delete_one({"_id": 3})


async def swap_blocks(database: Database) -> None:
    found = {block["_id"]: block async for block in database[BLOCKS.name].find({"_id": {"$in": [3, 4]}})}
    await database[BLOCKS.name].delete_many({"_id": {"$in": [3, 4]}})
    await database[BLOCKS.name].insert_many([{**found[3], "_id": 4}, {**found[4], "_id": 3}])


async def forge_block(database: Database) -> None:
    """By somebody who knows how, but not the key."""
    before = (await MongoAuditStore(database).blocks(2, 2))[0]
    assert before is not None
    forged = seal_block(b"guess" * 7, before.head, [entry(7), entry(8), entry(9)], datetime.now(UTC))
    await database[BLOCKS.name].delete_one({"_id": 3})
    assert await MongoAuditStore(database).insert(forged)


async def change_type(database: Database) -> None:
    await database[BLOCKS.name].update_one({"_id": 3}, {"$set": {"first": Int64(8)}})


async def change_form(database: Database) -> None:
    await database.command({"collMod": BLOCKS.name, "validator": {}})
    await database[BLOCKS.name].update_one({"_id": 3}, {"$set": {"note": "x"}})


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        (change_entry, 8),
        (remove_entry, 8),
        (move_entries, 8),
        (remove_block, 7),
        (swap_blocks, 7),
        (forge_block, 7),
        (change_type, 7),
        (change_form, 7),
    ],
)
async def test_tampering_is_found_and_named(audited: Database, tamper: Tampering, broken: int) -> None:
    await filled(audited)
    await tamper(audited)
    report = await trail_of(audited).verify()
    assert (report.ok, report.first_broken, report.entries, report.blocks) == (False, broken, 6, 2)
    assert report.reason is not None
    assert "m8" not in report.reason


async def cut_end(database: Database) -> None:
    await database[BLOCKS.name].delete_many({"_id": {"$gte": 4}})


async def cut_all(database: Database) -> None:
    await database[BLOCKS.name].delete_many({"_id": {"$gte": 1}})


async def cut_end_and_turn_anchor_back(database: Database) -> None:
    await cut_end(database)
    await database[ANCHORS.name].update_one({"_id": "head"}, {"$set": {"number": 3}})


async def cut_end_and_drop_anchor(database: Database) -> None:
    await cut_end(database)
    await database[ANCHORS.name].delete_one({"_id": "head"})


CUTS = [(cut_end, 10), (cut_all, 1), (cut_end_and_turn_anchor_back, 10), (cut_end_and_drop_anchor, 10)]


@pytest.mark.parametrize(("cut", "broken"), CUTS)
@pytest.mark.parametrize("with_file", [True, False])
async def test_cut_trail_is_found_and_stays_found(
    audited: Database,
    anchor_file: Path,
    cut: Tampering,
    broken: int,
    with_file: bool,
) -> None:
    file = anchor_file if with_file else None
    await filled(audited, file)
    await cut(audited)
    report = await trail_of(audited, file).verify()
    assert (report.ok, report.first_broken) == (False, broken)
    # A server that goes on must not cover it up.
    later = trail_of(audited, file)
    for number in range(8):
        await later.append([entry(number)])
    await later.close()
    assert not (await trail_of(audited, file).verify()).ok


async def test_anchor_kept_from_earlier_is_beaten_by_the_file(audited: Database, anchor_file: Path) -> None:
    await filled(audited, anchor_file)
    earlier = await audited[ANCHORS.name].find_one({"_id": "head"})
    assert earlier is not None
    await filled(audited, anchor_file)
    await audited[BLOCKS.name].delete_many({"_id": {"$gt": 5}})
    await audited[ANCHORS.name].replace_one({"_id": "head"}, earlier)
    report = await trail_of(audited, anchor_file).verify()
    assert (report.ok, report.first_broken) == (False, 16)
    assert report.reason is not None
    assert "anchor file" in report.reason


def overwrite(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"amanah-audit-anchor-1 5 aa bb", b"\xff\xfe", b"nonsense\n"])
async def test_damaged_or_lost_anchor_file_is_found(audited: Database, anchor_file: Path, content: bytes) -> None:
    await filled(audited, anchor_file)
    overwrite(anchor_file, content)
    assert not (await trail_of(audited, anchor_file).verify()).ok
    overwrite(anchor_file, None)
    assert not (await trail_of(audited, anchor_file).verify()).ok


async def test_wrong_key_fits_nothing(audited: Database) -> None:
    await filled(audited)
    report = await trail_of(audited, key=b"x" * 32).verify()
    assert (report.ok, report.first_broken) == (False, 1)
