"""What curators do with topics: pin, lock, archive, move to another category; and who says what solved one."""

from typing import Any, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.consequences import Consequences
from server.forum.events import AnswerAccepted, TopicChanged
from server.forum.model import Category, Post, PostState, Topic, TopicState, can_accept, can_curate, require
from server.forum.ports import Notifier, Told
from server.forum.topics import Topics
from server.forum.writing import TopicWriter
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ports import Clock, EventSink, Limiter


class PostStore(Protocol):
    """Where posts are."""

    async def find_post(self, topic_id: str, seq: int) -> Post | None: ...


class Curation:
    """Changes of topics that are not their text."""

    def __init__(
        self,
        posts: PostStore,
        topics: Topics,
        writer: TopicWriter,
        consequences: Consequences,
        notifier: Notifier,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._posts = posts
        self._topics = topics
        self._writer = writer
        self._consequences = consequences
        self._notifier = notifier
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    async def set(
        self,
        actor: Actor,
        topic_id: str,
        *,
        pinned: bool | None = None,
        locked: bool | None = None,
        archived: bool | None = None,
    ) -> Topic:
        """Pin, lock or archive a topic, or no longer; what is None stays.

        Raises:
            NotFound: no topic that the actor may read.
            NotPermitted: the actor is no curator.
        """
        topic, _ = await self._curated(actor, topic_id)
        wanted = {"locked": locked, "archived": archived}
        fields: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        if pinned:
            fields["pinned_in"] = topic.category_id
        counts = {name: int(value) for name, value in {**wanted, "pinned": pinned}.items() if value is not None}
        async with self._audit.promises.around([self._entry("forum:topic:curated", actor, topic, **counts)]):
            changed = await self._writer.change(
                topic_id, lambda _: fields, gone=("pinned_in",) if pinned is False else ()
            )
        await self._sink.publish([TopicChanged(changed)])
        return changed

    async def move(self, actor: Actor, topic_id: str, category_id: str) -> Topic:
        """Move a topic to another category.

        Raises:
            NotFound: no such topic or category, or none that the actor may read.
            NotPermitted: the actor is no curator.
        """
        topic, category = await self._curated(actor, topic_id)
        target = await self._topics.category_for(actor, category_id)
        if target.id == category.id:
            return topic
        # First, so that a crash in between has all categories counted anew.
        await self._consequences.again(topic_id)
        entry = self._entry("forum:topic:curated", actor, topic, moved=1)
        async with self._audit.promises.around([entry]):
            changed = await self._writer.change(topic_id, lambda _: {"category_id": target.id}, gone=("pinned_in",))
        if changed.state is TopicState.PUBLISHED:
            self._consequences.count(category.id, topics=-1, posts=-(changed.replies + 1))
            self._consequences.count(target.id, topics=1, posts=changed.replies + 1)
        await self._consequences.again(topic_id)
        await self._sink.publish([TopicChanged(changed)])
        return changed

    async def accept(self, actor: Actor, topic_id: str, seq: int | None) -> Topic:
        """Say which answer solved a topic, or with None that none has. Its author is told.

        Raises:
            NotFound: no topic that the actor may read.
            NotPermitted: the actor neither asked nor curates.
            InvalidInput: there is no such answer.
        """
        topic, _ = await self._topics.require_readable(actor, topic_id)
        require(can_accept(actor, topic))
        await self._limiter.spend("forum_mark", actor.account_id)
        post = await self._posts.find_post(topic_id, seq) if seq is not None else None
        if seq is not None and (seq == 1 or post is None or post.state is not PostState.PUBLISHED):
            raise InvalidInput(fields={"seq": "unknown"})
        if topic.accepted_seq == seq:
            return topic
        entry = self._entry("forum:topic:accepted", actor, topic, seq=seq or 0)

        def fields(current: Topic) -> dict[str, Any]:
            if not can_accept(actor, current):
                raise Conflict
            return {} if seq is None else {"accepted_seq": seq}

        async with self._audit.promises.around([entry]):
            changed = await self._writer.change(topic_id, fields, gone=("accepted_seq",) if seq is None else ())
        await self._consequences.again(topic_id)
        await self._sink.publish([AnswerAccepted(changed, post, actor.account_id), TopicChanged(changed)])
        if post is not None and post.author_id != actor.account_id:
            await self._notifier.tell_of_post([post.author_id], Told.ACCEPTED, post.id)
        return changed

    async def _curated(self, actor: Actor, topic_id: str) -> tuple[Topic, Category]:
        topic, category = await self._topics.require_readable(actor, topic_id)
        require(can_curate(actor))
        if topic.state is TopicState.MOVED:
            raise NotFound
        return topic, category

    def _entry(self, action: str, actor: Actor, topic: Topic, **counts: int) -> AuditEntry:
        return AuditEntry(action, actor.account_id, (topic.id,), self._clock(), counts)
