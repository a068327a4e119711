"""Conversations and messages on the wire, for HTTP and Socket.IO alike."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from nlp.labels import Label
from server.chat.markup import Rendered
from server.chat.model import Conversation, Message, MessageKind, Rating, Status, View
from server.kernel.actor import Actor, Role
from server.kernel.attached import MOST_WITH_A_MESSAGE, Attached
from server.kernel.text import Redaction
from server.kernel.wire import Moment, Schema, TypedRemark, TypedSubject, TypedText, rfc3339

Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
"""An opaque id, ours or a client's."""

Seq = Annotated[int, Field(ge=0, le=2**53)]

Place = Annotated[int, Field(ge=1, le=2**53)]
"""The `seq` of a message."""


class Person(Schema):
    """Somebody as others see them."""

    id: str
    display_name: Annotated[str, Field(repr=False)]
    role: Role


class RedactionOut(Schema):
    """One hidden identifier."""

    placeholder: str
    label: Label


class AttachmentOut(Schema):
    """A file of a message. `thumbnail`: there is a small picture of it. `sealed`: only named staff may open it."""

    id: str
    name: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    thumbnail: bool
    sealed: bool


class FormRef(Schema):
    """A form that a message carries; what it asks and whether it is filled in, the form itself tells."""

    id: str


class MessageOut(Schema):
    """A message.

    `html`: its text as safe HTML where it has marks; null where it is nothing but its words. `reactions`: emoji -> the
    accounts that gave it. A deleted message keeps its place: its text is empty. `revision`: how often its text became
    another after it was stored. `version`: how often anything of it did; of two forms of it the higher one holds.
    """

    id: str
    conversation_id: str
    seq: int
    client_message_id: str
    author: Person
    kind: MessageKind
    text: str
    html: str | None
    redactions: list[RedactionOut]
    reply_to: int | None
    attachments: list[AttachmentOut]
    reactions: dict[str, list[str]]
    form: FormRef | None
    created_at: Moment
    edited_at: Moment | None
    deleted_at: Moment | None
    revision: int
    version: int


class RatingOut(Schema):
    """What the customer says of a conversation that is done: 1 (bad) to 5 (good)."""

    score: int
    text: str | None
    redactions: list[RedactionOut]
    at: Moment


class ConversationOut(Schema):
    """A conversation. `unread` is counted for the caller and null in events, which go to many.

    `access` says how much of it the receiver sees: `full`; `reading`, by way of exception and without writing; or
    `row`, what the queue shows: subject and waiting time. Of a row `customer` is null and nothing else is told.
    `delivered_marks`: account -> last `seq` that has come to a device of it. `changes`: how often messages were edited,
    deleted or reacted to.
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
    delivered_marks: dict[str, int]
    changes: int
    rating: RatingOut | None
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
    `changes`: how often messages were edited, deleted or reacted to. `changed`: those up to `after_seq` to which that
    happened since the number that was given; null where it is too long ago: then read all messages anew.
    """

    messages: list[MessageOut]
    last_seq: int
    has_more: bool
    online: list[str]
    corrections: int
    changes: int
    changed: list[MessageOut] | None


class NewConversation(Schema):
    """A conversation to begin."""

    subject: TypedSubject | None = None


class NewSubject(Schema):
    """What a conversation is about."""

    subject: TypedSubject


class NewMessage(Schema):
    """A message to send. The same `client_message_id` again gives the first message.

    `reply_to`: `seq` of the message that it answers. With files, which were sent before, the text may be empty.
    """

    client_message_id: Id
    text: TypedText
    reply_to: Place | None = None
    attachment_ids: Annotated[list[Id], Field(default_factory=list, max_length=MOST_WITH_A_MESSAGE)]


class SendMessage(NewMessage):
    """The same, over Socket.IO."""

    conversation_id: Id


class MessageChange(Schema):
    """A message's new text. `revision`: of the text that it takes the place of."""

    text: TypedText
    revision: Seq


class NewRating(Schema):
    """What the customer says of a conversation that is done: 1 (bad) to 5 (good)."""

    score: Annotated[int, Field(ge=1, le=5)]
    text: TypedRemark | None = None


class VisitorToken(Schema):
    """The token of the visitor that one was before."""

    token: Annotated[str, Field(min_length=1, max_length=200, repr=False)]


class AdoptedReply(Schema):
    """How many conversations became the caller's."""

    adopted: int


class Assignment(Schema):
    """To whom; `me` is the caller."""

    agent_id: Id


class Colleague(Schema):
    """Whom to bring in."""

    agent_id: Id


class JoinConversation(Schema):
    """Which conversation, and what is known of it already.

    `changes`: the number that the last answer or event gave; null where nothing is known yet.
    """

    conversation_id: Id
    after_seq: Seq = 0
    changes: Seq | None = None


class ReadUpTo(Schema):
    """What has been read."""

    conversation_id: Id
    seq: Seq


class DeliveredUpTo(Schema):
    """What has come to the device. Told late and in sum: once for many messages."""

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


def _attachment(item: Attached) -> AttachmentOut:
    return AttachmentOut(
        id=item.id,
        name=item.name.value,
        media_type=item.media_type,
        size=item.size,
        width=item.width,
        height=item.height,
        thumbnail=item.thumbnail,
        sealed=item.sealed,
    )


def _rating(rating: Rating) -> RatingOut:
    text = rating.text.value if rating.text else None
    return RatingOut(score=rating.score, text=text, redactions=_redactions(rating.redactions), at=rating.at)


def message_out(message: Message, author: Actor | None, html: str | None = None) -> MessageOut:
    """Give the wire form of a message; `html`: its text with its marks, if it has any."""
    return MessageOut(
        id=message.id,
        conversation_id=message.conversation_id,
        seq=message.seq,
        client_message_id=message.client_message_id,
        author=person(author, message.author_id),
        kind=message.kind,
        text=message.text.value,
        html=html,
        redactions=_redactions(message.redactions),
        reply_to=message.reply_to,
        attachments=[_attachment(item) for item in message.attachments],
        reactions={emoji: list(given) for emoji, given in message.reactions.items()},
        form=FormRef(id=message.form) if message.form else None,
        created_at=message.created_at,
        edited_at=message.edited_at,
        deleted_at=message.deleted_at,
        revision=message.revision,
        version=message.version,
    )


async def messages_out(
    messages: Sequence[Message], authors: Mapping[str, Actor], rendered: Rendered
) -> list[MessageOut]:
    """Give the wire form of messages, with their marks."""
    return [message_out(item, authors.get(item.author_id), await rendered.of(item)) for item in messages]


def message_event(message: Message, author: Actor, html: str | None = None) -> dict[str, Any]:
    """Give a message as an event: the same form as `MessageOut`, built directly because every message pays for it.

    `tests/unit/chat` holds the two together.
    """
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "client_message_id": message.client_message_id,
        "author": {"id": author.account_id, "display_name": author.display_name, "role": author.role.value},
        "kind": message.kind.value,
        "text": message.text.value,
        "html": html,
        "redactions": [{"placeholder": item.placeholder, "label": item.label.value} for item in message.redactions],
        "reply_to": message.reply_to,
        "attachments": [_attachment(item).model_dump(mode="json") for item in message.attachments],
        "reactions": {emoji: list(given) for emoji, given in message.reactions.items()},
        "form": {"id": message.form} if message.form else None,
        "created_at": rfc3339(message.created_at),
        "edited_at": rfc3339(message.edited_at) if message.edited_at else None,
        "deleted_at": rfc3339(message.deleted_at) if message.deleted_at else None,
        "revision": message.revision,
        "version": message.version,
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
        delivered_marks={} if is_row else dict(conversation.delivered_marks),
        changes=0 if is_row else conversation.changes,
        rating=None if is_row or conversation.rating is None else _rating(conversation.rating),
        unread=unread,
    )
