"""A text that somebody wants to publish, and what is decided about it before it is: what writers and `review` share."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from server.kernel.actor import Actor
from server.kernel.text import RedactedText


class Outcome(StrEnum):
    """What is done with a text that somebody wants to publish."""

    PUBLISH = "publish"
    HOLD = "hold"
    """Stored, and shown to its author and to moderators only until they decide."""
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Submission:
    """A redacted text that somebody wants to publish.

    Attributes:
        target_type: what it is, `post`.
        place: id of what it stands in.
        category_id: where.
        text: title and body, redacted.
        hidden: how many identifiers were hidden in it.
        opening: whether it begins a topic.
        edit: whether it replaces a text that is published already.
        contacts: how many contacts of their own the writer publishes in it.
    """

    target_type: str
    place: str
    category_id: str
    text: RedactedText
    hidden: int
    opening: bool = False
    edit: bool = False
    contacts: int = 0


@dataclass(frozen=True, slots=True)
class Screened:
    """What was decided.

    Attributes:
        outcome: of it.
        reasons: codes, for the queue and for the author.
        censor: makes words unreadable; applied to each piece of the text between its placeholders. Or None.
    """

    outcome: Outcome
    reasons: tuple[str, ...] = ()
    censor: Callable[[str], str] | None = None


class WordsAboutOneself(Protocol):
    """Looks at what people say of themselves. It waits for nobody: what can't stand is not kept."""

    async def can_stand(self, actor: Actor, text: RedactedText, hidden: int) -> bool: ...
