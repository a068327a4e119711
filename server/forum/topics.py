"""Use cases of topics: begin one, read one, change its title. Lists of them are `lists`' affair. Knows neither HTTP nor
MongoDB.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.admission import Admission
from server.forum.categories import Categories
from server.forum.consequences import Consequences
from server.forum.events import TopicChanged, TopicPosted
from server.forum.keys import client_key
from server.forum.lists import TopicLists
from server.forum.model import (
    Category,
    PostState,
    Topic,
    TopicState,
    can_post,
    can_read,
    can_schedule,
    post_id,
    require,
    require_read,
)
from server.forum.polls import NewPoll, Poll, PollStore, admit_options
from server.forum.reading import TopicRow, topic_rights
from server.forum.restoring import NEW_TOPIC, held_in_title
from server.forum.trail import CREATED, post_entry
from server.forum.words import admit_tags, slug_of
from server.forum.writing import TopicWriter, Written
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, EventSink, Limiter
from server.kernel.text import NumberedText, Numbering, RawText, RedactedTemplate, template_of

_LATEST_SCHEDULE = timedelta(days=366)
_UNTITLED = template_of(()).fill(Numbering())


class TopicStore(Protocol):
    """What the service needs of its store."""

    async def next_number(self) -> int: ...
    async def insert_topic(self, topic: Topic, client_key: bytes, numbers: Mapping[str, int]) -> bool: ...
    async def find_topic(self, topic_id: str) -> Topic | None: ...
    async def find_numbered(self, number: int) -> Topic | None: ...
    async def find_begun(self, client_key: bytes) -> Topic | None: ...
    async def find_topics(self, topic_ids: Sequence[str]) -> dict[str, Topic]: ...


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic to begin.

    Attributes:
        category_id: where.
        title: what it is about.
        text: its first post, Markdown.
        tags: words under which it is found.
        client_post_id: the author's own id of it; the same again gives the first topic.
        publish_at: when it is to appear; None for now.
        poll: what is asked under it, or None.
    """

    category_id: str
    title: RawText
    text: RawText
    tags: Sequence[RawText] = ()
    client_post_id: str | None = None
    publish_at: datetime | None = None
    poll: NewPoll | None = None


class Topics:
    """Topics."""

    def __init__(
        self,
        store: TopicStore,
        writer: TopicWriter,
        categories: Categories,
        admission: Admission,
        intake: Intake,
        consequences: Consequences,
        lists: TopicLists,
        polls: PollStore,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._writer = writer
        self._categories = categories
        self._admission = admission
        self._intake = intake
        self._consequences = consequences
        self._lists = lists
        self._polls = polls
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    # --- one topic -------------------------------------------------------------------------------------------------

    async def begin(self, actor: Actor, new: NewTopic) -> Written:
        """Begin a topic with its first post.

        Returns:
            The topic and its first post; those that were stored first, where the same id comes again. A held one
            waits for a moderator.

        Raises:
            NotFound: no such category, or none that the actor may read.
            NotPermitted: the actor may not begin topics there, or is silenced.
            InvalidInput, RedactionUnavailable: see the gate.
            RateLimited: too many.
        """
        key = client_key(actor.account_id, new.client_post_id)
        begun = await self._store.find_begun(key) if new.client_post_id else None
        if begun is not None and begun.last_seq > 0:
            return await self._writer.find(begun.id, key)
        category = await self._categories.get(new.category_id)
        require_read(actor, category)
        require(can_post(actor, category) and (new.publish_at is None or can_schedule(actor)))
        await self._limiter.spend("forum_topic", actor.account_id)
        now = self._clock()
        self._require_future(new.publish_at, now)
        self._require_future(new.poll.closes_at if new.poll else None, now, field="poll")
        topic = begun or await self._make(actor, category, new, now)
        known = self._admission.of_draft(actor, NEW_TOPIC)
        title = await self._admission.title(actor, new.title, topic.id, known)
        options = await admit_options(self._intake, actor, new.poll, topic.id) if new.poll else []
        admitted = await self._admission.text(
            actor,
            new.text,
            topic_id=topic.id,
            topic_path=path_of(topic),
            category=category,
            title=title,
            tags=topic.tags,
            options=options,
            known=known,
        )
        if begun is None:
            numbering = Numbering()
            numbered = (admitted.title or title).fill(numbering)
            topic = _titled(topic, numbered)
            if not await self._store.insert_topic(topic, key, numbering.fresh()):
                # The same request at the same moment: that one's topic it is.
                topic = await self._again(key)
        # What it quotes would be posts of another topic: here there is none yet.
        draft = replace(admitted.draft(actor.account_id, key, now), quotes=(), poll=new.poll is not None)
        if new.poll is not None:
            await self._put_poll(topic, new.poll, admitted.options)
        try:
            written = await self._writer.append(topic.id, draft, _require_empty)
        except Conflict:
            return await self._writer.find(topic.id, key)
        if written.is_new:
            await self._posted(actor, written)
        return written

    async def find(self, actor: Actor | None, number: int) -> TopicRow:
        """Give a topic by its number; one that was merged into another leads there by `moved_to`.

        Where the reader stopped is not in it: a page that shows the topic need not know (`TopicLists.read_seq`).

        Raises:
            NotFound: none that the actor may read.
        """
        topic = await self._readable(actor, await self._store.find_numbered(number))
        return await self._lists.row(None, topic)

    async def get(self, actor: Actor | None, topic_id: str) -> TopicRow:
        """Give a topic by its id.

        Raises:
            NotFound: none that the actor may read.
        """
        return await self._lists.row(actor, await self._readable(actor, await self._store.find_topic(topic_id)))

    async def readable(self, actor: Actor, topic_ids: Sequence[str]) -> dict[str, TopicRow]:
        """Give those of some topics that the actor may read, by their ids."""
        categories = await self._categories.all()
        found = await self._store.find_topics(topic_ids)
        topics = [
            topic
            for topic in found.values()
            if topic.last_seq
            and topic.category_id in categories
            and can_read(actor, categories[topic.category_id], topic)
        ]
        return {row.topic.id: row for row in await self._lists.rows(actor, topics)}

    async def require_readable(self, actor: Actor | None, topic_id: str) -> tuple[Topic, Category]:
        """Give a topic with its category.

        Raises:
            NotFound: none that the actor may read.
        """
        topic = await self._readable(actor, await self._store.find_topic(topic_id))
        return topic, await self._categories.get(topic.category_id)

    async def category(self, category_id: str) -> Category:
        """Give a category, whoever may read it.

        Raises:
            NotFound: there is none.
        """
        return await self._categories.get(category_id)

    async def category_for(self, actor: Actor, category_id: str) -> Category:
        """Give a category that the actor may read.

        Raises:
            NotFound: there is none.
        """
        category = await self._categories.get(category_id)
        require_read(actor, category)
        return category

    async def lay_out(self, topic_id: str, category: Category, author_id: str, title: RedactedTemplate) -> Topic:
        """Store a topic without posts, for posts that come from elsewhere. Nobody sees it before the first."""
        now = self._clock()
        numbering = Numbering()
        blank = await self._blank(topic_id, category, author_id, now, None)
        topic = _titled(blank, title.fill(numbering))
        await self._store.insert_topic(topic, client_key(author_id, None), numbering.fresh())
        return topic

    async def edit(
        self, actor: Actor, topic_id: str, *, title: RawText | None = None, tags: Sequence[RawText] | None = None
    ) -> TopicRow:
        """Change title or tags. Both pass gate and screening again, the title with the numbers of its topic.

        Raises:
            NotFound, NotPermitted: the actor may not.
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: somebody changed it at the same moment.
        """
        topic, category = await self.require_readable(actor, topic_id)
        require(topic_rights(actor, category, topic).edit)
        await self._limiter.spend("forum_edit", actor.account_id)
        words = None if tags is None else list(await admit_tags(self._intake, tags, scope=topic.id))
        template = await self._admission.heading(actor, topic, title, words or (), held_in_title(self._writer, topic))
        async with (
            self._writer.turn(topic.id),
            self._audit.promises.around([self._entry("forum:topic:edited", actor, topic)]),
        ):
            fields: dict[str, Any] = {} if words is None else {"tags": words}
            if template is not None:
                numbered = await self._writer.number(topic.id, template)
                fields |= _title_fields(_titled(topic, numbered))
            if topic.state is TopicState.HELD:
                # First, so that no moderator publishes what they have not seen; and what may stand there while it is
                # held need not be what may be published.
                await self._writer.renew_first(topic.id)

            def unless_decided(current: Topic) -> dict[str, Any]:
                if (current.state is TopicState.HELD) is not (topic.state is TopicState.HELD):
                    raise Conflict
                return fields

            changed = await self._writer.change(topic.id, unless_decided)
        await self._consequences.again(topic.id)
        await self._sink.publish([TopicChanged(changed)])
        return await self._lists.row(actor, changed)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _readable(self, actor: Actor | None, topic: Topic | None) -> Topic:
        if topic is None or topic.last_seq == 0:
            raise NotFound
        require_read(actor, await self._categories.get(topic.category_id), topic)
        return topic

    async def _make(self, actor: Actor, category: Category, new: NewTopic, now: datetime) -> Topic:
        topic_id = await self._admission.topic_id(actor)
        if not topic_id or await self._store.find_topic(topic_id) is not None:
            topic_id = new_id()
        tags = await admit_tags(self._intake, new.tags, scope=topic_id)
        return replace(await self._blank(topic_id, category, actor.account_id, now, new.publish_at), tags=tags)

    async def _blank(
        self, topic_id: str, category: Category, author_id: str, now: datetime, publish_at: datetime | None
    ) -> Topic:
        return Topic(
            id=topic_id,
            number=await self._store.next_number(),
            category_id=category.id,
            slug="",
            title=_UNTITLED.text,
            redactions=(),
            author_id=author_id,
            created_at=now,
            state=TopicState.PUBLISHED if publish_at is None else TopicState.SCHEDULED,
            bump=0,
            active_at=now,
            last_author_id=author_id,
            publish_at=publish_at,
        )

    async def _put_poll(self, topic: Topic, new: NewPoll, options: Sequence[RedactedTemplate]) -> None:
        """Before its post, whose place is known: a poll without a post is never seen."""
        async with self._writer.turn(topic.id):
            texts = tuple([(await self._writer.number(topic.id, option)).text for option in options])
        poll = Poll(post_id(topic.id, 1), texts, new.multiple, new.closes_at, (0,) * len(texts))
        await self._polls.insert_poll(poll)

    async def _again(self, key: bytes) -> Topic:
        topic = await self._store.find_begun(key)
        if topic is None:
            raise Conflict
        return topic

    async def _posted(self, actor: Actor, written: Written) -> None:
        topic, post = written.topic, written.post
        held = post.state is PostState.HELD
        counts = {"number": topic.number, "hidden": len(topic.redactions) + len(post.redactions), "held": int(held)}
        await self._audit.append(
            [
                AuditEntry(
                    "forum:topic:created", actor.account_id, (topic.category_id, topic.id), post.created_at, counts
                ),
                post_entry(self._audit, post, CREATED, actor.account_id, post.created_at, held=int(held)),
            ]
        )
        if topic.state is TopicState.PUBLISHED:
            self._consequences.count(topic.category_id, topics=1, posts=1)
            await self._sink.publish([TopicPosted(topic, post)])
        self._consequences.draw(post)

    def _entry(self, action: str, actor: Actor, topic: Topic) -> AuditEntry:
        return AuditEntry(action, actor.account_id, (topic.id,), self._clock())

    @staticmethod
    def _require_future(moment: datetime | None, now: datetime, *, field: str = "publish_at") -> None:
        if moment is not None and not now < moment <= now + _LATEST_SCHEDULE:
            raise InvalidInput(fields={field: "out_of_range"})


def path_of(topic: Topic) -> str:
    """Give a topic's address."""
    return f"/forum/t/{topic.number}/{topic.slug}" if topic.slug else f"/forum/t/{topic.number}"


def _titled(topic: Topic, numbered: NumberedText) -> Topic:
    return replace(topic, title=numbered.text, redactions=numbered.redactions, slug=slug_of(numbered.text))


def _title_fields(topic: Topic) -> dict[str, Any]:
    return {
        "title": topic.title.value,
        "slug": topic.slug,
        "redactions": [[item.placeholder, item.label.value] for item in topic.redactions],
    }


def _require_empty(topic: Topic) -> None:
    """The first post is written once: a topic that has one takes no other this way."""
    if topic.last_seq > 0:
        raise Conflict
