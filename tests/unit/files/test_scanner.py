"""The protocol of ClamAV's daemon, spoken to a server that speaks it, over TCP and over a local socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.files.model import Refused
from server.files.scanner import ClamScanner
from server.kernel.errors import Unavailable

_HARM = b"ini berbahaya"


class Daemon:
    """Answers INSTREAM as clamd does (clamd(8)): pieces behind their length in four bytes, an empty one at the end."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self.seen: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        data = b""
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            data += await reader.readexactly(length)
        self.seen.append(data)
        writer.write(self._answer(data))
        writer.close()


@asynccontextmanager
async def _running(answer: Callable[[bytes], bytes], path: Path | None = None) -> AsyncIterator[tuple[Daemon, str]]:
    daemon = Daemon(answer)
    if path is not None:
        server, url = await asyncio.start_unix_server(daemon.serve, path), f"unix://{path}"
    else:
        server = await asyncio.start_server(daemon.serve, "127.0.0.1", 0)
        url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield daemon, url
    finally:
        server.close()
        await server.wait_closed()


def _judged(data: bytes) -> bytes:
    return b"stream: Uji.Contoh FOUND\0" if _HARM in data else b"stream: OK\0"


@pytest.mark.parametrize("local", [False, True], ids=["TCP", "local socket"])
async def test_files_are_looked_at(tmp_path: Path, local: bool) -> None:
    """All of one, however long."""
    async with _running(_judged, tmp_path / "clamd" if local else None) as (daemon, url):
        scanner = ClamScanner(url)
        await scanner.require_clean(b"halo" * 100_000)
        with pytest.raises(Refused, match="file_infected"):
            await scanner.require_clean(b"x" * 200_000 + _HARM)
        assert [len(data) for data in daemon.seen] == [400_000, 200_013]


@pytest.mark.parametrize(
    "answer",
    [b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK", b"", b"OK\0", b"x" * 10_000, b"stream: OK FOUN\0"],
)
async def test_without_a_clear_word_nothing_is_taken(answer: bytes) -> None:
    """An error, half an answer, none, another, and one without an end."""
    async with _running(lambda _data: answer) as (_, url):
        with pytest.raises(Unavailable):
            await ClamScanner(url).require_clean(b"halo")


async def test_nobody_there_is_no_yes(tmp_path: Path) -> None:
    """Nor somebody who does not answer."""
    with pytest.raises(Unavailable):
        await ClamScanner(f"unix://{tmp_path}/nobody").require_clean(b"halo")

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        with pytest.raises(Unavailable):
            await ClamScanner(url, deadline_s=0.05).require_clean(b"halo")
    finally:
        server.close()
        await server.wait_closed()


async def test_nobody_waits_behind_a_daemon_that_hangs() -> None:
    """Who gets no place in time is refused like who gets no answer, and not held until all before have been."""
    asked = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    scanner = ClamScanner(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", deadline_s=0.5)
    try:
        outcomes = await asyncio.gather(*(scanner.require_clean(b"halo") for _ in range(40)), return_exceptions=True)
    finally:
        server.close()
        await server.wait_closed()
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 40
    assert asked < 40


@pytest.mark.parametrize("url", ["http://127.0.0.1:3310", "tcp://", "unix:", "127.0.0.1:3310", ""])
def test_addresses_that_are_none(url: str) -> None:
    """Are refused at the start."""
    with pytest.raises(ValueError, match="scanner"):
        ClamScanner(url)
