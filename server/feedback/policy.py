"""What a company promises those who give feedback, and whom it tells when a promise is about to fail. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from server.feedback.model import Kind, Priority

MOST_LEVELS: Final = 5
MOST_PEOPLE: Final = 50
"""Told of one level at most."""
LONGEST: Final = timedelta(minutes=600_000)
"""Ten thousand hours: some five years of work."""

_NOTHING: Final = timedelta(0)


class Aim(StrEnum):
    """What is promised."""

    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    RESOLVE = "resolve"


Allowances = Mapping[Aim, timedelta]


@dataclass(frozen=True, slots=True)
class Level:
    """One level of escalation.

    Attributes:
        after: working time from when a promise was missed.
        people: accounts that are told then.
    """

    after: timedelta
    people: tuple[str, ...]


def _hours(acknowledge: int, answer: int, resolve: int) -> Allowances:
    hours = (acknowledge, answer, resolve)
    return MappingProxyType({aim: timedelta(hours=count) for aim, count in zip(Aim, hours, strict=True)})


_USUAL: Final[Mapping[Kind, Mapping[Priority, Allowances]]] = MappingProxyType(
    {
        Kind.COMPLAINT: MappingProxyType(
            {
                Priority.LOW: _hours(18, 45, 135),
                Priority.NORMAL: _hours(9, 27, 90),
                Priority.HIGH: _hours(4, 18, 45),
                Priority.URGENT: _hours(1, 4, 18),
            }
        )
    }
)
"""For complaints, with days of nine hours: a day, three, ten; urgent ones an hour, four, two days."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is promised, and who is told when it is about to fail.

    Attributes:
        promises: kind -> priority -> aim -> working time; nothing is promised for what is left out.
        warn_at: percent of the time that has passed when those who handle an item are warned.
        wardens: accounts told in place of an assignee where there is none.
        levels: of escalation, the soonest first.
    """

    promises: Mapping[Kind, Mapping[Priority, Allowances]] = field(default_factory=lambda: _USUAL)
    warn_at: int = 75
    wardens: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what can't be used."""
        times = [time for kinds in self.promises.values() for aims in kinds.values() for time in aims.values()]
        afters = [level.after for level in self.levels]
        if any(not timedelta(minutes=1) <= time <= LONGEST for time in times):
            raise ValueError("a promise is of 1 to 600000 minutes")
        if not 1 <= self.warn_at <= 99:
            raise ValueError("`warn_at` is 1 to 99 percent")
        if len(afters) > MOST_LEVELS or afters != sorted(set(afters)):
            raise ValueError("levels come one after the other, 5 at most")
        if any(not _NOTHING <= after <= LONGEST for after in afters):
            raise ValueError("a level comes after 0 to 600000 minutes")
        if any(len(people) > MOST_PEOPLE for people in (self.wardens, *(level.people for level in self.levels))):
            raise ValueError("at most 50 people are told")

    def allowed(self, kind: Kind, priority: Priority) -> Allowances:
        """Give what is promised for an item."""
        return self.promises.get(kind, {}).get(priority, {})

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> "Policy":
        """Read a policy as `document` gives it; what is left out is as usual.

        Raises:
            ValueError: a name is not known, or a value can't be used.
        """
        usual = cls()
        if set(value) - {"promises", "warn_at", "wardens", "levels"}:
            raise ValueError("a policy has `promises`, `warn_at`, `wardens` and `levels`")
        promises = usual.promises
        if "promises" in value:
            promises = {
                Kind(kind): {
                    Priority(priority): {Aim(aim): _time(minutes) for aim, minutes in _mapping(aims).items()}
                    for priority, aims in _mapping(priorities).items()
                }
                for kind, priorities in _mapping(value["promises"]).items()
            }
        levels = tuple(
            Level(_time(_mapping(level).get("after")), _people(_mapping(level).get("people")))
            for level in _list(value.get("levels", ()))
        )
        return cls(promises, _whole(value.get("warn_at", usual.warn_at)), _people(value.get("wardens", ())), levels)

    def document(self) -> dict[str, Any]:
        """Give it as plain values, times in whole minutes; `parse` reads it."""
        return {
            "promises": {
                kind.value: {
                    priority.value: {aim.value: _minutes(time) for aim, time in aims.items()}
                    for priority, aims in priorities.items()
                }
                for kind, priorities in self.promises.items()
            },
            "warn_at": self.warn_at,
            "wardens": list(self.wardens),
            "levels": [{"after": _minutes(level.after), "people": list(level.people)} for level in self.levels],
        }


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("an object is expected")  # noqa: TRY004 (whoever reads settings expects a ValueError)
    return value


def _list(value: object) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError("a list is expected")  # noqa: TRY004 (likewise)
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("a whole number is expected")  # noqa: TRY004 (likewise)
    return value


def _time(value: object) -> timedelta:
    minutes = _whole(value)
    if not 0 <= minutes <= LONGEST // timedelta(minutes=1):
        raise ValueError("times are whole minutes, 600000 at most")
    return timedelta(minutes=minutes)


def _minutes(time: timedelta) -> int:
    return time // timedelta(minutes=1)


def _people(value: object) -> tuple[str, ...]:
    found = tuple(_list(value))
    if not all(isinstance(item, str) and 0 < len(item) <= 64 for item in found):
        raise ValueError("people are named by the ids of their accounts")
    return tuple(dict.fromkeys(found))
