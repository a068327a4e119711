"""Break-glass: somebody of staff reads a conversation they have no business with. What it is, and the pure rules of it.

It takes a reason, a purpose and a limit in time; it is announced to the person and to the privacy officers; it ends by
itself; somebody else reviews it (promise S5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.kernel.access import Rule
from server.kernel.actor import STAFF_ROLES, Actor, Role
from server.kernel.disclosure import SEALED_PURPOSES, Purpose
from server.kernel.ports import Clock
from server.kernel.text import RedactedText, Redaction

MAX_MINUTES = 60
MAX_REASON = 500
GLASS_PURPOSES = tuple(purpose for purpose in Purpose if purpose not in {Purpose.SUPPORT, *SEALED_PURPOSES})
"""What the glass may be broken for. Ordinary support has an ordinary way: to be given the conversation."""


class Finding(StrEnum):
    """What a reviewer found."""

    OK = "ok"
    NOT_OK = "not_ok"


@dataclass(frozen=True, slots=True)
class Review:
    """A privacy officer's word on it. `note` has passed the gate."""

    reviewer_id: str
    finding: Finding
    note: RedactedText | None
    note_redactions: tuple[Redaction, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """One opening.

    Attributes:
        id: opaque; sorts by time.
        conversation_id: what was opened.
        person_id: whose conversation it is.
        actor_id: who opened it.
        role: what they were then.
        purpose: what for.
        reason: in their words, past the gate.
        redactions: the placeholders in the reason.
        minutes: for how long, 1 to 60.
        opened_at: from when.
        ends_at: until when at most.
        ended_at: when it ended; None while it lasts.
        review: None until somebody has reviewed it.
    """

    id: str
    conversation_id: str
    person_id: str
    actor_id: str
    role: Role
    purpose: Purpose
    reason: RedactedText
    redactions: tuple[Redaction, ...]
    minutes: int
    opened_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    review: Review | None = None


END_RULE = Rule("break_glass", own=STAFF_ROLES, others=frozenset({Role.PRIVACY_OFFICER}))
"""Who opened it may end it early, and so may a privacy officer."""

REVIEW_RULE = Rule("break_glass", own=frozenset(), others=frozenset({Role.PRIVACY_OFFICER}))
"""Nobody reviews their own."""


def can_end(actor: Actor, item: BreakGlass) -> bool:
    """Whether the actor may end it before its time."""
    return actor.role in (END_RULE.own if actor.account_id == item.actor_id else END_RULE.others)


def can_review(actor: Actor, item: BreakGlass) -> bool:
    """Whether the actor may review it."""
    return actor.role in (REVIEW_RULE.own if actor.account_id == item.actor_id else REVIEW_RULE.others)


class Register:
    """The openings that last, in memory. Fills `kernel.disclosure.Grants`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_key: dict[tuple[str, str], BreakGlass] = {}

    def add(self, item: BreakGlass) -> None:
        """Take one up."""
        self._by_key[item.actor_id, item.conversation_id] = item

    def remove(self, item: BreakGlass) -> None:
        """Drop one; harmless when it is gone."""
        known = self._by_key.get((item.actor_id, item.conversation_id))
        if known is not None and known.id == item.id:
            del self._by_key[item.actor_id, item.conversation_id]

    def items(self) -> Sequence[BreakGlass]:
        """Give all that were not dropped, also those whose time is over."""
        return list(self._by_key.values())

    def purpose(self, account_id: str, conversation_id: str) -> Purpose | None:
        """See `kernel.disclosure.Grants`."""
        item = self._by_key.get((account_id, conversation_id))
        return item.purpose if item is not None and self._clock() < item.ends_at else None

    def holders(self, conversation_id: str) -> Sequence[str]:
        """See `kernel.disclosure.Grants`."""
        return [item.actor_id for item in self._lasting() if item.conversation_id == conversation_id]

    def conversations(self, account_id: str) -> Sequence[str]:
        """See `kernel.disclosure.Grants`."""
        return [item.conversation_id for item in self._lasting() if item.actor_id == account_id]

    def of_account(self, account_id: str) -> Sequence[BreakGlass]:
        """Give those of an account that last."""
        return [item for item in self._lasting() if item.actor_id == account_id]

    def _lasting(self) -> list[BreakGlass]:
        if not self._by_key:
            return []
        now = self._clock()
        return [item for item in self._by_key.values() if now < item.ends_at]
