"""What a run of the retention rules found and did, when the next one is due, and legal holds. Pure."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.retention import RetentionRule, Times
from server.kernel.text import RedactedText, Redaction

PLACE: Final = ZoneInfo("Asia/Jakarta")
BEGINS: Final = time(1, 0)
"""The night in which a run begins by itself, at the place above."""

NIGHT: Final = timedelta(hours=4)
OVERDUE: Final = timedelta(hours=48)
"""After so long without a run, one begins at any hour: a server that is off at night is cleared too."""

_ASTRAY: Final = timedelta(hours=1)
"""By how much the clocks of processes that work together never differ."""

MAX_REASON: Final = 500
LONGEST_HOLD: Final = timedelta(days=731)
"""The law asks for a hold to be looked at again: nobody sets one for longer than two years at a time."""

_OFFICER: Final = frozenset({Role.PRIVACY_OFFICER})
HOLD_RULE: Final = Rule("legal_hold", _OFFICER, _OFFICER)


class Progress(StrEnum):
    """How far a run is."""

    GOING_ON = "going_on"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule came to.

    Attributes:
        rule: its name.
        gone: how many were removed.
        overdue: how many are still there that should not be, counted after the run (in a dry run: that would go).
        held: how many stay for a legal hold.
        failed: whether the store did not answer; the next run goes on with it.
    """

    rule: str
    gone: int = 0
    overdue: int = 0
    held: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run.

    Attributes:
        id: of the run.
        by: account that asked for it, `system` at night.
        dry: whether nothing was removed.
        began_at: when.
        ended_at: when; None while it goes on.
        resumed: how often it was taken up again after its server had ended.
        lines: rule by rule, in the order of the rules.
    """

    id: str
    by: str
    dry: bool
    began_at: datetime
    ended_at: datetime | None = None
    resumed: int = 0
    lines: tuple[Line, ...] = ()

    @property
    def gone(self) -> int:
        """How many were removed in all."""
        return sum(line.gone for line in self.lines)

    @property
    def overdue(self) -> int:
        """How many are there that should not be."""
        return sum(line.overdue for line in self.lines)

    @property
    def held(self) -> int:
        """How many stay for a legal hold."""
        return sum(line.held for line in self.lines)

    @property
    def failed(self) -> int:
        """How many rules could not be carried out."""
        return sum(line.failed for line in self.lines)

    @property
    def proven(self) -> bool:
        """Whether the run proves that nothing outlives its rule, but for holds."""
        return self.ended_at is not None and not self.dry and not self.overdue and not self.failed


def night_before(now: datetime) -> datetime:
    """Give the moment at which the last night began, in the aware time of `now`."""
    here = now.astimezone(PLACE)
    begun = datetime.combine(here.date(), BEGINS, tzinfo=PLACE)
    return begun if begun <= here else begun - timedelta(days=1)


def is_due(now: datetime, last: datetime | None) -> bool:
    """Whether a run begins by itself.

    Args:
        now: the present moment.
        last: when the last run began that came to its end; None where there was none. One that lies ahead was begun
            by a clock that was wrong: it does not count, or nothing would be removed until that moment has come.
    """
    night = night_before(now)
    if last is not None and last - now > _ASTRAY:
        last = None
    if last is not None and last >= night:
        return False
    return now - night < NIGHT or last is None or now - last >= OVERDUE


# --- holds ---------------------------------------------------------------------------------------------------------


class HoldKind(StrEnum):
    """On what a hold is."""

    PERSON = "person"
    CONVERSATION = "conversation"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: something has to stay, whatever its rule says and whoever asks for its erasure.

    Attributes:
        id: of the hold.
        kind: on what.
        object_id: on which.
        reason: why, after the gate.
        redactions: of the reason.
        by: who set it.
        set_at: when.
        review_at: until when somebody has to look at it again. It stands until it is lifted.
        lifted_at: when it ended; None while it stands.
        lifted_by: who ended it.
        owner_id: whose the thing is; their erasure waits too. Empty where it is nobody's.
        heirs: other accounts of a held person, the hold is on these as well: who took over what a visitor had, and the
            visitors that somebody was.
    """

    id: str
    kind: HoldKind
    object_id: str
    reason: RedactedText = field(repr=False)
    redactions: tuple[Redaction, ...]
    by: str
    set_at: datetime
    review_at: datetime
    lifted_at: datetime | None = None
    lifted_by: str = ""
    owner_id: str = ""
    heirs: tuple[str, ...] = ()

    @property
    def held_ids(self) -> frozenset[str]:
        """The ids of whom or what it keeps."""
        return frozenset({self.object_id, *self.heirs})

    def after_adoption(self, visitor_id: str, account_id: str) -> "Hold":
        """Give the hold after an account took over what a visitor had: a hold on one is on both from then on."""
        both = {visitor_id, account_id}
        if self.held_ids & both:
            return replace(self, heirs=(*self.heirs, *sorted(both - self.held_ids)))
        return replace(self, owner_id=account_id) if self.owner_id == visitor_id else self

    @property
    def stands(self) -> bool:
        """Whether it has not been lifted."""
        return self.lifted_at is None


# --- settings ------------------------------------------------------------------------------------------------------

_LEAST, _MOST = 1, 36_500


def times_of(setting: str) -> Times:
    """Read the operator's own times.

    Args:
        setting: JSON object, rule -> days; or empty.

    Raises:
        ValueError: it can't be read, or a time is none. The text names no value.
    """
    if not setting.strip():
        return Times()
    try:
        found = json.loads(setting)
    except ValueError:
        raise ValueError("is not JSON") from None
    if not isinstance(found, dict) or not all(
        isinstance(days, int) and not isinstance(days, bool) and _LEAST <= days <= _MOST for days in found.values()
    ):
        raise ValueError(f"must say of rules for how many days ({_LEAST} to {_MOST}) things stay")
    return Times({str(rule): int(days) for rule, days in found.items()})


def require_known(times: Times, rules: Sequence[RetentionRule]) -> None:
    """Insist that the operator named rules only whose time can be set.

    Raises:
        ValueError: one can't.
    """
    settable = {rule.name for rule in rules if rule.setting == SETTING}
    for rule in sorted(set(times.days) - settable):
        raise ValueError(f"knows no rule {rule!r} whose time can be set")


SETTING: Final = "AMANAH_RETENTION"
"""The setting of times that have none of their own."""


def uncovered(rules: Sequence[RetentionRule], collections: Collection[str]) -> Mapping[str, str]:
    """Say what is wrong: a collection without a rule, a rule for none, a name that is there twice."""
    found: dict[str, str] = {}
    named = {name for rule in rules for name in rule.collections}
    found.update({name: "no rule" for name in collections if name not in named})
    found.update({name: "no such collection" for name in named if name not in collections})
    names = [rule.name for rule in rules]
    found.update({name: "twice" for name in names if names.count(name) > 1})
    return found
