"""Feedback on the wire: what is shown."""

from typing import Literal

from nlp.labels import Label
from server.feedback.model import Kind, Priority, State, Status, Visibility
from server.kernel.actor import Role
from server.kernel.wire import Moment, Schema


class FeedbackRedaction(Schema):
    """One hidden identifier."""

    placeholder: str
    label: Label


class FeedbackFile(Schema):
    """A file that was sent with something, for whoever may open it. `sealed`: staff open it for a stated purpose."""

    id: str
    name: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    thumbnail: bool
    sealed: bool


class FeedbackPerson(Schema):
    """Who did something. `badge`: the role of staff, null for others."""

    handle: str
    avatar: str
    badge: Role | None
    path: str


class FeedbackRow(Schema):
    """A public item in a list. `votes`: those that count."""

    id: str
    number: int
    path: str
    kind: Kind
    title: str
    status: Status
    area: str | None
    tags: list[str]
    votes: int
    voted: bool
    comments: int
    answered: bool
    created_at: Moment
    changed_at: Moment


class StepOut(Schema):
    """One change of what everybody is told."""

    status: Status
    at: Moment


class OfficialText(Schema):
    """Something that the company says."""

    text: str
    html: str
    at: Moment


class GuessOut(Schema):
    """What a model takes something for; `value` is null where it abstains."""

    task: str
    value: str | None
    confidence: float
    words: list[str]


class SimilarOut(Schema):
    """An item that is much like another."""

    id: str
    number: int
    likeness: float


class FeedbackRights(Schema):
    """What the caller may do with an item."""

    vote: bool
    follow: bool
    comment: bool
    reopen: bool
    rate: bool
    withdraw: bool
    flag: bool
    handle: bool


class RatingOut(Schema):
    """How its sender found the handling."""

    stars: int
    text: str | None
    at: Moment


class HandlingOut(Schema):
    """What staff see beside an item."""

    state: State
    moves: list[State]
    priority: Priority
    assignee_id: str | None
    assignee: FeedbackPerson | None
    page: str | None
    triaged: bool
    guesses: list[GuessOut]
    duplicates: list[SimilarOut]
    due: Moment | None
    all_votes: int


class FeedbackOut(Schema):
    """An item. `author` is null where nobody knows it; `rating` is for its sender and staff, as `attachments` are."""

    id: str
    number: int
    path: str
    kind: Kind
    title: str
    text: str
    html: str
    redactions: list[FeedbackRedaction]
    attachments: list[FeedbackFile]
    visibility: Visibility
    shown: bool
    held: bool
    status: Status
    steps: list[StepOut]
    author: FeedbackPerson | None
    mine: bool
    area: str | None
    tags: list[str]
    votes: int
    voted: bool
    followers: int
    following: bool
    comments: int
    last_seq: int
    response: OfficialText | None
    changelog: OfficialText | None
    rating: RatingOut | None
    reopened: bool
    merged_into: int | None
    created_at: Moment
    changed_at: Moment
    rights: FeedbackRights
    handling: HandlingOut | None


class FeedbackReply(Schema):
    """One item."""

    feedback: FeedbackOut


class FeedbackGivenOut(Schema):
    """What was taken in. `code`: shown once, to come back to what nobody knows the sender of."""

    feedback: FeedbackOut
    code: str | None


class FeedbackPage(Schema):
    """Some public items; `next_cursor` is null at the end."""

    items: list[FeedbackRow]
    total: int
    next_cursor: str | None


class SimilarFeedback(Schema):
    """The public items that are most like what is typed."""

    items: list[FeedbackRow]


class FeedbackList(Schema):
    """Some items, whole; `next_cursor` is null at the end."""

    items: list[FeedbackOut]
    next_cursor: str | None


class RoadmapColumn(Schema):
    """The public items of one status."""

    status: Status
    items: list[FeedbackRow]


class Roadmap(Schema):
    """The public items by status."""

    columns: list[RoadmapColumn]


class FeedbackComment(Schema):
    """A comment. Where its text is not to be seen, `text` and `html` are null and a trace of it stays."""

    id: str
    seq: int
    author: FeedbackPerson | None
    by_sender: bool
    by_staff: bool
    note: bool
    text: str | None
    html: str | None
    redactions: list[FeedbackRedaction]
    attachments: list[FeedbackFile]
    held: bool
    created_at: Moment
    withdraw: bool
    flag: bool


class CommentReply(Schema):
    """One comment."""

    comment: FeedbackComment


class CommentList(Schema):
    """Some comments, ascending; `next_seq` is null at the end."""

    items: list[FeedbackComment]
    next_seq: int | None


class FollowedUpOut(Schema):
    """What a code leads to."""

    feedback: FeedbackOut
    comments: list[FeedbackComment]


class BulkOutcome(Schema):
    """What became of one of several; `error` is null where it was changed."""

    id: str
    error: str | None


class BulkReply(Schema):
    """What became of several."""

    items: list[BulkOutcome]


class AreaOut(Schema):
    """A product area."""

    key: str
    name_id: str
    name_en: str
    position: int
    archived: bool


class AreaReply(Schema):
    """One product area."""

    area: AreaOut


class AreaList(Schema):
    """The product areas, in order."""

    items: list[AreaOut]


class CannedOut(Schema):
    """An answer that staff have ready."""

    id: str
    title: str
    text: str


class CannedReply(Schema):
    """One ready answer."""

    canned: CannedOut


class CannedList(Schema):
    """The ready answers, by title."""

    items: list[CannedOut]


class SavedViewOut(Schema):
    """A list that somebody of staff keeps; `query` as it is asked for."""

    id: str
    name: str
    query: dict[str, str]


class SavedViewReply(Schema):
    """One kept list."""

    view: SavedViewOut


class SavedViewList(Schema):
    """The caller's lists, by name."""

    items: list[SavedViewOut]


class RingOut(Schema):
    """Votes that look like one person's. `ruling`: `weighed_out` until a moderator has ruled."""

    id: str
    feedback_id: str
    accounts: list[FeedbackPerson]
    reasons: list[str]
    ruling: Literal["weighed_out", "counted", "confirmed"]
    found_at: Moment


class RingReply(Schema):
    """One finding."""

    ring: RingOut


class RingList(Schema):
    """The findings, the newest first."""

    items: list[RingOut]
