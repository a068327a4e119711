"""When posts and topics are to be seen: held, published, hidden, withdrawn. One step at a time, safe to repeat.

A topic's state follows from its first post's, so that what a crash leaves between the two is put right by asking again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.consequences import Consequences
from server.forum.events import PostHidden, PostPublished, TopicChanged, TopicPosted
from server.forum.model import Post, PostState, Topic, TopicState, place_of
from server.forum.writing import TopicWriter
from server.kernel.errors import Conflict, NotFound
from server.kernel.ports import Clock, EventSink


class PostStore(Protocol):
    """What is needed of the posts' store."""

    async def find_post(self, topic_id: str, seq: int) -> Post | None: ...
    async def change_post(
        self, post: Post, fields: Mapping[str, Any], *, gone: Sequence[str] = (), rises: bool = True
    ) -> Post | None: ...


class TopicStore(Protocol):
    """What is needed of the topics' store."""

    async def next_bump(self) -> int: ...
    async def find_topic(self, topic_id: str) -> Topic | None: ...
    async def count(self, topic_id: str, *, replies: int = 0, likes: int = 0) -> None: ...


class TopicStates:
    """What a topic is, by its first post."""

    def __init__(self, topics: TopicStore, posts: PostStore, writer: TopicWriter) -> None:
        self._topics = topics
        self._posts = posts
        self._writer = writer

    async def mend(self, topic_id: str) -> None:
        """Bring to its end what a crash left half done."""
        await self._writer.mend(topic_id)
        await self.settle(topic_id)

    async def settle(self, topic_id: str) -> Topic:
        """Make a topic's state fit its first post's; give it as it is then.

        Raises:
            NotFound: there is no such topic.
        """
        topic = await self._topics.find_topic(topic_id)
        if topic is None:
            raise NotFound
        first = await self._posts.find_post(topic_id, 1)
        if first is None or _state_of(topic, first) is topic.state:
            return topic
        state = _state_of(topic, first)
        fields: dict[str, Any] = {"state": state.value}
        if state is TopicState.PUBLISHED and not topic.bump:
            fields["bump"] = await self._topics.next_bump()
        return await self._writer.change(topic_id, lambda _: fields, gone=("due",))


def _state_of(topic: Topic, first: Post) -> TopicState:
    if topic.state is TopicState.MOVED:
        return topic.state
    if first.state is PostState.HELD:
        return TopicState.SCHEDULED if topic.state is TopicState.SCHEDULED else TopicState.HELD
    if first.state is PostState.PUBLISHED:
        return TopicState.SCHEDULED if topic.state is TopicState.SCHEDULED else TopicState.PUBLISHED
    if first.state is PostState.WITHDRAWN and topic.replies:
        # Others have answered: a trace stays above what they wrote.
        return topic.state
    return TopicState.HIDDEN


class PostStates:
    """Changes of posts' states, with everything that goes with them."""

    def __init__(
        self,
        posts: PostStore,
        topics: TopicStore,
        states: TopicStates,
        consequences: Consequences,
        audit: AuditTrail,
        sink: EventSink,
        clock: Clock,
    ) -> None:
        self._posts = posts
        self._topics = topics
        self._states = states
        self._consequences = consequences
        self._audit = audit
        self._sink = sink
        self._clock = clock

    async def change(
        self,
        by: str,
        of_post: str,
        to: PostState,
        *,
        before: frozenset[PostState],
        action: str,
        revision: int | None = None,
        **fields: Any,
    ) -> Post:
        """Change a post's state. One that has it already stays as it is.

        Args:
            by: account that does it.
            of_post: id of the post.
            to: the new state.
            before: states from which it may come.
            action: what the trail calls it.
            revision: of the only text of which it is true; None for whichever is there.
            fields: what else is written with it, in the form of the store.

        Raises:
            NotFound: there is no such post.
            Conflict: it is in no such state, or somebody changed it at the same moment; with the field `revision`
                where its text is another one.
        """
        post = await self._find(of_post)
        if post.state not in before | {to}:
            raise Conflict
        if revision is not None and post.revision != revision:
            raise Conflict(fields={"revision": "outdated"})
        if post.state is to:
            return post
        entry = AuditEntry(
            action, by, (post.topic_id, post.id), self._clock(), {"published": int(to is PostState.PUBLISHED)}
        )
        async with self._audit.promises.around([entry]):
            # Why it was held is settled once it is shown.
            gone = ("reasons",) if to is PostState.PUBLISHED else ()
            changed = await self._posts.change_post(post, {"state": to.value, **fields}, gone=gone, rises=False)
            if changed is None:
                raise Conflict
        await self.follow(post, changed)
        return changed

    async def follow(self, before: Post, changed: Post) -> None:
        """Let topic and lists follow a post whose state was changed, and tell of it."""
        was = await self._topics.find_topic(changed.topic_id)
        step = int(changed.state is PostState.PUBLISHED) - int(before.state is PostState.PUBLISHED)
        if step:
            likes = step * sum(changed.reactions.values())
            await self._topics.count(changed.topic_id, replies=step if changed.seq > 1 else 0, likes=likes)
        topic = await self._states.settle(changed.topic_id)
        self._count(was, topic, changed, step)
        self._consequences.draw(changed)
        await self._sink.publish(_events(was, topic, changed))

    def _count(self, was: Topic | None, topic: Topic, post: Post, step: int) -> None:
        """What the topic's category counts: published topics, and all published posts in them."""
        old = was.replies + 1 if was is not None and was.state is TopicState.PUBLISHED else 0
        new = topic.replies + 1 if topic.state is TopicState.PUBLISHED else 0
        if was is not None and was.state is topic.state is TopicState.PUBLISHED and post.seq == 1:
            return
        self._consequences.count(topic.category_id, topics=int(new > 0) - int(old > 0), posts=new - old)

    async def _find(self, of_post: str) -> Post:
        topic_id, seq = place_of(of_post)
        post = await self._posts.find_post(topic_id, seq)
        if post is None:
            raise NotFound
        return post


def _events(
    was: Topic | None, topic: Topic, post: Post
) -> list[TopicPosted | PostPublished | PostHidden | TopicChanged]:
    if post.state is PostState.PUBLISHED:
        return [TopicPosted(topic, post) if post.seq == 1 else PostPublished(topic, post)]
    changed = was is None or was.state is not topic.state
    return [PostHidden(topic, post), *([TopicChanged(topic)] if changed else [])]
