"""How the desk does: counted when things happen, day by day, never worked out from texts or conversations.

Counts are kept in memory for some seconds and added to the store's with one command; a crash loses those seconds. Times
are counted in classes, from which medians are told to within their class. Figures of one agent are for administrators
and for that agent.
"""

import asyncio
import logging
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, Protocol

from server.accounts.model import Account
from server.chat.events import MessagePosted
from server.chat.joining import MARK
from server.desk.board import Board
from server.desk.clocks import Aim, Timing, timing
from server.desk.model import Case, Row
from server.kernel.actor import Actor, Role
from server.kernel.background import Background
from server.kernel.errors import DomainError, InvalidInput
from server.kernel.ports import Clock

logger = logging.getLogger("amanah.desk")

EDGES: Final = (1, 2, 5, 10, 15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2880, 4320, 7200, 10080, 20160)
"""Minutes at which one class of times ends and the next begins."""

MOST_DAYS: Final = 366
_USUAL_DAYS: Final = 30
_ROUND_S: Final = 5.0
_TOTAL: Final = ""

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in minutes; None where there is nothing to tell."""

    count: int
    average: float | None
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told: counts by day and in all, by agent, and customers' messages by weekday and hour."""

    days: list[tuple[date, Counts]]
    total: Counts
    agents: list[tuple[Account, Counts, int]]
    hours: list[list[int]]


class FigureStore(Protocol):
    """Where counts are kept; `figure_store` says what each does."""

    async def add(self, counts: Mapping[str, Counts]) -> None: ...
    async def read(self, names: Sequence[str]) -> dict[str, Counts]: ...


class Staff(Protocol):
    """Knows who answers; `accounts.staff` does."""

    async def agents(self) -> list[Account]: ...


class DeskFigures:
    """Counts and tells.

    Args:
        zone: gives the zone in whose days is counted.
        board: how much each agent has now.
    """

    def __init__(
        self, store: FigureStore, staff: Staff, board: Board, zone: Callable[[], tzinfo], clock: Clock
    ) -> None:
        self._store = store
        self._staff = staff
        self._board = board
        self._zone = zone
        self._clock = clock
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._background = Background()

    def start(self) -> None:
        """Begin to write what is counted."""
        self._background.start(self._work(), name="desk-figures")

    async def close(self) -> None:
        """Write the rest."""
        await self._background.stop()
        try:
            await self.flush()
        except DomainError:
            logger.warning("the desk's last counts are lost")

    # --- counting --------------------------------------------------------------------------------------------------

    async def hear_message(self, event: MessagePosted) -> None:
        """Somebody wrote."""
        message = event.message
        if message.client_message_id.startswith(MARK):
            return
        at = message.created_at.astimezone(self._zone())
        day = at.date().isoformat()
        if event.author.is_staff:
            self._counts[_name(day, message.author_id)]["answers"] += 1
            return
        counts = self._counts[_name(day)]
        counts["messages"] += 1
        counts[f"hour_{at.hour}"] += 1

    def hear_case(self, before: Case, row: Row) -> None:
        """A case was written; what is new in it is counted once."""
        after, agent_id = row.case, row.conversation.assignee_id
        now = self._clock()
        if before.revision == 0 and after.revision == 1 and row.conversation.created_at > now - timedelta(hours=1):
            self._count(now, None, opened=1)
        if before.first_response_at is None and after.first_response_at is not None:
            hand = after.clock.hands.get(Aim.FIRST_RESPONSE)
            if hand is not None:
                self._span(agent_id, "first", hand.since, after.first_response_at)
        if not _is_met(before) and _is_met(after):
            # By an answer, or missed for good: a conversation closed without any was promised one all the same.
            self._kept(agent_id, "first", timing(after.clock.hands[Aim.FIRST_RESPONSE], now), now)
        if before.closed_at is None and after.closed_at is not None:
            self._count(after.closed_at, agent_id, closed=1)
            hand = after.clock.hands.get(Aim.RESOLUTION)
            if hand is not None:
                self._kept(agent_id, "resolution", timing(hand, now), now)
            began = hand.since if hand is not None else row.conversation.created_at
            self._span(agent_id, "resolution", began, after.closed_at)
        if before.rating != after.rating and after.rating is not None:
            change = {f"score_{after.rating}": 1}
            if before.rating is not None:
                change[f"score_{before.rating}"] = -1
            self._count(now, agent_id, **change)

    def _count(self, at: datetime, agent_id: str | None, **counts: int) -> None:
        day = at.astimezone(self._zone()).date().isoformat()
        self._counts[_name(day)].update(counts)
        if agent_id is not None:
            self._counts[_name(day, agent_id)].update(counts)

    def _span(self, agent_id: str | None, what: str, since: datetime, until: datetime) -> None:
        minutes = max(0.0, (until - since).total_seconds() / 60)
        place = bisect_right(EDGES, minutes)
        self._count(until, agent_id, **{f"{what}_n": 1, f"{what}_sum": round(minutes * 60), f"{what}_{place}": 1})

    def _kept(self, agent_id: str | None, what: str, how: Timing, at: datetime) -> None:
        if how in {Timing.KEPT, Timing.MISSED}:
            self._count(at, agent_id, **{f"{what}_{how.value}": 1})

    async def flush(self) -> None:
        """Write what was counted.

        Raises:
            Unavailable: the store does not answer; it is tried again.
        """
        counts, self._counts = self._counts, defaultdict(Counter)
        if not counts:
            return
        try:
            await self._store.add(counts)
        except DomainError:
            for name, items in counts.items():
                self._counts[name].update(items)
            raise

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(_ROUND_S)
            try:
                await self.flush()
            except Exception as error:
                logger.warning("the desk's counts can't be written: %s", type(error).__name__)

    # --- telling ---------------------------------------------------------------------------------------------------

    async def figures(self, actor: Actor, first: date | None, last: date | None) -> Figures:
        """Tell how the desk does, from one day to another, both included.

        Raises:
            InvalidInput: the days are in the wrong order, or too many.
        """
        last = last or self._clock().astimezone(self._zone()).date()
        first = first or last - timedelta(days=_USUAL_DAYS - 1)
        span = (last - first).days + 1
        if not 1 <= span <= MOST_DAYS:
            raise InvalidInput(fields={"from": "out_of_range"})
        await self.flush()
        days = [first + timedelta(days=offset) for offset in range(span)]
        staff = [item for item in await self._staff.agents() if actor.role is Role.ADMIN or item.id == actor.account_id]
        names = [_name(day.isoformat(), who) for day in days for who in (_TOTAL, *(item.id for item in staff))]
        found = await self._store.read(names)
        by_day = [(day, found.get(_name(day.isoformat()), {})) for day in days]
        hours = [[0] * 24 for _ in range(7)]
        for day, counts in by_day:
            for hour in range(24):
                hours[day.weekday()][hour] += counts.get(f"hour_{hour}", 0)
        agents = [
            (
                account,
                _sum([found.get(_name(day.isoformat(), account.id), {}) for day in days]),
                self._board.load(account.id),
            )
            for account in staff
        ]
        return Figures(by_day, _sum([counts for _, counts in by_day]), agents, hours)


def _is_met(case: Case) -> bool:
    hand = case.clock.hands.get(Aim.FIRST_RESPONSE)
    return hand is not None and hand.met_at is not None


def times_of(counts: Counts, what: str) -> Times:
    """Give how long something took; medians to within their class."""
    count = counts.get(f"{what}_n", 0)
    if not count:
        return Times(0, None, None, None)
    classes = [counts.get(f"{what}_{place}", 0) for place in range(len(EDGES) + 1)]
    average = counts.get(f"{what}_sum", 0) / 60 / count
    return Times(count, round(average, 1), _quantile(classes, 0.5), _quantile(classes, 0.9))


def kept_share(counts: Counts, what: str) -> float | None:
    """Give the share of promises that were kept; None where none was judged."""
    kept, missed = counts.get(f"{what}_kept", 0), counts.get(f"{what}_missed", 0)
    return round(kept / (kept + missed), 3) if kept + missed else None


def _quantile(classes: Sequence[int], share: float) -> float:
    """The value below which a share lies, taken to be evenly spread within a class."""
    wanted = sum(classes) * share
    passed = 0
    for place, count in enumerate(classes):
        if count and passed + count >= wanted:
            low = EDGES[place - 1] if place else 0
            high = EDGES[place] if place < len(EDGES) else EDGES[-1]
            return round(low + (high - low) * (wanted - passed) / count, 1)
        passed += count
    return float(EDGES[-1])


def _sum(parts: Sequence[Counts]) -> Counts:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return total


def _name(day: str, account_id: str = _TOTAL) -> str:
    return f"{day}:{account_id}"
