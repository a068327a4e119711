"""Conversations and messages, and the pure rules about who may do what with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from server.kernel.access import Rule
from server.kernel.actor import Actor, Role
from server.kernel.attached import Attached
from server.kernel.errors import NotFound, NotPermitted
from server.kernel.text import Hidden, RedactedText, Redaction


class MessageKind(StrEnum):
    """What a message is."""

    TEXT = "text"
    """Somebody's words, files, or both."""
    FORM = "form"
    """A form to be filled in; its values are never here."""


class Status(StrEnum):
    """Whether a conversation still needs somebody."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Message:
    """One message, durable and redacted.

    Attributes:
        conversation_id: where it stands.
        seq: its place there; 1, 2, 3, ...
        client_message_id: the sender's own id of it; sending it again gives this message.
        author_id: who wrote it.
        text: what may be shown.
        hidden: each placeholder's digest and number, from which the numbering can be rebuilt.
        redactions: the placeholders in it.
        created_at: aware, UTC.
        revision: how often its text became another after it was stored (more was hidden, it was edited or deleted).
        version: how often anything of it became another, reactions too; of two forms of it the higher one holds.
        kind: what it is.
        marked: whether its text is to be read as Markdown.
        reply_to: `seq` of the message that it answers, or None.
        attachments: files that belong to it.
        reactions: emoji -> who gave it, in order.
        form: id of the form that it carries, or None.
        edited_at: when its writer last changed it, or None.
        deleted_at: when it was deleted, or None. It keeps its place, and nothing else.
    """

    conversation_id: str
    seq: int
    client_message_id: str
    author_id: str
    text: RedactedText
    hidden: tuple[tuple[Hidden, int], ...]
    redactions: tuple[Redaction, ...]
    created_at: datetime
    revision: int = 0
    version: int = 0
    kind: MessageKind = MessageKind.TEXT
    marked: bool = False
    reply_to: int | None = None
    attachments: tuple[Attached, ...] = ()
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form: str | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def id(self) -> str:
        """Opaque to clients; unique."""
        return message_id(self.conversation_id, self.seq)


def message_id(conversation_id: str, seq: int) -> str:
    """Give the id of the message at a place; ids of one conversation sort like their `seq`."""
    return f"{conversation_id}.{seq:010d}"


@dataclass(frozen=True, slots=True)
class Rating:
    """What a customer says of a conversation that is done.

    Attributes:
        score: 1 (bad) to 5 (good).
        at: aware, UTC.
        text: what they add, or None.
        hidden: what the placeholders in it stand for.
        redactions: the placeholders in it.
    """

    score: int
    at: datetime
    text: RedactedText | None = None
    hidden: tuple[tuple[Hidden, int], ...] = ()
    redactions: tuple[Redaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its messages.

    Attributes:
        id: opaque id.
        number: dense and rising over all conversations; lists are read in windows of it.
        subject: what it is about, or None.
        redactions: the placeholders in the subject.
        status: open or closed.
        customer_id: whose it is.
        assignee_id: the member of staff who has it, or None.
        last_seq: the last message's `seq`; 0 without messages.
        last_message_at: when that was, or None.
        waiting_since: since when the customer waits for an answer, or None.
        read_marks: account id -> last `seq` that it has read.
        created_at: aware, UTC.
        participant_ids: colleagues whom an assignee has brought in.
        corrections: how often stored texts were redacted again; who knows another number has old texts.
        delivered_marks: account id -> last `seq` that has come to a device of it.
        changes: how often messages were edited, deleted or reacted to.
        changed: `seq` of the messages that the last of these changes were about, oldest first.
        rating: what its customer says of it, or None.
        told_seq: up to which `seq` its customer, who had left, was told that there is something to read.
        first_asked_at: when its customer first wrote, or None.
        first_answer_at: when staff first answered that, or None.
    """

    id: str
    number: int
    subject: RedactedText | None
    redactions: tuple[Redaction, ...]
    status: Status
    customer_id: str
    assignee_id: str | None
    last_seq: int
    last_message_at: datetime | None
    waiting_since: datetime | None
    created_at: datetime
    read_marks: Mapping[str, int] = field(default_factory=dict)
    participant_ids: frozenset[str] = frozenset()
    corrections: int = 0
    delivered_marks: Mapping[str, int] = field(default_factory=dict)
    changes: int = 0
    changed: tuple[int, ...] = ()
    rating: Rating | None = None
    told_seq: int = 0
    first_asked_at: datetime | None = None
    first_answer_at: datetime | None = None


class Relation(StrEnum):
    """What somebody is to a conversation."""

    CUSTOMER = "customer"
    ASSIGNEE = "assignee"
    PARTICIPANT = "participant"
    """An agent whom an assignee has brought in."""
    QUEUE = "queue"
    """An agent, while nobody has the conversation."""
    COLLEAGUE = "colleague"
    """An agent, while somebody else has it."""
    ADMINISTRATOR = "administrator"
    OFFICE = "office"
    """Other staff."""
    STRANGER = "stranger"


class Action(StrEnum):
    """What somebody may want to do with a conversation."""

    LIST = "list"
    """Know of it: subject line and waiting time."""
    READ = "read"
    POST = "post"
    ASSIGN = "assign"
    RELEASE = "release"
    """Give it back to the queue."""
    BRING_IN = "bring_in"
    """Bring a colleague in, or let one go."""
    LEAVE = "leave"
    CLOSE = "close"
    REOPEN = "reopen"
    REMOVE = "remove"
    """Delete a message that somebody else wrote."""
    RATE = "rate"
    """Say how it was, once it is done."""
    BREAK_GLASS = "break_glass"
    """Open it for a while for a stated reason, announced to the person and the privacy officers."""


_ALLOWED: Mapping[Relation, frozenset[Action]] = {
    Relation.CUSTOMER: frozenset({Action.LIST, Action.READ, Action.POST, Action.RATE}),
    Relation.ASSIGNEE: frozenset(Action) - {Action.LEAVE, Action.RATE, Action.BREAK_GLASS},
    Relation.PARTICIPANT: frozenset({Action.LIST, Action.READ, Action.POST, Action.LEAVE}),
    Relation.QUEUE: frozenset({Action.LIST, Action.ASSIGN, Action.BREAK_GLASS}),
    Relation.COLLEAGUE: frozenset({Action.LIST, Action.BREAK_GLASS}),
    Relation.ADMINISTRATOR: frozenset({Action.LIST, Action.ASSIGN, Action.RELEASE, Action.BREAK_GLASS}),
    Relation.OFFICE: frozenset({Action.BREAK_GLASS}),
    Relation.STRANGER: frozenset(),
}
"""Need to know (promise S5): a conversation is open to its customer, to whom it is assigned and to those brought in.
Administrators administer, they do not read; nor do privacy officers."""

_GLASS = frozenset({Action.LIST, Action.READ})
"""What an opened break-glass adds, while it lasts."""

_OWN = {Role.VISITOR: Relation.CUSTOMER, Role.CUSTOMER: Relation.CUSTOMER, Role.AGENT: Relation.ASSIGNEE}
_OTHERS = {
    Role.VISITOR: Relation.STRANGER,
    Role.CUSTOMER: Relation.STRANGER,
    Role.AGENT: Relation.COLLEAGUE,
    Role.MODERATOR: Relation.OFFICE,
    Role.PRIVACY_OFFICER: Relation.OFFICE,
    Role.ADMIN: Relation.ADMINISTRATOR,
}
"""What a role is to its own conversation, and to somebody else's that somebody has."""


class View(StrEnum):
    """How much of a conversation somebody gets to see."""

    FULL = "full"
    """They take part in it."""
    READING = "reading"
    """They have broken the glass: all of it, but they write nothing into it."""
    ROW = "row"
    """Subject line and waiting time."""


def relation_to(actor: Actor, conversation: Conversation) -> Relation:
    """Say what the actor is to the conversation."""
    if actor.account_id == conversation.customer_id:
        return Relation.CUSTOMER
    if actor.role is Role.ADMIN:
        return Relation.ADMINISTRATOR
    if actor.role is not Role.AGENT:
        return Relation.OFFICE if actor.is_staff else Relation.STRANGER
    if conversation.assignee_id == actor.account_id:
        return Relation.ASSIGNEE
    if actor.account_id in conversation.participant_ids:
        return Relation.PARTICIPANT
    return Relation.QUEUE if conversation.assignee_id is None else Relation.COLLEAGUE


def can(actor: Actor, action: Action, conversation: Conversation, *, glass: bool = False) -> bool:
    """Say whether the actor may do this with the conversation.

    Args:
        actor: who.
        action: what.
        conversation: as it is now.
        glass: whether the actor has broken the glass of this conversation and the time is not over.
    """
    return action in _ALLOWED[relation_to(actor, conversation)] or (glass and actor.is_staff and action in _GLASS)


def require(actor: Actor, action: Action, conversation: Conversation, *, glass: bool = False) -> None:
    """Insist on it.

    Raises:
        NotPermitted: the actor may read the conversation and may not do this with it.
        NotFound: the actor may not even read it; the same as for one that does not exist.
    """
    if can(actor, action, conversation, glass=glass):
        return
    if can(actor, Action.READ, conversation, glass=glass):
        raise NotPermitted
    raise NotFound


def view_of(actor: Actor, conversation: Conversation, *, glass: bool = False) -> View:
    """Say how much of it somebody sees who may list it."""
    allowed = _ALLOWED[relation_to(actor, conversation)]
    if Action.POST in allowed:
        return View.FULL
    reads = Action.READ in allowed or (glass and actor.is_staff and Action.READ in _GLASS)
    return View.READING if reads else View.ROW


def rule(action: Action) -> Rule:
    """Give the table's column for one action, as endpoints and events declare it."""
    return Rule(
        "conversation",
        own=frozenset(role for role, relation in _OWN.items() if action in _ALLOWED[relation]),
        others=frozenset(role for role, relation in _OTHERS.items() if action in _ALLOWED[relation]),
    )


def table() -> Mapping[Relation, frozenset[Action]]:
    """Give the whole table, for writing it out."""
    return dict(_ALLOWED)


def can_open(actor: Actor) -> bool:
    """Whether the actor may begin a conversation: those whom support is for."""
    return actor.role in {Role.VISITOR, Role.CUSTOMER}


def can_be_assigned(role: Role | None) -> bool:
    """Whether an account of this role can be given conversations or be brought into them. None: it may not come in."""
    return role is Role.AGENT


def changed_since(conversation: Conversation, known: int) -> list[int] | None:
    """Give the `seq` of what was edited, deleted or reacted to after so many changes; None: it is too long ago."""
    missed = conversation.changes - known
    if not 0 <= missed <= len(conversation.changed):
        return None
    return sorted(set(conversation.changed[len(conversation.changed) - missed :]))


def waiting_after(conversation: Conversation, author_id: str, at: datetime) -> datetime | None:
    """Since when the customer waits, once `author_id` has written at `at`."""
    return (conversation.waiting_since or at) if author_id == conversation.customer_id else None
