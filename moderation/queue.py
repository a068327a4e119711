"""The life of a review item: open -> claimed -> decided -> appealed -> upheld or overturned.

Pure: says what may follow what and who may do it, and gives the changed item. Two rules stand above all others: nobody
moderates their own matter (neither as its author, nor as one who reported it, nor the appeal of their own decision),
and there is one appeal. Must not know what happens to the text, nor who anybody is.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    """Somebody looks at it; for a while nobody else decides."""
    DECIDED = "decided"
    APPEALED = "appealed"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


WAITING: Final = frozenset({State.OPEN, State.CLAIMED})
"""States in which a first decision is due."""


class Decision(StrEnum):
    """What a moderator decides."""

    APPROVE = "approve"
    """Nothing is wrong with it."""
    EDIT = "edit"
    """It is shown as the moderator changed it."""
    HIDE = "hide"
    """What was public is taken away."""
    REJECT = "reject"
    """What was held is not published."""
    WARN = "warn"
    """It is not shown, and its author is warned."""
    SILENCE = "silence"
    """It is not shown, and its author may not write for a while."""
    SUSPEND = "suspend"
    """It is not shown, and its author is kept out for a while."""


SANCTIONS: Final = frozenset({Decision.WARN, Decision.SILENCE, Decision.SUSPEND})
"""Decisions about a person and not only about a text."""


class Ruling(StrEnum):
    """What becomes of an appeal."""

    UPHOLD = "uphold"
    OVERTURN = "overturn"


class Effect(StrEnum):
    """What happens to the text."""

    PUBLISH = "publish"
    HIDE = "hide"
    REJECT = "reject"
    NONE = "none"
    """It was changed already, or stays as it is."""


class Why(StrEnum):
    """Why a step is refused."""

    STATE = "state"
    """The item is not where this step begins."""
    TAKEN = "taken"
    """Another moderator looks at it."""
    OWN_TEXT = "own_text"
    OWN_REPORT = "own_report"
    OWN_DECISION = "own_decision"
    NOT_THEIRS = "not_theirs"
    """Only the author appeals."""
    UNFIT = "unfit"
    """What is public can't be rejected, and what is held can't be hidden."""
    LATE = "late"
    """The time for an appeal is over."""
    FAVOURABLE = "favourable"
    """Nothing was decided against the author."""


_OWN_MATTER = frozenset({Why.OWN_TEXT, Why.OWN_REPORT, Why.OWN_DECISION})


class StepRefused(Exception):
    """A step that the state machine does not take.

    Args:
        why: the reason.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why

    @property
    def is_own_matter(self) -> bool:
        """Whether it is refused because of who asks, whatever the state."""
        return self.why in _OWN_MATTER or self.why is Why.NOT_THEIRS


@dataclass(frozen=True, slots=True)
class Claim:
    """Who looks at an item, and until when nobody else decides it."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision."""

    by: str
    what: Decision
    at: datetime


@dataclass(frozen=True, slots=True)
class Ruled:
    """What became of an appeal."""

    by: str
    what: Ruling
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A review item as far as its life is concerned.

    Attributes:
        author_id: who wrote the text.
        held: whether the text was kept back before anybody saw it; False for what was public.
        reporters: who reported it.
        state: where it stands.
        claim: who looks at it, while it is claimed.
        decided: the decision, once there is one.
        appealed_at: when its author appealed.
        ruled: what became of the appeal.
    """

    author_id: str
    held: bool
    reporters: frozenset[str] = field(default_factory=frozenset)
    state: State = State.OPEN
    claim: Claim | None = None
    decided: Decided | None = None
    appealed_at: datetime | None = None
    ruled: Ruled | None = None


def claim(case: Case, by: str, at: datetime, lasts: timedelta) -> Case:
    """Take an item to look at. Taking one's own again prolongs it; what was claimed too long ago is free.

    Raises:
        StepRefused: STATE, TAKEN, OWN_TEXT, OWN_REPORT.
    """
    _require_stranger(case, by)
    _require_waiting(case)
    _require_free(case, by, at)
    return replace(case, state=State.CLAIMED, claim=Claim(by, at + lasts))


def release(case: Case, by: str) -> Case:
    """Give an item back that one has claimed.

    Raises:
        StepRefused: STATE, TAKEN.
    """
    if case.state is not State.CLAIMED or case.claim is None:
        raise StepRefused(Why.STATE)
    if case.claim.by != by:
        raise StepRefused(Why.TAKEN)
    return replace(case, state=State.OPEN, claim=None)


def report(case: Case, by: str) -> Case:
    """Add somebody who reports it.

    Raises:
        StepRefused: STATE, OWN_TEXT.
    """
    if by == case.author_id:
        raise StepRefused(Why.OWN_TEXT)
    _require_waiting(case)
    return replace(case, reporters=case.reporters | {by})


def decide(case: Case, by: str, what: Decision, at: datetime) -> Case:
    """Decide an item, claimed before or not.

    Raises:
        StepRefused: STATE, TAKEN, OWN_TEXT, OWN_REPORT, UNFIT.
    """
    _require_stranger(case, by)
    _require_waiting(case)
    _require_free(case, by, at)
    if not fits(case, what):
        raise StepRefused(Why.UNFIT)
    return replace(case, state=State.DECIDED, claim=None, decided=Decided(by, what, at))


def reopen(case: Case) -> Case:
    """Take a decision back that can't be carried out: the text was changed while it was made.

    Raises:
        StepRefused: STATE.
    """
    if case.state is not State.DECIDED:
        raise StepRefused(Why.STATE)
    return replace(case, state=State.OPEN, claim=None, decided=None)


def appeal(case: Case, by: str, at: datetime, within: timedelta) -> Case:
    """Ask for another moderator's look. Once, by the author, within a time.

    Raises:
        StepRefused: NOT_THEIRS, STATE, FAVOURABLE, LATE.
    """
    if by != case.author_id:
        raise StepRefused(Why.NOT_THEIRS)
    if case.state is not State.DECIDED or case.decided is None:
        raise StepRefused(Why.STATE)
    if case.decided.what is Decision.APPROVE:
        raise StepRefused(Why.FAVOURABLE)
    if at - case.decided.at > within:
        raise StepRefused(Why.LATE)
    return replace(case, state=State.APPEALED, appealed_at=at)


def rule(case: Case, by: str, what: Ruling, at: datetime) -> Case:
    """Decide an appeal. Never by whoever made the decision.

    Raises:
        StepRefused: OWN_TEXT, OWN_REPORT, OWN_DECISION, STATE.
    """
    _require_stranger(case, by)
    if case.state is not State.APPEALED or case.decided is None:
        raise StepRefused(Why.STATE)
    if case.decided.by == by:
        raise StepRefused(Why.OWN_DECISION)
    state = State.UPHELD if what is Ruling.UPHOLD else State.OVERTURNED
    return replace(case, state=state, ruled=Ruled(by, what, at))


def can_be_decided_by(case: Case, who: str) -> bool:
    """Whether the next decision about it may be this person's, as far as it is not their own matter."""
    if who == case.author_id or who in case.reporters:
        return False
    return case.state is not State.APPEALED or case.decided is None or case.decided.by != who


def fits(case: Case, what: Decision) -> bool:
    """Whether a decision can be made about such a text: what is public is hidden, what was held is rejected."""
    return what is not (Decision.HIDE if case.held else Decision.REJECT)


def can_appeal(case: Case, at: datetime, within: timedelta) -> bool:
    """Whether the author may appeal now."""
    try:
        appeal(case, case.author_id, at, within)
    except StepRefused:
        return False
    return True


def effect_of(case: Case) -> Effect:
    """What is to become of the text in the state where the case stands now."""
    if case.decided is None or case.state in WAITING:
        return Effect.NONE
    if case.state is State.OVERTURNED:
        return Effect.PUBLISH
    if case.decided.what in {Decision.APPROVE, Decision.EDIT}:
        return Effect.PUBLISH
    return Effect.REJECT if case.held else Effect.HIDE


def sanction_of(case: Case) -> Decision | None:
    """The sanction that stands because of this case, or None."""
    if case.decided is None or case.state is State.OVERTURNED:
        return None
    return case.decided.what if case.decided.what in SANCTIONS else None


def _require_stranger(case: Case, by: str) -> None:
    if by == case.author_id:
        raise StepRefused(Why.OWN_TEXT)
    if by in case.reporters:
        raise StepRefused(Why.OWN_REPORT)


def _require_waiting(case: Case) -> None:
    if case.state not in WAITING:
        raise StepRefused(Why.STATE)


def _require_free(case: Case, by: str, at: datetime) -> None:
    if case.claim is not None and case.claim.by != by and case.claim.until > at:
        raise StepRefused(Why.TAKEN)
