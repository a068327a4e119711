"""Use cases of posts: answer, read, change, take back. Knows neither HTTP nor MongoDB."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from server.audit.service import AuditTrail
from server.forum.admission import Admission
from server.forum.consequences import Consequences
from server.forum.contacts import PostContacts
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
from server.forum.page_memory import PageMemory
from server.forum.polls import PollReading
from server.forum.reading import (
    NO_MARKS,
    OwnMarks,
    PostView,
    TopicPage,
    TopicRow,
    pages_of,
    post_view,
    topic_rights,
)
from server.forum.topics import Topics, path_of
from server.forum.trail import CREATED, post_entry
from server.forum.writing import TopicWriter, Written
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
    async def find_posts(self, ids: Sequence[str]) -> dict[str, Post]: ...


class People(Protocol):
    """How people are shown, and what their conduct lets them do."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]: ...
    async def standing(self, actor: Actor) -> Standing: ...


class Marks(Protocol):
    """What readers do with posts."""

    async def own(self, actor: Actor, topic: Topic, posts: Sequence[Post]) -> OwnMarks: ...
    async def reactions(self, actor: Actor, posts: Sequence[Post]) -> Mapping[str, frozenset[str]]: ...
    def seen(self, actor: Actor, topic: Topic, seq: int) -> None: ...


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
        memory: PageMemory,
        marks: Marks,
        polls: PollReading,
        contacts: PostContacts,
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
        self._memory = memory
        self._marks = marks
        self._polls = polls
        self._contacts = contacts
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
        kept = await self._memory.posts(row.topic, first, POSTS_A_PAGE)
        views, following = await self._views(actor, row, kept.posts)
        self._shown(actor, row, views)
        rights = topic_rights(actor, row.category, row.topic)
        return TopicPage(row, rights, views, page, pages, following, kept)

    async def after(self, actor: Actor | None, topic_id: str, seq: int, limit: int = POSTS_A_PAGE) -> TopicPage:
        """Give the posts after one, ascending. A program that fetches them has not read them.

        Raises:
            NotFound: no topic that the actor may read.
        """
        row = await self._topics.get(actor, topic_id)
        first = max(0, seq) + 1
        last = min(first + min(limit, MAX_POSTS) - 1, row.topic.last_seq)
        posts = await self._store.posts(topic_id, range(first, last + 1)) if first <= last else ()
        views, following = await self._views(actor, row, posts)
        rights = topic_rights(actor, row.category, row.topic)
        return TopicPage(row, rights, views, -(-first // POSTS_A_PAGE), pages_of(row.topic), following)

    async def follow(self, actor: Actor | None, topic_id: str, seq: int, limit: int = POSTS_A_PAGE) -> TopicPage:
        """Give the posts after one to somebody who has the topic before their eyes.

        Raises:
            NotFound: no topic that the actor may read.
        """
        page = await self.after(actor, topic_id, seq, limit)
        self._shown(actor, page.row, page.posts)
        return page

    async def get(self, actor: Actor | None, of_post: str) -> tuple[TopicRow, PostView]:
        """Give one post with its topic.

        Raises:
            NotFound: none that the actor may know of.
        """
        topic_id, seq = place_of(of_post)
        row = await self._topics.get(actor, topic_id)
        post = await self._store.find_post(topic_id, seq) if 1 <= seq <= row.topic.last_seq else None
        views, _ = await self._views(actor, row, (post,) if post else ())
        if not views:
            raise NotFound
        return row, views[0]

    async def kept(self, actor: Actor, ids: Sequence[str]) -> Mapping[str, tuple[TopicRow, PostView]]:
        """Give those of the posts that the actor keeps which they may know of, with their topics, by their ids.

        Args:
            actor: who keeps them.
            ids: of their bookmarks, at most 100.
        """
        posts = await self._store.find_posts(ids)
        rows = await self._topics.readable(actor, sorted({post.topic_id for post in posts.values()}))
        known = [post for post in posts.values() if post.topic_id in rows and post.seq <= _last(rows, post)]
        people = await self._people.personas(sorted({post.author_id for post in known})) if known else {}
        reactions = await self._marks.reactions(actor, known)
        standing = await self._people.standing(actor)
        found: dict[str, tuple[TopicRow, PostView]] = {}
        for post in known:
            row = rows[post.topic_id]
            marks = OwnMarks({post.seq: reactions.get(post.id, frozenset())}, frozenset({post.seq}))
            polls = await self._polls.of_posts(actor, row.category, row.topic, [post])
            view = post_view(actor, standing, row.category, row.topic, post, people, marks, polls.get(post.id))
            if view is not None:
                found[post.id] = row, view
        return found

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
        draft = replace(admitted.draft(actor.account_id, key, now), reply_to=reply_to)

        def check(current: Topic) -> None:
            require_read(actor, category, current)
            require(can_post(actor, category, current))

        written = await self._writer.append(topic_id, draft, check)
        if written.is_new:
            await self._posted(actor, written)
        return written

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _views(
        self, actor: Actor | None, row: TopicRow, posts: Sequence[Post]
    ) -> tuple[Sequence[PostView], bool]:
        topic, category = row.topic, row.category
        people = await self._people.personas(sorted({post.author_id for post in posts})) if posts else {}
        standing = await self._people.standing(actor) if actor is not None else None
        own = await self._marks.own(actor, topic, posts) if actor is not None else NO_MARKS
        polls = await self._polls.of_posts(actor, category, topic, posts)
        contacts = await self._contacts.of_posts(category, posts)
        views = (
            post_view(
                actor,
                standing,
                category,
                topic,
                post,
                people,
                own,
                polls.get(post.id) if post.poll else None,
                contacts.get(post.seq, ()),
            )
            for post in posts
        )
        return [view for view in views if view is not None], own.following

    def _shown(self, actor: Actor | None, row: TopicRow, views: Sequence[PostView]) -> None:
        if actor is not None and views:
            self._marks.seen(actor, row.topic, views[-1].post.seq)

    async def _posted(self, actor: Actor, written: Written) -> None:
        topic, post = written.topic, written.post
        held = post.state is PostState.HELD
        entry = post_entry(self._audit, post, CREATED, actor.account_id, self._clock(), held=int(held))
        await self._audit.append([entry])
        if not held and topic.state is TopicState.PUBLISHED:
            self._consequences.count(topic.category_id, posts=1)
            await self._sink.publish([PostPublished(topic, post)])
        self._consequences.draw(post)


def _last(rows: Mapping[str, TopicRow], post: Post) -> int:
    return rows[post.topic_id].topic.last_seq
