"""What happens in conversations."""

from dataclasses import dataclass

from server.chat.model import Conversation, Message
from server.kernel.actor import Actor
from server.kernel.events import Event


@dataclass(frozen=True, slots=True)
class MessagePosted(Event):
    """A message is stored. Receivers order by its `seq`."""

    message: Message
    author: Actor


@dataclass(frozen=True, slots=True)
class ConversationChanged(Event):
    """A conversation changed.

    Attributes:
        conversation: its new state.
        previous_assignee_id: who had it before; somebody else now does if it differs.
        progress: whether only messages or read marks moved it on; such news may be told late and in sum.
    """

    conversation: Conversation
    previous_assignee_id: str | None = None
    progress: bool = False


@dataclass(frozen=True, slots=True)
class MessagesRead(Event):
    """Somebody has read up to a `seq`."""

    conversation_id: str
    account_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class TypingChanged(Event):
    """Somebody began or stopped typing."""

    conversation_id: str
    account_id: str
    typing: bool
