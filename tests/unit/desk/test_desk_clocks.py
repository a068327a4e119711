"""What is promised about conversations: kept, missed, standing still, told once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from server.desk import clocks
from server.desk.clocks import LATE, WARNING, Aim, Clock, Terms, Timing
from server.kernel.feast_days import FeastDays
from server.kernel.worktime import Calendar, Hours

_MINUTE = timedelta(minutes=1)
_HOUR = 60 * _MINUTE
_OFFICE = Calendar(Hours(country=""), FeastDays(""))
_MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""Eight o'clock in Jakarta, when it opens."""

_TERMS = Terms({Aim.FIRST_RESPONSE: _HOUR, Aim.RESOLUTION: 18 * _HOUR}, 75, (2 * _HOUR,))
_BOTH = tuple(Aim)


def _begun(at: datetime = _MONDAY) -> Clock:
    return clocks.start(Clock(), _TERMS, _OFFICE, at, _BOTH)


def _timing(clock: Clock, aim: Aim, at: datetime) -> Timing:
    return clocks.timing(clock.hands[aim], at)


def test_a_promise_in_working_time() -> None:
    """On time, then near, then late; met before, it is kept for good."""
    clock = _begun()
    hand = clock.hands[Aim.FIRST_RESPONSE]
    assert (hand.due_at, hand.warn_at) == (_MONDAY + _HOUR, _MONDAY + 45 * _MINUTE)
    assert _timing(clock, Aim.FIRST_RESPONSE, _MONDAY + 44 * _MINUTE) is Timing.ON_TIME
    assert _timing(clock, Aim.FIRST_RESPONSE, _MONDAY + 45 * _MINUTE) is Timing.WARNING
    assert _timing(clock, Aim.FIRST_RESPONSE, _MONDAY + _HOUR) is Timing.LATE
    kept = clocks.meet(clock, Aim.FIRST_RESPONSE, _MONDAY + 30 * _MINUTE)
    assert _timing(kept, Aim.FIRST_RESPONSE, _MONDAY + 9 * _HOUR) is Timing.KEPT
    assert clocks.meet(kept, Aim.FIRST_RESPONSE, _MONDAY + 9 * _HOUR) == kept
    missed = clocks.meet(clock, Aim.FIRST_RESPONSE, _MONDAY + 61 * _MINUTE)
    assert _timing(missed, Aim.FIRST_RESPONSE, _MONDAY + 61 * _MINUTE) is Timing.MISSED
    # Eighteen hours are two working days: until Tuesday's end.
    assert clock.hands[Aim.RESOLUTION].due_at == _MONDAY + timedelta(days=1) + 9 * _HOUR


def test_it_stands_still_while_it_is_put_aside() -> None:
    """What was left is left; what was late stays late."""
    clock = clocks.pause(_begun(), _OFFICE, _MONDAY + 30 * _MINUTE)
    assert _timing(clock, Aim.FIRST_RESPONSE, _MONDAY + 9 * _HOUR) is Timing.PAUSED
    assert clock.due_at is None
    woken = clocks.resume(clock, _TERMS, _OFFICE, _MONDAY + 5 * _HOUR)
    assert woken.hands[Aim.FIRST_RESPONSE].due_at == _MONDAY + 5 * _HOUR + 30 * _MINUTE
    assert _timing(woken, Aim.FIRST_RESPONSE, _MONDAY + 5 * _HOUR + 16 * _MINUTE) is Timing.WARNING
    late = clocks.pause(_begun(), _OFFICE, _MONDAY + 2 * _HOUR)
    assert _timing(late, Aim.FIRST_RESPONSE, _MONDAY + 2 * _HOUR) is Timing.LATE
    assert _timing(late, Aim.RESOLUTION, _MONDAY + 2 * _HOUR) is Timing.PAUSED
    answered = clocks.meet(clock, Aim.FIRST_RESPONSE, _MONDAY + 4 * _HOUR)
    assert _timing(answered, Aim.FIRST_RESPONSE, _MONDAY + 4 * _HOUR) is Timing.KEPT


def test_another_priority() -> None:
    """Gives the new time; nobody is late by a time that did not hold then."""
    shorter = Terms({Aim.FIRST_RESPONSE: 15 * _MINUTE, Aim.RESOLUTION: 4 * _HOUR}, 75)
    now = _MONDAY + 30 * _MINUTE
    clock = clocks.rejudge(_begun(), shorter, _OFFICE, now)
    assert clock.hands[Aim.FIRST_RESPONSE].due_at == now
    assert clock.hands[Aim.RESOLUTION].due_at == _MONDAY + 4 * _HOUR
    nothing = clocks.rejudge(_begun(), Terms({}), _OFFICE, now)
    assert nothing.hands == {}


def test_each_step_is_told_once() -> None:
    """Near, missed, escalated; nobody is warned of what is late already."""
    clock = _begun()
    assert clocks.tellings(clock, _TERMS, _OFFICE, _MONDAY) == []
    assert clocks.watch_at(clock, _TERMS, _OFFICE) == _MONDAY + 45 * _MINUTE
    near = clocks.tellings(clock, _TERMS, _OFFICE, _MONDAY + 50 * _MINUTE)
    assert near == [(Aim.FIRST_RESPONSE, WARNING)]
    clock = clocks.told(clock, near)
    assert clocks.tellings(clock, _TERMS, _OFFICE, _MONDAY + 50 * _MINUTE) == []
    assert clocks.watch_at(clock, _TERMS, _OFFICE) == _MONDAY + _HOUR
    both = clocks.tellings(clock, _TERMS, _OFFICE, _MONDAY + 4 * _HOUR)
    assert both == [(Aim.FIRST_RESPONSE, LATE), (Aim.FIRST_RESPONSE, LATE + 1)]
    assert clocks.tellings(_begun(), _TERMS, _OFFICE, _MONDAY + _HOUR) == [(Aim.FIRST_RESPONSE, LATE)]
    done = clocks.meet(clocks.told(clock, both), Aim.RESOLUTION, _MONDAY + 4 * _HOUR)
    assert clocks.watch_at(done, _TERMS, _OFFICE) is None


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["pause", "resume", "answer", "close", "reopen", "urgent"]), st.integers(1, 700)),
        max_size=12,
    )
)
def test_it_is_read_as_it_was_written(happenings: list[tuple[str, int]]) -> None:
    """Whatever happened; and a clock that stands still is due at no time."""
    clock, at = _begun(), _MONDAY
    urgent = Terms({Aim.FIRST_RESPONSE: 15 * _MINUTE}, 60)
    for name, minutes in happenings:
        at += minutes * _MINUTE
        clock = {
            "pause": lambda clock=clock, at=at: clocks.pause(clock, _OFFICE, at),
            "resume": lambda clock=clock, at=at: clocks.resume(clock, _TERMS, _OFFICE, at),
            "answer": lambda clock=clock, at=at: clocks.meet(clock, Aim.FIRST_RESPONSE, at),
            "close": lambda clock=clock, at=at: clocks.meet(clock, Aim.RESOLUTION, at),
            "reopen": lambda clock=clock, at=at: clocks.start(clock, _TERMS, _OFFICE, at, [Aim.RESOLUTION]),
            "urgent": lambda clock=clock, at=at: clocks.rejudge(clock, urgent, _OFFICE, at),
        }[name]()
        assert clocks.read(clocks.write(clock)) == clock
        if not clock.running:
            assert clock.due_at is None
            assert clocks.watch_at(clock, _TERMS, _OFFICE) is None
