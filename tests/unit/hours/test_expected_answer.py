"""What past answers and opening hours say: pure sums."""

import statistics
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.hours.model import FEWEST_ANSWERS, expected_minutes, standing, waited
from server.kernel.worktime import Calendar, Hours

_CALENDAR = Calendar(Hours(country=""), lambda _: False)
_MONDAY_NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""12:00 in Jakarta."""


@given(st.lists(st.integers(0, 500_000), max_size=60))
def test_nothing_is_said_of_too_few_and_never_too_little(seconds: list[int]) -> None:
    """What is promised is at least the middle, and at most a quarter of an hour more."""
    expected = expected_minutes(seconds)
    if len(seconds) < FEWEST_ANSWERS:
        assert expected is None
        return
    assert expected is not None
    middle = statistics.median(seconds) / 60
    assert max(1, middle) <= expected < max(1, middle) + 15


def test_one_slow_answer_moves_little() -> None:
    """It is the middle, not the mean."""
    quick = [240] * FEWEST_ANSWERS
    assert expected_minutes(quick) == 4
    assert expected_minutes([*quick, 400_000]) == 4


def test_waiting_counts_working_time_only() -> None:
    """A question of Friday evening that is answered on Monday at nine has waited for an hour."""
    friday_evening = datetime(2026, 2, 27, 12, 0, tzinfo=UTC)
    monday_nine = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert waited(_CALENDAR, friday_evening, monday_nine) == timedelta(hours=1)
    assert waited(_CALENDAR, friday_evening, friday_evening + timedelta(hours=3)) == timedelta(0)
    assert waited(_CALENDAR, monday_nine, friday_evening) == timedelta(0)


def test_open_and_closed() -> None:
    """While it is open there is no moment of opening; on a Saturday it is Monday's eight o'clock."""
    assert standing(_CALENDAR, _MONDAY_NOON) == standing(_CALENDAR, _MONDAY_NOON + timedelta(hours=1))
    assert standing(_CALENDAR, _MONDAY_NOON).is_open
    assert standing(_CALENDAR, _MONDAY_NOON).opens_at is None
    saturday = _MONDAY_NOON - timedelta(days=2)
    closed = standing(_CALENDAR, saturday)
    assert not closed.is_open
    assert closed.opens_at == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
