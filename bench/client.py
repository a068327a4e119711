"""A Socket.IO client of few lines over a websocket, so that the load costs little beside what is measured.

Speaks Engine.IO 4 and Socket.IO 5 text packets: open, connect with auth, events with acks, ping.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson


class SocketClient:
    """One connection.

    Args:
        on_event: called with (name, data) for each event from the server.
    """

    def __init__(self, on_event: Callable[[str, Any], None]) -> None:
        self._on_event = on_event
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._next_ack = 0
        self._reader: asyncio.Task[None] | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def connect(self, http: aiohttp.ClientSession, auth: dict[str, str] | None) -> None:
        """Open, connect to the default namespace, and begin to read."""
        self._socket = await http.ws_connect("/socket.io/?EIO=4&transport=websocket", max_msg_size=0)
        await self._socket.receive_str()
        await self._socket.send_str("40" + (orjson.dumps(auth).decode() if auth else ""))
        answer = await self._socket.receive_str()
        if not answer.startswith("40"):
            raise ConnectionRefusedError("the server refused the connection")
        self._reader = asyncio.create_task(self._read(self._socket))

    async def call(self, name: str, data: Any) -> Any:
        """Emit an event and wait for its ack."""
        assert self._socket is not None
        number = self._next_ack
        self._next_ack += 1
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._acks[number] = done
        await self._socket.send_str(f"42{number}" + orjson.dumps([name, data]).decode())
        return await done

    async def close(self) -> None:
        """End the connection."""
        if self._reader:
            self._reader.cancel()
        if self._socket:
            await self._socket.close()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            packet = message.data
            if packet == "2":
                await socket.send_str("3")
            elif packet.startswith("43"):
                digits = packet[2 : packet.index("[")]
                self._acks.pop(int(digits)).set_result(orjson.loads(packet[2 + len(digits) :])[0])
            elif packet.startswith("42"):
                name, data = orjson.loads(packet[2:])
                self._on_event(name, data)
