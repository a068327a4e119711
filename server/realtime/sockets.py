"""The Socket.IO server, narrowed to a table of typed events.

python-socketio lets a client emit `connect` and `disconnect` and would run their handlers with forged arguments, loses
the ack when a handler raises, reorders one client's events, and creates a task for each delivery. So client events
never reach its handler registry here: they are looked up in our table, one after the other for each connection, every
outcome is acked, and a packet is put into each receiver's queue directly.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol

from pydantic import ValidationError
from socketio.exceptions import ConnectionRefusedError as Refused

from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput, NotAuthenticated, NotPermitted, SecondFactorRequired
from server.kernel.ports import Limiter
from server.kernel.sharing import spend_of_network
from server.realtime.events import AGENTS_ROOM, ClientEvent, Connection, Emission, account_room
from server.realtime.transport import MAX_PACKET, NAMESPACE, Json, Packet, Rooms, Server
from server.web.catalogue import Catalogues, preferred
from server.web.errors import invalid, problem_of
from server.web.metrics import Metrics
from server.web.requests import (
    SESSION_COOKIE,
    Authenticator,
    Devices,
    Observer,
    Origins,
    caller_of,
    cookie_name,
)

logger = logging.getLogger("amanah.realtime")

_LOOK_S = 5.0
"""How often it is asked whether the sessions of live connections still last."""

_LOOKS_AT_ONCE = 200
Left = Callable[[Connection, str], Awaitable[None]]


class Observing(Protocol):
    """Watches how the server does; `server.composition.observing` fills it."""

    def event(self, name: str) -> AbstractContextManager[None]:
        """Trace an event, by its name in the table."""
        ...

    def failed(self, error: BaseException, work: str) -> None:
        """Take note of an exception that nobody expected."""
        ...


class Sockets:
    """All live connections.

    Args:
        accounts: turns tokens into actors.
        catalogues: texts of errors.
        metrics: where events are counted.
        origins: which origins are ours. No other may connect: the widget lives in a frame of ours.
        visits: takes note of who connects from where.
        devices: knows browsers again.
        observing: traces events and takes reports of faults.
        limiter: what a network may do, whoever is in it.
        default_locale: for clients that state none.
        most_connections: of one account, on all its devices and in all its tabs; 0 for any number.
    """

    def __init__(
        self,
        accounts: Authenticator,
        catalogues: Catalogues,
        metrics: Metrics,
        origins: Origins,
        visits: Observer,
        devices: Devices,
        observing: Observing,
        limiter: Limiter,
        *,
        default_locale: str,
        most_connections: int = 0,
    ) -> None:
        self._most_connections = most_connections
        self._accounts = accounts
        self._origins = origins
        self._visits = visits
        self._devices = devices
        self._observing = observing
        self._limiter = limiter
        self._catalogues = catalogues
        self._metrics = metrics
        self._default_locale = default_locale
        self._events: dict[str, ClientEvent] = {}
        self._left: list[Left] = []
        self._connections: dict[str, Connection] = {}
        self._server = Server(
            client_manager=Rooms(),
            async_mode="aiohttp",
            async_handlers=False,
            serializer=Packet,
            json=Json,
            logger=_quiet("socketio.packets"),
            engineio_logger=_quiet("engineio.packets"),
            cors_allowed_origins=origins.public_url.rstrip("/") or None,
            max_http_buffer_size=MAX_PACKET,
            http_compression=False,
            ping_interval=25,
            ping_timeout=20,
        )
        self._server.on_client_event = self._on_event
        self._server.on("connect", self._on_connect)
        self._server.on("disconnect", self._on_disconnect)

    def attach(self, app: Any) -> None:
        """Serve under `/socket.io` of an aiohttp application."""
        self._server.attach(app)
        app.cleanup_ctx.append(self._watching)

    def declare(self, events: Sequence[ClientEvent]) -> None:
        """Add a capability's events."""
        self._events.update({event.name: event for event in events})

    @property
    def events(self) -> Sequence[ClientEvent]:
        """Everything that clients may say."""
        return tuple(self._events.values())

    def on_left(self, callback: Left) -> None:
        """Ask to be told when a connection has left a room."""
        self._left.append(callback)

    async def close(self) -> None:
        """End all connections."""
        for sid in list(self._connections):
            await self._server.disconnect(sid)
        await self._server.shutdown()

    # --- rooms -----------------------------------------------------------------------------------------------------

    async def enter(self, connection: Connection, room: str) -> bool:
        """Let a connection into a room; says whether its account was not in it before."""
        first = not self.is_present(room, connection.actor.account_id)
        connection.rooms.add(room)
        await self._server.enter_room(connection.sid, room)
        return first

    async def leave(self, connection: Connection, room: str) -> None:
        """Take a connection out of a room."""
        connection.rooms.discard(room)
        await self._server.leave_room(connection.sid, room)
        for callback in self._left:
            await callback(connection, room)

    def members(self, room: str) -> list[Connection]:
        """Give the connections in a room."""
        found = (self._connections.get(sid) for sid, _ in self._server.manager.get_participants(NAMESPACE, room))
        return [connection for connection in found if connection is not None]

    def is_present(self, room: str, account_id: str) -> bool:
        """Say whether an account has a connection in a room."""
        return any(connection.actor.account_id == account_id for connection in self._of_account(account_id, room))

    async def emit(self, emission: Emission) -> None:
        """Tell a room."""
        skipped = {emission.skip_sid} if emission.skip_sid else set()
        for account_id in emission.skip_accounts:
            skipped |= {connection.sid for connection in self.members(account_room(account_id))}
        await self._server.emit(emission.name, emission.data, room=emission.room, skip_sid=skipped)

    async def tell(self, connection: Connection, name: str, data: dict[str, Any]) -> None:
        """Tell one connection."""
        await self._server.emit(name, data, to=connection.sid)

    def is_online(self, account_id: str) -> bool:
        """Say whether an account has a connection."""
        return bool(self.members(account_room(account_id)))

    async def end_session(self, session_id: str) -> None:
        """End the connections of a session that was ended."""
        for connection in [c for c in self._connections.values() if c.actor.session_id == session_id]:
            await self._server.disconnect(connection.sid)

    def _of_account(self, account_id: str, room: str) -> list[Connection]:
        return [c for c in self.members(account_room(account_id)) if room in c.rooms]

    async def _watching(self, _: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(self._end_expired(), name="session-watch")
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _end_expired(self) -> None:
        """Who only listens asks for nothing, so nobody would notice that the session is over."""
        while True:
            await asyncio.sleep(_LOOK_S)
            for number, connection in enumerate(list(self._connections.values())):
                if number % _LOOKS_AT_ONCE == 0:
                    await asyncio.sleep(0)
                try:
                    if not await self._accounts.is_signed_in(connection.token):
                        await self._server.disconnect(connection.sid)
                except Exception as error:
                    logger.warning("looking at a session failed: %s", type(error).__name__)
                    break

    # --- python-socketio's side ------------------------------------------------------------------------------------

    async def _on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        try:
            request = environ["aiohttp.request"]
            token = _token(environ, auth, secure=self._origins.is_secure(request))
            actor = await self._open_actor(token)
            self._visits.observe(actor, caller_of(request, self._origins, self._devices))
        except DomainError as error:
            raise Refused(error.code) from None
        except Exception as error:
            logger.error("connecting failed: %s", type(error).__name__)
            raise Refused("internal") from None
        locale = preferred(environ.get("HTTP_ACCEPT_LANGUAGE", ""), self._default_locale)
        connection = Connection(sid, actor, token, locale, self._origins.network(request))
        self._connections[sid] = connection
        self._metrics.connections(1)
        await self.enter(connection, account_room(actor.account_id))
        await self._make_room(actor.account_id)
        if can_call(Access.DESK, actor.role):
            await self.enter(connection, AGENTS_ROOM)

    async def _make_room(self, account_id: str) -> None:
        """End an account's oldest connections when it has too many: each costs memory, and all hear everything."""
        most = self._most_connections
        if not most or len(self.members(account_room(account_id))) <= most:
            return
        own = [connection for connection in self._connections.values() if connection.actor.account_id == account_id]
        for connection in own[:-most]:
            await self._server.disconnect(connection.sid)

    async def _open_actor(self, token: str) -> Actor:
        """Who holds a token: as of now, not of when the connection began.

        Raises:
            NotAuthenticated: nobody.
            SecondFactorRequired: the session owes a second factor; no event is open to it.
        """
        actor = await self._accounts.authenticate(token)
        if actor.owes_factor:
            raise SecondFactorRequired
        return actor

    async def _on_disconnect(self, sid: str, reason: str) -> None:
        connection = self._connections.pop(sid, None)
        if connection is None:
            return
        self._metrics.connections(-1)
        rooms, connection.rooms = connection.rooms, set()
        for room in rooms:
            for callback in self._left:
                await callback(connection, room)

    async def _on_event(self, sid: str, data: list[Any]) -> dict[str, Any]:
        """Answer one client event with the envelope; never raises."""
        connection = self._connections.get(sid)
        name = data[0] if data and isinstance(data[0], str) else ""
        event = self._events.get(name)
        try:
            if connection is None:
                raise NotAuthenticated
            connection.actor = await self._open_actor(connection.token)
            if event is None:
                raise InvalidInput(fields={"event": "unknown_event"})
            if not can_call(event.access, connection.actor.role):
                raise NotPermitted
            if event.network_limit:
                await spend_of_network(
                    self._limiter,
                    event.network_limit,
                    network=connection.network,
                    account_id=connection.actor.account_id,
                )
            command = event.schema.model_validate(data[1] if len(data) == 2 else None)
            with self._observing.event(event.name):
                answer = await event.handler(connection, command)
        except Exception as error:
            return self._refusal(error, event, connection)
        self._metrics.event(name, "ok")
        return {"ok": True, "data": answer}

    def _refusal(self, error: Exception, event: ClientEvent | None, connection: Connection | None) -> dict[str, Any]:
        request_id = secrets.token_hex(8)
        if isinstance(error, ValidationError):
            error = invalid(error)
        if not isinstance(error, DomainError):
            logger.error("event %s failed: %s", request_id, type(error).__name__)
            self._observing.failed(error, f"event {event.name if event else 'unknown'}")
        problem = problem_of(
            error,
            request_id=request_id,
            locale=connection.locale if connection else self._default_locale,
            catalogues=self._catalogues,
        )
        self._metrics.event(event.name if event else "unknown", problem.error["code"])
        return problem.envelope()


def _quiet(name: str) -> logging.Logger:
    """A logger that says nothing below ERROR. Their own print payloads and write past the handlers of this process."""
    quiet = logging.getLogger(name)
    quiet.setLevel(logging.ERROR)
    return quiet


def _token(environ: dict[str, Any], auth: Any, *, secure: bool) -> str:
    """The token of the connection packet, else of the session cookie (engine.io has checked the origin by then).

    Raises:
        NotAuthenticated: there is neither.
    """
    if isinstance(auth, dict) and isinstance(auth.get("token"), str) and auth["token"]:
        return str(auth["token"])
    try:
        cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(cookie_name(SESSION_COOKIE, secure=secure))
    except CookieError:
        cookie = None
    if cookie is None or not cookie.value:
        raise NotAuthenticated
    return cookie.value
