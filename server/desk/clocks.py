"""What is promised about a conversation, in working time, and how it stands with it. Pure.

Rules: both promises begin with the customer's first message. The first response is met by the first message of staff,
the resolution by closing; a first response that is late by then was missed, whoever answers afterwards. A snoozed case
stands still: what was left of a promise is left when it wakes. A case that is opened again is promised its resolution
anew, its first response never again. A change of priority gives the new time from where the clock began, and nobody is
late by a time that did not hold then: at the soonest it is due now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

WARNING: Final = 1
LATE: Final = 2
"""Steps of which people are told; those after it are levels of escalation."""

_MS: Final = timedelta(milliseconds=1)


class Aim(StrEnum):
    """What is promised."""

    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


class Timing(StrEnum):
    """How it stands with a promise."""

    ON_TIME = "on_time"
    WARNING = "warning"
    LATE = "late"
    PAUSED = "paused"
    KEPT = "kept"
    MISSED = "missed"


class WorkingTime(Protocol):
    """Knows working hours; `kernel.worktime.Calendar` does."""

    def between(self, start: datetime, end: datetime) -> timedelta: ...
    def add(self, start: datetime, working: timedelta) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a case.

    Attributes:
        allowed: working time for each promise that is made.
        warn_at: percent of the time after which people are warned.
        levels: working time after a promise was missed at which more people are told.
    """

    allowed: Mapping[Aim, timedelta]
    warn_at: int = 75
    levels: Sequence[timedelta] = ()


@dataclass(frozen=True, slots=True)
class Hand:
    """One promise.

    Attributes:
        since: when it began to run, or went on after a pause.
        due_at: when it is due; while it stands still, of no meaning.
        warn_at: when people are warned.
        left: working time that was left when it was paused; None while it runs.
        met_at: when it was met.
        told: the last step of which people were told.
    """

    since: datetime
    due_at: datetime
    warn_at: datetime
    left: timedelta | None = None
    met_at: datetime | None = None
    told: int = 0


@dataclass(frozen=True, slots=True)
class Clock:
    """All promises about one case."""

    hands: Mapping[Aim, Hand] = field(default_factory=dict)

    @property
    def running(self) -> list[tuple[Aim, Hand]]:
        """What is neither met nor paused."""
        return [(aim, hand) for aim, hand in self.hands.items() if hand.met_at is None and hand.left is None]

    @property
    def due_at(self) -> datetime | None:
        """When the next promise is due."""
        return min((hand.due_at for _, hand in self.running), default=None)

    @property
    def has_begun(self) -> bool:
        """Whether anything was promised."""
        return bool(self.hands)


def start(clock: Clock, terms: Terms, time: WorkingTime, at: datetime, aims: Sequence[Aim]) -> Clock:
    """Promise some things from a moment on."""
    hands = dict(clock.hands)
    for aim in aims:
        allowed = terms.allowed.get(aim)
        if allowed is None:
            hands.pop(aim, None)
        else:
            hands[aim] = _hand(at, allowed, allowed, terms, time)
    return Clock(hands)


def meet(clock: Clock, aim: Aim, at: datetime) -> Clock:
    """Say that a promise is met; harmless where it is already, or was never made."""
    hand = clock.hands.get(aim)
    if hand is None or hand.met_at is not None:
        return clock
    # One that stands still is in time.
    due_at = at if hand.left is not None and hand.due_at < at else hand.due_at
    return Clock({**clock.hands, aim: replace(hand, met_at=at, left=None, due_at=due_at)})


def give_up(clock: Clock, aim: Aim, at: datetime) -> Clock:
    """Say that a promise which is late will not be met. One that is not late goes on; harmless where none was made."""
    hand = clock.hands.get(aim)
    return clock if hand is None or timing(hand, at) is not Timing.LATE else meet(clock, aim, at)


def pause(clock: Clock, time: WorkingTime, at: datetime) -> Clock:
    """Let what runs stand still. What is late stays late."""
    hands = dict(clock.hands)
    for aim, hand in clock.running:
        if hand.due_at > at:
            hands[aim] = replace(hand, left=time.between(at, hand.due_at))
    return Clock(hands)


def resume(clock: Clock, terms: Terms, time: WorkingTime, at: datetime) -> Clock:
    """Let what stood still go on."""
    hands = dict(clock.hands)
    for aim, hand in clock.hands.items():
        if hand.left is not None and hand.met_at is None:
            allowed = max(hand.left, terms.allowed.get(aim, hand.left))
            hands[aim] = replace(_hand(at, hand.left, allowed, terms, time), told=hand.told)
    return Clock(hands)


def rejudge(clock: Clock, terms: Terms, time: WorkingTime, at: datetime) -> Clock:
    """Give what is open the time of another priority."""
    hands = dict(clock.hands)
    for aim, hand in clock.hands.items():
        if hand.met_at is not None:
            continue
        allowed = terms.allowed.get(aim)
        if allowed is None:
            del hands[aim]
            continue
        new = _hand(hand.since, allowed, allowed, terms, time)
        if new.due_at < at < hand.due_at:
            new = replace(new, due_at=at, warn_at=min(new.warn_at, at))
        left = None if hand.left is None else min(hand.left, allowed)
        hands[aim] = replace(new, left=left)
    for aim in terms.allowed:
        if aim not in hands and aim is Aim.RESOLUTION and clock.has_begun:
            hands[aim] = _hand(at, terms.allowed[aim], terms.allowed[aim], terms, time)
    return Clock(hands)


def timing(hand: Hand, at: datetime) -> Timing:
    """Say how it stands with a promise."""
    if hand.met_at is not None:
        return Timing.KEPT if hand.met_at <= hand.due_at else Timing.MISSED
    if hand.left is not None:
        return Timing.PAUSED
    if at >= hand.due_at:
        return Timing.LATE
    return Timing.WARNING if at >= hand.warn_at else Timing.ON_TIME


def watch_at(clock: Clock, terms: Terms, time: WorkingTime) -> datetime | None:
    """Give when there is next something to tell; None where there is nothing for the time being."""
    last = LATE + len(terms.levels)
    moments = [_moment(hand, hand.told + 1, terms, time) for _, hand in clock.running if hand.told < last]
    return min(moments, default=None)


def tellings(clock: Clock, terms: Terms, time: WorkingTime, at: datetime) -> list[tuple[Aim, int]]:
    """Give the step of each promise that is to be told now; nobody is warned of what is late already."""
    found: list[tuple[Aim, int]] = []
    last = LATE + len(terms.levels)
    for aim, hand in clock.running:
        steps = [step for step in range(hand.told + 1, last + 1) if _moment(hand, step, terms, time) <= at]
        found += [(aim, step) for step in steps if step != WARNING or len(steps) == 1]
    return found


def told(clock: Clock, what: Sequence[tuple[Aim, int]]) -> Clock:
    """Remember what was told."""
    hands = dict(clock.hands)
    for aim, step in what:
        if aim in hands:
            hands[aim] = replace(hands[aim], told=max(hands[aim].told, step))
    return Clock(hands)


def _hand(since: datetime, left: timedelta, allowed: timedelta, terms: Terms, time: WorkingTime) -> Hand:
    early = left - allowed * (100 - terms.warn_at) / 100
    warn_at = time.add(since, early) if early > timedelta(0) else since
    return Hand(since, time.add(since, left), warn_at)


def _moment(hand: Hand, step: int, terms: Terms, time: WorkingTime) -> datetime:
    if step == WARNING:
        return hand.warn_at
    return hand.due_at if step == LATE else time.add(hand.due_at, terms.levels[step - LATE - 1])


def read(document: Mapping[str, Any]) -> Clock:
    """Read a clock as `write` wrote it."""
    return Clock(
        {
            Aim(aim): Hand(
                hand["since"],
                hand["due_at"],
                hand["warn_at"],
                None if hand["left"] is None else hand["left"] * _MS,
                hand["met_at"],
                int(hand["told"]),
            )
            for aim, hand in document.items()
        }
    )


def write(clock: Clock) -> dict[str, Any]:
    """Give a clock as plain values."""
    return {
        aim.value: {
            "since": hand.since,
            "due_at": hand.due_at,
            "warn_at": hand.warn_at,
            "left": None if hand.left is None else hand.left // _MS,
            "met_at": hand.met_at,
            "told": hand.told,
        }
        for aim, hand in clock.hands.items()
    }
