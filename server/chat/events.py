"""What happens in conversations."""

from dataclasses import dataclass
from enum import StrEnum

from server.chat.model import Conversation, Message
from server.kernel.actor import Actor
from server.kernel.events import Event


@dataclass(frozen=True, slots=True)
class MessagePosted(Event):
    """A message is stored. Receivers order by its `seq`."""

    message: Message
    author: Actor


@dataclass(frozen=True, slots=True)
class MessageCorrected(Event):
    """A stored message was redacted again. Receivers put it in the place of what they have.

    Attributes:
        message: as it is stored now.
        author: who wrote it.
        corrections: the conversation's, with this one.
    """

    message: Message
    author: Actor
    corrections: int


@dataclass(frozen=True, slots=True)
class MessageChanged(Event):
    """A stored message was edited, deleted or reacted to. Receivers put it in the place of what they have.

    Attributes:
        message: as it is stored now.
        author: who wrote it.
        changes: the conversation's, with this one.
    """

    message: Message
    author: Actor
    changes: int


@dataclass(frozen=True, slots=True)
class ConversationRated(Event):
    """A customer said how a conversation was that is done.

    Attributes:
        conversation: with its rating.
    """

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class ConversationRenamed(Event):
    """A conversation is about something else now. Told after `ConversationChanged`.

    Attributes:
        conversation: with its subject.
    """

    conversation: Conversation


class Turn(StrEnum):
    """How a conversation turned to another status."""

    OPENED = "opened"
    REOPENED = "reopened"
    """By staff, or by its customer's next message."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ConversationChanged(Event):
    """A conversation changed.

    Attributes:
        conversation: its new state.
        progress: whether only messages or read marks moved it on; such news may be told late and in sum.
        queue: whether what the queue shows of it is new.
        turn: how it turned to another status, where that is what changed.
    """

    conversation: Conversation
    progress: bool = False
    queue: bool = True
    turn: Turn | None = None


@dataclass(frozen=True, slots=True)
class MessagesRead(Event):
    """Somebody has read up to a `seq`."""

    conversation_id: str
    account_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class MessagesDelivered(Event):
    """Messages up to a `seq` have come to a device of somebody."""

    conversation_id: str
    account_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class TypingChanged(Event):
    """Somebody began or stopped typing."""

    conversation_id: str
    account_id: str
    typing: bool
