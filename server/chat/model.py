"""Conversations and messages, and the pure rules about who may do what with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound, NotPermitted
from server.kernel.text import Hidden, RedactedText, Redaction


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
    """

    conversation_id: str
    seq: int
    client_message_id: str
    author_id: str
    text: RedactedText
    hidden: tuple[tuple[Hidden, int], ...]
    redactions: tuple[Redaction, ...]
    created_at: datetime

    @property
    def id(self) -> str:
        """Opaque to clients; unique."""
        return message_id(self.conversation_id, self.seq)


def message_id(conversation_id: str, seq: int) -> str:
    """Give the id of the message at a place; ids of one conversation sort like their `seq`."""
    return f"{conversation_id}.{seq:010d}"


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


class Relation(StrEnum):
    """What somebody is to a conversation."""

    CUSTOMER = "customer"
    ASSIGNEE = "assignee"
    QUEUE = "queue"
    """Staff who answer, while nobody has the conversation."""
    COLLEAGUE = "colleague"
    """Staff who answer, while somebody else has it."""
    ADMINISTRATOR = "administrator"
    STRANGER = "stranger"


class Action(StrEnum):
    """What somebody may want to do with a conversation."""

    LIST = "list"
    READ = "read"
    POST = "post"
    ASSIGN = "assign"
    CLOSE = "close"
    REOPEN = "reopen"


_ALLOWED: Mapping[Relation, frozenset[Action]] = {
    Relation.CUSTOMER: frozenset({Action.LIST, Action.READ, Action.POST}),
    Relation.ASSIGNEE: frozenset(Action),
    Relation.QUEUE: frozenset(Action),
    Relation.COLLEAGUE: frozenset({Action.LIST}),
    Relation.ADMINISTRATOR: frozenset({Action.LIST, Action.ASSIGN}),
    Relation.STRANGER: frozenset(),
}
"""Need to know (promise S5): a conversation that somebody has is that person's; administrators administer, they do not
read."""


def relation_to(actor: Actor, conversation: Conversation) -> Relation:
    """Say what the actor is to the conversation."""
    if actor.account_id == conversation.customer_id:
        return Relation.CUSTOMER
    if actor.role is Role.ADMIN:
        return Relation.ADMINISTRATOR
    if actor.role is not Role.AGENT:
        return Relation.STRANGER
    if conversation.assignee_id is None:
        return Relation.QUEUE
    return Relation.ASSIGNEE if conversation.assignee_id == actor.account_id else Relation.COLLEAGUE


def can(actor: Actor, action: Action, conversation: Conversation) -> bool:
    """Say whether the actor may do this with the conversation."""
    return action in _ALLOWED[relation_to(actor, conversation)]


def require(actor: Actor, action: Action, conversation: Conversation) -> None:
    """Insist on it.

    Raises:
        NotFound: the actor may not even know of the conversation; the same as for one that does not exist.
        NotPermitted: the actor knows of it and may not do this.
    """
    if can(actor, action, conversation):
        return
    if can(actor, Action.LIST, conversation):
        raise NotPermitted
    raise NotFound


def can_open(actor: Actor) -> bool:
    """Whether the actor may begin a conversation: those whom support is for."""
    return actor.role in {Role.VISITOR, Role.CUSTOMER}


def can_be_assigned(actor: Actor) -> bool:
    """Whether conversations can be given to this account."""
    return actor.role is Role.AGENT


def waiting_after(conversation: Conversation, author_id: str, at: datetime) -> datetime | None:
    """Since when the customer waits, once `author_id` has written at `at`."""
    return (conversation.waiting_since or at) if author_id == conversation.customer_id else None
