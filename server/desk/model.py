"""Cases: what the desk keeps beside a conversation, and the pure rules about views and lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from server.chat.model import Conversation, Status
from server.desk.clocks import Clock
from server.kernel.events import Event
from server.kernel.text import RedactedText, Redaction


class Priority(StrEnum):
    """How urgent a case is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Sort(StrEnum):
    """In which order a list is read."""

    WAITING = "waiting"
    """Whoever waits longest first, then the newest."""
    NEWEST = "newest"
    DUE = "due"
    """What is promised soonest first."""


class Work(StrEnum):
    """What can be done with many cases at once."""

    ASSIGN = "assign"
    RELEASE = "release"
    CLOSE = "close"
    REOPEN = "reopen"
    LABEL = "label"
    UNLABEL = "unlabel"
    PRIORITY = "priority"
    SNOOZE = "snooze"
    WAKE = "wake"


class Availability(StrEnum):
    """Whether an agent takes conversations."""

    AVAILABLE = "available"
    BUSY = "busy"
    """Goes on with their own and gets no new ones by themselves."""
    AWAY = "away"


class Assigning(StrEnum):
    """How a conversation that nobody has finds somebody."""

    BY_HAND = "by_hand"
    ROUND_ROBIN = "round_robin"
    LEAST_LOAD = "least_load"


class StepKind(StrEnum):
    """One thing that a macro does."""

    ANSWER = "answer"
    LABEL = "label"
    UNLABEL = "unlabel"
    PRIORITY = "priority"
    SNOOZE = "snooze"
    ASSIGN = "assign"
    RELEASE = "release"
    CLOSE = "close"


class BuiltIn(StrEnum):
    """Views that everybody has."""

    ALL = "all"
    """Everything open that is not snoozed."""
    MINE = "mine"
    MINE_WAITING = "mine_waiting"
    QUEUE = "queue"
    PARTICIPATING = "participating"
    COLLEAGUES = "colleagues"
    SNOOZED = "snoozed"
    CLOSED = "closed"


MOST_LABELS: Final = 20
"""Of one case."""

MOST_VIEWS: Final = 30
"""Saved by one person."""

WEIGHT: Final[Mapping[Priority, int]] = MappingProxyType({priority: place for place, priority in enumerate(Priority)})
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """What the desk keeps beside a conversation.

    Attributes:
        id: the conversation's.
        number: the conversation's.
        labels: keys, sorted.
        priority: how urgent.
        snoozed_until: hidden until then, or None.
        snoozed_seq: the last message when it was snoozed; what the customer writes after it wakes the case.
        clock: what is promised.
        first_response_at: when staff first wrote.
        closed_at: when it was closed, while it is.
        rating: 1 to 5, or None.
        merged_into: the conversation that goes on, or None.
        split_from: the conversation that it was a part of, or None.
        notes: how many there are.
        feedback_id: the item that was made of it, or None.
        asked: whether its customer was asked about an item and has not answered.
        holder_id: who has it while it is open: what the store says of it, for shares of work.
        is_open: whether it was open when this was written.
        revision: counts changes; who writes must know the last.
    """

    id: str
    number: int
    labels: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    snoozed_until: datetime | None = None
    snoozed_seq: int = 0
    clock: Clock = field(default_factory=Clock)
    first_response_at: datetime | None = None
    closed_at: datetime | None = None
    rating: int | None = None
    merged_into: str | None = None
    split_from: str | None = None
    notes: int = 0
    feedback_id: str | None = None
    asked: bool = False
    holder_id: str | None = None
    is_open: bool = True
    revision: int = 0

    @property
    def due_at(self) -> datetime | None:
        """When the next promise is due."""
        return self.clock.due_at


@dataclass(frozen=True, slots=True)
class Note:
    """Something that staff wrote for each other beside a conversation.

    Attributes:
        conversation_id: where.
        number: 1, 2, 3, ... there.
        after_seq: the last message when it was written.
        author_id: who.
        text: redacted, numbered like the conversation.
        redactions: the placeholders in it.
        created_at: when.
    """

    conversation_id: str
    number: int
    after_seq: int
    author_id: str
    text: RedactedText
    redactions: tuple[Redaction, ...]
    created_at: datetime

    @property
    def id(self) -> str:
        """Unique."""
        return f"{self.conversation_id}.n{self.number}"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a saved view shows. Fields as on the wire (`schemas.ViewFilter`); None asks for nothing."""

    status: Status | None = None
    assignee: str | None = None
    label: str | None = None
    priority: Priority | None = None
    waiting: bool | None = None
    snoozed: bool | None = None
    sort: Sort = Sort.WAITING


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view that somebody keeps."""

    id: str
    owner_id: str
    name: RedactedText
    filter: Filter
    shared: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation with its case, as lists have them."""

    conversation: Conversation
    case: Case

    @property
    def is_open(self) -> bool:
        """Whether it still needs somebody."""
        return self.conversation.status is Status.OPEN

    @property
    def is_snoozed(self) -> bool:
        """Whether it is to be left alone for a while."""
        return self.is_open and self.case.snoozed_until is not None


@dataclass(frozen=True, slots=True)
class CaseChanged(Event):
    """What the desk keeps beside a conversation is another."""

    row: Row


@dataclass(frozen=True, slots=True)
class NoteWritten(Event):
    """A note was written."""

    note: Note
    row: Row


def fits(wanted: Filter, row: Row, account_id: str) -> bool:
    """Say whether a saved view shows a row to somebody."""
    conversation, case = row.conversation, row.case
    assignee = account_id if wanted.assignee == "me" else wanted.assignee
    return (
        conversation.status is (wanted.status or Status.OPEN)
        and (assignee is None or (conversation.assignee_id or "none") == assignee)
        and (wanted.label is None or wanted.label in case.labels)
        and (wanted.priority is None or wanted.priority is case.priority)
        and (wanted.waiting is None or wanted.waiting == (conversation.waiting_since is not None))
        and (wanted.snoozed is None or wanted.snoozed == row.is_snoozed)
    )


def order(sort: Sort, row: Row) -> tuple[float, float]:
    """Give the place of a row in a list: the smaller, the further up."""
    conversation = row.conversation
    newest = -(conversation.last_message_at or conversation.created_at).timestamp()
    if sort is Sort.WAITING:
        first = (conversation.waiting_since or _LAST).timestamp()
        return first, newest
    if sort is Sort.DUE:
        return (row.case.due_at or _LAST).timestamp(), newest
    return newest, -float(conversation.number)


def buckets(row: Row) -> tuple[str, ...]:
    """Give the names of the sets in which a row is; from them every built-in view is made."""
    if not row.is_open:
        return ()
    conversation = row.conversation
    assignee = conversation.assignee_id
    if row.is_snoozed:
        return (f"snoozed:{assignee or ''}",)
    found = ["open", "queue" if assignee is None else "assigned"]
    if assignee is not None:
        found.append(f"mine:{assignee}")
        if conversation.waiting_since is not None:
            found.append(f"waiting:{assignee}")
    found += [f"part:{account_id}" for account_id in conversation.participant_ids if account_id != assignee]
    return tuple(found)
