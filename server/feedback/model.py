"""Feedback items, and the pure rules about who may do what with them; `states` says how they move."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from server.feedback.proposals import TASKS as TASKS
from server.feedback.proposals import Guess as Guess
from server.feedback.proposals import Proposal as Proposal
from server.feedback.proposals import Similar as Similar
from server.feedback.rights import Action as Action
from server.feedback.rights import rule as rule
from server.feedback.states import FINISHED as FINISHED
from server.feedback.states import SETTLED as SETTLED
from server.feedback.states import TRANSITIONS as TRANSITIONS
from server.feedback.states import Kind as Kind
from server.feedback.states import State as State
from server.feedback.states import Status as Status
from server.feedback.states import can_move as can_move
from server.feedback.states import status_of as status_of
from server.kernel.actor import Actor, Role
from server.kernel.attached import Attached
from server.kernel.text import Hidden, RedactedText, Redaction
from server.markup.html import SafeHtml

MOST_TAGS: Final = 5
MOST_HISTORY: Final = 200
UNDO_MERGE: Final = timedelta(days=30)


class Visibility(StrEnum):
    """Whom an item is for."""

    PUBLIC = "public"
    PRIVATE = "private"
    """Its sender and the staff who handle it."""


class Sight(StrEnum):
    """Whether an item or a comment is to be seen by those whom it is for."""

    SHOWN = "shown"
    HELD = "held"
    """Waits for a moderator, or for staff where nobody knows who sent it."""
    HIDDEN = "hidden"
    """A moderator took it away; its author and moderators see it."""
    REJECTED = "rejected"
    """Was held and is never shown."""
    WITHDRAWN = "withdrawn"
    """Taken back by its author."""


class Priority(StrEnum):
    """How soon something is wanted."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of an item's state.

    Attributes:
        state: the new one.
        at: aware, UTC.
        by: account; None for the sender without an account, or the machine.
    """

    state: State
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class Response:
    """The official answer.

    Attributes:
        text: Markdown, redacted.
        hidden: each placeholder's digest and number.
        html: as it is shown.
        by: account of staff.
        at: aware, UTC.
    """

    text: RedactedText
    hidden: tuple[tuple[Hidden, int], ...]
    html: SafeHtml
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rating:
    """How a sender found the handling.

    Attributes:
        stars: 1 to 5.
        text: in their words, redacted; or None.
        hidden: each placeholder's digest and number.
        at: aware, UTC.
    """

    stars: int
    text: RedactedText | None
    hidden: tuple[tuple[Hidden, int], ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of feedback, durable and redacted.

    Attributes:
        id: opaque; also the scope in which hidden values are numbered, its comments' and answers' included.
        number: dense from 1; its address.
        kind: what it is.
        title: what it is about.
        text: Markdown, redacted.
        hidden: each placeholder's digest and number, title and text together.
        redactions: the placeholders in title and text.
        html: `text` as it is shown.
        visibility: whom it is for.
        sight: whether those see it.
        author_id: None where nobody knows who sent it.
        area: key of a product area, or None.
        tags: sorted, lower case.
        page: where it was written, without query and fragment; or None.
        attachment_ids: images that its text shows.
        files: what was sent with it, for its sender and staff alone.
        state: internal.
        history: its states in order, at most `MOST_HISTORY`: the first, and the last.
        created_at: aware, UTC.
        changed_at: when it last changed in a way that its readers would want to know.
        change: dense number of its last change over all items; lists in memory are kept in step by it.
        votes: how many people voted.
        weight: how many of these count.
        followers: how many follow it.
        comment_count: comments that are shown.
        last_seq: `seq` of its last comment.
        assignee_id: who of staff handles it.
        priority: how soon.
        response: the official answer.
        proposal: what triage proposed; None while nothing did.
        triaged: whether somebody of staff accepted or corrected what was proposed.
        clock: what runs for it, in the words of whoever keeps clocks; or None.
        due: when the next thing of that is due.
        rating: how the sender found the handling.
        reopened: whether its sender took it up again, which they may once.
        merged_into: id of the item that it is part of now.
        merged_at: since when.
        changelog: what was changed because of it, for everybody; None while nothing was.
        heat: votes, each worth half as much every two weeks that it is older (`heat.heat_at`).
        edits: how often its text was changed.
        revision: rises with each change of the record.
    """

    id: str
    number: int
    kind: Kind
    title: RedactedText
    text: RedactedText
    hidden: tuple[tuple[Hidden, int], ...]
    redactions: tuple[Redaction, ...]
    html: SafeHtml
    visibility: Visibility
    sight: Sight
    author_id: str | None
    created_at: datetime
    changed_at: datetime
    change: int
    state: State = State.RECEIVED
    area: str | None = None
    tags: tuple[str, ...] = ()
    page: str | None = None
    attachment_ids: tuple[str, ...] = ()
    files: tuple[Attached, ...] = ()
    history: tuple[Step, ...] = ()
    votes: int = 0
    weight: int = 0
    followers: int = 0
    comment_count: int = 0
    last_seq: int = 0
    assignee_id: str | None = None
    priority: Priority = Priority.NORMAL
    response: Response | None = None
    proposal: Proposal | None = None
    triaged: bool = False
    clock: Mapping[str, Any] | None = None
    due: datetime | None = None
    rating: Rating | None = None
    reopened: bool = False
    merged_into: str | None = None
    merged_at: datetime | None = None
    changelog: Response | None = None
    heat: float = 0.0
    edits: int = 0
    revision: int = 0

    @property
    def status(self) -> Status:
        """What everybody is told of its state."""
        return status_of(self.state)

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.visibility is Visibility.PUBLIC and self.sight is Sight.SHOWN


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment under an item, or a note of staff's, or what sender and staff write to each other.

    Attributes:
        item_id: under which; its numbering holds here too.
        seq: its place there, from 1.
        author_id: None for the sender where nobody knows who that is.
        text: Markdown, redacted.
        hidden: each placeholder's digest and number.
        redactions: the placeholders in it.
        html: as it is shown.
        created_at: aware, UTC.
        sight: whether it is to be seen.
        note: whether it is for staff only.
        attachment_ids: images that its text shows.
        files: what was sent with it, for who wrote it, the item's sender where staff did, and staff.
        revision: how often it was changed.
    """

    item_id: str
    seq: int
    author_id: str | None
    text: RedactedText
    hidden: tuple[tuple[Hidden, int], ...]
    redactions: tuple[Redaction, ...]
    html: SafeHtml
    created_at: datetime
    sight: Sight = Sight.SHOWN
    note: bool = False
    attachment_ids: tuple[str, ...] = ()
    files: tuple[Attached, ...] = ()
    revision: int = 0

    @property
    def id(self) -> str:
        """Opaque to clients; unique."""
        return f"{self.item_id}.{self.seq}"


@dataclass(frozen=True, slots=True)
class Area:
    """A product area.

    Attributes:
        key: stable, lower case.
        name: by locale, `id` and `en`.
        position: its place among the others.
        archived: takes nothing new.
    """

    key: str
    name: Mapping[str, str]
    position: int = 0
    archived: bool = False


def default_visibility(kind: Kind) -> Visibility:
    """Give whom an item is for unless its sender says otherwise."""
    return Visibility.PUBLIC if kind is Kind.SUGGESTION else Visibility.PRIVATE


def can_read(actor: Actor | None, item: Item) -> bool:
    """Whether somebody may read an item.

    What is not shown is for its sender, for agents, whose job triage is, and where it was meant to be public, for
    moderators. Administrators do not read what is private.
    """
    if item.is_public:
        return True
    if actor is None:
        return False
    if item.author_id is not None and actor.account_id == item.author_id:
        return True
    if actor.role is Role.AGENT:
        return True
    return actor.role is Role.MODERATOR and item.visibility is Visibility.PUBLIC


def is_sender(actor: Actor | None, item: Item) -> bool:
    """Whether somebody sent an item, under their account."""
    return actor is not None and item.author_id is not None and actor.account_id == item.author_id


def can_vote(actor: Actor | None, item: Item) -> bool:
    """Whether somebody may vote for an item, and take that back."""
    if actor is None or actor.role is Role.VISITOR or not item.is_public:
        return False
    return item.kind is Kind.SUGGESTION and item.state not in FINISHED


def can_follow(actor: Actor | None, item: Item) -> bool:
    """Whether somebody may follow an item."""
    return actor is not None and actor.role is not Role.VISITOR and can_read(actor, item)


def can_comment(actor: Actor | None, item: Item) -> bool:
    """Whether somebody may write under an item: members under public ones, its sender and agents always."""
    if actor is None or item.state is State.MERGED or not can_read(actor, item):
        return False
    if is_sender(actor, item) or can_handle(actor):
        return item.sight is not Sight.WITHDRAWN
    return item.is_public and actor.role is not Role.VISITOR


def can_see(actor: Actor | None, item: Item, comment: Comment) -> bool:
    """Whether somebody who may read an item may see a comment under it."""
    if comment.note:
        return can_handle(actor)
    if comment.sight is Sight.SHOWN:
        return True
    if actor is None:
        return False
    moderates = actor.role is Role.MODERATOR and item.visibility is Visibility.PUBLIC
    return moderates or (comment.author_id is not None and actor.account_id == comment.author_id)


def can_handle(actor: Actor | None) -> bool:
    """Whether somebody handles feedback: assigns, answers, moves, merges."""
    return actor is not None and actor.role is Role.AGENT


def can_open(actor: Actor | None, item: Item, *, by: str | None, of: str) -> bool:
    """Whether somebody opens a file that stands with an item, or under it.

    Files are never for everybody, whatever the item is: the gate reads what a text says, but what a document shows
    nobody can take back once it was public. So a file is for whoever sent it, for the person whose it is (staff's
    answer in private: the item's sender), and for staff who handle feedback; and for none who may not read the item.

    Args:
        actor: who.
        item: with which it stands, as it is now.
        by: account of who sent it; None where nobody knows.
        of: account of whose it is.
    """
    if actor is None or not can_read(actor, item) or not keeps_files(item.sight):
        return False
    return can_handle(actor) or actor.account_id in {by, of}


def keeps_files(sight: Sight) -> bool:
    """Whether what was sent with an item or a comment is kept: until it is taken back, or never to be shown."""
    return sight in {Sight.SHOWN, Sight.HELD, Sight.HIDDEN}


def can_reopen(item: Item) -> bool:
    """Whether its sender, by account or by code, may take an item up again."""
    return item.state in SETTLED and not item.reopened and item.sight is not Sight.WITHDRAWN


def can_rate(item: Item) -> bool:
    """Whether its sender may say how they found the handling."""
    return item.state in SETTLED and item.sight is not Sight.WITHDRAWN


def why_apart(source: Item, target: Item) -> str:
    """Give why one item can't become part of another; an empty text where it can.

    Who is sent from one to the other must be allowed to read it: both public, or both of one sender, and nobody who
    follows a public one into a private one.
    """
    if source.id == target.id:
        return "same_item"
    if State.MERGED in {source.state, target.state}:
        return "merged_already"
    if source.is_public and target.is_public:
        return ""
    if source.author_id is not None and source.author_id == target.author_id:
        return "" if not source.is_public or target.is_public else "others_follow"
    return "other_senders" if source.author_id and target.author_id else "unknown_sender"


def can_unmerge(item: Item, now: datetime) -> bool:
    """Whether a merge may still be undone."""
    return item.merged_at is not None and now - item.merged_at <= UNDO_MERGE
