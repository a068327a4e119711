"""Putting posts into topics: the next `seq`, the topic's numbering, and no post lost or stored twice.

A post's key is its place, which decides between writers, here and in other processes: who loses counts what is there
in its topic and takes the next place. What a crash leaves stored but not counted is counted by whoever writes next, or
at the next start. Must not know who may write, nor what the texts say.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol
from weakref import WeakValueDictionary

from server.forum.contacts import marks_of
from server.forum.model import Post, PostState, Topic, TopicState
from server.kernel.errors import Conflict, NotFound, Unavailable
from server.kernel.text import Hidden, NumberedText, Numbering, RedactedTemplate, RedactedText
from server.markup.html import SafeHtml

_MAX_CONFLICTS = 50
_LOOK_AHEAD = 10


@dataclass(frozen=True, slots=True)
class Opened:
    """A topic with what is needed to write into it.

    Attributes:
        topic: as stored; its `last_seq` may lag behind the posts.
        numbers: `LABEL:digest` -> N, as far as that.
    """

    topic: Topic
    numbers: Mapping[str, int]


class Inserted(Enum):
    """What became of a post."""

    STORED = auto()
    TAKEN = auto()
    """Another post has its place."""
    REPEATED = auto()
    """Its author's own id of it is there already."""


class PostStore(Protocol):
    """What is needed of the posts' store."""

    async def insert_post(
        self, post: Post, key: bytes, reasons: Sequence[str] = (), *, told: bool = False
    ) -> Inserted: ...
    async def find_written(self, key: bytes) -> Post | None: ...
    async def posts(self, topic_id: str, seqs: Iterable[int]) -> list[Post]: ...
    async def find_post(self, topic_id: str, seq: int) -> Post | None: ...
    async def change_post(
        self, post: Post, fields: Mapping[str, Any], *, gone: Sequence[str] = (), rises: bool = True
    ) -> Post | None: ...


class TopicStore(Protocol):
    """What is needed of the topics' store."""

    async def open(self, topic_id: str) -> Opened | None: ...
    async def advance(self, topic: Topic, post: Post, bump: int, numbers: Mapping[str, int]) -> bool: ...
    async def next_bump(self) -> int: ...
    async def find_topic(self, topic_id: str) -> Topic | None: ...
    async def learn(self, topic_id: str, numbers: Mapping[str, int]) -> None: ...
    async def change(self, topic: Topic, fields: Mapping[str, Any], *, gone: Sequence[str] = ()) -> Topic | None: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A post on its way: redacted, without place or numbers.

    Attributes:
        author_id: who writes.
        key: short form of the author's own id of it.
        template: the text with holes.
        render: makes HTML of the numbered text.
        at: when.
        state: published or held.
        reasons: why it is held.
        reply_to: `seq` of the post that it answers.
        mentions: accounts whose handles stand in it.
        quotes: `seq` of the posts that it quotes.
        wiki: whether trusted members may change it.
        poll: whether something is asked in it.
        told: whether people know of it already, because it only moves.
        contacts: what stands for contacts of the writer's own which they signed to be shown there.
        contacts_closed: whether a moderator took its contacts out.
    """

    author_id: str
    key: bytes
    template: RedactedTemplate
    render: Callable[[RedactedText], SafeHtml]
    at: datetime
    state: PostState = PostState.PUBLISHED
    reasons: tuple[str, ...] = ()
    reply_to: int | None = None
    mentions: tuple[str, ...] = ()
    quotes: tuple[int, ...] = ()
    wiki: bool = False
    poll: bool = False
    told: bool = False
    contacts: frozenset[Hidden] = frozenset()
    contacts_closed: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a draft.

    Attributes:
        topic: as it is now.
        post: as stored; the first one, where it came again.
        is_new: whether it was stored by this.
    """

    topic: Topic
    post: Post
    is_new: bool


@dataclass(slots=True)
class Turns:
    """One writer at a time for each topic, within this process."""

    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def of(self, topic_id: str) -> asyncio.Lock:
        """Give a topic's lock."""
        lock = self._locks.get(topic_id)
        if lock is None:
            lock = self._locks[topic_id] = asyncio.Lock()
        return lock


class TopicWriter:
    """Writes drafts into topics."""

    def __init__(self, topics: TopicStore, posts: PostStore) -> None:
        self._topics = topics
        self._posts = posts
        self._turns = Turns()

    def turn(self, topic_id: str) -> asyncio.Lock:
        """Give the lock that a topic's writers take turns with."""
        return self._turns.of(topic_id)

    async def append(self, topic_id: str, draft: Draft, check: Callable[[Topic], None]) -> Written:
        """Put a draft at the end of a topic.

        Args:
            topic_id: where.
            draft: what.
            check: insists that the topic, as it is at this moment, takes it.

        Raises:
            NotFound: there is no such topic.
            Unavailable: the store does not answer; under the same id the draft may be sent again.
        """
        async with self.turn(topic_id):
            repeated = False
            for _ in range(_MAX_CONFLICTS):
                opened = await self._open(topic_id)
                check(opened.topic)
                numbering = Numbering(opened.numbers)
                post = _post(opened.topic, draft, numbering)
                outcome = await self._posts.insert_post(post, draft.key, draft.reasons, told=draft.told)
                repeated = outcome is Inserted.REPEATED
                if repeated:
                    break
                if outcome is Inserted.STORED and await self._count(opened.topic, post, numbering):
                    return Written(await self._get(topic_id), post, is_new=True)
                # Somebody else was quicker, or a crash left posts behind that the topic does not know of.
                await self._catch_up(topic_id)
                if outcome is Inserted.STORED:
                    return Written(await self._get(topic_id), post, is_new=True)
        first = await self.find_any(draft.key) if repeated else None
        if first is None:
            raise Unavailable
        return first

    async def number(self, topic_id: str, template: RedactedTemplate) -> NumberedText:
        """Number a text that is to replace one of a topic, with its numbering. Only within the topic's turn.

        Raises:
            NotFound: there is no such topic.
        """
        numbering = Numbering((await self._open(topic_id)).numbers)
        numbered = template.fill(numbering)
        fresh = numbering.fresh()
        if fresh:
            await self._topics.learn(topic_id, fresh)
        return numbered

    async def numbers(self, topic_id: str) -> Mapping[str, int]:
        """Give a topic's numbering: `LABEL:digest` -> N.

        Raises:
            NotFound: there is no such topic.
        """
        return (await self._open(topic_id)).numbers

    async def change(
        self, topic_id: str, make: Callable[[Topic], Mapping[str, Any]], *, gone: Sequence[str] = ()
    ) -> Topic:
        """Change a topic's record; what others change at the same moment is kept.

        Args:
            topic_id: which.
            make: gives the fields to write, of the topic as it is at that moment; may refuse.
            gone: fields to remove.

        Raises:
            NotFound: there is no such topic.
            Conflict: it changes all the time.
        """
        for _ in range(_MAX_CONFLICTS):
            topic = await self._get(topic_id)
            changed = await self._topics.change(topic, make(topic), gone=gone)
            if changed is not None:
                return changed
        raise Conflict

    async def find(self, topic_id: str, key: bytes) -> Written:
        """Give what an author stored under their own id in a topic.

        Raises:
            NotFound: nothing there.
        """
        post = await self._posts.find_written(key)
        if post is None or post.topic_id != topic_id:
            raise NotFound
        return await self._as_stored(post)

    async def renew_first(self, topic_id: str) -> None:
        """Count a topic's first post as changed, for its title is: whoever looked at it has seen another one.

        Raises:
            NotFound: there is no such post.
            Conflict: it changes all the time.
        """
        for _ in range(_MAX_CONFLICTS):
            first = await self._posts.find_post(topic_id, 1)
            if first is None:
                raise NotFound
            if await self._posts.change_post(first, {}) is not None:
                return
        raise Conflict

    async def mend(self, topic_id: str) -> None:
        """Count posts that were stored and not counted."""
        async with self.turn(topic_id):
            await self._catch_up(topic_id)

    async def find_any(self, key: bytes) -> Written | None:
        """Give what an author stored under their own id, or None."""
        post = await self._posts.find_written(key)
        return await self._as_stored(post) if post else None

    async def _as_stored(self, post: Post) -> Written:
        """It may have been left uncounted by a crash."""
        topic = await self._get(post.topic_id)
        if topic.last_seq < post.seq:
            await self.mend(post.topic_id)
            topic = await self._get(post.topic_id)
        return Written(topic, post, is_new=False)

    async def _catch_up(self, topic_id: str) -> None:
        for _ in range(_MAX_CONFLICTS):
            opened = await self._open(topic_id)
            first = opened.topic.last_seq + 1
            found = await self._posts.posts(topic_id, range(first, first + _LOOK_AHEAD))
            if not found:
                return
            numbering = Numbering(opened.numbers)
            topic = opened.topic
            for post in found:
                for hidden, number in post.hidden:
                    numbering.learn(hidden, number)
                if not await self._count(topic, post, numbering):
                    break
                topic = replace(topic, last_seq=post.seq)
        raise Unavailable

    async def _count(self, topic: Topic, post: Post, numbering: Numbering) -> bool:
        public = post.state is PostState.PUBLISHED and topic.state is TopicState.PUBLISHED
        bump = await self._topics.next_bump() if public else 0
        return await self._topics.advance(topic, post, bump, numbering.fresh())

    async def _open(self, topic_id: str) -> Opened:
        opened = await self._topics.open(topic_id)
        if opened is None:
            raise NotFound
        return opened

    async def _get(self, topic_id: str) -> Topic:
        topic = await self._topics.find_topic(topic_id)
        if topic is None:
            raise NotFound
        return topic


def _post(topic: Topic, draft: Draft, numbering: Numbering) -> Post:
    numbered = draft.template.fill(numbering)
    return Post(
        topic_id=topic.id,
        seq=topic.last_seq + 1,
        author_id=draft.author_id,
        text=numbered.text,
        hidden=numbered.hidden,
        redactions=numbered.redactions,
        html=draft.render(numbered.text),
        created_at=draft.at,
        state=draft.state,
        reply_to=draft.reply_to,
        mentions=draft.mentions,
        quotes=draft.quotes,
        wiki=draft.wiki,
        poll=draft.poll,
        contacts=marks_of(numbered.hidden, draft.contacts),
        contacts_closed=draft.contacts_closed,
    )
