"""What happens to sealed forms. Ids only."""

from dataclasses import dataclass

from server.kernel.events import Event


@dataclass(frozen=True, slots=True)
class FormFilled(Event):
    """A form was filled in or corrected by its person."""

    form_id: str
    conversation_id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class FormRevealed(Event):
    """Staff were shown fields of a form."""

    form_id: str
    conversation_id: str
    person_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormWithdrawn(Event):
    """A person took a form back; its values are gone."""

    form_id: str
    conversation_id: str
    person_id: str
