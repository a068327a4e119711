"""Use cases of posts: answer, read, change, take back. Knows neither HTTP nor MongoDB."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.admission import Admission
from server.forum.consequences import Consequences
from server.forum.events import PostPublished
from server.forum.keys import client_key
from server.forum.model import (
    POSTS_A_PAGE,
    Category,
    Post,
    PostState,
    Topic,
    TopicState,
    can_post,
    place_of,
    require,
    require_read,
)
from server.forum.polls import PollReading
from server.forum.reading import PostView, TopicPage, TopicRow, pages_of, post_view, topic_rights
from server.forum.topics import Topics, path_of
from server.forum.writing import Draft, TopicWriter, Written
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.ports import Clock, EventSink, Limiter
from server.kernel.text import RawText
from server.people.model import Persona, Standing

MAX_POSTS = 100


class PostStore(Protocol):
    """What the service needs of its store."""

    async def find_post(self, topic_id: str, seq: int) -> Post | None: ...
    async def posts(self, topic_id: str, seqs: Iterable[int]) -> list[Post]: ...


class People(Protocol):
    """How people are shown, and what their conduct lets them do."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]: ...
    async def standing(self, actor: Actor) -> Standing: ...


@dataclass(frozen=True, slots=True)
class OwnMarks:
    """What a reader has done with some posts of a topic.

    Attributes:
        reactions: `seq` -> the reader's own.
        bookmarked: `seq` of what they keep.
        following: whether they follow the topic.
    """

    reactions: Mapping[int, frozenset[str]]
    bookmarked: frozenset[int]
    following: bool


class Marks(Protocol):
    """What readers do with posts."""

    async def own(self, actor: Actor, topic: Topic, seqs: Sequence[int]) -> OwnMarks: ...
    async def seen(self, actor: Actor, topic: Topic, seq: int) -> None: ...


class Posts:
    """Posts and pages of them."""

    def __init__(
        self,
        store: PostStore,
        topics: Topics,
        writer: TopicWriter,
        admission: Admission,
        consequences: Consequences,
        people: People,
        marks: Marks,
        polls: PollReading,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._topics = topics
        self._writer = writer
        self._admission = admission
        self._consequences = consequences
        self._people = people
        self._marks = marks
        self._polls = polls
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    # --- reading ---------------------------------------------------------------------------------------------------

    async def page(self, actor: Actor | None, row: TopicRow, page: int) -> TopicPage:
        """Give a page of a topic that `Topics.find` or `Topics.get` gave.

        Raises:
            NotFound: there is no such page.
        """
        pages = pages_of(row.topic)
        if not 1 <= page <= pages:
            raise NotFound
        first = (page - 1) * POSTS_A_PAGE + 1
        views, following = await self._views(actor, row, range(first, first + POSTS_A_PAGE))
        rights = topic_rights(actor, row.category, row.topic)
        return TopicPage(row, rights, views, page, pages, following)

    async def after(self, actor: Actor | None, topic_id: str, seq: int, limit: int = POSTS_A_PAGE) -> TopicPage:
        """Give the posts after one, ascending.

        Raises:
            NotFound: no topic that the actor may read.
        """
        row = await self._topics.get(actor, topic_id)
        first = max(0, seq) + 1
        views, following = await self._views(actor, row, range(first, first + min(limit, MAX_POSTS)))
        rights = topic_rights(actor, row.category, row.topic)
        return TopicPage(row, rights, views, -(-first // POSTS_A_PAGE), pages_of(row.topic), following)

    async def get(self, actor: Actor | None, of_post: str) -> tuple[TopicRow, PostView]:
        """Give one post with its topic.

        Raises:
            NotFound: none that the actor may know of.
        """
        topic_id, seq = place_of(of_post)
        row = await self._topics.get(actor, topic_id)
        views, _ = await self._views(actor, row, (seq,))
        if not views:
            raise NotFound
        return row, views[0]

    async def require_post(self, actor: Actor | None, of_post: str) -> tuple[Topic, Category, Post]:
        """Give a post that the actor may know of, with its topic and category.

        Raises:
            NotFound: none.
        """
        topic_id, seq = place_of(of_post)
        topic, category = await self._topics.require_readable(actor, topic_id)
        post = await self._store.find_post(topic_id, seq) if seq <= topic.last_seq else None
        if post is None or post_view(actor, None, category, topic, post, {}) is None:
            raise NotFound
        return topic, category, post

    # --- writing ---------------------------------------------------------------------------------------------------

    async def reply(
        self,
        actor: Actor,
        topic_id: str,
        text: RawText,
        *,
        reply_to: int | None = None,
        client_post_id: str | None = None,
    ) -> Written:
        """Answer in a topic.

        Returns:
            The topic and the post; the first one, where the same id comes again. A held one waits for a moderator.

        Raises:
            NotFound: no topic that the actor may read.
            NotPermitted: the actor may not answer there, or is silenced.
            InvalidInput, RedactionUnavailable: see the gate.
            RateLimited: too many.
        """
        key = client_key(actor.account_id, client_post_id)
        written = await self._writer.find_any(key) if client_post_id else None
        if written is not None:
            return written
        topic, category = await self._topics.require_readable(actor, topic_id)
        require(can_post(actor, category, topic))
        await self._limiter.spend("forum_post", actor.account_id)
        if reply_to is not None and not 1 <= reply_to <= topic.last_seq:
            raise InvalidInput(fields={"reply_to": "unknown"})
        now = self._clock()
        admitted = await self._admission.text(
            actor,
            text,
            topic_id=topic_id,
            topic_path=path_of(topic),
            category=category,
            known=self._admission.of_draft(actor, topic_id),
        )
        draft = Draft(
            author_id=actor.account_id,
            key=key,
            template=admitted.template,
            render=admitted.render,
            at=now,
            state=admitted.state,
            reasons=admitted.reasons,
            reply_to=reply_to,
            mentions=admitted.mentions,
            quotes=admitted.quotes,
        )

        def check(current: Topic) -> None:
            require_read(actor, category, current)
            require(can_post(actor, category, current))

        written = await self._writer.append(topic_id, draft, check)
        if written.is_new:
            await self._posted(actor, written)
        return written

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _views(self, actor: Actor | None, row: TopicRow, seqs: Sequence[int]) -> tuple[Sequence[PostView], bool]:
        topic = row.topic
        posts = await self._store.posts(topic.id, [seq for seq in seqs if 1 <= seq <= topic.last_seq])
        people = await self._people.personas(sorted({post.author_id for post in posts})) if posts else {}
        standing = await self._people.standing(actor) if actor is not None else None
        seen = [post_view(actor, standing, row.category, topic, post, people) for post in posts]
        polls = await self._polls.of_posts(actor, row.category, topic, posts)
        views = [replace(view, poll=polls.get(view.post.id)) for view in seen if view is not None]
        if actor is None:
            return views, False
        own = await self._marks.own(actor, topic, [view.post.seq for view in views])
        if views:
            await self._marks.seen(actor, topic, views[-1].post.seq)
        marked = [
            replace(
                view,
                mine=own.reactions.get(view.post.seq, frozenset()),
                bookmarked=view.post.seq in own.bookmarked,
            )
            for view in views
        ]
        return marked, own.following

    async def _posted(self, actor: Actor, written: Written) -> None:
        topic, post = written.topic, written.post
        held = post.state is PostState.HELD
        counts = {"seq": post.seq, "hidden": len(post.redactions), "held": int(held)}
        await self._audit.append([self._entry("forum:post:created", actor, post, **counts)])
        if not held and topic.state is TopicState.PUBLISHED:
            self._consequences.count(topic.category_id, posts=1)
            await self._sink.publish([PostPublished(topic, post)])
        self._consequences.draw(post)

    def _entry(self, action: str, actor: Actor, post: Post, **counts: int) -> AuditEntry:
        return AuditEntry(action, actor.account_id, (post.topic_id, post.id), self._clock(), counts)
