"""Rate limits and growing delays counted in Redis, so that a restart and several processes share them.

What lies there are counts and moments under keyed digests: whoever reads it learns neither an account, an address nor
a network, and can't try them out without the key. It decides what happens while Redis is away; see `GUARDS`.
"""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar, cast

from limits.aio.storage import RedisStorage
from limits.errors import StorageError
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from moderation.policy import limits_of, policy_of
from server.config import Settings, SettingsError
from server.kernel.errors import Unavailable
from server.kernel.ports import Delays, Limiter
from server.keyring import BlindIndex, Keyring
from server.limits import DELAYS, LIMITS, GrowingDelays, Growth, SlidingLimiter, Unlimited, pause_s

logger = logging.getLogger("amanah.limits")

GUARDS: Final = frozenset(
    {
        "second_factor",
        "second_factor_day",
        "recovery_code",
        "confirm",
        "link_password",
        "sign_in_network",
        "sign_in_account",
        "sign_in_address",
        "sign_in_spare",
        "sign_in_spare_network",
    }
)
"""Limits that keep secrets from being guessed. While Redis is away, these refuse (`Unavailable`): otherwise whoever can
cut it off could guess once for each process and each restart. All others are counted in the process meanwhile: nobody
should be unable to chat because a counter is away."""

_PREFIX = "amanah"
_CONNECTIONS = 32
_PATIENCE_S = 1.0
_LEFT_ALONE_S = 2.0
"""How long Redis is not asked again after it did not answer, so that not every request waits for it."""

_T = TypeVar("_T")


class CountsAway(Exception):
    """Redis does not answer."""


class Counts:
    """The connection to Redis.

    Args:
        url: `redis://`, `rediss://` or `unix://`; may hold a password.
        index: makes the digests.
        clock: seconds that only go forward.
        patience_s: how long an answer may take.
        on_change: is told whether Redis is away, whenever that changes.
    """

    def __init__(
        self,
        url: str,
        index: BlindIndex,
        clock: Callable[[], float] = time.monotonic,
        *,
        patience_s: float = _PATIENCE_S,
        on_change: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._on_change = on_change
        self._index = index
        self._clock = clock
        self._away_until = 0.0
        self._pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=patience_s,
            socket_timeout=patience_s,
            socket_connect_timeout=patience_s,
            # Once more at once: a connection may have died unnoticed with the Redis that was there before.
            retry=Retry(NoBackoff(), 1),
            decode_responses=False,
        )
        self.redis: Redis = Redis(connection_pool=self._pool)
        # The pool decides where to connect; the address is only looked at for its scheme.
        pool = cast(Any, self._pool)
        self.storage = RedisStorage(
            "redis://", wrap_exceptions=True, implementation="redispy", key_prefix=_PREFIX, connection_pool=pool
        )

    def digest(self, name: str, key: str) -> str:
        """What stands for a key of a limit or delay."""
        return self._index.of(f"{name} {key}")

    async def ask(self, question: Callable[[], Awaitable[_T]]) -> _T:
        """Ask Redis something.

        Raises:
            CountsAway: it does not answer, or did not a moment ago.
        """
        if self._clock() < self._away_until:
            raise CountsAway
        try:
            answer = await question()
        except (RedisError, StorageError, OSError) as error:
            if not self._away_until:
                logger.warning("counts of limits are away: %s", type(error).__name__)
                self._on_change(True)
            self._away_until = self._clock() + _LEFT_ALONE_S
            raise CountsAway from None
        if self._away_until:
            self._away_until = 0.0
            logger.info("counts of limits are back")
            self._on_change(False)
        return answer

    async def ping(self) -> None:
        """See whether Redis is there.

        Raises:
            CountsAway: it is not.
        """

        async def question() -> None:
            await self.redis.ping()

        await self.ask(question)

    async def close(self) -> None:
        """End the connections."""
        await self.redis.aclose()
        await self._pool.disconnect()


class SharedLimiter:
    """Sliding windows in Redis; in this process's memory while it is away, but for `GUARDS`."""

    def __init__(self, counts: Counts, limits: Mapping[str, str] = LIMITS) -> None:
        self._counts = counts
        self._shared = SlidingLimiter(limits, counts.storage)
        self._own = SlidingLimiter(limits)

    async def spend(self, limit: str, key: str) -> None:
        """Count one use of `limit` for `key`.

        Raises:
            RateLimited: used up.
            Unavailable: it guards a secret, and Redis is away.
        """
        digest = self._counts.digest(limit, key)
        try:
            await self._counts.ask(lambda: self._shared.spend(limit, digest))
        except CountsAway:
            if limit in GUARDS:
                raise Unavailable from None
            await self._own.spend(limit, key)

    async def is_used_up(self, limit: str, key: str) -> bool:
        """Say whether the next use would be refused, without counting one."""
        digest = self._counts.digest(limit, key)
        try:
            return await self._counts.ask(lambda: self._shared.is_used_up(limit, digest))
        except CountsAway:
            return await self._own.is_used_up(limit, key)


class SharedDelays:
    """Growing delays in Redis. A failure's moment is told by how long its count still lives, so no clock is shared.

    While Redis is away they grow in memory: what they delay is refused by `GUARDS` anyway.
    """

    def __init__(self, counts: Counts, delays: Mapping[str, Growth] = DELAYS) -> None:
        self._counts = counts
        self._delays = dict(delays)
        self._own = GrowingDelays(delays)

    async def waiting(self, delay: str, key: str) -> int:
        """Give for how many whole seconds `key` still has to wait."""
        name, growth = self._name(delay, key), self._delays[delay]

        async def question() -> tuple[int, int]:
            asked = self._counts.redis.pipeline(transaction=True)
            asked.get(name)
            asked.pttl(name)
            count, left_ms = await asked.execute()
            return int(count or 0), int(left_ms)

        try:
            count, left_ms = await self._counts.ask(question)
        except CountsAway:
            return await self._own.waiting(delay, key)
        return pause_s(growth, count, growth.forgotten_s - left_ms / 1000)

    async def failed(self, delay: str, key: str) -> None:
        """Count a failure."""
        name, lasts_ms = self._name(delay, key), int(self._delays[delay].forgotten_s * 1000)

        async def question() -> None:
            counted = self._counts.redis.pipeline(transaction=True)
            counted.incr(name)
            counted.pexpire(name, lasts_ms)
            await counted.execute()

        try:
            await self._counts.ask(question)
        except CountsAway:
            await self._own.failed(delay, key)

    async def forgive(self, delay: str, key: str) -> None:
        """Forget the failures."""
        name = self._name(delay, key)
        await self._own.forgive(delay, key)

        async def question() -> None:
            await self._counts.redis.delete(name)

        try:
            await self._counts.ask(question)
        except CountsAway:
            # They are forgotten by themselves; forgiving is a courtesy.
            return

    def _name(self, delay: str, key: str) -> str:
        return f"{_PREFIX}:delay:{delay}:{self._counts.digest(delay, key)}"


@asynccontextmanager
async def open_limits(
    settings: Settings, keyring: Keyring, on_change: Callable[[bool], None] = lambda _: None
) -> AsyncIterator[tuple[Limiter, Delays]]:
    """Give what counts: nothing, this process's memory, or Redis.

    Args:
        settings: all settings.
        keyring: for the digests.
        on_change: is told whether Redis is away, whenever that changes.

    Raises:
        SettingsError: no Redis answers at the address that is set.
    """
    if not settings.limits:
        yield Unlimited(), Unlimited()
        return
    limits = {**LIMITS, **limits_of(policy_of(settings.moderation))}
    if not settings.redis_url:
        yield SlidingLimiter(limits), GrowingDelays()
        return
    counts = Counts(settings.redis_url, keyring.index("limits"), on_change=on_change)
    try:
        try:
            await counts.ping()
        except CountsAway:
            raise SettingsError("AMANAH_REDIS_URL: no Redis answers there") from None
        yield SharedLimiter(counts, limits), SharedDelays(counts)
    finally:
        await counts.close()
