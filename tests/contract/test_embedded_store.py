"""The embedded engine as our child: whose directory it is, what it survives, what it shows to others."""

import asyncio
import os
import resource
import signal
import stat
import sys
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from server.kernel.errors import Unavailable
from server.storage.embedded import EmbeddedStore, running_store_url
from server.storage.engine import engine_url, find_program, log_origin
from server.storage.errors import DataDirectoryInUse, EmbeddedEngineMissing, StoreRefused
from server.storage.mongo import Client, has_failed, open_client, ping, translate_errors
from tests.harness.process import eventually

SERVER = """
import asyncio, sys
from pathlib import Path
from server.storage.embedded import EmbeddedStore
from server.storage.mongo import open_client

async def main():
    store = EmbeddedStore(Path(sys.argv[1]), cache_mb=64)
    client = open_client(await store.start(), embedded=True)
    await client.trial.things.insert_one({"_id": "acknowledged"})
    print(store.engine_pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "data", cache_mb=64)
    yield store
    await store.stop()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def wait_until_gone(pid: int) -> None:
    for _ in range(800):
        if not alive(pid):
            return
        # The end of a process that is not our child can't be awaited, only looked at.
        await asyncio.sleep(0.05)
    pytest.fail("the engine outlived its server")


def shown_by_the_kernel(pid: int) -> bytes:
    process = Path(f"/proc/{pid}")
    return (process / "cmdline").read_bytes() + (process / "environ").read_bytes()


async def test_directory_belongs_to_one_server(store: EmbeddedStore, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert running_store_url(data) is None
    url = await store.start()
    with pytest.raises(DataDirectoryInUse, match="another server is using"):
        await EmbeddedStore(data).start()
    assert running_store_url(data) == url
    pid = store.engine_pid
    assert pid is not None
    await store.stop()
    assert not alive(pid)
    assert running_store_url(data) is None


async def test_files_are_private_and_credentials_are_asked_for(
    store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMANAH_MASTER_KEY_FILE", "/nowhere/key")
    url = await store.start()
    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "store").stat().st_mode) == 0o700
    for name in ("store.password", "store.port", "amanah.lock"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600, name
    password = (data / "store.password").read_text()
    assert len(password) >= 32
    assert store.engine_pid is not None
    shown = shown_by_the_kernel(store.engine_pid)
    assert password.encode() not in shown
    assert b"AMANAH_" not in shown

    stranger = open_client(url.replace(password, "guess"), embedded=True)
    with pytest.raises(StoreRefused) as refused:
        await ping(stranger)
    assert refused.value.code == 18
    stranger.close()
    nobody = open_client(engine_url(int((data / "store.port").read_text()), None), embedded=True)
    with pytest.raises(StoreRefused):
        async with translate_errors():
            await nobody.trial.things.insert_one({"_id": 1})
    nobody.close()


async def test_killed_engine_comes_back_with_everything_acknowledged(store: EmbeddedStore) -> None:
    client = open_client(await store.start(), embedded=True)
    things = client.trial.things
    acknowledged: list[int] = []
    killed: list[int] = []
    refused = 0
    first = store.engine_pid
    assert first is not None

    async def write(start: int) -> None:
        nonlocal refused
        for number in range(start, start + 100):
            try:
                async with translate_errors():
                    await things.insert_one({"_id": number})
            except Unavailable:
                refused += 1
            else:
                acknowledged.append(number)
            if not killed and len(acknowledged) >= 60:
                killed.append(first)
                os.kill(first, signal.SIGKILL)

    await asyncio.gather(*(write(start) for start in range(0, 400, 100)))
    assert refused > 0
    assert len(acknowledged) > 100, "the client reconnects by itself"
    assert store.restarts == 1
    assert store.engine_pid not in (None, first)
    stored = {document["_id"] async for document in things.find({})}
    assert set(acknowledged) <= stored
    client.close()


async def test_engine_that_could_not_write_is_started_anew(
    store: EmbeddedStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the disk was full: it lives, answers pings, and would refuse everything until somebody ended it."""
    pinged = asyncio.Event()

    async def looked_at_after_the_ping(client: Client) -> bool:
        await pinged.wait()
        return await has_failed(client)

    monkeypatch.setattr("server.storage.embedded.has_failed", looked_at_after_the_ping)
    client = open_client(await store.start(), embedded=True)
    things = client.trial.things
    first = store.engine_pid
    assert first is not None
    numbers = count()
    acknowledged: list[int] = []

    async def writes() -> bool:
        number = next(numbers)
        try:
            async with translate_errors():
                await things.insert_one({"_id": number, "filling": "x" * 10_000})
        except Unavailable:
            return False
        acknowledged.append(number)
        return True

    assert await writes()
    # No file may grow any more. The engine that comes after it has no such limit.
    resource.prlimit(first, resource.RLIMIT_FSIZE, (65_536, resource.RLIM_INFINITY))
    while await writes():
        assert len(acknowledged) < 1_000, "the limit is felt"
    await ping(client)
    pinged.set()
    await eventually(writes, "the store takes writes again")
    assert store.engine_pid not in (None, first)
    assert store.restarts == 1
    assert {thing["_id"] async for thing in things.find({})} >= set(acknowledged)
    assert any("can't work with its files" in record.message for record in caplog.records)
    client.close()


async def other_server(data_dir: Path, source_root: Path) -> tuple[asyncio.subprocess.Process, int]:
    """Start a server of its own on a directory; its engine's process id too."""
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVER,
        str(data_dir),
        stdout=asyncio.subprocess.PIPE,
        cwd=source_root,
        env={**os.environ, "PYTHONPATH": str(source_root)},
    )
    assert server.stdout is not None
    return server, int(await server.stdout.readline())


async def test_engine_ends_with_a_killed_server_and_the_next_one_takes_over(
    store: EmbeddedStore, tmp_path: Path, source_root: Path
) -> None:
    server, engine = await other_server(tmp_path / "data", source_root)
    with pytest.raises(DataDirectoryInUse):
        await store.start()
    server.kill()
    await server.wait()
    # At once: the engine of the killed server may still be closing its files.
    client = open_client(await store.start(), embedded=True)
    await wait_until_gone(engine)
    assert await client.trial.things.find_one({"_id": "acknowledged"}) is not None
    client.close()


async def test_engine_that_does_not_end_is_killed_by_the_next_server(
    store: EmbeddedStore, tmp_path: Path, source_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.storage.embedded._ORPHAN_PATIENCE_SECONDS", 0.5)
    server, engine = await other_server(tmp_path / "data", source_root)
    os.kill(engine, signal.SIGSTOP)
    server.kill()
    await server.wait()
    client = open_client(await store.start(), embedded=True)
    await wait_until_gone(engine)
    assert await client.trial.things.find_one({"_id": "acknowledged"}) is not None
    client.close()


async def test_lost_password_is_made_anew(store: EmbeddedStore, tmp_path: Path) -> None:
    client = open_client(await store.start(), embedded=True)
    await client.trial.things.insert_one({"_id": 1})
    client.close()
    await store.stop()
    password = (tmp_path / "data" / "store.password").read_text()
    (tmp_path / "data" / "store.password").unlink()
    client = open_client(await store.start(), embedded=True)
    assert await client.trial.things.find_one({"_id": 1}) is not None
    client.close()
    assert (tmp_path / "data" / "store.password").read_text() != password


def test_missing_engine_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(EmbeddedEngineMissing, match="embedded"):
        find_program()


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("2026-11-22 12:54:05,358 ERROR secantus.commands: failed on Budi Santoso", ("ERROR", "secantus.commands")),
        ("2026-11-22 12:54:05,358 WARNING secantus.server: x", ("WARNING", "secantus.server")),
        ("ValueError: Budi Santoso", None),
        ("Budi Santoso ERROR", None),
    ],
)
def test_engine_log_gives_its_origin_only(line: str, origin: tuple[str, str] | None) -> None:
    assert log_origin(line) == origin


def test_engine_is_never_imported(source_root: Path) -> None:
    for package in ("server", "nlp", "moderation"):
        for file in (source_root / package).rglob("*.py"):
            assert "import secantus" not in file.read_text("utf-8"), file
            assert "from secantus" not in file.read_text("utf-8"), file
