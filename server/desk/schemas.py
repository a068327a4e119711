"""The desk's cases, views, notes and search on the wire. Pure shapes."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from server.chat.schemas import ConversationOut, Id, Person, RedactionOut, Seq
from server.desk.clocks import Timing
from server.desk.model import Priority, Sort, Work
from server.kernel.wire import Moment, Schema, TypedSubject, TypedText

Label = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""A label's key."""

FeedbackKind = Literal["suggestion", "criticism", "complaint", "impression"]
"""The kinds of the feedback board; spelt out, as the wire has another type of the name `Kind`."""

Cursor = Annotated[str, Field(max_length=200)]
_Limit = Annotated[int, Field(ge=1, le=100)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=100)]


class CasePromise(Schema):
    """One promise: `first_response` or `resolution`. `due_at` is null where it is met or stands still."""

    aim: Literal["first_response", "resolution"]
    timing: Timing
    due_at: Moment | None
    met_at: Moment | None


class CaseOut(Schema):
    """What the desk keeps beside a conversation.

    `merged_into` and `split_from` are conversations' ids; `feedback_id` the item that was made of it, and
    `feedback_asked` whether its customer has been asked and has not answered. `notes` counts the notes, and is null for
    those who may not read them.
    """

    id: str
    labels: list[str]
    priority: Priority
    snoozed_until: Moment | None
    first_response_at: Moment | None
    closed_at: Moment | None
    rating: int | None
    merged_into: str | None
    split_from: str | None
    promises: list[CasePromise]
    notes: int | None
    feedback_id: str | None
    feedback_asked: bool


class CaseItem(Schema):
    """A conversation and what the desk keeps beside it."""

    conversation: ConversationOut
    case: CaseOut


class CaseReply(Schema):
    """One of them."""

    item: CaseItem


class CasePage(Schema):
    """Some of them; `next_cursor` is null at the end."""

    items: list[CaseItem]
    next_cursor: str | None


class CaseQuery(Schema):
    """Which cases. `view`: a built-in view's name or a saved one's id; the rest narrows it further."""

    view: Id = "queue"
    label: Label | None = None
    priority: Priority | None = None
    sort: Sort | None = None
    cursor: Cursor | None = None
    limit: _Limit = 50


class CaseChange(Schema):
    """What is to be another. A field that is left out stays; `snoozed_until` null wakes it."""

    priority: Priority | None = None
    labels: Annotated[list[Label], Field(max_length=20)] | None = None
    snoozed_until: datetime | None = None


class BulkChange(Schema):
    """The same for many. Each is asked for by itself: some may be done and others not."""

    ids: Ids
    action: Work
    agent_id: Id | None = None
    label: Label | None = None
    priority: Priority | None = None
    snoozed_until: datetime | None = None


class BulkFailure(Schema):
    """One that was not done, and the error's code."""

    id: str
    code: str


class CaseBulkReply(Schema):
    """What became of them."""

    done: list[str]
    failed: list[BulkFailure]


class ViewFilter(Schema):
    """What a saved view shows. `assignee`: `me`, `none` or an account."""

    status: Literal["open", "closed"] | None = None
    assignee: Id | None = None
    label: Label | None = None
    priority: Priority | None = None
    waiting: bool | None = None
    snoozed: bool | None = None
    sort: Sort = Sort.WAITING


class NewView(Schema):
    """A view to keep; `shared` with the whole desk."""

    name: TypedSubject
    filter: ViewFilter
    shared: bool = False


class ViewChange(Schema):
    """What is to be another; what is left out stays."""

    name: TypedSubject | None = None
    shared: bool | None = None


class CaseView(Schema):
    """A view. Built-in ones have no `name` (clients have their names) and no `filter`.

    `count` is null where nobody counts: saved views of closed conversations.
    """

    id: str
    built_in: bool
    name: str | None
    filter: ViewFilter | None
    shared: bool
    own: bool
    count: int | None


class CaseViewList(Schema):
    """All views of the caller, built-in ones first."""

    items: list[CaseView]


class CaseViewReply(Schema):
    """One view."""

    view: CaseView


class DeskCounts(Schema):
    """Event `desk:counts`: how many each view of the receiver shows."""

    counts: dict[str, int]


class DeskCaseNews(Schema):
    """Event `desk:case`: what the desk keeps beside a conversation changed."""

    case: CaseOut


class NewNote(Schema):
    """A note that only staff of the conversation read."""

    text: TypedText


class NoteOut(Schema):
    """A note. `number`: 1, 2, 3, ... in its case; `after_seq`: the last message when it was written."""

    id: str
    conversation_id: str
    number: int
    after_seq: int
    author: Person
    text: str
    redactions: list[RedactionOut]
    created_at: Moment


class NoteReply(Schema):
    """One note; also the event `desk:note`."""

    note: NoteOut


class NoteList(Schema):
    """All notes of a case, oldest first."""

    items: list[NoteOut]


class Transfer(Schema):
    """To whom: an account, or `queue`; with a note for them."""

    agent_id: Id
    note: TypedText | None = None


class MergeInto(Schema):
    """The conversation that goes on. Both are of one customer."""

    into: Id


class SplitFrom(Schema):
    """From which message on a conversation of its own begins, and about what."""

    from_seq: Annotated[int, Field(ge=1, le=2**53)]
    subject: TypedSubject | None = None


class FeedbackAsk(Schema):
    """What the item would say; the customer is asked before it is given."""

    kind: FeedbackKind
    title: TypedSubject
    text: TypedText


class FeedbackAskOut(Schema):
    """What a customer is asked: whether this may be given as feedback in their name."""

    id: str
    conversation_id: str
    kind: FeedbackKind
    title: str
    text: str
    asked_at: Moment
    state: Literal["asked", "agreed", "declined"]
    feedback_id: str | None


class FeedbackAskReply(Schema):
    """The last question of a conversation, or null."""

    ask: FeedbackAskOut | None


class FeedbackAnswer(Schema):
    """The customer's say, and the question that they read: another may stand in its place by now."""

    ask_id: Id
    agree: bool


class DeskSearchQuery(Schema):
    """What to look for. `q` is redacted before anything is done with it."""

    q: TypedSubject
    status: Literal["open", "closed"] | None = None
    label: Label | None = None
    from_: Annotated[datetime | None, Field(alias="from")] = None
    to: datetime | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 20


class DeskSearchHit(Schema):
    """A place that was found: a message (`seq`), a note (`number`), or the subject."""

    item: CaseItem
    kind: Literal["message", "note", "subject"]
    seq: Seq | None
    number: int | None
    text: str
    created_at: Moment


class DeskSearchPage(Schema):
    """Places, newest first."""

    items: list[DeskSearchHit]
    next_cursor: str | None
