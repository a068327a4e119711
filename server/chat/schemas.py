"""Conversations and messages on the wire, for HTTP and Socket.IO alike."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from nlp.labels import Label
from server.chat.model import Conversation, Message, Status, View
from server.kernel.actor import Actor, Role
from server.kernel.text import Redaction
from server.kernel.wire import Moment, Schema, TypedSubject, TypedText, rfc3339

Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
"""An opaque id, ours or a client's."""

Seq = Annotated[int, Field(ge=0, le=2**53)]


class Person(Schema):
    """Somebody as others see them."""

    id: str
    display_name: Annotated[str, Field(repr=False)]
    role: Role


class RedactionOut(Schema):
    """One hidden identifier."""

    placeholder: str
    label: Label


class MessageOut(Schema):
    """A message. `revision`: how often more was hidden in it after it was stored."""

    id: str
    conversation_id: str
    seq: int
    client_message_id: str
    author: Person
    text: str
    redactions: list[RedactionOut]
    created_at: Moment
    revision: int


class ConversationOut(Schema):
    """A conversation. `unread` is counted for the caller and null in events, which go to many.

    `access` says how much of it the receiver sees: `full`; `reading`, by way of exception and without writing; or
    `row`, what the queue shows: subject and waiting time. Of a row `customer` is null and nothing else is told.
    """

    id: str
    access: View
    subject: str | None
    subject_redactions: list[RedactionOut]
    status: Status
    customer: Person | None
    assignee: Person | None
    participants: list[Person]
    last_seq: int
    last_message_at: Moment | None
    waiting_since: Moment | None
    created_at: Moment
    read_marks: dict[str, int]
    unread: int | None


class ConversationReply(Schema):
    """One conversation."""

    conversation: ConversationOut


class ConversationPage(Schema):
    """Some conversations; `next_cursor` is null at the end."""

    items: list[ConversationOut]
    next_cursor: str | None


class MessageReply(Schema):
    """One message."""

    message: MessageOut


class MessagePage(Schema):
    """Some messages, ascending by `seq`, and the last `seq` of the conversation."""

    items: list[MessageOut]
    last_seq: int


class JoinReply(Schema):
    """What came after `after_seq`; `has_more`: join again after the last of these. `online`: who is there now.

    `corrections`: how often stored texts were redacted again; who knows another number reads all messages anew.
    """

    messages: list[MessageOut]
    last_seq: int
    has_more: bool
    online: list[str]
    corrections: int


class NewConversation(Schema):
    """A conversation to begin."""

    subject: TypedSubject | None = None


class NewMessage(Schema):
    """A message to send. The same `client_message_id` again gives the first message."""

    client_message_id: Id
    text: TypedText


class SendMessage(NewMessage):
    """The same, over Socket.IO."""

    conversation_id: Id


class Assignment(Schema):
    """To whom; `me` is the caller."""

    agent_id: Id


class Colleague(Schema):
    """Whom to bring in."""

    agent_id: Id


class JoinConversation(Schema):
    """Which conversation, and what is known of it already."""

    conversation_id: Id
    after_seq: Seq = 0


class ReadUpTo(Schema):
    """What has been read."""

    conversation_id: Id
    seq: Seq


class Typing(Schema):
    """Whether the sender types."""

    conversation_id: Id
    typing: bool


class ConversationQuery(Schema):
    """Which conversations. `assignee`: an id, `me` or `none`."""

    status: Status | None = None
    assignee: Id | None = None
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class MessageQuery(Schema):
    """Which messages: those after a `seq`, or the last ones before one."""

    after_seq: Seq | None = None
    before_seq: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


def person(actor: Actor | None, account_id: str) -> Person:
    """Give a person; an account that is gone keeps its id and no name."""
    if actor is None:
        return Person(id=account_id, display_name="—", role=Role.VISITOR)
    return Person(id=actor.account_id, display_name=actor.display_name, role=actor.role)


def _redactions(items: Sequence[Redaction]) -> list[RedactionOut]:
    return [RedactionOut(placeholder=item.placeholder, label=item.label) for item in items]


def message_out(message: Message, author: Actor | None) -> MessageOut:
    """Give the wire form of a message."""
    return MessageOut(
        id=message.id,
        conversation_id=message.conversation_id,
        seq=message.seq,
        client_message_id=message.client_message_id,
        author=person(author, message.author_id),
        text=message.text.value,
        redactions=_redactions(message.redactions),
        created_at=message.created_at,
        revision=message.revision,
    )


def message_event(message: Message, author: Actor) -> dict[str, Any]:
    """Give a message as an event: the same form as `MessageOut`, built directly because every message pays for it.

    `tests/unit/chat` holds the two together.
    """
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "client_message_id": message.client_message_id,
        "author": {"id": author.account_id, "display_name": author.display_name, "role": author.role.value},
        "text": message.text.value,
        "redactions": [{"placeholder": item.placeholder, "label": item.label.value} for item in message.redactions],
        "created_at": rfc3339(message.created_at),
        "revision": message.revision,
    }


def conversation_out(
    conversation: Conversation, people: Mapping[str, Actor], view: View, viewer_id: str | None = None
) -> ConversationOut:
    """Give the wire form of a conversation.

    Args:
        conversation: which.
        people: those named in it, for display.
        view: how much of it its receiver sees.
        viewer_id: for whom unread messages are counted, or None.
    """
    is_row = view is View.ROW
    assignee_id = conversation.assignee_id
    unread = None
    if viewer_id is not None and not is_row:
        unread = conversation.last_seq - conversation.read_marks.get(viewer_id, 0)
    others = () if is_row else sorted(conversation.participant_ids)
    return ConversationOut(
        id=conversation.id,
        access=view,
        subject=conversation.subject.value if conversation.subject else None,
        subject_redactions=_redactions(conversation.redactions),
        status=conversation.status,
        customer=None if is_row else person(people.get(conversation.customer_id), conversation.customer_id),
        assignee=person(people.get(assignee_id), assignee_id) if assignee_id else None,
        participants=[person(people.get(account_id), account_id) for account_id in others],
        last_seq=0 if is_row else conversation.last_seq,
        last_message_at=None if is_row else conversation.last_message_at,
        waiting_since=conversation.waiting_since,
        created_at=conversation.created_at,
        read_marks={} if is_row else dict(conversation.read_marks),
        unread=unread,
    )
