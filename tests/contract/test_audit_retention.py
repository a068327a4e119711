"""Cuts and holds on the real store: what is removed is told of, everything left still fits, and nothing else is cut."""

from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from server.audit.checkpoints import TrailContradicted
from server.audit.export import prove_entry, prove_growth
from server.audit.model import milliseconds
from server.audit.parts import CHECKPOINTS
from server.audit.store import BLOCKS
from server.kernel.errors import InvalidInput, NotFound
from server.storage.mongo import Database
from server.storage.restore import finish
from tests.harness.database import made, put_back
from tests.harness.trail_house import START, House


async def test_retention_cuts_at_a_checkpoint_and_everything_still_fits(house: House) -> None:
    """Also with a checkpoint from long before; the cut is told, in the trail and to the outsider."""
    await house.day(1)
    first = await house.held("first.txt")
    for day in (2, 3, 40):
        await house.day(day)
    last = await house.held("last.txt")
    before = await house.export("before.jsonl")
    plan = await house.parts.retention.plan()
    assert (plan.first, plan.last, plan.first_entry, plan.last_entry) == (1, 6, 1, 18)
    cuts = await house.parts.retention.cut()
    assert [(cut.first, cut.through) for cut in cuts] == [(1, 6)]
    assert await house.parts.retention.cut() == []
    kept = sorted([block["_id"] async for block in house.database[BLOCKS.name].find({})])
    assert kept == [7, 8, 9]
    report = await house.parts.verify()
    assert report.ok, report.reason
    assert (report.entries, report.removed_entries, report.removed_blocks) == (25, 18, 6)
    status, said = house.outside("--checkpoints", first, last, "--export", await house.export("after.jsonl"))
    assert status == 0, said
    assert "entries 1 to 18 were removed (retention), cut signed at 2026-02-10" in said
    assert house.outside("--checkpoints", first, last, "--export", before)[0] == 0
    # A later process goes on from there, signs on, and proves growth from before the cut.
    later = House(house.database, house.folder)
    await house.parts.trail.close()
    await later.day(41)
    assert (await later.parts.verify()).ok
    signer = later.parts.checkpoints.signer
    proof = later.folder / "growth.json"
    proof.write_bytes(orjson.dumps(dict(await prove_growth(later.parts.store, signer, 2, None))))
    assert later.outside("--checkpoints", first, "--proof", proof)[0] == 0
    with pytest.raises(NotFound):
        await prove_entry(later.parts.store, signer, 5)
    assert (await prove_entry(later.parts.store, signer, 19))["entry"] == 19
    later.clock.now = START + timedelta(days=100)
    assert len(await later.parts.retention.cut()) == 1
    assert (await later.parts.verify()).ok
    await later.parts.checkpoints.make()
    status, said = later.outside("--checkpoints", first, last, "--export", await later.export("again.jsonl"))
    assert status == 0, said
    assert said.count("were removed") == 2


async def test_blocks_that_a_killed_cut_left_are_removed_later(house: House) -> None:
    for day in (1, 2, 40):
        await house.day(day)
    left = [block async for block in house.database[BLOCKS.name].find({"_id": {"$in": [3, 4]}})]
    await house.parts.retention.cut()
    await house.database[BLOCKS.name].insert_many(left)
    assert (await house.parts.verify()).ok
    await house.parts.retention.cut()
    assert await house.database[BLOCKS.name].find_one({"_id": 4}) is None


@pytest.mark.parametrize("part", ["blocks", "cuts"])
async def test_what_was_removed_without_a_record_is_found(house: House, part: str) -> None:
    for day in (1, 2, 40):
        await house.day(day)
    held = await house.held("held.txt")
    if part == "cuts":
        await house.parts.retention.cut()
        await house.database.audit_cuts.delete_one({"_id": 1})
    else:
        await house.database[BLOCKS.name].delete_many({"_id": {"$lte": 4}})
    assert not (await house.parts.verify()).ok
    assert house.outside("--checkpoints", held, "--export", await house.export())[0] == 1
    with pytest.raises(TrailContradicted):
        await house.parts.retention.cut()


async def test_nothing_is_cut_of_a_damaged_trail(house: House) -> None:
    """Cutting would take the evidence away."""
    for day in (1, 2, 40):
        await house.day(day)
    await house.database[BLOCKS.name].update_one({"_id": 2}, {"$set": {"mac": "0" * 64}})
    with pytest.raises(TrailContradicted):
        await house.parts.retention.cut()
    assert await house.database[BLOCKS.name].find_one({"_id": 1}) is not None


async def test_legal_hold_stops_cutting(house: House) -> None:
    """Audited; until it is released; and one that vanishes is found and stops cutting too."""
    await house.day(1)
    hold = await house.parts.retention.set_hold("court_order", "u1")
    for day in (2, 40):
        await house.day(day)
    plan = await house.parts.retention.plan()
    assert (plan.has_effect, plan.holds, plan.last) == (False, (1,), 5)
    assert await house.parts.retention.cut() == []
    with pytest.raises(InvalidInput):
        await house.parts.retention.set_hold("Budi Santoso", "u1")
    kept = await house.database.audit_holds.find_one({"_id": 1})
    assert kept is not None
    await house.database.audit_holds.delete_one({"_id": 1})
    report = await house.parts.verify()
    assert (report.ok, report.reason) == (False, "legal hold 1 is missing")
    with pytest.raises(TrailContradicted):
        await house.parts.retention.cut()
    released = {**kept, "released_at": milliseconds(house.clock())}
    await house.database.audit_holds.insert_one(released)
    assert not (await house.parts.verify()).ok
    assert await house.parts.retention.cut() == []
    await house.database.audit_holds.replace_one({"_id": 1}, kept)
    assert (await house.parts.verify()).ok
    await house.parts.retention.release_hold(hold.number, "u1")
    with pytest.raises(NotFound):
        await house.parts.retention.release_hold(hold.number, "u1")
    assert len(await house.parts.retention.cut()) == 1
    assert (await house.parts.verify()).ok


async def test_zero_days_keep_for_ever(house: House) -> None:
    await house.day(1)
    await house.day(4000)
    for_ever = House(house.database, house.folder, days=0)
    for_ever.clock.now = START + timedelta(days=9000)
    assert not (await for_ever.parts.retention.plan()).has_effect


async def test_trail_that_was_cut_is_backed_up_and_restored(
    house: House, target: Database, archive: Path, tmp_path: Path
) -> None:
    """With its checkpoints, whose file is written anew; more blocks than are read at a time, and none below."""
    for day in range(1, 60):
        await house.day(day, entries=1)
    held = await house.held("held.txt")
    assert len(await house.parts.retention.cut()) == 1
    await house.parts.trail.close()
    await made(house.database, archive)
    await put_back(target, archive)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    moved = House(target, folder)
    assert not (await moved.parts.verify()).ok
    assert (await moved.parts.renew_files()).ok
    await finish(target)
    report = await moved.parts.verify()
    assert report.ok, report.reason
    assert report.entries == (await house.parts.verify()).entries
    assert (folder / CHECKPOINTS).read_text() == (house.folder / CHECKPOINTS).read_text()
    status, said = moved.outside("--checkpoints", held, "--export", await moved.export())
    assert status == 0, said
