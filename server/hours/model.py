"""What support's hours and its past answers say: whether it is open, when it opens, how long an answer takes. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.kernel.worktime import Calendar, NeverOpen

ANSWERS_KEPT: Final = 200
"""Of how many first answers the middle is taken; older ones are forgotten."""

FEWEST_ANSWERS: Final = 10
"""With less than these nothing is said: one slow morning is no history."""

_FINE = 10
_COARSE = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand at a moment.

    Attributes:
        is_open: whether it is within working time.
        opens_at: when it opens next; None while it is open, and where it never does.
    """

    is_open: bool
    opens_at: datetime | None


def standing(calendar: Calendar, at: datetime) -> Standing:
    """Say how things stand."""
    if calendar.is_open(at):
        return Standing(True, None)
    try:
        return Standing(False, calendar.next_open(at))
    except NeverOpen:
        return Standing(False, None)


def waited(calendar: Calendar, asked_at: datetime, answered_at: datetime) -> timedelta:
    """Give how long somebody waited in working time; an answer out of hours waits no time."""
    return max(timedelta(0), calendar.between(asked_at, answered_at))


def expected_minutes(seconds: Sequence[int]) -> int | None:
    """Give what to expect from what past answers took: the middle, rounded up so that nobody is promised too much.

    Args:
        seconds: of working time, of each answer.

    Returns:
        Minutes, at least 1: to the minute up to 10, then to 5, from an hour on to 15. None where too few are known.
    """
    if len(seconds) < FEWEST_ANSWERS:
        return None
    minutes = statistics.median(seconds) / 60
    step = 1 if minutes <= _FINE else 5 if minutes <= _COARSE else 15
    return max(1, int(-(-minutes // step) * step))
