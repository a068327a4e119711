"""Working time: held against counting minute by minute, and against the laws that sums of time obey."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.kernel.feast_days import FeastDays, is_known
from server.kernel.worktime import Calendar, Hours, NeverOpen, Span, Spans, spans_of

_ZONES = (
    "Asia/Jakarta",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # by half an hour
    "America/St_Johns",  # until 2011 at one minute past midnight: yesterday came again
    "Pacific/Apia",  # left out the whole 30 December 2011
    "America/Sao_Paulo",  # until 2019 at midnight
    "Asia/Kathmandu",
)
_CHANGES = (
    datetime(2011, 3, 13, 3, tzinfo=UTC),
    datetime(2011, 11, 6, 2, 31, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
    datetime(2018, 2, 18, 2, tzinfo=UTC),
    datetime(2018, 11, 4, 3, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
)
"""Moments near which clocks change somewhere among those."""

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_HOLIDAYS = {date(2026, 3, 30), date(2026, 11, 2), date(2018, 11, 5)}
_MINUTE = timedelta(minutes=1)
_LAW = settings(deadline=None, max_examples=60)
_NINE_TO_FIVE = (Span(9 * 60, 17 * 60),)
_NEVER: tuple[Spans, ...] = ((), (), (), (), (), ())


def _is_holiday(day: date) -> bool:
    return day in _HOLIDAYS


def _spans() -> st.SearchStrategy[Spans]:
    marks = st.lists(st.integers(0, 1440), unique=True, max_size=6).map(sorted)
    return marks.map(lambda found: tuple(Span(*found[at : at + 2]) for at in range(0, len(found) - 1, 2)))


@st.composite
def _calendars(draw: st.DrawFn) -> Calendar:
    week = (*draw(st.lists(_spans(), min_size=6, max_size=6)), (Span(*draw(_long_span())),))
    days = draw(st.dictionaries(st.sampled_from([date(2026, 3, 28), date(2026, 10, 25), date(2026, 11, 2)]), _spans()))
    return Calendar(Hours(draw(st.sampled_from(_ZONES)), week, "", days), _is_holiday)


def _long_span() -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(0, 360), st.integers(1080, 1440))


def _moments() -> st.SearchStrategy[datetime]:
    near = st.builds(
        lambda change, minutes: change + timedelta(minutes=minutes),
        st.sampled_from(_CHANGES),
        st.integers(-2 * 1440, 2 * 1440),
    )
    return near | st.builds(lambda passed: _BEGIN + passed, st.timedeltas(timedelta(0), timedelta(days=500)))


def _whole_moments() -> st.SearchStrategy[datetime]:
    return _moments().map(lambda at: at.replace(second=0, microsecond=0))


def _durations() -> st.SearchStrategy[timedelta]:
    return st.timedeltas(timedelta(0), timedelta(days=3))


def _says_open(calendar: Calendar, at: datetime) -> bool:
    """What the wall clock says, straight from the definition."""
    wall = at.astimezone(ZoneInfo(calendar.hours.zone))
    spans = calendar.hours.days.get(wall.date())
    if spans is None:
        spans = () if _is_holiday(wall.date()) else calendar.hours.week[wall.weekday()]
    minute = wall.hour * 60 + wall.minute
    return any(span.opens <= minute < span.closes for span in spans)


def _minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += _MINUTE


@_LAW
@given(_calendars(), _moments())
def test_it_is_open_when_the_wall_clock_says_so(calendar: Calendar, at: datetime) -> None:
    """At any moment, in any zone."""
    assert calendar.is_open(at) is _says_open(calendar, at)


@_LAW
@given(_calendars(), _whole_moments(), st.integers(0, 2 * 1440))
def test_working_time_is_what_counting_minutes_gives(calendar: Calendar, start: datetime, minutes: int) -> None:
    """Over changes of the clock, holidays and days of their own."""
    end = start + minutes * _MINUTE
    counted = sum(_says_open(calendar, minute) for minute in _minutes(start, end))
    assert calendar.between(start, end) == counted * _MINUTE
    assert calendar.between(end, start) == -counted * _MINUTE


@_LAW
@given(_calendars(), _whole_moments(), st.integers(1, 600))
def test_what_is_due_is_where_counting_minutes_ends(calendar: Calendar, start: datetime, minutes: int) -> None:
    """The moment at which the last of so many open minutes has passed."""
    due = calendar.add(start, minutes * _MINUTE)
    last = due - _MINUTE
    assert _says_open(calendar, last)
    if due - start < timedelta(days=20):
        assert sum(_says_open(calendar, minute) for minute in _minutes(start, due)) == minutes


@_LAW
@given(_calendars(), _moments(), _durations())
def test_adding_is_the_inverse_of_measuring(calendar: Calendar, start: datetime, working: timedelta) -> None:
    """And no earlier moment would do."""
    due = calendar.add(start, working)
    assert calendar.between(start, due) == working
    if working:
        assert calendar.between(start, due - timedelta(microseconds=1)) < working
    else:
        assert due == start


@_LAW
@given(_calendars(), _moments(), _durations(), _durations())
def test_working_times_add_up(calendar: Calendar, start: datetime, one: timedelta, other: timedelta) -> None:
    """In two steps or in one."""
    assert calendar.add(calendar.add(start, one), other) == calendar.add(start, one + other)


@_LAW
@given(_calendars(), st.lists(_moments(), min_size=3, max_size=3).map(sorted))
def test_working_time_is_the_sum_of_its_parts(calendar: Calendar, moments: list[datetime]) -> None:
    """And never more than the time itself."""
    first, middle, last = moments
    last = min(last, middle + timedelta(days=400))
    first = max(first, middle - timedelta(days=400))
    whole = calendar.between(first, last)
    assert whole == calendar.between(first, middle) + calendar.between(middle, last)
    assert timedelta(0) <= whole <= last - first


@_LAW
@given(_calendars(), _moments(), _moments(), _durations(), _durations())
def test_later_stays_later(
    calendar: Calendar, one: datetime, other: datetime, less: timedelta, more: timedelta
) -> None:
    """Whoever begins later, or has more to do, is not done earlier."""
    assert calendar.add(min(one, other), less) <= calendar.add(max(one, other), less)
    assert calendar.add(one, min(less, more)) <= calendar.add(one, max(less, more))


@_LAW
@given(_calendars(), _moments())
def test_it_next_opens_at_the_first_open_moment(calendar: Calendar, at: datetime) -> None:
    """And nothing is worked before."""
    opens = calendar.next_open(at)
    assert opens >= at
    assert calendar.is_open(opens)
    assert not calendar.between(at, opens)
    assert (opens == at) is calendar.is_open(at)


def _wall(zone: str, *parts: int, fold: int = 0) -> datetime:
    year, month, day, hour, minute = parts
    return datetime.combine(date(year, month, day), time(hour, minute, fold=fold), ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "spring", "autumn", "change"),
    [
        ("Europe/Berlin", (2026, 3, 29), (2026, 10, 25), 60),
        ("America/New_York", (2026, 3, 8), (2026, 11, 1), 60),
        ("Australia/Lord_Howe", (2026, 10, 4), (2026, 4, 5), 30),
    ],
)
def test_a_night_shift_is_shorter_in_spring_and_longer_in_autumn(
    zone: str, spring: tuple[int, int, int], autumn: tuple[int, int, int], change: int
) -> None:
    """By what the clock leaves out, or shows twice."""
    night: tuple[Spans, ...] = ((Span(0, 6 * 60),),) * 7
    calendar = Calendar(Hours(zone, night, "", {}), _is_holiday)
    for day, minutes in ((spring, 360 - change), (autumn, 360 + change)):
        midnight, six = _wall(zone, *day, 0, 0), _wall(zone, *day, 6, 0)
        assert calendar.between(midnight, six) == minutes * _MINUTE
        assert calendar.add(midnight, minutes * _MINUTE) == six


def test_an_hour_that_comes_twice_is_worked_twice_and_one_that_is_left_out_never() -> None:
    """Open from half past two to three, on the nights on which the clock changes at that hour."""
    zone = "Europe/Berlin"
    calendar = Calendar(Hours(zone, ((Span(150, 180),),) * 7, "", {}), FeastDays(""))
    first, again = _wall(zone, 2026, 10, 25, 2, 30), _wall(zone, 2026, 10, 25, 2, 30, fold=1)
    assert calendar.is_open(first)
    assert calendar.is_open(again)
    assert not calendar.is_open(_wall(zone, 2026, 10, 25, 2, 15, fold=1))
    assert calendar.between(_wall(zone, 2026, 10, 25, 0, 0), _wall(zone, 2026, 10, 25, 12, 0)) == 60 * _MINUTE
    assert calendar.add(first, 45 * _MINUTE) == again + 15 * _MINUTE
    assert not calendar.between(_wall(zone, 2026, 3, 29, 0, 0), _wall(zone, 2026, 3, 29, 12, 0))
    assert calendar.next_open(_wall(zone, 2026, 3, 29, 0, 0)) == _wall(zone, 2026, 3, 30, 2, 30)


def test_feasts_are_closed_unless_a_day_of_its_own_says_otherwise() -> None:
    """Independence day 2026 is a Monday; 25 December a Friday on which somebody has to be there in the morning."""
    hours = Hours(days={date(2026, 12, 25): (Span(480, 720),), date(2026, 12, 31): ()})
    calendar = Calendar(hours, FeastDays("ID"))
    zone = "Asia/Jakarta"
    assert not calendar.is_open(_wall(zone, 2026, 8, 17, 10, 0))
    assert calendar.is_open(_wall(zone, 2026, 8, 18, 10, 0))
    # From Friday at four: an hour, then over the weekend and the feast to Tuesday.
    assert calendar.add(_wall(zone, 2026, 8, 14, 16, 0), 2 * 60 * _MINUTE) == _wall(zone, 2026, 8, 18, 9, 0)
    assert calendar.is_open(_wall(zone, 2026, 12, 25, 9, 0))
    assert not calendar.is_open(_wall(zone, 2026, 12, 25, 13, 0))
    assert not calendar.is_open(_wall(zone, 2026, 12, 31, 10, 0))
    assert Calendar(hours, FeastDays("")).is_open(_wall(zone, 2026, 8, 17, 10, 0))
    assert not FeastDays("ZZ")(date(2026, 8, 17))
    assert [is_known(country) for country in ("ID", "DE", "", "ZZ", "id")] == [True, True, True, False, False]


def test_nothing_falls_due_where_it_never_opens() -> None:
    """Every day is a feast: an error, and not a search without end."""
    calendar = Calendar(Hours("Asia/Jakarta", (*_NEVER, _NINE_TO_FIVE), "", {}), lambda _day: True)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    assert not calendar.between(at, at + timedelta(days=30))
    with pytest.raises(NeverOpen):
        calendar.add(at, _MINUTE)
    with pytest.raises(NeverOpen):
        calendar.next_open(at)
    with pytest.raises(ValueError, match="negative"):
        calendar.add(at, -_MINUTE)
    with pytest.raises(ValueError, match="without a zone"):
        calendar.is_open(at.replace(tzinfo=None))


@_LAW
@given(_calendars())
def test_hours_read_back_as_they_were_written(calendar: Calendar) -> None:
    """Every setting survives."""
    assert Hours.parse(calendar.hours.document()) == calendar.hours


@pytest.mark.parametrize(
    "spans",
    [
        ["22:00-06:00"],
        ["08:00-08:00"],
        ["08:00-24:01"],
        ["8:00-17:00"],
        ["08:60-17:00"],
        ["08:00-12:00", "11:00-13:00"],
        ["\u0660\u0668:00-17:00"],
        ["08:00-17:00"] * 13,
    ],
)
def test_hours_that_make_no_sense_are_refused(spans: list[str]) -> None:
    """Spans over midnight too: they are two, on two days."""
    with pytest.raises(ValueError, match=r"."):
        spans_of(spans)


@pytest.mark.parametrize(
    "value",
    [
        {"zone": "Asia/Nowhere"},
        {"zone": "../../etc/passwd"},
        {"zone": 7},
        {"week": {}},
        {"week": {"monday": ["08:00-17:00"]}},
        {"week": {"mon": "08:00-17:00"}},
        {"week": ["08:00-17:00"]},
        {"days": {"2026-13-01": []}},
        {"days": ["2026-12-01"]},
        {"country": "Indonesia"},
        {"hours": {}},
    ],
)
def test_settings_that_can_not_be_used_are_refused(value: dict[str, object]) -> None:
    """With a ValueError, whatever they hold."""
    with pytest.raises(ValueError, match=r"."):
        Hours.parse(value)
