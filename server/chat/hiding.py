"""What may be hidden in a stored message after all, and what becomes of it. Pure.

Offsets are code points of the text as it is stored and shown. A piece never reaches into a placeholder, so that no
placeholder is ever cut, and what was hidden before stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.labels import Label
from nlp.placeholders import PLACEHOLDER
from server.chat.model import Conversation, Message, Rating
from server.kernel.errors import InvalidInput
from server.kernel.taught import Taught
from server.kernel.text import Cut, Hidden, RedactedText, Redaction, cut_out, gaps_of, redactions_of

MOST_HIDDEN = 200
"""Code points that can be hidden at once: an address has some 100."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """One piece of a stored message on its way to be hidden, here and wherever its conversation has it.

    Attributes:
        id: of the work.
        conversation_id: where.
        actor_id: who asked for it.
        seq: of the message.
        revision: of the message that the offsets are about.
        start: first code point.
        end: after the last.
        hidden: what stands for the piece.
        number: its number in the conversation.
        lesson: how it is recognised again (`kernel.taught`); empty where it is not looked for.
    """

    id: str
    conversation_id: str
    actor_id: str
    seq: int
    revision: int
    start: int
    end: int
    hidden: Hidden
    number: int
    lesson: Mapping[str, str]

    @property
    def value(self) -> Taught:
        """How the whole value is recognised; the words of a name alone are not hidden in what is stored."""
        return Taught.of({key: entry for key, entry in self.lesson.items() if entry == self.hidden.key})

    @property
    def is_sought(self) -> bool:
        """Whether it is looked for anywhere else."""
        return bool(self.value.values)

    @property
    def cut(self) -> Cut:
        """The piece itself."""
        return Cut(self.start, self.end, self.hidden, self.number)


def piece_of(text: RedactedText, start: int, end: int, label: Label) -> tuple[int, int]:
    """Check a piece and take off the blanks and signs at its edges, which a finger easily takes with it.

    Args:
        text: of the message.
        start: first code point.
        end: after the last.
        label: what it is; the signs at the edges of a secret belong to it.

    Raises:
        InvalidInput: it lies outside of the text, is too long, holds nothing, or touches a placeholder.
    """
    value = text.value
    if not 0 <= start < end <= len(value) or end - start > MOST_HIDDEN:
        raise InvalidInput(fields={"end": "out_of_range"})
    outer = str.isspace if label is Label.SECRET else _is_sign
    while start < end and outer(value[start]):
        start += 1
    while end > start and outer(value[end - 1]):
        end -= 1
    if not any(character.isalnum() for character in value[start:end]):
        raise InvalidInput(fields={"start": "required"})
    if not any(first <= start and end <= last for first, last in gaps_of(value)):
        raise InvalidInput(fields={"start": "not_allowed"})
    return start, end


def _is_sign(character: str) -> bool:
    return not character.isalnum()


def with_cuts(message: Message, cuts: Sequence[Cut]) -> Message:
    """The message with more hidden, one revision later."""
    numbered = cut_out(message.text, message.hidden, cuts)
    return replace(
        message,
        text=numbered.text,
        hidden=numbered.hidden,
        redactions=numbered.redactions,
        revision=message.revision + 1,
        version=message.version + 1,
    )


def with_subject_cuts(conversation: Conversation, subject: RedactedText, cuts: Sequence[Cut]) -> Conversation:
    """The conversation with more hidden in its subject."""
    numbered = cut_out(subject, _known(conversation.redactions), cuts)
    return replace(conversation, subject=numbered.text, redactions=redactions_of(numbered.hidden))


def with_rating_cuts(rating: Rating, text: RedactedText, cuts: Sequence[Cut]) -> Rating:
    """A rating with more hidden in what was added to it."""
    numbered = cut_out(text, rating.hidden, cuts)
    return replace(rating, text=numbered.text, hidden=numbered.hidden, redactions=numbered.redactions)


def label_of(message: Message, placeholder: str) -> Label:
    """What a placeholder of a message stands for.

    Raises:
        InvalidInput: the message has no such placeholder.
    """
    for redaction in message.redactions:
        if redaction.placeholder == placeholder:
            return redaction.label
    raise InvalidInput(fields={"placeholder": "not_allowed"})


def _known(redactions: Iterable[Redaction]) -> list[tuple[Hidden, int]]:
    """Placeholders whose digests are not kept beside them: a subject's. What they show is all that is needed here."""
    found = [PLACEHOLDER.fullmatch(redaction.placeholder) for redaction in redactions]
    return [(Hidden(Label(match["label"]), ""), int(match["n"])) for match in found if match]
