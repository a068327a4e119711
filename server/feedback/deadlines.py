"""Watches over what is promised: warns those who handle an item, and tells others when a promise was missed.

Finds items by the moment at which their clock has to be looked at, through an index. Several processes may watch: who
moves that moment on has taken the item, for a minute; after a kill it is taken again. Whoever was told just before the
kill may be told again. Notices say nothing of what was written.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.clocks import LATE, WARNING, Telling, read, write
from server.feedback.model import Item
from server.feedback.promises import Promises
from server.feedback.writing import Make
from server.kernel.background import Background
from server.kernel.errors import NotFound
from server.kernel.ports import Clock

logger = logging.getLogger("amanah.feedback")

_LOOK_S: Final = 15.0
_TERMS_EVERY: Final = 4
"""Rounds after which it is looked whether somebody changed what is promised."""
_LEASE: Final = timedelta(seconds=60)
_FOR_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


class Deadline(StrEnum):
    """What staff are told of a promise."""

    NEAR = "near"
    MISSED = "missed"
    ESCALATED = "escalated"
    """It was missed a while ago, and others are told."""


class Items(Protocol):
    """Where items are kept."""

    async def due_until(self, moment: datetime) -> list[Item]: ...
    async def watched_until(self, moment: datetime) -> list[Item]: ...


class Writer(Protocol):
    """Writes into items; `writing.ItemWriter` does."""

    async def change(
        self, item_id: str, make: Make, *, tell: Sequence[str] = (), draws: bool = True
    ) -> tuple[Item, Item]: ...


class Alarm(Protocol):
    """Tells staff, without content."""

    async def ring(self, account_ids: Sequence[str], deadline: Deadline, item_id: str) -> None:
        """Tell some accounts of a promise about an item."""
        ...


Agents = Callable[[], Awaitable[Sequence[str]]]
"""Gives the accounts of the agents who may come in."""


class Deadlines:
    """The watch.

    Args:
        items: where items are kept.
        writer: writes into them.
        promises: what is promised.
        alarm: tells staff.
        agents: told where nobody else is named.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self,
        items: Items,
        writer: Writer,
        promises: Promises,
        alarm: Alarm,
        agents: Agents,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._items = items
        self._writer = writer
        self._promises = promises
        self._alarm = alarm
        self._agents = agents
        self._audit = audit
        self._clock = clock
        self._watch = Background()
        self._computed = -1

    def start(self) -> None:
        """Begin to watch, with what fell due while nobody did."""
        self._watch.start(self._go_on(), name="feedback-deadlines")

    async def close(self) -> None:
        """End; what is under way is done by the next who watches."""
        await self._watch.stop()

    async def _go_on(self) -> None:
        rounds = 0
        while True:
            try:
                if rounds % _TERMS_EVERY == 0:
                    await self._promises.refresh()
                    await self._promises.prepare()
                await self.round()
            except Exception as error:
                logger.warning("deadlines can't be watched: %s", type(error).__name__)
            rounds += 1
            await asyncio.sleep(_LOOK_S)

    async def round(self) -> int:
        """Look at every clock that has to be looked at by now; give how often somebody was told.

        Raises:
            Unavailable: the store does not answer.
        """
        if self._computed != self._promises.version:
            await self._compute_anew()
        told = 0
        for item in await self._items.watched_until(self._clock()):
            told += await self._look_at(item.id)
        return told

    async def _look_at(self, item_id: str) -> int:
        now = self._clock()

        def taken(item: Item) -> Item:
            watch_at = item.clock["watch_at"] if item.clock is not None else None
            if item.clock is None or watch_at is None or watch_at > now:
                return item
            return replace(item, clock={**item.clock, "watch_at": now + _LEASE})

        try:
            before, mine = await self._writer.change(item_id, lambda item, _: taken(item), draws=False)
        except NotFound:
            return 0
        if mine == before or mine.clock is None:
            return 0
        tellings = self._promises.clocks.tellings(read(mine.clock), now)
        for telling in tellings:
            await self._tell(mine, telling)
        if tellings:
            counts = {f"{telling.aim.value}_step": telling.step for telling in tellings}
            await self._audit.append([AuditEntry("feedback:deadline:told", "system", (item_id,), now, counts)])
        told = {telling.aim.value: telling.step for telling in tellings}
        await self._writer.change(item_id, lambda item, _: self._looked_at(item, told), draws=False)
        return len(tellings)

    def _looked_at(self, item: Item, told: Mapping[str, int]) -> Item:
        """Give an item after people were told, as it has become meanwhile."""
        if item.clock is None:
            return item
        hands: dict[str, Any] = {
            aim: {**hand, "told": max(hand["told"], told.get(aim, 0))} for aim, hand in item.clock["hands"].items()
        }
        clock = read({**item.clock, "hands": hands})
        clocks = self._promises.clocks
        return replace(item, clock=write(clock, clocks.watch_at(clock)), due=clocks.due(write(clock, None)))

    async def _tell(self, item: Item, telling: Telling) -> None:
        policy = self._promises.terms.policy
        if telling.step <= LATE:
            people: Sequence[str] = (item.assignee_id,) if item.assignee_id else policy.wardens
            deadline = Deadline.NEAR if telling.step == WARNING else Deadline.MISSED
        else:
            level = telling.step - LATE - 1
            people = policy.levels[level].people if level < len(policy.levels) else ()
            deadline = Deadline.ESCALATED
        people = people or await self._agents()
        await self._alarm.ring(people, deadline, item.id)

    async def _compute_anew(self) -> None:
        """Work out anew when each clock has to be looked at: hours or steps are others now, or may be."""
        version, soon = self._promises.version, self._clock() + _LEASE

        def anew(item: Item) -> Item:
            watch_at = item.clock["watch_at"] if item.clock is not None else None
            # What is looked at in a minute anyway may be somebody's who is just telling of it.
            return item if watch_at is not None and watch_at <= soon else self._looked_at(item, {})

        for item in await self._items.due_until(_FOR_EVER):
            with suppress(NotFound):
                await self._writer.change(item.id, lambda found, _: anew(found), draws=False)
        self._computed = version
