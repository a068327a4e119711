"""python-socketio and engine.io, held to what our clients have a use for: JSON text packets, one event at a time.

What the libraries would do otherwise (compress each delivery, collect attachments for ever, quote a client's input in
answers and log lines, wait for receivers that take nothing) is switched off here. It knows no event and no account.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import engineio
import orjson
import socketio
from aiohttp.web import WebSocketResponse
from engineio import packet as engine_packet
from engineio.async_drivers.aiohttp import WebSocket
from socketio import packet as socket_packet

from server.kernel.errors import InvalidInput
from server.web.requests import PATIENCE_S

MAX_PACKET = 64 * 1024
NAMESPACE = "/"
_TEXT_PACKETS = (str(socket_packet.CONNECT), str(socket_packet.DISCONNECT), str(socket_packet.EVENT))
_SIGN_IN_S = 20.0
"""How long a transport may stay open without belonging to anybody."""

_MOST_DELIVERIES = 2_000
"""Packets that may wait for a receiver. One that has so many does not read; it will replay what it missed."""

_MOST_ANSWERS = 8
"""Packets that may wait for a connection before its next event is answered: it must take answers to get answers."""

_TAKE_S = 30.0


class Json:
    """orjson in the shape that python-socketio asks for."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        return orjson.loads(text)


class Rooms(socketio.AsyncManager):  # type: ignore[misc]  # python-socketio ships no types
    """Delivery without a task for each receiver: putting a packet into a queue never waits."""

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | None = None,
        skip_sid: Collection[str] | None = None,
        callback: Any = None,
        to: str | None = None,
        **kwargs: Any,
    ) -> None:
        encoded = self.server.packet_class(socket_packet.EVENT, namespace=namespace, data=[event, data]).encode()
        packet = engine_packet.Packet(engine_packet.MESSAGE, encoded)
        for sid, engine_sid in list(self.get_participants(namespace, to or room)):
            if not skip_sid or sid not in skip_sid:
                await self.server._send_eio_packet(engine_sid, packet)


class Packet(socket_packet.Packet):  # type: ignore[misc]  # python-socketio ships no types
    """JSON only. Looking through every answer for bytes would cost as much as writing it."""

    uses_binary_events = False


class _WebSocket(WebSocket):  # type: ignore[misc]  # python-engineio ships no types
    """Without compression, which browsers ask for: it costs 90 KB a connection and each delivery is packed anew."""

    async def __call__(self, environ: dict[str, Any]) -> WebSocketResponse:
        self._sock = WebSocketResponse(max_msg_size=MAX_PACKET, compress=False)
        await self._sock.prepare(environ["aiohttp.request"])
        self.environ = environ
        try:
            await self.handler(self)
        finally:
            # An upgrade that came to nothing must not keep the connection from being polled on.
            self._connection.upgrading = False
        return self._sock

    async def wait(self) -> Any:
        """Wait for a packet; for those of an upgrade, which python-engineio awaits for ever, some time."""
        if not self._connection.upgrading:
            return await super().wait()
        async with asyncio.timeout(PATIENCE_S):
            return await super().wait()

    @property
    def _connection(self) -> Any:
        return self.handler.__self__


class _Transport(engineio.AsyncServer):  # type: ignore[misc]  # python-engineio ships no types
    """engine.io, repeating nothing of a request: its own answers and log lines quote what a client sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        driver: dict[str, Any] = vars(self)["_async"]
        self._async = {**driver, "websocket": _WebSocket}

    async def disconnect(self, sid: str | None = None) -> None:
        """End a transport without waiting until its client has taken everything: some never do."""
        if sid is None:
            await super().disconnect()
            return
        transport = self.sockets.pop(sid, None)
        if transport is not None:
            await transport.close(wait=False, reason=self.reason.SERVER_DISCONNECT)

    async def handle_request(self, *args: Any, **kwargs: Any) -> Any:
        # What is posted comes at once; a poll waits as long as nothing happens.
        patience = PATIENCE_S if args and args[0].method == "POST" else None
        try:
            async with asyncio.timeout(patience):
                return await super().handle_request(*args, **kwargs)
        except (ValueError, LookupError, OSError):
            raise InvalidInput(fields={"body": "malformed"}) from None

    def _bad_request(self, message: str | None = None) -> Any:
        return super()._bad_request("Bad request")

    def _log_error_once(self, message: str, message_key: str) -> None:
        super()._log_error_once(message_key, message_key)


class Server(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio ships no types
    """Routes client events to one function instead of python-socketio's handler registry."""

    on_client_event: Callable[[str, list[Any]], Awaitable[dict[str, Any]]]

    def _engineio_server_class(self) -> type[_Transport]:
        return _Transport

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        asyncio.get_running_loop().call_later(_SIGN_IN_S, self._expect_owner, eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        """Take the packets that our clients have a use for.

        Not those with attachments: python-socketio collects as many as the sender announces, before and after the
        connection's end. Nor acks, for no event of ours asks for one.
        """
        if isinstance(data, str) and data.startswith(_TEXT_PACKETS):
            await super()._handle_eio_message(eio_sid, data)
        else:
            await self.drop(eio_sid)

    async def _send_eio_packet(self, eio_sid: str, eio_pkt: engine_packet.Packet) -> None:
        transport = self.eio.sockets.get(eio_sid)
        if transport is not None and transport.queue.qsize() >= _MOST_DELIVERIES:
            await self.drop(eio_sid)
            return
        await super()._send_eio_packet(eio_sid, eio_pkt)

    async def drop(self, eio_sid: str) -> None:
        """End a connection at once, with all that waits for it."""
        transport = self.eio.sockets.get(eio_sid)
        request = self.environ.get(eio_sid, {}).get("aiohttp.request")
        if transport is None or transport.closed:
            return
        await transport.close(wait=False, abort=True)
        while not transport.queue.empty():
            transport.queue.get_nowait()
            transport.queue.task_done()
        # What ends the writer; one that hangs on a receiver ends with the transport.
        transport.queue.put_nowait(None)
        if request is not None and request.transport is not None:
            request.transport.abort()

    def _expect_owner(self, eio_sid: str) -> None:
        if eio_sid in self.environ and self.manager.sid_from_eio_sid(eio_sid, NAMESPACE) is None:
            self.start_background_task(self.drop, eio_sid)

    async def _wait_for_reader(self, eio_sid: str) -> None:
        """Answer no faster than the answers are taken; a connection that takes none is dropped."""
        transport = self.eio.sockets.get(eio_sid)
        if transport is None or transport.queue.qsize() <= _MOST_ANSWERS:
            return
        try:
            await asyncio.wait_for(transport.queue.join(), _TAKE_S)
        except TimeoutError:
            await self.drop(eio_sid)

    async def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: list[Any]) -> None:
        namespace = namespace or NAMESPACE
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        if namespace != NAMESPACE or not self.manager.is_connected(sid, namespace):
            return
        answer = await self.on_client_event(sid, data)
        if id is not None:
            await self._send_packet(
                eio_sid, self.packet_class(socket_packet.ACK, namespace=namespace, id=id, data=[answer])
            )
            await self._wait_for_reader(eio_sid)
