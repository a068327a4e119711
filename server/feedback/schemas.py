"""Feedback on the wire: what is sent in."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, AwareDatetime, Field, GetPydanticSchema
from pydantic_core import core_schema

from server.feedback.model import MOST_TAGS, Kind, Priority, State, Status, Visibility
from server.feedback.reading import Inbox, Order
from server.feedback.words import MAX_TAG
from server.kernel.attached import MOST_WITH_A_MESSAGE
from server.kernel.text import RawText
from server.kernel.wire import Schema, TypedSubject, TypedText


def _typed(max_length: int) -> Any:
    def build(_source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(RawText, core_schema.str_schema(max_length=max_length))

    return GetPydanticSchema(build)


def _without_query(address: str) -> str:
    """Drop what may say more of somebody than where they are: user, query and fragment."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise ValueError("malformed") from None
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


TypedTag = Annotated[RawText, _typed(MAX_TAG)]
TypedName = Annotated[RawText, _typed(60)]
TypedRating = Annotated[RawText, _typed(1_000)]
TypedCode = Annotated[str, Field(min_length=20, max_length=48)]
"""A follow-up code, with or without its dashes."""
Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,64}$")]
"""An opaque id, ours or a client's."""
IdOrNone = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{0,64}$")]
"""An id, or an empty text for none."""
AreaKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")]
AreaKeyOrNone = Annotated[str, Field(pattern=r"^(?:[a-z][a-z0-9_]{1,31})?$")]
Tag = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
PageAddress = Annotated[str, Field(max_length=2_000), AfterValidator(_without_query)]
"""An address; its query and fragment are dropped before anything else."""
Cursor = Annotated[str, Field(max_length=64)]
Limit = Annotated[int, Field(ge=1, le=100)]
Seq = Annotated[int, Field(ge=0, le=10**9)]
Task = Literal["kind", "area", "topic", "sentiment", "urgency"]


AttachmentIds = Annotated[list[Id], Field(max_length=MOST_WITH_A_MESSAGE, default_factory=list)]
"""Files that the caller uploaded before (`POST /api/v1/feedback/attachments`)."""


class NewFeedback(Schema):
    """Something to give. The same `client_id` again gives the first; of 16 letters or more it also gives the code again
    to a sender whom nobody knows. Suggestions are public unless `visibility` says otherwise, all others private."""

    kind: Kind
    title: TypedSubject
    text: TypedText
    visibility: Visibility | None = None
    anonymous: bool = False
    area: AreaKey | None = None
    tags: Annotated[list[TypedTag], Field(max_length=MOST_TAGS, default_factory=list)]
    page: PageAddress | None = None
    client_id: Id | None = None
    attachment_ids: AttachmentIds


class SimilarTo(Schema):
    """What somebody is typing."""

    text: TypedText


class BoardIn(Schema):
    """Which public items."""

    sort: Order = Order.VOTES
    status: Status | None = None
    kind: Kind | None = None
    area: AreaKey | None = None
    tag: Tag | None = None
    cursor: Cursor | None = None
    limit: Limit = 20


class BoardSearch(BoardIn):
    """Which public items, with words that stand in them. Sent in a body, for addresses are written down everywhere."""

    text: TypedSubject


class CommentIn(Schema):
    """A comment. The same `client_id` again gives the first. A note is for staff only."""

    text: TypedText
    note: bool = False
    client_id: Id | None = None
    attachment_ids: AttachmentIds


class CommentsQuery(Schema):
    """Which comments: those after a `seq`."""

    after_seq: Seq = 0
    limit: Limit = 50


class FollowIn(Schema):
    """Whether to follow."""

    following: bool


class RatingIn(Schema):
    """How it was handled."""

    stars: Annotated[int, Field(ge=1, le=5)]
    text: TypedRating | None = None


class CodeIn(Schema):
    """A follow-up code."""

    code: TypedCode


class CodeCommentIn(CodeIn):
    """What a sender whom nobody knows writes to staff."""

    text: TypedText
    client_id: Id | None = None


class CodeRatingIn(CodeIn, RatingIn):
    """How a sender whom nobody knows found the handling."""


class FeedbackChange(Schema):
    """What is to become of an item; what is left out stays. An empty `assignee` or `area` is none."""

    status: State | None = None
    priority: Priority | None = None
    assignee: IdOrNone | None = None
    area: AreaKeyOrNone | None = None
    tags: Annotated[list[TypedTag], Field(max_length=MOST_TAGS)] | None = None
    visibility: Visibility | None = None
    response: TypedText | None = None
    changelog: TypedText | None = None


class BulkIn(FeedbackChange):
    """What is to become of several items."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=100)]


class ReleaseIn(Schema):
    """Whether what came without a known sender is shown on the board."""

    shown: bool


class Choice(Schema):
    """What a task's answer is; null for none of those that there are. A topic's are `words` that somebody typed."""

    task: Task
    value: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] | None = None
    words: TypedSubject | None = None


class TriageIn(Schema):
    """What is corrected of what was proposed; the rest is accepted."""

    chosen: Annotated[list[Choice], Field(max_length=5, default_factory=list)]


class MergeIn(Schema):
    """Into which item."""

    into: Id


class InboxIn(Schema):
    """Which items of staff's. An empty `area` or `assignee` is for those without any."""

    inbox: Inbox = Inbox.OPEN
    kind: Kind | None = None
    area: AreaKeyOrNone | None = None
    tag: Tag | None = None
    status: State | None = None
    priority: Priority | None = None
    assignee: IdOrNone | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


class RegisterQuery(Schema):
    """The register of which complaints, in which form."""

    form: Literal["json", "csv"] = "json"
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class RulingIn(Schema):
    """Whether votes that look like one person's are counted after all."""

    counted: bool


class AreaIn(Schema):
    """A product area; what is left out stays."""

    key: AreaKey
    name_id: TypedName | None = None
    name_en: TypedName | None = None
    position: Annotated[int, Field(ge=0, le=10_000)] | None = None
    archived: bool | None = None


class CannedIn(Schema):
    """An answer to have ready."""

    title: TypedSubject
    text: TypedText


class ViewIn(Schema):
    """A list to keep."""

    name: TypedName
    query: InboxIn
