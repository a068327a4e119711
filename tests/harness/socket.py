"""A Socket.IO client written from the protocol (engine.io 4, Socket.IO 5), so that it can also say what is wrong.

It keeps everything that the server tells it, in order.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from tests.harness.process import PATIENCE_S


class Refused(Exception):
    """The server did not let the connection in."""


class Cut(ConnectionError):
    """The connection ended before the answer came."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event from the server."""

    name: str
    data: Any


class Socket:
    """One connection in the default namespace. Make it with `connect`."""

    def __init__(self, transport: aiohttp.ClientWebSocketResponse) -> None:
        self._transport = transport
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._news = asyncio.Event()
        self._opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.told: list[Told] = []
        self.packets: list[str] = []
        self.ended = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(
        cls,
        session: aiohttp.ClientSession,
        url: str,
        auth: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: str = "",
    ) -> "Socket":
        """Open a connection.

        Raises:
            Refused: the server does not want it; the text is its reason.
            aiohttp.ClientError, OSError: it can't be reached.
        """
        address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket" + query
        socket = cls(await session.ws_connect(address, headers=headers))
        try:
            await socket.raw("40" + (orjson.dumps(auth).decode() if auth is not None else ""))
            await asyncio.wait_for(asyncio.shield(socket._opened), PATIENCE_S)
        except BaseException:
            await socket.close()
            raise
        return socket

    async def raw(self, packet: str) -> None:
        """Send a packet as it is."""
        try:
            await self._transport.send_str(packet)
        except (aiohttp.ClientError, ConnectionError):
            raise Cut from None

    async def post(self, name: str, *arguments: object) -> "asyncio.Future[Any]":
        """Send an event without waiting for its ack; give what will be the ack."""
        self._number += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._acks[self._number] = future
        if self.ended.is_set():
            self._cut()
        else:
            await self.raw(f"42{self._number}" + orjson.dumps([name, *arguments]).decode())
        return future

    async def ack(self, name: str, *arguments: object) -> Any:
        """Send an event and wait for its envelope.

        Raises:
            Cut: the connection ended before.
        """
        return await asyncio.wait_for(await self.post(name, *arguments), PATIENCE_S)

    async def call(self, name: str, *arguments: object) -> Any:
        """Send an event that must succeed; give its `data`."""
        envelope = await self.ack(name, *arguments)
        assert envelope["ok"] is True, envelope
        assert set(envelope) == {"ok", "data"}
        return envelope["data"]

    async def refusal(self, name: str, *arguments: object) -> Any:
        """Send an event that must be refused; give its `error`."""
        envelope = await self.ack(name, *arguments)
        assert envelope["ok"] is False, envelope
        assert set(envelope) == {"ok", "error"}
        assert {"code", "message", "fields", "request_id"} <= set(envelope["error"])
        assert envelope["error"]["message"]
        return envelope["error"]

    def heard(self, name: str) -> list[Any]:
        """The data of all events of a name, in order."""
        return [event.data for event in self.told if event.name == name]

    def messages(self, conversation_id: str) -> list[Any]:
        """The messages told of a conversation, in order."""
        found = [data["message"] for data in self.heard("chat:message")]
        return [message for message in found if message["conversation_id"] == conversation_id]

    async def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until something told makes the condition true; give its value."""
        async with asyncio.timeout(PATIENCE_S):
            while not (value := condition()):
                self._news.clear()
                assert not self.ended.is_set(), f"the connection ended before: {what}"
                await self._news.wait()
        return value

    async def until_heard(self, name: str, **values: Any) -> Any:
        """Wait for an event whose data has these values; give its data."""

        def found() -> Any:
            fitting = (data for data in self.heard(name) if values.items() <= data.items())
            return next(fitting, None)

        return await self.until(found, name)

    async def close(self) -> None:
        """End the connection from this side."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._transport.close()
        self._cut()

    async def _read(self) -> None:
        try:
            async for message in self._transport:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                self.packets.append(message.data)
                if message.data == "2":
                    await self.raw("3")
                elif message.data.startswith("4"):
                    self._take(message.data[1:])
                self._news.set()
        except (Cut, aiohttp.ClientError, ConnectionError):
            pass
        finally:
            self._cut()

    def _take(self, packet: str) -> None:
        kind, rest = packet[0], packet[1:]
        if kind == "0":
            self._settle(self._opened, None)
        elif kind == "4":
            self._opened.set_exception(Refused(orjson.loads(rest)["message"]))
        elif kind == "1":
            self._cut()
        elif kind == "2":
            name, *data = orjson.loads(rest)
            self.told.append(Told(name, data[0] if data else None))
        elif kind == "3":
            start = rest.index("[")
            waiting = self._acks.pop(int(rest[:start]), None)
            if waiting is not None:
                self._settle(waiting, orjson.loads(rest[start:])[0])

    @staticmethod
    def _settle(future: "asyncio.Future[Any]", value: Any) -> None:
        if not future.done():
            future.set_result(value)

    def _cut(self) -> None:
        self.ended.set()
        self._news.set()
        for future in (self._opened, *self._acks.values()):
            if not future.done():
                future.set_exception(Cut())
                # Looked at here, so that nobody need wait for it.
                future.exception()
        self._acks.clear()
