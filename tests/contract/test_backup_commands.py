"""`amanah backup` and `amanah restore` as the operator runs them."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.composition.opening import COLLECTIONS
from server.kernel.ids import new_id
from server.promises.backup_store import BackupChecks
from server.promises.backups import FRESH
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.database import (
    made,
    names_in,
)
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess, amanah


async def test_commands_move_a_server_that_runs(
    world: World, running: ServerProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Backed up under messages, restored elsewhere, verified, started, written on."""
    folder = tmp_path_factory.mktemp("moved")
    archive = folder / "all.amanah"
    person = await world.person()
    rooms = [await person.conversation() for _ in range(3)]
    early = [await person.send(room, f"sebelum {number}") for room in rooms for number in range(5)]
    assert {answer.status for answer in early} == {201}
    stopped = asyncio.Event()
    late = [asyncio.create_task(_send_until(person, room, stopped)) for room in rooms]
    finished = await running.command("backup", str(archive))
    stopped.set()
    counts = await asyncio.gather(*late)
    assert (finished.status, finished.errors) == (0, "")
    assert finished.output.count("\n") == 1
    assert all(counts)

    elsewhere = ServerProcess(folder, {"AMANAH_LIMITS": "off"})
    refused = await elsewhere.command("restore", str(archive))
    assert refused.status == 1
    assert "no master key" in refused.errors
    elsewhere.data_dir.mkdir(mode=0o700, exist_ok=True)
    key = elsewhere.data_dir / "master.key"
    key.touch(0o600)
    key.write_text((running.data_dir / "master.key").read_text())
    restored = await elsewhere.command("restore", str(archive))
    assert (restored.status, restored.errors) == (0, "")
    verified = await elsewhere.command("audit", "verify")
    assert verified.status == 0, verified.errors
    again = await elsewhere.command("restore", str(archive))
    assert again.status == 1
    assert "not empty" in again.errors

    await elsewhere.start()
    try:
        async with World(elsewhere, world.session) as moved:
            same = Person(person.id, person.token, person.name, person.role, moved)
            for room, sent in zip(rooms, counts, strict=True):
                seqs = await _all_seqs(same, room)
                assert seqs == list(range(1, len(seqs) + 1))
                assert 5 <= len(seqs) <= 5 + sent
                assert (await same.send(room, "sesudah")).status == 201
        busy = await elsewhere.command("restore", str(archive))
        assert busy.status == 1
        assert "another server is using" in busy.errors
    finally:
        await elsewhere.stop()
    verified = await elsewhere.command("audit", "verify")
    assert verified.status == 0, verified.errors


async def _send_until(person: Person, room: str, stopped: asyncio.Event) -> int:
    sent = 0
    while not stopped.is_set():
        assert (await person.send(room, f"selama {sent}", new_id())).status == 201
        sent += 1
    return sent


async def _all_seqs(person: Person, room: str) -> list[object]:
    """Every page, first to last: a quick machine sends more than one page while the backup runs."""
    seqs: list[object] = []
    while page := [item["seq"] for item in await person.messages(room, limit=100, after_seq=len(seqs))]:
        seqs += page
    return seqs


async def test_old_anchor_is_not_overwritten(database: Database, archive: Path, tmp_path: Path) -> None:
    """It may have seen more than the archive: whoever restores has to decide."""
    await apply(database, COLLECTIONS)
    await made(database, archive)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "audit.anchor").write_text("amanah-audit-anchor-1 7 x y")
    (data / "master.key").touch(0o600)
    (data / "master.key").write_text("00" * 32)
    finished = await amanah("restore", str(archive), "--data-dir", str(data))
    assert finished.status == 1
    assert "audit.anchor belongs to data that was here before" in finished.errors
    assert (data / "audit.anchor").read_text() == "amanah-audit-anchor-1 7 x y"


async def test_a_backup_is_read_whole_and_that_is_told(
    world: World, running: ServerProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Made, read again where it lies, spoilt: each is written down, and a spoilt one is told as none."""
    archive = tmp_path_factory.mktemp("verified") / "all.amanah"
    checks = BackupChecks(world.database)
    assert (await running.command("backup", str(archive))).status == 0
    made = await checks.last()
    assert made is not None
    assert made.is_fresh(datetime.now(UTC))
    read = await running.command("backup", "verify", str(archive))
    assert (read.status, read.errors) == (0, "")
    assert f"{made.documents} documents" in read.output
    again = await checks.last()
    assert again is not None
    assert (again.made_at, again.documents) == (made.made_at, made.documents)
    assert again.at > made.at
    assert not again.is_fresh(datetime.now(UTC) + FRESH + timedelta(minutes=1))
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    spoilt = await running.command("backup", "verify", str(archive))
    assert spoilt.status == 1
    bad = await checks.last()
    assert bad is not None
    assert (bad.ok, bad.documents) == (False, None)
    assert not bad.is_fresh(datetime.now(UTC))
    assert (await running.command("backup", "lain", str(archive))).status == 2


async def test_backup_makes_no_key(tmp_path: Path) -> None:
    """An archive sealed with a key that nobody has kept opens for nobody."""
    finished = await amanah("backup", str(tmp_path / "file"), "--data-dir", str(tmp_path / "absent"))
    assert finished.status == 1
    assert "no master key" in finished.errors
    assert names_in(tmp_path) == []
