"""Counting feedback by day and class."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.insight.model import (
    MOST_EXAMPLES,
    Fact,
    Promise,
    Waited,
    day_of,
    figures_of,
    steps_of,
    tallies,
    tally,
    waited,
)

_NOON = datetime(2026, 10, 5, 5, tzinfo=UTC)


def fact(number: int, at: datetime = _NOON, **changes: object) -> Fact:
    """A complaint about billing that nobody has answered."""
    values: dict[str, object] = {
        "kind": "complaint",
        "area": "tagihan",
        "sentiment": None,
        "topic": None,
        "state": "received",
        "is_open": True,
        "answered_at": None,
        "promise": Promise.RUNNING,
        "person": f"orang{number}",
    }
    return Fact(number=number, created_at=at, **{**values, **changes})  # type: ignore[arg-type]  # fields by name


def test_a_day_begins_at_midnight_where_the_company_is() -> None:
    assert day_of(datetime(2026, 10, 4, 16, 59, tzinfo=UTC)) == date(2026, 10, 4)
    assert day_of(datetime(2026, 10, 4, 17, 0, tzinfo=UTC)) == date(2026, 10, 5)


def test_waiting_is_counted_from_giving_to_the_first_answer() -> None:
    waits = [timedelta(minutes=60), timedelta(minutes=61), timedelta(days=3), timedelta(days=7), timedelta(days=8)]
    assert [waited(wait) for wait in waits] == ["hour", "day", "three_days", "week", "longer"]
    assert fact(1, answered_at=_NOON + timedelta(hours=5)).waited is Waited.DAY
    assert fact(1).waited is Waited.UNANSWERED


def test_a_tally_counts_its_own_day_and_names_the_newest_examples() -> None:
    same = [fact(number, topic="tagihan ganda") for number in range(1, 9)]
    counted = tally(date(2026, 10, 5), [*same, fact(9, _NOON + timedelta(days=1))])
    assert counted is not None
    assert (counted.first, counted.last, counted.open, sum(counted.cells.values())) == (1, 8, 8, 8)
    assert counted.topics["tagihan ganda"].count == 8
    assert counted.topics["tagihan ganda"].examples == (8, 7, 6, 5, 4)[:MOST_EXAMPLES]
    assert tally(date(2026, 10, 7), same) is None


def test_figures_add_up_and_say_how_many_promises_were_kept() -> None:
    given_ = [
        fact(1, promise=Promise.KEPT, is_open=False, answered_at=_NOON + timedelta(minutes=5)),
        fact(2, promise=Promise.KEPT),
        fact(3, promise=Promise.MISSED, kind="suggestion", area=None),
        fact(4, _NOON + timedelta(days=40), promise=Promise.NONE),
    ]
    days = tallies(given_)
    figures = figures_of(date(2026, 10, 1), date(2026, 10, 31), days[:1], days, date(2026, 11, 20))
    assert figures.total == 3
    assert figures.by["kind"] == {"complaint": 2, "suggestion": 1}
    assert list(figures.by["area"]) == ["tagihan", "none"]
    assert figures.kept_percent == 67
    assert figures.backlog == {"day": 0, "three_days": 0, "week": 1, "month": 0, "older": 2}
    assert sum(step.count for step in figures.volume) == 3
    assert len(figures.volume) == 31


def test_without_anything_there_are_no_figures_to_be_wrong() -> None:
    figures = figures_of(date(2026, 10, 1), date(2026, 10, 2), [], [], date(2026, 10, 2))
    assert (figures.total, figures.kept_percent, figures.topics) == (0, None, ())
    assert set(figures.backlog.values()) == {0}


def test_series_are_of_days_weeks_or_months_by_their_length() -> None:
    assert len(steps_of(date(2026, 1, 1), date(2026, 1, 31))) == 31
    assert steps_of(date(2026, 1, 1), date(2026, 3, 1))[:2] == [date(2026, 1, 1), date(2026, 1, 8)]
    months = steps_of(date(2025, 11, 20), date(2026, 11, 19))
    assert months[:3] == [date(2025, 11, 20), date(2025, 12, 1), date(2026, 1, 1)]
    assert months[-1] == date(2026, 11, 1)


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["a", "b", "c"])), max_size=40), st.integers(0, 400))
def test_nothing_is_lost_on_the_way_from_items_to_figures(rows: Sequence[tuple[int, str]], length: int) -> None:
    """Whatever the span: volume, kinds and topics count the same items."""
    first = date(2025, 6, 1)
    last = first + timedelta(days=length)
    at = datetime(2025, 6, 1, 5, tzinfo=UTC)
    facts = [
        fact(number, at + timedelta(days=day), kind=kind, topic=kind) for number, (day, kind) in enumerate(rows, 1)
    ]
    days = tallies(facts)
    inside = [one for one in days if first <= one.day <= last]
    figures = figures_of(first, last, inside, days, last)
    expected = sum(day <= length for day, _ in rows)
    assert figures.total == expected
    assert sum(step.count for step in figures.volume) == expected
    assert sum(figures.by["kind"].values()) == expected
    assert sum(topic.count for topic in figures.topics) == expected
    assert all(sum(step.count for step in topic.series) == topic.count for topic in figures.topics)
    assert sum(figures.backlog.values()) == len(rows)
