"""Clients that ask for much and take nothing, on a real server of aiohttp's."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from server.web.untaken import Untaken
from tests.harness.process import eventually

_SIZE = 16 * 1024 * 1024
"""Bytes: more than the kernel keeps for a connection."""


@asynccontextmanager
async def _asking() -> AsyncIterator[tuple[web.AppRunner, socket.socket]]:
    """A server, and a client that has asked it for an answer and reads nothing so far."""

    async def much(_: web.Request) -> web.Response:
        return web.Response(body=bytes(_SIZE))

    app = web.Application()
    app.router.add_get("/", much)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        with socket.socket() as client:
            client.setblocking(False)
            await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", runner.addresses[0][1]))
            await asyncio.get_running_loop().sock_sendall(
                client, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
            await eventually(lambda: any(one.writing_paused for one in _open(runner)), "the answer waits")
            yield runner, client
    finally:
        await runner.cleanup()


def _open(runner: web.AppRunner) -> list[web.RequestHandler]:
    assert runner.server is not None
    return runner.server.connections


async def test_who_takes_nothing_is_not_waited_for() -> None:
    async with _asking() as (runner, _):
        untaken = Untaken(lambda: _open(runner))
        assert untaken.look() == 0, "nothing is known of it yet"
        await eventually(lambda: untaken.look() == 1, "it is ended")
        await eventually(lambda: not _open(runner), "it is gone")


async def test_who_is_slow_gets_everything() -> None:
    """A piece between two looks is enough."""
    async with _asking() as (runner, client):
        untaken = Untaken(lambda: _open(runner))
        (connection,) = _open(runner)
        loop, got, looks = asyncio.get_running_loop(), 0, 0
        waiting = -1
        while piece := await loop.sock_recv(client, 64 * 1024):
            got += len(piece)
            transport = connection.transport
            if transport is not None and connection.writing_paused and transport.get_write_buffer_size() != waiting:
                assert untaken.look() == 0
                waiting, looks = transport.get_write_buffer_size(), looks + 1
        assert got > _SIZE
        assert looks > 1
