"""Web push (RFC 8030): wakes the devices that people have added. A push carries nothing at all; what is shown is the
device's own words, and what happened is read here.

Best effort: a push that is lost is no notice lost. Never logs an address of a device.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol
from urllib.parse import urlsplit

from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter

logger = logging.getLogger("amanah.push")

MAX_ENDPOINT = 1_024
MOST_DEVICES = 20
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
"""Names as they are written (RFC 1123, 2.1), and nothing that two programs could read in two ways."""
_WAITING = 2_000
_AT_ONCE = 4
_SERVICES = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
"""Chrome and what is made of it, Firefox, Safari, Edge; and the hosts below them."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A device that somebody has added.

    Attributes:
        id: opaque.
        account_id: whose.
        endpoint: where it is woken; whoever knows it can try to.
        made_at: since when.
        session_id: the session in which it was added; with that it ends.
    """

    id: str
    account_id: str
    endpoint: str = field(repr=False)
    made_at: datetime
    session_id: str


class Outcome(Enum):
    """What a push service said."""

    TAKEN = "taken"
    GONE = "gone"
    """There is no such device any more (404, 410)."""
    LATER = "later"
    """It did not take it now."""


class SubscriptionStore(Protocol):
    """Where devices are kept; `notices.push_store` says what each does."""

    async def put(self, subscription: Subscription) -> Subscription: ...
    async def of_accounts(self, account_ids: Sequence[str]) -> list[Subscription]: ...
    async def delete(self, subscription_id: str) -> None: ...
    async def delete_of_session(self, session_id: str) -> None: ...


class Session(Protocol):
    """A session."""

    @property
    def id(self) -> str: ...


class LastingSessions(Protocol):
    """Knows who is signed in; `accounts.sessions` fills it."""

    async def of_account(self, account_id: str) -> Sequence[Session]:
        """Give an account's sessions that last."""
        ...


class Waker(Protocol):
    """Talks to push services."""

    async def wake(self, endpoint: str) -> Outcome:
        """Wake a device."""
        ...


@dataclass(frozen=True, slots=True)
class PushServices:
    """Where this server sends pushes to, and nowhere else: an address comes from a browser, so it may be anything.

    Attributes:
        origins: further ones, which the operator vouches for.
    """

    origins: frozenset[str] = frozenset()

    def is_one(self, endpoint: str) -> bool:
        """Whether an address is one of a push service."""
        if len(endpoint) > MAX_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
            return False
        try:
            parts = urlsplit(endpoint)
            port = parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None or "\\" in endpoint:
            return False
        if f"{parts.scheme}://{parts.netloc}" in self.origins:
            return True
        host = parts.hostname or ""
        if not _HOST.fullmatch(host):
            return False
        known = any(host == service or host.endswith("." + service) for service in _SERVICES)
        return parts.scheme == "https" and port in {None, 443} and known


class Push:
    """People's devices, and the waking of them.

    Args:
        store: devices.
        sessions: who is signed in: nobody else's device is woken.
        waker: talks to push services.
        services: which there are.
        public_key: with which browsers tie a subscription to this server, base64url.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: SubscriptionStore,
        sessions: LastingSessions,
        waker: Waker,
        services: PushServices,
        public_key: str,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._waker = waker
        self._services = services
        self.public_key = public_key
        self._limiter = limiter
        self._clock = clock
        self._waiting: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self._workers = [Background() for _ in range(_AT_ONCE)]

    def start(self) -> None:
        """Begin to wake devices."""
        for worker in self._workers:
            worker.start(self._work(), name="push")

    async def close(self) -> None:
        """End; who was not woken reads it anyway."""
        for worker in self._workers:
            await worker.stop()

    async def add(self, actor: Actor, endpoint: str) -> Subscription:
        """Add a device for as long as the actor's session lasts; one that is there already stays, in this session.

        Raises:
            InvalidInput: it is no address of a push service.
            Conflict: the actor has too many.
            RateLimited: too often.
        """
        await self._limiter.spend("choice", actor.account_id)
        if not self._services.is_one(endpoint):
            raise InvalidInput(fields={"endpoint": "not_a_push_service"})
        there = await self._store.of_accounts([actor.account_id])
        if len(there) >= MOST_DEVICES and endpoint not in {item.endpoint for item in there}:
            raise Conflict(fields={"endpoint": "too_many"})
        return await self._store.put(
            Subscription(new_id(), actor.account_id, endpoint, self._clock(), actor.session_id)
        )

    async def list(self, actor: Actor) -> Sequence[Subscription]:
        """Give the actor's devices, the latest first."""
        found = await self._store.of_accounts([actor.account_id])
        return sorted(found, key=lambda item: item.id, reverse=True)

    async def remove(self, actor: Actor, subscription_id: str) -> None:
        """Remove a device.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        if subscription_id not in {item.id for item in await self._store.of_accounts([actor.account_id])}:
            raise NotFound
        await self._store.delete(subscription_id)

    async def end_session(self, session_id: str) -> None:
        """Forget the devices of a session that was ended."""
        try:
            await self._store.delete_of_session(session_id)
        except DomainError:
            # The store is away: such a device is not woken, and is forgotten when it would be.
            return

    def push(self, account_ids: Sequence[str]) -> None:
        """See `notices.service.Pusher`."""
        for place, account_id in enumerate(account_ids):
            if self._waiting.full():
                logger.warning("too many pushes wait: %d people are not woken", len(account_ids) - place)
                return
            self._waiting.put_nowait(account_id)

    async def _work(self) -> None:
        while True:
            account_id = await self._waiting.get()
            try:
                await self._wake_all(account_id)
            except Exception as error:
                logger.warning("a push failed: %s", type(error).__name__)

    async def _wake_all(self, account_id: str) -> None:
        found = await self._store.of_accounts([account_id])
        # Sessions also end by their time, or by a command beside this server.
        lasting = {session.id for session in await self._sessions.of_account(account_id)} if found else set()
        for subscription in found:
            # Looked at again: what the operator vouches for may be another by now.
            known = self._services.is_one(subscription.endpoint) and subscription.session_id in lasting
            if not known or await self._waker.wake(subscription.endpoint) is Outcome.GONE:
                await self._store.delete(subscription.id)
