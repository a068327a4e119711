"""Rate limits by name, on the `limits` library. Counts account ids and networks, never anything typed."""

import math
import time
from collections.abc import Mapping

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter

from server.kernel.errors import RateLimited

LIMITS: Mapping[str, str] = {
    "message": "60/minute",
    "preview": "120/minute",
    "conversation": "20/hour",
    "visitor": "30/hour",
    "account": "10/hour",
    "sign_in_network": "30/5minute",
    "sign_in_account": "10/5minute",
    "sign_in_address": "100/hour",
    "reading": "600/minute",
    "choice": "60/hour",
    "typing": "120/minute",
}
"""name -> limit. A person who types fast sends perhaps 20 messages a minute; the rest is headroom."""


class SlidingLimiter:
    """Counts uses in sliding windows, in this process's memory."""

    def __init__(self, limits: Mapping[str, str] = LIMITS, storage: Storage | None = None) -> None:
        self._items: dict[str, RateLimitItem] = {name: parse(text) for name, text in limits.items()}
        self._strategy = MovingWindowRateLimiter(storage or MemoryStorage())

    async def spend(self, limit: str, key: str) -> None:
        """Count one use of `limit` for `key`.

        Raises:
            RateLimited: used up.
        """
        item = self._items[limit]
        if await self._strategy.hit(item, limit, key):
            return
        stats = await self._strategy.get_window_stats(item, limit, key)
        raise RateLimited(retry_after=max(1, math.ceil(stats.reset_time - time.time())))


class Unlimited:
    """No limits, for load tests on loopback (`AMANAH_LIMITS=off`)."""

    async def spend(self, limit: str, key: str) -> None:
        """Count nothing."""
