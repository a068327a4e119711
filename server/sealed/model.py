"""What is sealed of a person, for what and until when it may be shown, and the pure rules about that.

A record is a bundle of fields of one person: a filled form. Values are never here: the store opens them one by one.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from server.kernel.actor import Role
from server.kernel.disclosure import Purpose
from server.kernel.text import RedactedText, Redaction
from server.sealed.fields import FieldType

MAX_REASON = 200
"""Code points of the reason that somebody gives for looking."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One field of a record.

    Attributes:
        type: what it holds.
        purposes: what it may be used for.
        keep_until: aware, UTC; from then on it is not shown to anybody, and it is removed.
        findable: whether its value can be looked up without being opened, by a keyed digest.
    """

    type: FieldType
    purposes: frozenset[Purpose]
    keep_until: datetime
    findable: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may have fields shown to them.

    Attributes:
        circle: who, by what they are to something: `conversation:ID` for staff who take part in it.
        keys: of the fields.
        purposes: for which of the fields' purposes.
        until: aware, UTC.
    """

    circle: str
    keys: frozenset[str]
    purposes: frozenset[Purpose]
    until: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """What is sealed of somebody in one place.

    Attributes:
        id: opaque.
        kind: what it is, `form`.
        person_id: under whose key.
        revision: rises with each change; who knows another changes nothing.
        made_at: aware, UTC.
        changed_at: likewise.
        slots: by key.
        grants: to whom it may be shown.
    """

    id: str
    kind: str
    person_id: str
    revision: int
    made_at: datetime
    changed_at: datetime
    slots: Mapping[str, Slot]
    grants: tuple[Grant, ...] = ()

    @property
    def due(self) -> datetime | None:
        """When the next of its fields has to go; None where there is none."""
        return min((slot.keep_until for slot in self.slots.values()), default=None)

    def kept(self, now: datetime) -> frozenset[str]:
        """The keys of what has not to be gone."""
        return frozenset(key for key, slot in self.slots.items() if now < slot.keep_until)

    def outlived(self, now: datetime) -> "Record":
        """Give the record without what has to be gone."""
        kept = self.kept(now)
        slots = {key: slot for key, slot in self.slots.items() if key in kept}
        return replace(self, slots=slots, revision=self.revision + 1)


@dataclass(frozen=True, slots=True)
class Reveal:
    """Somebody was shown fields of a record.

    Attributes:
        id: opaque; sorts by time.
        record_id: of which.
        keys: of the fields.
        actor_id: who.
        role: what they were then.
        purpose: what for.
        reason: in their words, after the gate.
        redactions: the placeholders in it.
        at: aware, UTC.
        person_id: whose it is; empty where it was written down before this was kept.
    """

    id: str
    record_id: str
    keys: tuple[str, ...]
    actor_id: str
    role: Role
    purpose: Purpose
    reason: RedactedText
    redactions: tuple[Redaction, ...]
    at: datetime
    person_id: str = ""


def holdable(person_id: str, circles: Iterable[str]) -> frozenset[str]:
    """Give the ids whose legal hold keeps a record: its person, and what its circles are of (`conversation:ID`)."""
    return frozenset({person_id, *(circle.rpartition(":")[2] for circle in circles)})


class Answer(StrEnum):
    """What the rules say to somebody who wants a field shown."""

    YES = "yes"
    NO = "no"
    """They are of those for whom the record is, and may not have this."""
    UNKNOWN = "unknown"
    """For them there is no such record."""
    GONE = "gone"
    """There was such a field."""


def may_reveal(
    record: Record, keys: Collection[str], purpose: Purpose, now: datetime, belongs: Callable[[str], bool]
) -> Answer:
    """Say whether somebody may be shown fields for a purpose at a moment.

    Each field needs a grant that lasts, is for somebody like them and covers it and the purpose; and the field itself
    must serve that purpose, whatever the grant says.

    Args:
        record: of which.
        keys: of the fields; at least one.
        purpose: what for.
        now: the moment.
        belongs: whether they are of a circle.
    """
    theirs = [grant for grant in record.grants if belongs(grant.circle)]
    if not theirs:
        return Answer.UNKNOWN
    lasting = [grant for grant in theirs if now < grant.until and purpose in grant.purposes]
    if not keys or not all(any(key in grant.keys for grant in lasting) for key in keys):
        return Answer.NO
    kept = record.kept(now)
    if not all(key in kept for key in keys):
        return Answer.GONE
    return Answer.YES if all(purpose in record.slots[key].purposes for key in keys) else Answer.NO
