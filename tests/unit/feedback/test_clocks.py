"""Promises about items: held against a clock that counts each working minute, whatever happens to the item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.feedback.clocks import (
    LATE,
    MEETS,
    WARNING,
    Clocks,
    Telling,
    Timing,
    read,
)
from server.feedback.model import Kind, Priority, State
from server.feedback.policy import Aim, Level, Policy
from server.kernel.feast_days import FeastDays
from server.kernel.worktime import Calendar, Hours, Span

_LAW = settings(deadline=None, max_examples=80)
_MINUTE = timedelta(minutes=1)
_HOUR = 60 * _MINUTE
_OFFICE = Calendar(Hours(country=""), FeastDays(""))
_SPLIT = Calendar(
    Hours("America/New_York", ((Span(0, 200), Span(480, 720), Span(780, 1440)),) * 7, "", {}), FeastDays("")
)
_MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""Eight o'clock in Jakarta, when it opens."""

_POLICY = Policy(levels=(Level(2 * _HOUR, ("lead",)), Level(9 * _HOUR, ("director", "lead"))))
_CLOCKS = Clocks(_POLICY, _OFFICE)


def _started(priority: Priority = Priority.HIGH, at: datetime = _MONDAY) -> Mapping[str, Any]:
    clock = _CLOCKS.start(Kind.COMPLAINT, priority, at)
    assert clock is not None
    return clock


def _timings(clock: Mapping[str, Any], at: datetime) -> dict[Aim, Timing]:
    return {promise.aim: promise.timing for promise in _CLOCKS.promises(clock, at)}


def test_nothing_is_promised_where_the_policy_says_nothing() -> None:
    """Only complaints have clocks unless it is said otherwise."""
    for kind in set(Kind) - {Kind.COMPLAINT}:
        assert _CLOCKS.start(kind, Priority.URGENT, _MONDAY) is None


def test_a_complaint_from_its_beginning_to_its_end() -> None:
    """High: acknowledged within four hours, answered within eighteen, resolved within forty-five."""
    clock = _started()
    assert _CLOCKS.due(clock) == _MONDAY + 4 * _HOUR
    assert clock["watch_at"] == _MONDAY + 3 * _HOUR
    assert _timings(clock, _MONDAY + 2 * _HOUR) == dict.fromkeys(Aim, Timing.ON_TIME)
    assert _timings(clock, _MONDAY + 3 * _HOUR)[Aim.ACKNOWLEDGE] is Timing.WARNING
    assert _timings(clock, _MONDAY + 4 * _HOUR)[Aim.ACKNOWLEDGE] is Timing.LATE

    at = _MONDAY + 4 * _HOUR
    clock = _CLOCKS.follow(clock, Kind.COMPLAINT, State.RECEIVED, State.IN_PROGRESS, at)
    assert _timings(clock, at)[Aim.ACKNOWLEDGE] is Timing.KEPT
    # Eighteen working hours are two days of nine.
    assert _CLOCKS.due(clock) == _MONDAY + timedelta(days=1) + 9 * _HOUR

    # The sender is asked on Tuesday at eight, and answers a week later.
    tuesday, next_tuesday = _MONDAY + timedelta(days=1), _MONDAY + timedelta(days=8)
    clock = _CLOCKS.follow(clock, Kind.COMPLAINT, State.IN_PROGRESS, State.WAITING, tuesday)
    assert _CLOCKS.due(clock) is None
    assert clock["watch_at"] is None
    assert _timings(clock, next_tuesday)[Aim.ANSWER] is Timing.PAUSED
    clock = _CLOCKS.follow(clock, Kind.COMPLAINT, State.WAITING, State.IN_PROGRESS, next_tuesday)
    assert _CLOCKS.due(clock) == next_tuesday + 9 * _HOUR

    late = next_tuesday + timedelta(days=1)
    clock = _CLOCKS.follow(clock, Kind.COMPLAINT, State.IN_PROGRESS, State.RESOLVED, late + _MINUTE)
    assert _timings(clock, late + _MINUTE) == {
        Aim.ACKNOWLEDGE: Timing.KEPT,
        Aim.ANSWER: Timing.MISSED,
        Aim.RESOLVE: Timing.KEPT,
    }
    assert _CLOCKS.due(clock) is None
    assert clock["watch_at"] is None


def test_what_is_taken_up_again_gets_its_time_anew() -> None:
    """By its sender: answer and resolution; by staff: the resolution."""
    resolved = _CLOCKS.follow(_started(), Kind.COMPLAINT, State.RECEIVED, State.RESOLVED, _MONDAY + _HOUR)
    again = _MONDAY + timedelta(days=7)
    by_sender = _CLOCKS.follow(resolved, Kind.COMPLAINT, State.RESOLVED, State.ACKNOWLEDGED, again)
    assert {promise.aim: promise.due_at for promise in _CLOCKS.promises(by_sender, again)} == {
        Aim.ACKNOWLEDGE: None,
        Aim.ANSWER: again + timedelta(days=1) + 9 * _HOUR,
        Aim.RESOLVE: again + timedelta(days=4) + 9 * _HOUR,
    }
    by_staff = _CLOCKS.follow(resolved, Kind.COMPLAINT, State.RESOLVED, State.IN_PROGRESS, again)
    assert _timings(by_staff, again) == {
        Aim.ACKNOWLEDGE: Timing.KEPT,
        Aim.ANSWER: Timing.KEPT,
        Aim.RESOLVE: Timing.ON_TIME,
    }


def test_a_new_priority_counts_from_the_beginning() -> None:
    """What is missed by it is missed from now on; what is kept stays kept; and back again."""
    at = _MONDAY + 2 * _HOUR
    urgent = _CLOCKS.reprioritise(_started(), Kind.COMPLAINT, Priority.URGENT, at)
    assert {promise.aim: (promise.timing, promise.due_at) for promise in _CLOCKS.promises(urgent, at)} == {
        Aim.ACKNOWLEDGE: (Timing.LATE, at),
        Aim.ANSWER: (Timing.ON_TIME, _MONDAY + 4 * _HOUR),
        Aim.RESOLVE: (Timing.ON_TIME, _MONDAY + timedelta(days=1) + 9 * _HOUR),
    }
    assert _CLOCKS.reprioritise(urgent, Kind.COMPLAINT, Priority.HIGH, at) == _started()


def test_who_handles_it_is_warned_then_told_and_then_others() -> None:
    """Each step once; nobody is warned of what is late already."""
    clock = _started()
    told: list[tuple[datetime, Telling]] = []
    while (moment := clock["watch_at"]) is not None and moment < _MONDAY + timedelta(days=1, hours=9):
        told += [(moment, telling) for telling in _CLOCKS.tellings(read(clock), moment)]
        clock = _CLOCKS.told(read(clock), moment)
    assert told == [
        (_MONDAY + 3 * _HOUR, Telling(Aim.ACKNOWLEDGE, WARNING)),
        (_MONDAY + 4 * _HOUR, Telling(Aim.ACKNOWLEDGE, LATE)),
        (_MONDAY + 6 * _HOUR, Telling(Aim.ACKNOWLEDGE, LATE + 1)),
        (_MONDAY + timedelta(days=1) + 4 * _HOUR, Telling(Aim.ACKNOWLEDGE, LATE + 2)),
        (_MONDAY + timedelta(days=1) + 4.5 * _HOUR, Telling(Aim.ANSWER, WARNING)),
    ]
    at_once = _CLOCKS.tellings(read(_started()), _MONDAY + 7 * _HOUR)
    assert at_once == [Telling(Aim.ACKNOWLEDGE, LATE), Telling(Aim.ACKNOWLEDGE, LATE + 1)]


# --- laws ---------------------------------------------------------------------------------------------------------

_MOVES = (State.ACKNOWLEDGED, State.IN_PROGRESS, State.WAITING, State.ANSWERED, State.RESOLVED, State.MERGED)


@dataclass
class _Oracle:
    """Counts working minutes one by one, with the rules of `clocks` in their plainest words."""

    calendar: Calendar
    allowed: Mapping[Aim, timedelta]
    state: State = State.RECEIVED
    counted: dict[Aim, int] = field(default_factory=lambda: dict.fromkeys(Aim, 0))
    met: dict[Aim, bool] = field(default_factory=dict)

    def pass_minute(self, at: datetime) -> None:
        if self.calendar.is_open(at) and self.state not in {State.WAITING, State.MERGED}:
            for aim in Aim:
                self.counted[aim] += 1

    def move(self, to: State) -> None:
        if to is not State.MERGED and self.state in {State.ANSWERED, State.RESOLVED}:
            for aim in {Aim.ANSWER, Aim.RESOLVE} if to is State.ACKNOWLEDGED else {Aim.RESOLVE}:
                if self.state in MEETS[aim] and to not in MEETS[aim] and aim in self.met:
                    del self.met[aim]
                    self.counted[aim] = 0
        for aim in Aim:
            if to in MEETS[aim] and aim not in self.met:
                self.met[aim] = self.counted[aim] * _MINUTE <= self.allowed[aim]
        self.state = to


@_LAW
@given(
    st.sampled_from([_OFFICE, _SPLIT]),
    st.sampled_from([datetime(2026, 10, 31, 20, tzinfo=UTC), datetime(2026, 3, 7, 20, tzinfo=UTC), _MONDAY]),
    st.sampled_from([Priority.URGENT, Priority.HIGH]),
    st.lists(st.tuples(st.integers(0, 900), st.sampled_from(_MOVES)), max_size=5),
)
def test_clocks_agree_with_counting_minutes(
    calendar: Calendar, start: datetime, priority: Priority, moves: list[tuple[int, State]]
) -> None:
    """Whatever an item goes through: what was kept, and what has passed for what is not met."""
    clocks = Clocks(_POLICY, calendar)
    oracle = _Oracle(calendar, _POLICY.allowed(Kind.COMPLAINT, priority))
    clock = clocks.start(Kind.COMPLAINT, priority, start)
    assert clock is not None
    at = start
    for minutes, to in moves:
        for _ in range(minutes):
            oracle.pass_minute(at)
            at += _MINUTE
        if to is oracle.state:
            continue
        clock = clocks.follow(clock, Kind.COMPLAINT, oracle.state, to, at)
        oracle.move(to)
        found = read(clock)
        assert {aim: hand.kept for aim, hand in found.hands.items() if hand.met_at} == oracle.met
        for aim, hand in found.open:
            assert clocks.elapsed(found, at) - hand.base == oracle.counted[aim] * _MINUTE
            due = clocks.due_of(found, aim)
            if due is not None and oracle.counted[aim] * _MINUTE < oracle.allowed[aim]:
                assert calendar.between(at, due) == oracle.allowed[aim] - oracle.counted[aim] * _MINUTE


@_LAW
@given(st.integers(0, 40 * 60), st.integers(0, 40 * 60), st.integers(0, 20_000))
def test_a_pause_shifts_what_is_due_by_the_working_time_it_took(before: int, paused: int, later: int) -> None:
    """Nothing of the time allowed is lost by waiting, and nothing is won."""
    stop = _MONDAY + before * _MINUTE
    go = stop + paused * _MINUTE
    clock = _started()
    waiting = _CLOCKS.follow(clock, Kind.COMPLAINT, State.IN_PROGRESS, State.WAITING, stop)
    running = _CLOCKS.follow(waiting, Kind.COMPLAINT, State.WAITING, State.IN_PROGRESS, go)
    at = go + later * _MINUTE
    assert _CLOCKS.elapsed(read(running), at) == _OFFICE.between(_MONDAY, stop) + _OFFICE.between(go, at)
    if _OFFICE.between(_MONDAY, stop) < read(clock).hands[Aim.RESOLVE].allowed:
        due = _CLOCKS.due_of(read(running), Aim.RESOLVE)
        assert due is not None
        assert _OFFICE.between(_MONDAY, due) == 45 * _HOUR + _OFFICE.between(stop, go)


@_LAW
@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_it_never_gets_better_by_itself(one: int, other: int) -> None:
    """On time, then warned, then late; and who looks at the stored moment always has something to tell."""
    order = [Timing.ON_TIME, Timing.WARNING, Timing.LATE]
    clock = _started()
    early, late = (_timings(clock, _MONDAY + minutes * _MINUTE) for minutes in sorted((one, other)))
    assert all(order.index(early[aim]) <= order.index(late[aim]) for aim in Aim)
    watched = [_MONDAY]
    while (moment := clock["watch_at"]) is not None:
        assert not _CLOCKS.tellings(read(clock), moment - timedelta(milliseconds=1))
        assert _CLOCKS.tellings(read(clock), moment)
        clock = _CLOCKS.told(read(clock), moment)
        watched.append(moment)
    assert all(earlier <= later for earlier, later in pairwise(watched))
    assert {hand.told for hand in read(clock).hands.values()} == {LATE + 2}


def test_a_policy_reads_back_as_it_was_written() -> None:
    """With everything in it."""
    assert Policy.parse(_POLICY.document()).document() == _POLICY.document()
    assert Policy.parse({}).document() == Policy().document()


@pytest.mark.parametrize(
    "value",
    [
        {"promises": {"complaint": {"normal": {"answer": 0}}}},
        {"promises": {"complaint": {"normal": {"answer": 600_001}}}},
        {"promises": {"complaint": {"normal": {"answer": True}}}},
        {"promises": {"complaint": {"normal": {"forgive": 60}}}},
        {"promises": {"praise": {}}},
        {"promises": []},
        {"warn_at": 100},
        {"warn_at": "75"},
        {"wardens": "somebody"},
        {"wardens": ["x" * 65]},
        {"wardens": [str(number) for number in range(51)]},
        {"levels": [{"after": 60, "people": []}, {"after": 30, "people": []}]},
        {"levels": [{"people": []}]},
        {"levels": [{"after": minutes, "people": []} for minutes in range(6)]},
        {"clock": {}},
    ],
)
def test_a_policy_that_can_not_be_used_is_refused(value: dict[str, object]) -> None:
    """With a ValueError, whatever it holds."""
    with pytest.raises(ValueError, match=r"."):
        Policy.parse(value)
