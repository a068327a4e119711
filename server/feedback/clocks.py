"""What is promised for an item, and whether the promise is kept: acknowledge, answer, resolve, in working time. Pure.

Rules: a clock runs from when an item is given. It stands still while its sender is waited for, and while the item is
part of another. What is met is met at the moment of the change of state that meets it. An item that is taken up again
gets its time for answer and resolution anew. Who is told what, and when, is computed here; telling is `deadlines`'.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from server.feedback.model import FINISHED, SETTLED, Kind, Priority, State
from server.feedback.policy import Aim, Policy
from server.kernel.worktime import Calendar

_MS: Final = timedelta(milliseconds=1)
_RESTING: Final = frozenset({State.WAITING, State.MERGED})
_AT_THE_DOOR: Final = frozenset({State.RECEIVED, State.ACKNOWLEDGED})
_NOTHING: Final = timedelta(0)


class Timing(StrEnum):
    """How it stands with a promise."""

    ON_TIME = "on_time"
    WARNING = "warning"
    """Most of the time has passed."""
    LATE = "late"
    PAUSED = "paused"
    KEPT = "kept"
    MISSED = "missed"
    """Met, but late."""


MEETS: Final[Mapping[Aim, frozenset[State]]] = MappingProxyType(
    {
        Aim.ACKNOWLEDGE: frozenset(State) - {State.RECEIVED, State.MERGED},
        Aim.ANSWER: SETTLED,
        Aim.RESOLVE: FINISHED - {State.MERGED},
    }
)
"""Which states meet what."""

WARNING, LATE = 1, 2
"""Steps of which people are told; those after `LATE` are levels of escalation."""


@dataclass(frozen=True, slots=True)
class Hand:
    """One promise about one item.

    Attributes:
        allowed: working time.
        base: working time that had passed when it was promised.
        met_at: when it was met; None while it is not.
        kept: whether it was met in time.
        late_at: when it was missed, where that can't be computed any more.
        told: the last step of which people were told.
    """

    allowed: timedelta
    base: timedelta = _NOTHING
    met_at: datetime | None = None
    kept: bool = False
    late_at: datetime | None = None
    told: int = 0

    @property
    def end(self) -> timedelta:
        """Working time by which it is to be met."""
        return self.base + self.allowed


@dataclass(frozen=True, slots=True)
class Clock:
    """What runs for one item.

    Attributes:
        since: when it began to run, the last time; when it was paused, where it stands still.
        spent: working time that had passed by then.
        paused: whether it stands still.
        hands: the promises.
    """

    since: datetime
    spent: timedelta
    paused: bool
    hands: Mapping[Aim, Hand]

    @property
    def open(self) -> list[tuple[Aim, Hand]]:
        """What is not met."""
        return [(aim, hand) for aim, hand in self.hands.items() if hand.met_at is None]


def read(document: Mapping[str, Any]) -> Clock:
    """Read a clock as `write` wrote it."""
    hands = {
        Aim(aim): Hand(
            hand["allowed"] * _MS, hand["base"] * _MS, hand["met_at"], hand["kept"], hand["late_at"], hand["told"]
        )
        for aim, hand in document["hands"].items()
    }
    return Clock(document["since"], document["spent"] * _MS, document["paused"], hands)


def write(clock: Clock, watch_at: datetime | None) -> dict[str, Any]:
    """Give a clock as plain values, times in whole milliseconds.

    Args:
        clock: it.
        watch_at: when it has to be looked at next; stored with it, for an index.
    """
    return {
        "since": clock.since,
        "spent": clock.spent // _MS,
        "paused": clock.paused,
        "hands": {
            aim.value: {
                "allowed": hand.allowed // _MS,
                "base": hand.base // _MS,
                "met_at": hand.met_at,
                "kept": hand.kept,
                "late_at": hand.late_at,
                "told": hand.told,
            }
            for aim, hand in clock.hands.items()
        },
        "watch_at": watch_at,
    }


@dataclass(frozen=True, slots=True)
class Telling:
    """Something of which people are to be told.

    Attributes:
        aim: what is promised.
        step: `WARNING`, `LATE`, or a level of escalation after it.
    """

    aim: Aim
    step: int


@dataclass(frozen=True, slots=True)
class Promise:
    """How it stands with one promise.

    Attributes:
        aim: what is promised.
        timing: how it stands.
        due_at: when it is due, or was; None where it is met, or where the clock stands still.
        met_at: when it was met.
    """

    aim: Aim
    timing: Timing
    due_at: datetime | None
    met_at: datetime | None


class Clocks:
    """Does everything that is done with clocks. Fills `ports.ClockKeeper`; documents are what `write` gives.

    Args:
        policy: what is promised.
        calendar: working time.
    """

    def __init__(self, policy: Policy, calendar: Calendar) -> None:
        self.policy = policy
        self._calendar = calendar

    # --- what happens to items -------------------------------------------------------------------------------------

    def start(self, kind: Kind, priority: Priority, at: datetime) -> Mapping[str, Any] | None:
        """See `ports.ClockKeeper`."""
        hands = {aim: Hand(allowed) for aim, allowed in self.policy.allowed(kind, priority).items()}
        return self._written(Clock(at, _NOTHING, False, hands)) if hands else None

    def follow(self, clock: Mapping[str, Any], kind: Kind, before: State, to: State, at: datetime) -> Mapping[str, Any]:
        """See `ports.ClockKeeper`."""
        found = read(clock)
        moved = self._taken_up(found, before, to, at) if before in SETTLED and to is not State.MERGED else found
        met = {aim: self._met(moved, aim, hand, to, at) for aim, hand in moved.hands.items()}
        return self._written(self._rest(replace(moved, hands=met), to in _RESTING, at))

    def reprioritise(self, clock: Mapping[str, Any], kind: Kind, priority: Priority, at: datetime) -> Mapping[str, Any]:
        """See `ports.ClockKeeper`. What is met stays as it was judged; for what is not, the new time holds."""
        found = read(clock)
        passed = self.elapsed(found, at)
        hands = {aim: hand for aim, hand in found.hands.items() if hand.met_at is not None}
        for aim, allowed in self.policy.allowed(kind, priority).items():
            if aim not in hands:
                changed = Hand(allowed, found.hands[aim].base if aim in found.hands else _NOTHING)
                # By the new time it was missed at a moment that nobody could know of then: it is from now on.
                hands[aim] = replace(changed, late_at=at) if passed > changed.end else changed
        return self._written(replace(found, hands=hands))

    def due(self, clock: Mapping[str, Any]) -> datetime | None:
        """See `ports.ClockKeeper`."""
        found = read(clock)
        moments = [self.due_of(found, aim) for aim, _ in found.open]
        return min((moment for moment in moments if moment is not None), default=None)

    def _taken_up(self, clock: Clock, before: State, to: State, at: datetime) -> Clock:
        """Promise anew what was met by a state that is left again."""
        passed = self.elapsed(clock, at)
        anew = {Aim.ANSWER, Aim.RESOLVE} if to in _AT_THE_DOOR else {Aim.RESOLVE}
        hands = {
            aim: Hand(hand.allowed, passed)
            if aim in anew and hand.met_at is not None and before in MEETS[aim] and to not in MEETS[aim]
            else hand
            for aim, hand in clock.hands.items()
        }
        return replace(clock, hands=hands)

    def _met(self, clock: Clock, aim: Aim, hand: Hand, to: State, at: datetime) -> Hand:
        if hand.met_at is not None or to not in MEETS[aim]:
            return hand
        return replace(hand, met_at=at, kept=hand.late_at is None and self.elapsed(clock, at) <= hand.end)

    def _rest(self, clock: Clock, paused: bool, at: datetime) -> Clock:
        if paused == clock.paused:
            return clock
        if not paused:
            return replace(clock, since=at, paused=False)
        hands = {aim: replace(hand, late_at=self._late_at(clock, hand, at)) for aim, hand in clock.hands.items()}
        return Clock(at, self.elapsed(clock, at), True, hands)

    def _late_at(self, clock: Clock, hand: Hand, at: datetime) -> datetime | None:
        """When a promise was missed: remembered at a pause, after which it can't be computed."""
        if hand.late_at is not None or hand.met_at is not None or self.elapsed(clock, at) <= hand.end:
            return hand.late_at
        return self._moment(clock, hand.end)

    # --- how it stands ---------------------------------------------------------------------------------------------

    def elapsed(self, clock: Clock, at: datetime) -> timedelta:
        """Give how much working time has passed on a clock by a moment, which is not before it last changed."""
        return clock.spent if clock.paused else clock.spent + self._calendar.between(clock.since, max(at, clock.since))

    def due_of(self, clock: Clock, aim: Aim) -> datetime | None:
        """Give when a promise is due; None where it is met, or where the clock stands still and it is not missed."""
        hand = clock.hands[aim]
        if hand.met_at is not None:
            return None
        if hand.late_at is not None or clock.paused:
            return hand.late_at
        return self._moment(clock, hand.end)

    def timing(self, clock: Clock, aim: Aim, at: datetime) -> Timing:
        """Say how it stands with a promise."""
        hand = clock.hands[aim]
        if hand.met_at is not None:
            return Timing.KEPT if hand.kept else Timing.MISSED
        passed = self.elapsed(clock, at)
        if hand.late_at is not None or (passed >= hand.end and not clock.paused):
            return Timing.LATE
        if clock.paused:
            return Timing.PAUSED
        return Timing.WARNING if passed >= self._threshold(hand, WARNING) else Timing.ON_TIME

    def standing(self, clock: Mapping[str, Any], at: datetime) -> str:
        """See `ports.ClockKeeper`: warned of when people are, by the policy's `warn_at`."""
        found = read(clock)
        timings = {self.timing(found, aim, at) for aim, _ in found.open}
        return next((one.value for one in (Timing.LATE, Timing.WARNING, Timing.ON_TIME) if one in timings), "")

    def promises(self, clock: Mapping[str, Any], at: datetime) -> list[Promise]:
        """Say how it stands with everything that was promised, for those who handle the item."""
        found = read(clock)
        return [
            Promise(aim, self.timing(found, aim, at), self.due_of(found, aim), hand.met_at)
            for aim, hand in found.hands.items()
        ]

    # --- whom to tell ----------------------------------------------------------------------------------------------

    def watch_at(self, clock: Clock) -> datetime | None:
        """Give when there is next something to tell; None where there is nothing for the time being."""
        if clock.paused:
            return None
        steps = [(hand, hand.told + 1) for _, hand in clock.open if hand.told < self._last_step]
        return min((self._moment(clock, self._threshold(hand, step)) for hand, step in steps), default=None)

    def tellings(self, clock: Clock, at: datetime) -> list[Telling]:
        """Give what is to be told now. Nobody is warned of what is late already."""
        if clock.paused:
            return []
        passed = self.elapsed(clock, at)
        found = []
        for aim, hand in clock.open:
            steps = [
                step for step in range(hand.told + 1, self._last_step + 1) if passed >= self._threshold(hand, step)
            ]
            found += [Telling(aim, step) for step in steps if step != WARNING or len(steps) == 1]
        return found

    def told(self, clock: Clock, at: datetime) -> dict[str, Any]:
        """Give the clock after everything has been told that `tellings` gives."""
        last = {telling.aim: telling.step for telling in self.tellings(clock, at)}
        hands = {aim: replace(hand, told=last.get(aim, hand.told)) for aim, hand in clock.hands.items()}
        return self._written(replace(clock, hands=hands))

    @property
    def _last_step(self) -> int:
        return LATE + len(self.policy.levels)

    def _threshold(self, hand: Hand, step: int) -> timedelta:
        if step == WARNING:
            return hand.base + hand.allowed * self.policy.warn_at / 100
        return hand.end if step == LATE else hand.end + self.policy.levels[step - LATE - 1].after

    def _moment(self, clock: Clock, passed: timedelta) -> datetime:
        """When so much has passed on a running clock; its last start where that was before."""
        return self._calendar.add(clock.since, max(_NOTHING, passed - clock.spent))

    def _written(self, clock: Clock) -> dict[str, Any]:
        return write(clock, self.watch_at(clock))
