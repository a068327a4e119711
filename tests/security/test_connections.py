"""A connection can't make the server hold memory for it: no endless attachments, no answers that nobody takes."""

import asyncio
import base64
import os
import secrets
from pathlib import Path

import orjson

from tests.harness.people import Person, World
from tests.harness.process import PATIENCE_S
from tests.harness.socket import Socket

_JOINS = 2_000
_LONG = "halo apa kabar semua " * 180


async def test_attachments_are_not_collected(world: World) -> None:
    """python-socketio would keep what follows in memory, also after the end of the connection."""
    visitor = await world.person()
    for packet in ('451-["chat:send",{"_placeholder":true,"num":0}]', '46999999999-1["x"]', "49", "43"):
        socket = await visitor.socket()
        await socket.raw(packet)
        await asyncio.wait_for(socket.ended.wait(), PATIENCE_S)


async def test_who_takes_no_answers_gets_no_more(world: World) -> None:
    """Each join is answered with many kilobytes; a sender that does not read must not pile them up in the server."""
    customer = await world.person("customer", "Toko Contoh")
    conversation = await customer.conversation()
    for _ in range(20):
        assert (await customer.send(conversation, _LONG)).status == 201
    before = _resident_mb(world.server.pid)
    _, writer = await _silent_socket(world, customer)
    try:
        join = orjson.dumps(["chat:join", {"conversation_id": conversation}]).decode()
        for number in range(_JOINS):
            writer.write(_frame(f"42{number}{join}"))
        # Whether or not all of it is taken: what was taken must be worked on before the memory is looked at.
        await _rounds(await customer.socket(), conversation, 20)
        grown = _resident_mb(world.server.pid) - before
    finally:
        writer.transport.abort()
    # Unbounded it would be some 160 MB.
    assert grown < 60


async def test_a_faulty_poll_is_answered(world: World) -> None:
    """The server would wait until the client has taken what is left for it, and the request with it."""
    address = world.server.url + "/socket.io/?EIO=4&transport=polling"
    async with world.session.get(address) as opening:
        opened = orjson.loads((await opening.text())[1:])
    visitor = await world.person()
    polling = f"{address}&sid={opened['sid']}"
    async with world.session.post(polling, data="40" + orjson.dumps({"token": visitor.token}).decode()) as answer:
        assert answer.status == 200
    async with world.session.post(polling, data="4" * 70_000) as answer:
        assert answer.status == 400
    async with world.session.get(polling) as answer:
        assert answer.status == 400


async def test_nothing_is_compressed(world: World) -> None:
    """A browser asks for it; the memory of it would be the server's."""
    address = world.server.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    async with world.session.ws_connect(address, compress=15) as socket:
        assert socket.compress == 0


async def test_a_long_pipeline_is_answered_to_who_reads(world: World) -> None:
    """The brake must not touch a client that sends much at once and reads."""
    customer = await world.person("customer", "Toko Contoh")
    conversation = await customer.conversation()
    socket = await customer.socket()
    waiting = [await socket.post("chat:join", {"conversation_id": conversation}) for _ in range(500)]
    answers = await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_S)
    assert all(answer["ok"] for answer in answers)


async def _rounds(socket: Socket, conversation: str, count: int) -> None:
    for _ in range(count):
        await socket.call("chat:join", {"conversation_id": conversation})


async def _silent_socket(world: World, person: Person) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection of a client that reads nothing after the handshake."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port, limit=2**12)
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    lines = (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
        f"Host: 127.0.0.1:{world.server.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    )
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.write(_frame("40" + orjson.dumps({"token": person.token}).decode()))
    await reader.readuntil(b'{"sid"')
    return reader, writer


def _frame(text: str) -> bytes:
    """A masked text frame of RFC 6455, with a mask that changes nothing."""
    content = text.encode()
    size = bytes([0x80 | len(content)]) if len(content) < 126 else b"\xfe" + len(content).to_bytes(2, "big")
    return b"\x81" + size + bytes(4) + content


def _resident_mb(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") // 2**20
