"""Keeps the daily tallies in step with the feedback: after each event the day of its item is counted anew, and in the
small hours everything is. Counting anew has no history that could be wrong: what an event got lost for is right by
morning.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol

from server.insight.model import ZONE, Fact, Tally, day_of, tallies, tally
from server.kernel.background import Background
from server.kernel.ports import Clock
from server.kernel.waiting import news_within

logger = logging.getLogger("amanah.insight")

_WINDOW: Final = 200
"""Numbers that are read at once."""

_GATHER_S: Final = 2.0
"""What happens within so many seconds of the first is counted together."""

_LOOK_S: Final = 300.0
_NIGHT: Final = time(2)


class FactSource(Protocol):
    """Knows the feedback."""

    async def last_number(self) -> int:
        """Give the highest number of an item."""
        ...

    async def facts(self, first: int, last: int) -> Sequence[Fact]:
        """Give what is known of the items from one number to another, both included."""
        ...


class TallyStore(Protocol):
    """What is needed of `insight.store`."""

    async def save(self, tally: Tally, begun: datetime) -> None: ...
    async def forget(self, day: date, begun: datetime) -> None: ...
    async def span(self, first: date, last: date) -> list[Tally]: ...
    async def last_number(self) -> int: ...
    async def claim_recount(self, day: date) -> bool: ...


class Counting:
    """Counts.

    Args:
        source: the feedback.
        store: where tallies are kept.
        clock: the time.
    """

    def __init__(self, source: FactSource, store: TallyStore, clock: Clock) -> None:
        self._source = source
        self._store = store
        self._clock = clock
        self._stale: dict[date, tuple[int, int]] = {}
        self._news = asyncio.Event()
        self._work = Background()

    def start(self) -> None:
        """Catch up with what was given while nobody counted, and go to work."""
        self._work.start(self._count_now_and_then(), name="insight")

    async def close(self) -> None:
        """Stop; what was not counted yet is counted by the next process."""
        await self._work.stop()

    def note(self, number: int, created_at: datetime) -> None:
        """Take note that something about an item changed."""
        self._merge(day_of(created_at), number, number)
        self._news.set()

    async def settle(self) -> None:
        """Count the days of which something was noted.

        Raises:
            Unavailable: the store does not answer; they stay noted.
        """
        while self._stale:
            # Taken out before it is counted: what is noted meanwhile is counted after it.
            day, (first, last) = self._stale.popitem()
            try:
                await self._count_day(day, first, last)
            except BaseException:
                self._merge(day, first, last)
                raise

    async def catch_up(self) -> None:
        """Count what was given since anything was counted last.

        Raises:
            Unavailable: the store does not answer.
        """
        counted, last = await self._store.last_number(), await self._source.last_number()
        for fact in await self._read(counted + 1, last):
            self.note(fact.number, fact.created_at)
        await self.settle()

    async def recount(self) -> int:
        """Count everything anew; give how many days there were.

        Raises:
            Unavailable: the store does not answer.
        """
        begun = self._clock()
        counted = tallies(await self._read(1, await self._source.last_number()))
        for one in counted:
            await self._store.save(one, begun)
        kept = {one.day for one in counted}
        for stale in await self._store.span(date.min, date.max):
            if stale.day not in kept:
                await self._store.forget(stale.day, begun)
        return len(counted)

    async def facts(self, first: date, last: date) -> list[Fact]:
        """Give what is known of the items of a span of days, read anew.

        Raises:
            Unavailable: the store does not answer.
        """
        days = await self._store.span(first, last)
        if not days:
            return []
        found = await self._read(min(day.first for day in days), max(day.last for day in days))
        return [fact for fact in found if first <= fact.day <= last]

    async def _count_day(self, day: date, first: int, last: int) -> None:
        begun = self._clock()
        known = await self._store.span(day, day)
        numbers = (first, last, *((known[0].first, known[0].last) if known else ()))
        counted = tally(day, await self._read(min(numbers), max(numbers)))
        if counted is None:
            await self._store.forget(day, begun)
        else:
            await self._store.save(counted, begun)

    def _merge(self, day: date, first: int, last: int) -> None:
        noted = self._stale.get(day, (first, last))
        self._stale[day] = (min(first, noted[0]), max(last, noted[1]))

    async def _read(self, first: int, last: int) -> list[Fact]:
        found: list[Fact] = []
        for begin in range(first, last + 1, _WINDOW):
            found += await self._source.facts(begin, min(last, begin + _WINDOW - 1))
        return found

    async def _count_now_and_then(self) -> None:
        caught_up = False
        while True:
            try:
                if not caught_up:
                    await self.catch_up()
                    caught_up = True
                await self._recount_by_night()
                self._news.clear()
                await self.settle()
            except Exception as error:
                logger.warning("figures are behind: %s", type(error).__name__)
            await news_within(self._news, _LOOK_S)
            await asyncio.sleep(_GATHER_S)

    async def _recount_by_night(self) -> None:
        local = self._clock().astimezone(ZONE)
        night = local.date() if local.time() >= _NIGHT else local.date() - timedelta(days=1)
        if await self._store.claim_recount(night):
            logger.info("days counted anew: %d", await self.recount())
