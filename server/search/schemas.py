"""What the search takes and gives over HTTP."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from server.forum.shelf import Shown
from server.kernel.wire import Moment, Schema, TypedSubject, TypedText
from server.search.finding import PAGE
from server.search.model import Excerpt
from server.search.service import MAX_PAGE, Finding, Findings, Suggestions
from server.search.titles import Titled


class SearchQuery(Schema):
    """What somebody looks for, and which page of it."""

    q: TypedSubject
    cursor: Annotated[str, Field(max_length=120)] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = PAGE


class SuggestionQuery(Schema):
    """What somebody has typed so far."""

    q: TypedSubject


class TopicDraft(Schema):
    """The topic that somebody is about to begin. Nothing of it is kept."""

    title: TypedSubject
    text: TypedText | None = None


class TopicHit(Schema):
    """A topic by its title. Its page is `/forum/t/{number}/{slug}`."""

    id: str
    number: int
    slug: str
    title: str
    category_id: str


class ExcerptOut(Schema):
    """A piece of a post in one line. `ranges`: start and end of each found word in it, in code points."""

    text: str
    ranges: list[tuple[int, int]]
    before: bool
    after: bool


class FindingOut(Schema):
    """A post that was found, with its topic. `seq`: its place there; 1 is what the topic began with.

    `title_ranges`: start and end of each found word in the title, in code points. `author`: a handle, or null where
    the account is gone.
    """

    topic: TopicHit
    title_ranges: list[tuple[int, int]]
    category: str
    seq: int
    author: str | None
    created_at: Moment
    replies: int
    solved: bool
    excerpt: ExcerptOut


class IdeaHit(Schema):
    """A public item of the board of suggestions."""

    id: str
    number: int
    path: str
    title: str
    status: str
    votes: int


class FindingPage(Schema):
    """Titles that fit before posts that do. `partial`: nothing holds all the words, and these hold some of them.

    `next_cursor` is null at the end; a page before the end may hold fewer than asked for. `feedback`: what stands on
    the board, on the first page.
    """

    items: list[FindingOut]
    next_cursor: str | None
    partial: bool
    feedback: list[IdeaHit]


class SuggestionsOut(Schema):
    """Topics and tags that somebody may mean who is still typing."""

    topics: list[TopicHit]
    tags: list[str]


class SimilarTopics(Schema):
    """Topics like the one that is being written, the closest first."""

    items: list[TopicHit]


def page_out(found: Findings) -> FindingPage:
    """Give a page its form on the wire."""
    return FindingPage(
        items=[_finding(item) for item in found.items],
        next_cursor=found.next_cursor,
        partial=found.partial,
        feedback=[
            IdeaHit(
                id=idea.id,
                number=idea.number,
                path=idea.path,
                title=idea.title.value,
                status=idea.status,
                votes=idea.votes,
            )
            for idea in found.ideas
        ],
    )


def suggestions_out(found: Suggestions) -> SuggestionsOut:
    """Give suggestions their form on the wire."""
    return SuggestionsOut(topics=[_titled(topic) for topic in found.topics], tags=list(found.tags))


def similar_out(found: Sequence[Shown]) -> SimilarTopics:
    """Give similar topics their form on the wire."""
    return SimilarTopics(items=[_topic(shown) for shown in found])


def _finding(item: Finding) -> FindingOut:
    shown = item.shown
    return FindingOut(
        topic=_topic(shown),
        title_ranges=list(item.title_marks),
        category=item.category.slug,
        seq=shown.post.seq,
        author=shown.author.handle if shown.author else None,
        created_at=shown.post.created_at,
        replies=shown.topic.replies,
        solved=shown.topic.accepted_seq is not None,
        excerpt=_excerpt(item.excerpt),
    )


def _excerpt(excerpt: Excerpt) -> ExcerptOut:
    return ExcerptOut(text=excerpt.text, ranges=list(excerpt.ranges), before=excerpt.before, after=excerpt.after)


def _topic(shown: Shown) -> TopicHit:
    topic = shown.topic
    return TopicHit(
        id=topic.id, number=topic.number, slug=topic.slug, title=topic.title.value, category_id=topic.category_id
    )


def _titled(topic: Titled) -> TopicHit:
    return TopicHit(
        id=topic.topic_id,
        number=topic.number,
        slug=topic.slug,
        title=topic.title.value,
        category_id=topic.category_id,
    )
