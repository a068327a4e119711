"""Working time: how long a place is open between two moments, and when so much of it has passed. Pure.

A place is open at a moment when the clock on its wall shows an hour within its opening hours, on a day on which they
hold. All arithmetic follows from this sentence, also where clocks are put forward (the hour that is left out is not
worked) and back (the hour that comes twice is worked twice). Must not know where hours are kept, nor what waits for
them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_SPANS: Final = 12
MOST_DAYS: Final = 1_000
"""Days with hours of their own."""

_DAY_MINUTES: Final = 24 * 60
_DAY: Final = timedelta(days=1)
_SAMPLE: Final = timedelta(hours=6)
"""Two changes of a zone's offset are never so near to each other: four days at least (tz database, 2025b)."""

_PATIENCE: Final = 3_660
"""Days that may follow on each other without an open one: ten years."""

_KEPT: Final = 4_096
_FORM: Final = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_COUNTRY: Final = re.compile(r"([A-Z]{2})?")


class NeverOpen(ValueError):
    """No hour is worked for years to come, so nothing falls due."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from one minute of a day to another of the same day.

    Attributes:
        opens: minutes after midnight, from 0.
        closes: likewise; not open any more then. At most 1440, which is the day's end.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        """Refuse spans that are empty, or go over midnight: those are two, on two days."""
        if not 0 <= self.opens < self.closes <= _DAY_MINUTES:
            raise ValueError("a span begins before it ends, on the same day; 24:00 is the day's end")

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read `08:00-17:00`.

        Raises:
            ValueError: it has another form, is empty or goes over midnight.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError("hours are written like 08:00-17:00")
        from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
        if max(from_minute, to_minute) > 59:
            raise ValueError("an hour has 60 minutes")
        return cls(from_hour * 60 + from_minute, to_hour * 60 + to_minute)

    def __str__(self) -> str:
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{self.closes // 60:02}:{self.closes % 60:02}"


Spans = tuple[Span, ...]
"""Of one day, in order and apart from each other."""


def spans_of(values: Sequence[str]) -> Spans:
    """Read the hours of one day.

    Raises:
        ValueError: a span has another form, or two overlap, or there are too many.
    """
    if len(values) > MOST_SPANS:
        raise ValueError("too many spans for a day")
    spans = tuple(sorted(map(Span.parse, values)))
    if any(later.opens < earlier.closes for earlier, later in pairwise(spans)):
        raise ValueError("spans of a day must not overlap")
    return spans


_OFFICE: Final = (Span(8 * 60, 17 * 60),)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a place is open.

    Attributes:
        zone: name of the time zone in whose wall clock all hours are meant (IANA, `Asia/Jakarta`).
        week: for each weekday from Monday its spans; none where it is closed.
        country: whose public holidays are closed days, two letters of ISO 3166; empty for none.
        days: days that differ, open or closed, also from holidays.
    """

    zone: str = "Asia/Jakarta"
    week: tuple[Spans, ...] = (_OFFICE, _OFFICE, _OFFICE, _OFFICE, _OFFICE, (), ())
    country: str = "ID"
    days: Mapping[date, Spans] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Refuse a zone that nobody knows, and a week without an hour."""
        if not is_zone(self.zone):
            raise ValueError("the zone is not one of the tz database")
        if len(self.week) != len(WEEKDAYS) or not any(self.week):
            raise ValueError("a week has seven days, one of them open at least")
        if not _COUNTRY.fullmatch(self.country):
            raise ValueError("a country is two capital letters")
        if len(self.days) > MOST_DAYS:
            raise ValueError("too many days of their own")

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> "Hours":
        """Read hours as `document` gives them; what is left out is as usual.

        Raises:
            ValueError: a name is not known, or a value can't be used.
        """
        unknown = set(value) - {"zone", "week", "country", "days"}
        week, days = value.get("week"), value.get("days", {})
        if unknown or not isinstance(days, Mapping) or not isinstance(week, Mapping | None):
            raise ValueError("hours have `zone`, `week`, `country` and `days`")
        if week is not None and set(week) - set(WEEKDAYS):
            raise ValueError("the days of `week` are mon to sun")
        usual = cls()
        return cls(
            zone=_text(value.get("zone", usual.zone)),
            week=usual.week if week is None else tuple(spans_of(_texts(week.get(day, ()))) for day in WEEKDAYS),
            country=_text(value.get("country", usual.country)),
            days=MappingProxyType({date.fromisoformat(day): spans_of(_texts(spans)) for day, spans in days.items()}),
        )

    def document(self) -> dict[str, Any]:
        """Give it as plain values, which `parse` reads."""
        return {
            "zone": self.zone,
            "week": {day: [str(span) for span in spans] for day, spans in zip(WEEKDAYS, self.week, strict=True)},
            "country": self.country,
            "days": {day.isoformat(): [str(span) for span in spans] for day, spans in sorted(self.days.items())},
        }


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    if not _ZONE.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("text is expected")  # noqa: TRY004 (whoever reads settings expects a ValueError)
    return value


def _texts(value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise ValueError("a list of spans is expected")  # noqa: TRY004 (likewise)
    return [_text(item) for item in value]


class Calendar:
    """Does sums with working time.

    All moments are aware, of any zone; what is given back is UTC.

    Args:
        hours: when it is open.
        is_holiday: whether a day is a public holiday; asked for days that have no hours of their own.
    """

    def __init__(self, hours: Hours, is_holiday: Callable[[date], bool]) -> None:
        self.hours = hours
        self._zone = ZoneInfo(hours.zone)
        self._is_holiday = is_holiday
        self._open_on = lru_cache(_KEPT)(self._open_times)

    def is_open(self, at: datetime) -> bool:
        """Whether a moment is within working time."""
        moment = _utc(at)
        return any(opens <= moment < closes for opens, closes in self._open_on(moment.date()))

    def next_open(self, at: datetime) -> datetime:
        """Give the first moment from this one on that is within working time: itself, or when it opens.

        Raises:
            NeverOpen: there is none for years to come.
        """
        moment = _utc(at)
        day = moment.date()
        for _ in range(_PATIENCE):
            for opens, closes in self._open_on(day):
                if moment < closes:
                    return max(opens, moment)
            day = _following(day)
        raise NeverOpen("it never opens")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Give how much working time lies between two moments; negative where the second is the earlier."""
        first, last = _utc(start), _utc(end)
        if last < first:
            return -self.between(last, first)
        worked = timedelta(0)
        day = first.date()
        while day <= last.date():
            for opens, closes in self._open_on(day):
                worked += max(timedelta(0), min(closes, last) - max(opens, first))
            if day == date.max:
                break
            day += _DAY
        return worked

    def add(self, start: datetime, working: timedelta) -> datetime:
        """Give the first moment by which so much working time has passed; the start itself where it is none.

        Raises:
            ValueError: the time is negative.
            NeverOpen: so much does not come for years.
        """
        if working < timedelta(0):
            raise ValueError("working time can't be negative")
        moment = _utc(start)
        if not working:
            return moment
        left, day, closed = working, moment.date(), 0
        while closed < _PATIENCE:
            closed += 1
            for opens, closes in self._open_on(day):
                begins = max(opens, moment)
                if begins < closes:
                    closed = 0
                    if left <= closes - begins:
                        return begins + left
                    left -= closes - begins
            day = _following(day)
        raise NeverOpen("it never opens")

    def _open_times(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """When it is open on a day of UTC, in order.

        By days of UTC and not of the zone, for those follow on each other: where clocks go back just after midnight,
        yesterday comes again.
        """
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        if not date.min + _DAY < day < date.max - _DAY:
            return ()
        found = []
        for first, last, offset in self._offsets(begin):
            local = (first + offset).date()
            while local <= (last + offset).date():
                midnight = datetime(local.year, local.month, local.day, tzinfo=UTC) - offset
                for span in self._spans(local):
                    opens = max(first, midnight + timedelta(minutes=span.opens))
                    closes = min(last, midnight + timedelta(minutes=span.closes))
                    if opens < closes:
                        found.append((opens, closes))
                local += _DAY
        return tuple(sorted(found))

    def _offsets(self, begin: datetime) -> list[tuple[datetime, datetime, timedelta]]:
        """Cut a day of UTC into parts of one offset each: from, to, and what is added to UTC in between."""
        marks = [begin]
        for place in range(4):
            earlier, later = begin + place * _SAMPLE, begin + (place + 1) * _SAMPLE
            if self._offset(earlier) != self._offset(later):
                marks.append(self._change(earlier, later))
        marks.append(begin + _DAY)
        return [(first, last, self._offset(first)) for first, last in pairwise(marks) if first < last]

    def _change(self, earlier: datetime, later: datetime) -> datetime:
        """Find the second at which the offset changes between two moments of different ones."""
        before, low, high = self._offset(earlier), 0, int((later - earlier).total_seconds())
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(earlier + timedelta(seconds=middle)) == before:
                low = middle
            else:
                high = middle
        return earlier + timedelta(seconds=high)

    def _offset(self, moment: datetime) -> timedelta:
        return moment.astimezone(self._zone).utcoffset() or timedelta(0)

    def _spans(self, local: date) -> Spans:
        own = self.hours.days.get(local)
        if own is not None:
            return own
        return () if self._is_holiday(local) else self.hours.week[local.weekday()]


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone is none")
    return moment.astimezone(UTC)


def _following(day: date) -> date:
    if day == date.max:
        raise NeverOpen("the calendar ends")
    return day + _DAY
