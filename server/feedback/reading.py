"""What readers of feedback are given: items, lists and comments with what they may do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from server.feedback.model import (
    FINISHED,
    TRANSITIONS,
    Comment,
    Item,
    Kind,
    Priority,
    Sight,
    State,
    Status,
    can_comment,
    can_follow,
    can_handle,
    can_rate,
    can_reopen,
    can_vote,
    is_sender,
)
from server.kernel.actor import Actor
from server.kernel.attached import Attached
from server.kernel.text import RedactedText
from server.people.model import Persona

MOST_ON_A_PAGE: Final = 100


class Order(StrEnum):
    """How the board is sorted."""

    VOTES = "votes"
    TREND = "trend"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """Which public items.

    Attributes:
        order: the first first.
        statuses: any of these; empty for all but merged ones.
        kind: of this kind only.
        area: in this product area only.
        tag: with this tag only.
        terms: of what is looked for (`nlp.terms`), of a redacted query; every one must be in title or text.
        after: how many to leave out from the top.
        limit: how many at most.
    """

    order: Order = Order.VOTES
    statuses: frozenset[Status] = frozenset()
    kind: Kind | None = None
    area: str | None = None
    tag: str | None = None
    terms: tuple[str, ...] = ()
    after: int = 0
    limit: int = 20


class Inbox(StrEnum):
    """Which of staff's lists."""

    NEW = "new"
    """Nobody has looked at what was proposed yet."""
    OPEN = "open"
    """All that is not finished."""
    MINE = "mine"
    WAITING = "waiting"
    """For their senders."""
    OVERDUE = "overdue"
    HELD = "held"
    """Without a known sender, to be let onto the board or not."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class InboxQuery:
    """Which items of staff's.

    Attributes:
        inbox: of which list.
        kind: of this kind only.
        area: in this area only; an empty text for those without any.
        tag: with this tag only.
        state: in this state only.
        priority: of this priority only.
        assignee_id: whose; an empty text for nobody's.
        before: number below which to look.
        limit: how many at most.
    """

    inbox: Inbox = Inbox.OPEN
    kind: Kind | None = None
    area: str | None = None
    tag: str | None = None
    state: State | None = None
    priority: Priority | None = None
    assignee_id: str | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ItemRights:
    """What a reader may do with an item.

    Attributes:
        vote: for it, or take that back.
        follow: it, or no longer.
        comment: under it.
        reopen: take it up again.
        rate: how it was handled.
        withdraw: take it back.
        flag: report it to moderators.
        handle: all that staff do.
    """

    vote: bool = False
    follow: bool = False
    comment: bool = False
    reopen: bool = False
    rate: bool = False
    withdraw: bool = False
    flag: bool = False
    handle: bool = False


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item to one reader.

    Attributes:
        item: it.
        author: who sent it, where that is known and may be shown.
        assignee: for staff.
        voted: whether the reader voted for it.
        following: whether the reader follows it.
        rights: what the reader may do.
        merged_into: where it went.
        moves: states that staff may take it to.
    """

    item: Item
    author: Persona | None
    assignee: Persona | None
    voted: bool
    following: bool
    rights: ItemRights
    merged_into: Item | None = None
    moves: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A public item in a list; read from memory.

    Attributes:
        id: of the item.
        number: of the item, for its address.
        kind: what it is.
        title: what it is about.
        status: what everybody is told.
        area: key of a product area, or None.
        tags: sorted.
        votes: those that count.
        comments: how many are shown.
        created_at: aware, UTC.
        changed_at: likewise.
        answered: whether it has an official answer.
        told_at: when everybody was told what was changed because of it; None while nobody was.
    """

    id: str
    number: int
    kind: Kind
    title: RedactedText
    status: Status
    area: str | None
    tags: tuple[str, ...]
    votes: int
    comments: int
    created_at: datetime
    changed_at: datetime
    answered: bool
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Some public items.

    Attributes:
        rows: in the order that was asked for.
        total: how many there are in all.
        voted: ids of those among them that the reader voted for.
        next_after: `after` of the next page, or None.
    """

    rows: Sequence[Row]
    total: int
    voted: frozenset[str]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Some items of staff's.

    Attributes:
        items: the newest first; by urgency and what is due where the list is of what is overdue.
        next_before: `before` of the next page, or None.
    """

    items: Sequence[ItemView]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment to one reader.

    Attributes:
        comment: it.
        author: who wrote it; None where nobody knows, or under a private item, where only the role is shown.
        by_sender: whether the item's sender wrote it.
        by_staff: whether somebody did who handles feedback.
        readable: whether its text may be shown; a trace stays otherwise.
        files: what was sent with it, for whoever may open that.
        withdraw: whether the reader may take it back.
        flag: whether the reader may report it.
    """

    comment: Comment
    author: Persona | None
    by_sender: bool
    by_staff: bool
    readable: bool
    files: tuple[Attached, ...] = ()
    withdraw: bool = False
    flag: bool = False


@dataclass(frozen=True, slots=True)
class CommentsPage:
    """Some comments, ascending.

    Attributes:
        views: them.
        next_after: `seq` to go on after, or None.
    """

    views: Sequence[CommentView]
    next_after: int | None


def rights_of(actor: Actor | None, item: Item) -> ItemRights:
    """Say what somebody who may read an item may do with it."""
    sender = is_sender(actor, item)
    return ItemRights(
        vote=can_vote(actor, item),
        follow=can_follow(actor, item),
        comment=can_comment(actor, item),
        reopen=sender and can_reopen(item),
        rate=sender and can_rate(item),
        withdraw=sender and item.sight is not Sight.WITHDRAWN and item.state is not State.MERGED,
        flag=actor is not None and not sender and item.is_public,
        handle=can_handle(actor),
    )


def moves_of(actor: Actor | None, item: Item) -> tuple[State, ...]:
    """Give the states to which somebody may take an item, in the order of their handling."""
    if not can_handle(actor):
        return ()
    return tuple(state for state in State if state in TRANSITIONS[item.kind][item.state])


def is_open(item: Item) -> bool:
    """Whether an item stands in an inbox."""
    return item.state not in FINISHED and item.sight not in {Sight.WITHDRAWN, Sight.REJECTED}
