"""What callers send about categories, topics and posts: commands and queries, for HTTP and Socket.IO alike."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, GetPydanticSchema
from pydantic_core import core_schema

from server.forum.categories import MAX_DESCRIPTION, MAX_NAME
from server.forum.model import Audience
from server.forum.polls import FEWEST_OPTIONS, MOST_OPTIONS, NewPoll
from server.forum.words import MAX_TAG, MOST_TAGS
from server.kernel.text import RawText
from server.kernel.wire import Schema, TypedSubject, TypedText


def _typed(max_length: int) -> Any:
    def build(_source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(RawText, core_schema.str_schema(max_length=max_length))

    return GetPydanticSchema(build)


TypedWord = Annotated[RawText, _typed(MAX_TAG)]
"""A tag or slug that a person typed."""
TypedName = Annotated[RawText, _typed(MAX_NAME)]
TypedDescription = Annotated[RawText, _typed(MAX_DESCRIPTION)]
Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,64}$")]
"""An opaque id, ours or a client's."""
Seq = Annotated[int, Field(ge=1, le=10**9)]
FutureMoment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class CategoryChangeIn(Schema):
    """What is to become of a category; what is left out stays."""

    name: TypedName | None = None
    description: TypedDescription | None = None
    slug: TypedWord | None = None
    readers: Audience | None = None
    writers: Audience | None = None
    contact_allowed: bool | None = None
    position: Annotated[int, Field(ge=0, le=10_000)] | None = None
    archived: bool | None = None


class NewCategory(CategoryChangeIn):
    """A category to make."""

    name: TypedName


class NewPollIn(Schema):
    """A poll to put under a topic."""

    options: Annotated[list[TypedSubject], Field(min_length=FEWEST_OPTIONS, max_length=MOST_OPTIONS)]
    multiple: bool = False
    closes_at: FutureMoment | None = None


class NewTopicIn(Schema):
    """A topic to begin. The same `client_post_id` again gives the first topic."""

    category_id: Id
    title: TypedSubject
    text: TypedText
    tags: Annotated[list[TypedWord], Field(max_length=MOST_TAGS, default_factory=list)]
    client_post_id: Id | None = None
    publish_at: FutureMoment | None = None
    poll: NewPollIn | None = None


class NewPost(Schema):
    """An answer. The same `client_post_id` again gives the first post."""

    text: TypedText
    reply_to: Seq | None = None
    client_post_id: Id | None = None


class TopicChange(Schema):
    """What is to become of a topic; what is left out stays."""

    title: TypedSubject | None = None
    tags: Annotated[list[TypedWord], Field(max_length=MOST_TAGS)] | None = None


class TopicsQuery(Schema):
    """Which topics: all that the caller may read, or of a category, or with a tag."""

    category_id: Id | None = None
    tag: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] | None = None
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 30


class PostsQuery(Schema):
    """Which posts: those after a `seq`."""

    after_seq: Annotated[int, Field(ge=0, le=10**9)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 20


def poll_in(poll: NewPollIn | None) -> NewPoll | None:
    """Give a poll as the service takes it."""
    return NewPoll(poll.options, poll.multiple, moment_in(poll.closes_at)) if poll else None


def moment_in(moment: datetime | None) -> datetime | None:
    """Give a moment as the store keeps it: in whole milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000) if moment else None
