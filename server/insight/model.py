"""Counting feedback: what is known of one item, a day's tally of them, and the figures that follow. Pure.

No text comes here: an item is its classes and its moments. Whose it is matters to reports alone, which count people.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Jakarta")
"""Where a day begins and ends."""

MOST_EXAMPLES: Final = 5
MOST_TOPICS: Final = 12
NONE: Final = "none"
"""The class of what has none: no area was chosen, triage abstained."""

_DAYS_BY_DAY: Final = 31
_DAYS_BY_WEEK: Final = 182


class Waited(StrEnum):
    """How long an item waited for its first answer."""

    HOUR = "hour"
    DAY = "day"
    THREE_DAYS = "three_days"
    WEEK = "week"
    LONGER = "longer"
    UNANSWERED = "unanswered"


_WAITS: Final = (
    (timedelta(hours=1), Waited.HOUR),
    (timedelta(days=1), Waited.DAY),
    (timedelta(days=3), Waited.THREE_DAYS),
    (timedelta(days=7), Waited.WEEK),
)


class Promise(StrEnum):
    """What became of the times that are promised for an item."""

    KEPT = "kept"
    MISSED = "missed"
    RUNNING = "running"
    NONE = "none"


class Age(StrEnum):
    """For how long an open item has been open."""

    DAY = "day"
    THREE_DAYS = "three_days"
    WEEK = "week"
    MONTH = "month"
    OLDER = "older"


_AGES: Final = ((1, Age.DAY), (3, Age.THREE_DAYS), (7, Age.WEEK), (30, Age.MONTH))


@dataclass(frozen=True, slots=True)
class Fact:
    """What is counted of one item.

    Attributes:
        number: its address.
        kind: what it is.
        area: key of a product area, or None.
        sentiment: what triage took it for, or None.
        topic: likewise.
        state: where it stands.
        is_open: whether it still wants work.
        created_at: aware, UTC.
        answered_at: when it was first answered, or None.
        promise: what became of promised times.
        person: account of who sent it; None where nobody knows.
    """

    number: int
    kind: str
    area: str | None
    sentiment: str | None
    topic: str | None
    state: str
    is_open: bool
    created_at: datetime
    answered_at: datetime | None
    promise: Promise
    person: str | None

    @property
    def day(self) -> date:
        """The day on which it was given."""
        return day_of(self.created_at)

    @property
    def waited(self) -> Waited:
        """How long it waited for its first answer."""
        if self.answered_at is None:
            return Waited.UNANSWERED
        return waited(self.answered_at - self.created_at)


class Cell(NamedTuple):
    """The classes of items that are counted together."""

    kind: str
    area: str
    sentiment: str
    state: str
    waited: str
    promise: str


@dataclass(frozen=True, slots=True)
class Topic:
    """What came again and again.

    Attributes:
        count: items.
        examples: numbers of some, the newest first.
    """

    count: int
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """The items of one day, counted.

    Attributes:
        day: on which they were given.
        first: lowest number among them.
        last: highest.
        cells: how many of which classes.
        topics: by topic.
        open: how many are still open.
    """

    day: date
    first: int
    last: int
    cells: Mapping[Cell, int]
    topics: Mapping[str, Topic]
    open: int


@dataclass(frozen=True, slots=True)
class Step:
    """One column of a series.

    Attributes:
        begin: its first day.
        count: items.
    """

    begin: date
    count: int


@dataclass(frozen=True, slots=True)
class TopicFigures:
    """A topic over time.

    Attributes:
        topic: its class.
        count: items.
        series: by step.
        examples: numbers of some, the newest first.
    """

    topic: str
    count: int
    series: tuple[Step, ...]
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What staff see of a span of days.

    Attributes:
        first: its first day.
        last: its last day.
        total: items.
        by: dimension (a field of `Cell`) -> class -> items, the most frequent first.
        volume: items by step.
        backlog: age -> items that are open now, whenever they were given.
        topics: the most frequent.
    """

    first: date
    last: date
    total: int
    by: Mapping[str, Mapping[str, int]]
    volume: tuple[Step, ...]
    backlog: Mapping[str, int]
    topics: tuple[TopicFigures, ...]

    @property
    def kept_percent(self) -> int | None:
        """Of promises that are decided, how many in a hundred were kept; None where none is."""
        decided = self.by["promise"].get(Promise.KEPT, 0) + self.by["promise"].get(Promise.MISSED, 0)
        return round(100 * self.by["promise"].get(Promise.KEPT, 0) / decided) if decided else None


def day_of(moment: datetime) -> date:
    """Give the day of a moment, where the company is."""
    return moment.astimezone(ZONE).date()


def waited(duration: timedelta) -> Waited:
    """Give the class of a time until an answer."""
    return next((name for bound, name in _WAITS if duration <= bound), Waited.LONGER)


def age(days: int) -> Age:
    """Give the class of an open item's age in days."""
    return next((name for bound, name in _AGES if days < bound), Age.OLDER)


def tally(day: date, facts: Iterable[Fact]) -> Tally | None:
    """Count the items of one day; None where there are none. Those of other days are left out."""
    own = sorted((fact for fact in facts if fact.day == day), key=lambda fact: fact.number)
    if not own:
        return None
    cells = Counter(
        Cell(fact.kind, fact.area or NONE, fact.sentiment or NONE, fact.state, fact.waited.value, fact.promise.value)
        for fact in own
    )
    numbers: dict[str, list[int]] = {}
    for fact in reversed(own):
        if fact.topic is not None:
            numbers.setdefault(fact.topic, []).append(fact.number)
    topics = {topic: Topic(len(found), tuple(found[:MOST_EXAMPLES])) for topic, found in numbers.items()}
    return Tally(day, own[0].number, own[-1].number, dict(cells), topics, sum(fact.is_open for fact in own))


def tallies(facts: Iterable[Fact]) -> list[Tally]:
    """Count items by day, the earliest first."""
    days: dict[date, list[Fact]] = {}
    for fact in facts:
        days.setdefault(fact.day, []).append(fact)
    counted = (tally(day, found) for day, found in sorted(days.items()))
    return [one for one in counted if one is not None]


def figures_of(first: date, last: date, found: Sequence[Tally], still_open: Sequence[Tally], today: date) -> Figures:
    """Give the figures of a span of days.

    Args:
        first: its first day.
        last: its last day, not before the first.
        found: the tallies of its days.
        still_open: those of all days with open items.
        today: the present day.
    """
    by: dict[str, Counter[str]] = {name: Counter() for name in Cell._fields}
    for one in found:
        for cell, count in one.cells.items():
            for name, value in zip(Cell._fields, cell, strict=True):
                by[name][value] += count
    backlog: Counter[str] = Counter()
    for one in still_open:
        backlog[age((today - one.day).days).value] += one.open
    steps = steps_of(first, last)
    return Figures(
        first=first,
        last=last,
        total=sum(sum(one.cells.values()) for one in found),
        by={name: _ordered(counts) for name, counts in by.items()},
        volume=_series(steps, [(one.day, sum(one.cells.values())) for one in found]),
        backlog={name.value: backlog[name.value] for name in Age},
        topics=_topics(steps, found),
    )


def steps_of(first: date, last: date) -> list[date]:
    """Give the first days of the columns of a series: of days, of weeks, or of months, by its length."""
    length = (last - first).days + 1
    if length <= _DAYS_BY_DAY:
        return [first + timedelta(days=place) for place in range(length)]
    if length <= _DAYS_BY_WEEK:
        return [first + timedelta(days=place) for place in range(0, length, 7)]
    steps = [first]
    while (following := next_month(steps[-1].replace(day=1))) <= last:
        steps.append(following)
    return steps


def next_month(month: date) -> date:
    """Give the first day of the month after the one that begins on a day."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _series(steps: Sequence[date], counts: Iterable[tuple[date, int]]) -> tuple[Step, ...]:
    sums = dict.fromkeys(steps, 0)
    for day, count in counts:
        sums[max(step for step in steps if step <= day)] += count
    return tuple(Step(begin, count) for begin, count in sums.items())


def _topics(steps: Sequence[date], found: Sequence[Tally]) -> tuple[TopicFigures, ...]:
    counts: Counter[str] = Counter()
    for one in found:
        counts.update({name: topic.count for name, topic in one.topics.items()})
    latest = sorted(found, key=lambda one: one.day, reverse=True)
    return tuple(
        TopicFigures(
            name,
            count,
            _series(steps, [(one.day, one.topics[name].count) for one in found if name in one.topics]),
            tuple(n for one in latest if name in one.topics for n in one.topics[name].examples)[:MOST_EXAMPLES],
        )
        for name, count in list(_ordered(counts).items())[:MOST_TOPICS]
    )


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent first; what has no class last."""
    return dict(sorted(counts.items(), key=lambda item: (item[0] == NONE, -item[1], item[0])))
