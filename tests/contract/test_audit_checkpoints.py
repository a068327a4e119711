"""Checkpoints, exports and proofs on the real store, each looked at by the outside verifier."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from server.audit.checkpoints import TrailContradicted
from server.audit.export import prove_entry, prove_growth
from server.audit.merkle import Tree
from server.audit.model import EMPTY, AuditEntry, Block, Head, keyed, leaf_of, milliseconds
from server.audit.parts import ANCHOR, CHECKPOINTS
from server.audit.store import AUDIT_COLLECTIONS, BLOCKS, MongoAuditStore
from server.kernel.errors import NotFound
from tests.harness.process import eventually
from tests.harness.trail_house import KEYS, START, House

APPENDER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from server.audit.model import AuditEntry
from server.audit.parts import AuditParts
from server.audit.store import MongoAuditStore
from server.storage.mongo import open_client

async def main():
    url, name, folder, who, count = sys.argv[1:]
    client = open_client(url, embedded=True)
    parts = AuditParts.build(MongoAuditStore(client[name]), KEYS.__getitem__, Path(folder), days=0)
    for first in range(0, int(count), 5):
        at = datetime.now(UTC)
        waiting = [
            parts.trail.append([AuditEntry("chat:message:posted", who, (f"{who}.{number}",), at)])
            for number in range(first, first + 5)
        ]
        await asyncio.gather(*waiting)
        if first % 20 == 0:
            await parts.checkpoints.make()
    await parts.trail.close()
    client.close()

KEYS = {"audit": bytes(range(32)), "audit-checkpoints": bytes(range(1, 33))}
asyncio.run(main())
"""


async def test_an_outsider_follows_a_trail(house: House) -> None:
    """Checkpoints and exports over time; proofs without an export."""
    assert await house.parts.checkpoints.make() is None
    await house.day(1)
    first = await house.held("first.txt")
    await house.day(2)
    await house.day(3)
    last = await house.held("last.txt")
    status, said = house.outside("--checkpoints", first, last, "--export", await house.export())
    assert status == 0, said
    assert "18 entries in 6 blocks" in said
    report = await house.parts.verify()
    assert (report.ok, report.checkpoints) == (True, 3)
    # The file holds the same, and more.
    assert house.outside("--checkpoints", house.folder / CHECKPOINTS)[0] == 0
    for number, proof in enumerate(
        [
            await prove_entry(house.parts.store, house.parts.checkpoints.signer, 8),
            await prove_growth(house.parts.store, house.parts.checkpoints.signer, 2, None),
            await prove_growth(house.parts.store, house.parts.checkpoints.signer, 2, 4),
        ]
    ):
        path = house.folder / f"proof{number}.json"
        path.write_bytes(orjson.dumps(dict(proof)))
        status, said = house.outside("--checkpoints", first, "--proof", path)
        assert status == 0, said
    assert "is the beginning of" in said
    forged = json.loads((house.folder / "proof0.json").read_text())
    forged["line"] = forged["line"].replace("a1", "a2")
    (house.folder / "forged.json").write_text(json.dumps(forged))
    assert house.outside("--checkpoints", first, "--proof", house.folder / "forged.json")[0] == 1
    for entry in (0, 19):
        with pytest.raises(NotFound):
            await prove_entry(house.parts.store, house.parts.checkpoints.signer, entry)


async def test_a_wiped_trail_is_found_by_who_holds_a_checkpoint(house: House) -> None:
    """Chain, anchors, checkpoints and files gone, and everything begun anew with the same keys."""
    await house.day(1)
    await house.day(2)
    held = await house.held("held.txt")
    await house.parts.trail.close()
    for spec in AUDIT_COLLECTIONS:
        await house.database[spec.name].delete_many({"_id": {"$exists": True}})
    for name in (ANCHOR, CHECKPOINTS):
        (house.folder / name).unlink()
    fresh = House(house.database, house.folder)
    await fresh.day(3)
    assert (await fresh.parts.verify()).ok
    status, said = fresh.outside("--checkpoints", held, "--export", await fresh.export("fresh.jsonl"))
    assert status == 1
    assert "DOES NOT FIT" in said
    # And when it has grown beyond, too.
    for day in (4, 5):
        await fresh.day(day)
    status, said = fresh.outside("--checkpoints", held, "--export", await fresh.export("grown.jsonl"))
    assert (status, "not as it was signed" in said) == (1, True)


async def wipe_end(house: House) -> None:
    await house.database[BLOCKS.name].delete_many({"_id": {"$gte": 4}})


async def wipe_all(house: House) -> None:
    await house.database[BLOCKS.name].delete_many({"_id": {"$gte": 1}})


async def forget_last(house: House) -> None:
    await house.database.audit_checkpoints.delete_one({"_id": 2})


async def forget_all(house: House) -> None:
    await house.database.audit_checkpoints.delete_many({"_id": {"$gte": 1}})


async def forge_note(house: House) -> None:
    found = await house.database.audit_checkpoints.find_one({"_id": 2})
    assert found is not None
    await house.database.audit_checkpoints.update_one(
        {"_id": 2}, {"$set": {"note": found["note"].replace("entries 12", "entries 11")}}
    )


async def forge_peaks(house: House) -> None:
    await house.database.audit_checkpoints.update_one({"_id": 2}, {"$set": {"peaks": b"\0" * 32}})


@pytest.mark.parametrize("tamper", [wipe_end, wipe_all, forget_last, forget_all, forge_note, forge_peaks])
async def test_nothing_is_signed_over_a_trail_that_was_tampered_with(
    house: House, tamper: Callable[[House], Awaitable[None]]
) -> None:
    """By a process that starts afterwards; and `verify` says so."""
    await house.day(1)
    await house.day(2)
    await house.parts.trail.close()
    await tamper(house)
    later = House(house.database, house.folder)
    assert not (await later.parts.verify()).ok
    with pytest.raises(TrailContradicted):
        await later.parts.checkpoints.make()
    assert not (await later.parts.verify()).ok


async def test_lost_file_is_found_and_not_made_again(house: House) -> None:
    await house.day(1)
    await house.day(2)
    (house.folder / CHECKPOINTS).unlink()
    await house.day(3)
    assert not (house.folder / CHECKPOINTS).exists()
    report = await house.parts.verify()
    assert report.reason == "the checkpoint file is missing"


async def test_file_follows_what_a_killed_process_left(house: House) -> None:
    """Signed and stored, and killed before the file was written."""
    await house.day(1)
    notes = (house.folder / CHECKPOINTS).read_text()
    await house.day(2)
    (house.folder / CHECKPOINTS).write_text(notes)
    assert (await house.parts.verify()).ok
    await house.day(3)
    assert (house.folder / CHECKPOINTS).read_text().count("\n\n— ") == 3
    assert (await house.parts.verify()).ok


async def test_several_processes_append_and_sign_at_once(house: House, mongo_url: str, source_root: Path) -> None:
    """Four real processes and this one: no gap, no loss, nothing twice; checkpoints of all of them fit."""
    count = 60
    others = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            APPENDER,
            mongo_url,
            house.database.name,
            str(house.folder),
            f"p{number}",
            str(count),
            cwd=source_root,
            env={**os.environ, "PYTHONPATH": str(source_root)},
        )
        for number in range(4)
    ]
    for number in range(count):
        await house.parts.trail.append([AuditEntry("chat:message:posted", "me", (f"me.{number}",), house.clock())])
    assert [await other.wait() for other in others] == [0, 0, 0, 0]
    await house.parts.checkpoints.make()
    await house.parts.trail.close()
    report = await house.parts.verify()
    assert report.ok, report.reason
    assert report.entries == 5 * count
    kept = [block async for block in house.database[BLOCKS.name].find({})]
    assert sorted(block["_id"] for block in kept) == list(range(1, report.blocks + 1))
    named = [orjson.loads(line)[2][0] for block in kept for line in block["entries"]]
    wanted = {f"{who}.{number}" for who in ("me", "p0", "p1", "p2", "p3") for number in range(count)}
    assert len(named) == len(wanted)
    assert set(named) == wanted
    status, said = house.outside("--checkpoints", house.folder / CHECKPOINTS, "--export", await house.export())
    assert status == 0, said


async def test_trail_of_before_roots_is_signed_from_its_beginning(house: House) -> None:
    """Blocks as the version before this one stored them."""
    head, store = EMPTY, MongoAuditStore(house.database)
    tree = Tree()
    for number in range(1, 71):
        line = AuditEntry("chat:message:posted", "a1", (f"m{number}",), house.clock()).line()
        link = keyed(KEYS["audit"], b"entry", head.mac.encode(), line)
        parts = (b"%d" % number, head.mac.encode(), b"%d" % number, b"1", b"%d" % milliseconds(START), link.encode())
        mac = keyed(KEYS["audit"], b"block", *parts)
        block = Block(number, head.mac, number, milliseconds(START), (line.decode(),), (link[:32],), mac)
        assert await store.insert(block)
        tree.append(leaf_of(block))
        head = Head(number, mac, number)
    document = await house.database[BLOCKS.name].find_one({"_id": 1})
    assert document is not None
    assert "root" not in document
    held = await house.held("held.txt")
    assert house.parts.checkpoints.signer.tree_head(held.read_text()).root == tree.root()
    await house.day(1)
    last = await house.held("last.txt")
    status, said = house.outside("--checkpoints", held, last, "--export", await house.export())
    assert status == 0, said
    assert (await prove_entry(store, house.parts.checkpoints.signer, 7))["entry"] == 7


async def test_server_keeps_the_trail_by_itself(house: House) -> None:
    """Signed at first, after an hour in which something happened, and at the end; cut once a day."""
    keeper, checkpoints = house.parts.keeper, house.parts.checkpoints
    entry = AuditEntry("chat:message:posted", "a1", ("c1",), START)

    async def is_signed(count: int) -> None:
        def done() -> bool:
            # The checkpoint is known a moment before the keeper has noted when it was made.
            return checkpoints.newest is not None and checkpoints.newest.number == count and not keeper.is_due()

        await eventually(done, "signed")

    await house.parts.trail.append([entry])
    keeper.start()
    await is_signed(1)
    await house.parts.trail.append([entry])
    assert not keeper.is_due()
    house.clock.now += timedelta(hours=1)
    assert keeper.is_due()
    await is_signed(2)
    await keeper.close()


async def test_the_end_of_the_server_is_signed(house: House) -> None:
    keeper = house.parts.keeper
    keeper.start()
    for day in (0, 50):
        house.clock.now = START + timedelta(days=day)
        await house.parts.trail.append([AuditEntry("chat:message:posted", "a1", (f"m{day}",), house.clock())])
        await keeper.close()
        assert house.parts.checkpoints.newest is not None
        assert house.parts.checkpoints.newest.size == house.parts.trail.length
        keeper.start()

    async def is_cut() -> bool:
        return await house.database.audit_cuts.count_documents({}) == 1

    await eventually(is_cut, "the oldest block is removed")
    await keeper.close()
    assert (await house.parts.verify()).ok
