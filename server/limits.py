"""Rate limits by name, on the `limits` library, and growing delays. Counts ids, networks and digests, nothing typed."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter

from server.kernel.errors import RateLimited

LIMITS: Mapping[str, str] = {
    # By account.
    "message": "60/minute",
    "preview": "120/minute",
    "conversation": "20/hour",
    "reading": "600/minute",
    "choice": "60/hour",
    "withdrawal": "600/hour",
    "profile": "30/hour",
    "attachment": "60/hour",
    "file": "60/hour",
    "file_mib": "300/day",
    "file_link": "240/minute",
    "break_glass": "20/hour",
    "typing": "120/minute",
    "training": "12/hour",
    "form": "60/hour",
    "reveal": "120/hour",
    "erasure": "10/hour",
    "erasure_preview": "60/hour",
    "form_template": "60/hour",
    "correction": "120/hour",
    "chat_change": "120/minute",
    "rating": "20/hour",
    "permission_contact": "10/day",
    "transcript": "5/hour",
    "search": "60/minute",
    "suggestion": "240/minute",
    "forum_export": "10/hour",
    "address": "5/hour",
    "link_password": "10/hour",
    "second_factor": "10/15minute",
    "second_factor_day": "60/day",
    "recovery_code": "10/15minute",
    "enrolment": "20/hour",
    "confirm": "20/15minute",
    "confirm_options": "60/15minute",
    "forum_topic": "10/hour",
    "forum_post": "60/10minute",
    "forum_edit": "60/10minute",
    "forum_history": "60/10minute",
    "forum_mark": "240/minute",
    "forum_draft": "60/10minute",
    "forum_reading": "600/minute",
    "webhook": "60/hour",
    "feedback": "30/hour",
    "feedback_comment": "60/10minute",
    "feedback_mark": "240/minute",
    "feedback_handling": "600/10minute",
    "feedback_reading": "600/minute",
    "feedback_export": "10/hour",
    "rights": "60/hour",
    "rights_export": "6/day",
    "rights_request": "20/day",
    # By account and kind of letter.
    "letter": "5/hour",
    # By network.
    "page_network": "1200/minute",
    "erasure_network": "60/hour",
    "permission_network": "60/hour",
    "forum_topic_network": "120/hour",
    "forum_post_network": "600/10minute",
    "forum_reading_network": "3000/minute",
    "feedback_network": "120/hour",
    "feedback_anonymous_network": "20/hour",
    "feedback_code_network": "60/15minute",
    "feedback_comment_network": "600/10minute",
    "feedback_reading_network": "3000/minute",
    "rights_guest_network": "20/hour",
    "visitor": "30/hour",
    "account": "10/hour",
    "link": "30/hour",
    "challenge": "120/5minute",
    "message_network": "600/minute",
    "preview_network": "1200/minute",
    "attachment_network": "300/hour",
    "file_network": "600/hour",
    "file_view_network": "3000/minute",
    "search_network": "600/minute",
    "suggestion_network": "1200/minute",
    "reset_network": "20/hour",
    "verification_network": "20/hour",
    "sign_in_network": "30/5minute",
    "sign_in_spare_network": "30/15minute",
    # By network and address together.
    "reset": "5/hour",
    "verification": "5/hour",
    "rights_guest": "5/day",
    "sign_in_account": "10/5minute",
    "sign_in_spare": "5/15minute",
    # By address, whoever asks.
    "sign_in_address": "100/hour",
}
"""name -> limit. A person who types fast sends perhaps 20 messages a minute; the rest is headroom. A network may be a
whole office or village behind one address."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How a delay grows.

    Attributes:
        free: failures that cost nothing.
        first_s: seconds to wait after the next one; twice as long after each further.
        longest_s: seconds it grows to at most.
        forgotten_s: seconds after the last failure until all are forgotten.
    """

    free: int
    first_s: float
    longest_s: float
    forgotten_s: float


DELAYS: Mapping[str, Growth] = {
    "sign_in_account": Growth(free=5, first_s=1, longest_s=900, forgotten_s=3600),
    "sign_in_network": Growth(free=20, first_s=1, longest_s=300, forgotten_s=1800),
}
"""name -> how it grows."""

_MOST_KEYS = 50_000


def pause_s(growth: Growth, failures: int, since_s: float) -> int:
    """Give for how many whole seconds somebody still has to wait.

    Args:
        growth: how the delay grows.
        failures: how many there were.
        since_s: seconds since the last.
    """
    if failures <= growth.free:
        return 0
    pause = min(growth.longest_s, growth.first_s * (1 << min(failures - growth.free - 1, 32)))
    return max(0, math.ceil(pause - since_s))


class SlidingLimiter:
    """Counts uses in sliding windows: in this process's memory, or wherever it is told."""

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

    async def is_used_up(self, limit: str, key: str) -> bool:
        """Say whether the next use would be refused, without counting one."""
        return not await self._strategy.test(self._items[limit], limit, key)


class GrowingDelays:
    """Makes whoever fails wait, in this process's memory. Those who failed longest ago are forgotten first.

    Args:
        delays: name -> how it grows.
        clock: seconds that only go forward.
    """

    def __init__(self, delays: Mapping[str, Growth] = DELAYS, clock: Callable[[], float] = time.monotonic) -> None:
        self._delays = dict(delays)
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    async def waiting(self, delay: str, key: str) -> int:
        """Give for how many whole seconds `key` still has to wait."""
        count, at = self._of(delay, key)
        return pause_s(self._delays[delay], count, self._clock() - at)

    async def failed(self, delay: str, key: str) -> None:
        """Count a failure."""
        count, _ = self._of(delay, key)
        self._failures[delay, key] = (count + 1, self._clock())
        self._failures.move_to_end((delay, key))
        if len(self._failures) > _MOST_KEYS:
            self._failures.popitem(last=False)

    async def forgive(self, delay: str, key: str) -> None:
        """Forget the failures."""
        self._failures.pop((delay, key), None)

    def _of(self, delay: str, key: str) -> tuple[int, float]:
        count, at = self._failures.get((delay, key), (0, 0.0))
        if count and self._clock() - at >= self._delays[delay].forgotten_s:
            del self._failures[delay, key]
            return 0, 0.0
        return count, at


class Unlimited:
    """No limits and no delays, for load tests on loopback (`AMANAH_LIMITS=off`)."""

    async def spend(self, limit: str, key: str) -> None:
        """Count nothing."""

    async def is_used_up(self, limit: str, key: str) -> bool:
        """Never."""
        return False

    async def waiting(self, delay: str, key: str) -> int:
        """Let nobody wait."""
        return 0

    async def failed(self, delay: str, key: str) -> None:
        """Count nothing."""

    async def forgive(self, delay: str, key: str) -> None:
        """Nothing was counted."""
