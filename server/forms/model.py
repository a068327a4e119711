"""Templates of sealed forms, forms that were sent, and the pure rules about them. No value of a field is ever here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from nlp.labels import Label
from server.chat.model import Action, rule
from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.disclosure import Purpose
from server.kernel.text import RedactedText, Redaction
from server.sealed.fields import FieldType
from server.sealed.model import Grant, Slot

KIND: Final = "form"
MAX_LABEL: Final = 80
MAX_ABOUT: Final = 400
MAX_NOTE: Final = 200
MOST_FIELDS: Final = 20
MOST_CHOICES: Final = 12
MOST_DAYS: Final = 3650
FILL_FOR: Final = timedelta(days=14)
"""How long a form that was sent can be filled in."""

OWN_RULE: Final = Rule(KIND, own=rule(Action.POST).own)
"""What a form's person may do, and staff whose conversation it stands in. For everybody else there is none."""

TEMPLATE_RULE: Final = Rule("form_template", own=frozenset({Role.ADMIN}), others=frozenset({Role.ADMIN}))


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages of the house; `id` and `en` after their codes."""

    id: RedactedText
    en: RedactedText

    def of(self, locale: str) -> RedactedText:
        """Give one of them."""
        return self.en if locale == "en" else self.id


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that may be chosen; `key` is what is sealed."""

    key: str
    label: Words


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a template.

    Attributes:
        key: unique in the template; made here and never typed, so that it says nothing of anybody.
        type: what it holds.
        label: what it is called.
        required: whether a form without it is not taken.
        keep_days: after so many days the value is removed.
        choices: for a `CHOICE`.
    """

    key: str
    type: FieldType
    label: Words
    required: bool
    keep_days: int
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a template. A form that was sent keeps the one it was sent with.

    Attributes:
        id: stable over versions.
        version: 1, 2, 3, ...
        purpose: the one thing that its values may be used for.
        title: what it is called.
        about: what for, and what happens with it.
        consent: what the person agrees to; of this version.
        fields: at most `MOST_FIELDS`; none where a location is asked for.
        fits: what the gate hides in messages that this form is the way for.
        grant_days: for so many days after filling staff may be shown it.
        paper: whether a document can be made of it, a label or the details for an invoice.
        location: whether it asks where somebody is, once, and keeps distance and cost.
        active: whether it can be sent.
        made_at: aware, UTC.
        made_by: account of an administrator, or `system`.
    """

    id: str
    version: int
    purpose: Purpose
    title: Words
    about: Words
    consent: Words
    fields: tuple[FieldSpec, ...]
    fits: frozenset[Label]
    grant_days: int
    paper: bool
    location: bool
    active: bool
    made_at: datetime
    made_by: str

    def field(self, key: str) -> FieldSpec | None:
        """Find a field."""
        return next((item for item in self.fields if item.key == key), None)


class State(StrEnum):
    """What became of a form."""

    SENT = "sent"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"
    """Its person took it back; the values are gone."""
    LAPSED = "lapsed"
    """Nobody filled it in in time."""
    EXPIRED = "expired"
    """The time of its values is over; they are gone."""


@dataclass(frozen=True, slots=True)
class Result:
    """What is left of a location.

    Attributes:
        distance_km: whole kilometres of road.
        cost: rupiah.
    """

    distance_km: int
    cost: int


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was sent or begun.

    Attributes:
        id: opaque; also of its sealed record.
        conversation_id: where it stands.
        person_id: under whose key its values are.
        template_id: of what.
        version: of the template.
        made_by: who sent it, or its person.
        made_at: aware, UTC.
        note: what the sender wrote with it, after the gate.
        redactions: the placeholders in the note.
        filled_at: when it was filled in first, or None.
        consented_at: when its person agreed to the consent of this version, or None.
        withdrawn_at: when its person took it back, or None.
        grant_until: until when staff may be shown it, or None.
        result: of a location.
    """

    id: str
    conversation_id: str
    person_id: str
    template_id: str
    version: int
    made_by: str
    made_at: datetime
    note: RedactedText | None = None
    redactions: tuple[Redaction, ...] = ()
    filled_at: datetime | None = None
    consented_at: datetime | None = None
    withdrawn_at: datetime | None = None
    grant_until: datetime | None = None
    result: Result | None = None

    @property
    def fill_until(self) -> datetime:
        """Until when it can be filled in."""
        return self.made_at + FILL_FOR

    @property
    def circle(self) -> str:
        """Those whom its values may be shown to: staff who take part in the conversation."""
        return circle_of(self.conversation_id)


def circle_of(conversation_id: str) -> str:
    """Give the name of the circle of staff who take part in a conversation."""
    return f"conversation:{conversation_id}"


def conversation_of(circle: str) -> str | None:
    """Undo `circle_of`; None for another circle."""
    kind, _, conversation_id = circle.partition(":")
    return conversation_id if kind == "conversation" else None


def state_of(form: Form, present: Collection[str], now: datetime) -> State:
    """Say what became of a form.

    Args:
        form: as it is stored.
        present: keys of the values that are kept still.
        now: the moment.
    """
    if form.withdrawn_at is not None:
        return State.WITHDRAWN
    if form.filled_at is None:
        return State.SENT if now < form.fill_until else State.LAPSED
    return State.FILLED if present or form.result is not None else State.EXPIRED


def slots_of(template: Template, filled_at: datetime) -> Mapping[str, Slot]:
    """Say for what and until when the values of a form are kept that was filled in at a moment."""
    purposes = frozenset({template.purpose})
    return {item.key: Slot(item.type, purposes, filled_at + timedelta(days=item.keep_days)) for item in template.fields}


def grant_of(form: Form, template: Template, until: datetime) -> Grant:
    """Say to whom the values of a form may be shown."""
    keys = frozenset(item.key for item in template.fields)
    return Grant(form.circle, keys, frozenset({template.purpose}), until)


def offered(templates: Sequence[Template], labels: Collection[Label]) -> list[Template]:
    """Give the templates that are the way for what the gate hid: those that take more of it first."""
    fitting = [item for item in templates if item.active and item.fits & frozenset(labels)]
    return sorted(fitting, key=lambda item: (-len(item.fits & frozenset(labels)), len(item.fits), item.id))


def keys_for(types: Sequence[FieldType]) -> list[str]:
    """Make a key for each field of a template: its type, and a number from the second of a type on."""
    seen: dict[FieldType, int] = {}
    keys: list[str] = []
    for kind in types:
        seen[kind] = seen.get(kind, 0) + 1
        keys.append(kind.value if seen[kind] == 1 else f"{kind.value}_{seen[kind]}")
    return keys
