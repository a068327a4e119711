"""Following topics, categories and tags. Whoever writes in a topic follows it, unless they said otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from server.forum.lists import TopicLists
from server.forum.model import Post, Topic, can_read, require_read
from server.forum.reading import TopicRow
from server.forum.topics import Topics
from server.forum.words import is_tag
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ports import Limiter

MOST_FOLLOWS = 2_000
_MOST_LOOKED_AT = 200
_AT_ONCE = 50


class Interest(StrEnum):
    """What somebody wants to hear of something."""

    FOLLOW = "follow"
    NONE = "none"
    """Nothing: said by themselves, so that writing there does not follow it again."""


class Subject(StrEnum):
    """What can be followed."""

    TOPIC = "topic"
    CATEGORY = "category"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Follow:
    """What an account wants to hear of something.

    Attributes:
        account_id: whose wish.
        target: `topic:ID`, `category:ID` or `tag:WORD`.
        interest: what.
    """

    account_id: str
    target: str
    interest: Interest


class FollowStore(Protocol):
    """What is needed of the store."""

    async def set_follow(self, follow: Follow) -> None: ...
    async def add_follow(self, follow: Follow) -> None: ...
    async def follows_of(self, account_id: str, targets: Sequence[str] | None = None) -> list[Follow]: ...
    async def followers(self, targets: Sequence[str]) -> list[Follow]: ...


class TopicShelf(Protocol):
    """Topics by their ids, at most 50 at a time."""

    async def find_topics(self, topic_ids: Sequence[str]) -> dict[str, Topic]: ...


class TopicFollowers:
    """Who is told of a post; for the background."""

    def __init__(self, store: FollowStore) -> None:
        self._store = store

    async def of_post(self, topic: Topic, post: Post) -> Sequence[str]:
        """Give who follows the topic or, of a new one, its category or a tag; who muted the topic is left out.

        The author of the post follows the topic from now on.
        """
        about = target_of(Subject.TOPIC, topic.id)
        await self._store.add_follow(Follow(post.author_id, about, Interest.FOLLOW))
        targets = [about]
        if post.seq == 1:
            targets.append(target_of(Subject.CATEGORY, topic.category_id))
            targets += [target_of(Subject.TAG, tag) for tag in topic.tags]
        found = await self._store.followers(targets)
        muted = {item.account_id for item in found if item.target == about and item.interest is Interest.NONE}
        wanting = {item.account_id for item in found if item.interest is Interest.FOLLOW}
        return sorted(wanting - muted)


class Follows:
    """What people follow."""

    def __init__(
        self, store: FollowStore, topics: Topics, lists: TopicLists, shelf: TopicShelf, limiter: Limiter
    ) -> None:
        self._store = store
        self._topics = topics
        self._lists = lists
        self._shelf = shelf
        self._limiter = limiter

    async def set(self, actor: Actor, subject: Subject, identity: str, interest: Interest) -> None:
        """Follow something, or no longer.

        Raises:
            NotFound: no such topic or category, none that the actor may read, or no topic with the tag.
            InvalidInput: the tag is none.
            Conflict: the actor follows too much.
            RateLimited: too many.
        """
        await self._limiter.spend("forum_mark", actor.account_id)
        if subject is Subject.TOPIC:
            await self._topics.require_readable(actor, identity)
        elif subject is Subject.CATEGORY:
            require_read(actor, await self._topics.category(identity))
        else:
            await self._require_tag(actor, identity, interest)
        if interest is Interest.FOLLOW and len(await self._store.follows_of(actor.account_id)) >= MOST_FOLLOWS:
            raise Conflict
        await self._store.set_follow(Follow(actor.account_id, target_of(subject, identity), interest))

    async def follows(self, actor: Actor, subject: Subject, identity: str) -> bool:
        """Whether the actor follows something."""
        found = await self._store.follows_of(actor.account_id, [target_of(subject, identity)])
        return any(item.interest is Interest.FOLLOW for item in found)

    async def of(self, actor: Actor) -> Sequence[tuple[Subject, str]]:
        """Give what the actor follows."""
        found = await self._store.follows_of(actor.account_id)
        split = [item.target.partition(":") for item in found if item.interest is Interest.FOLLOW]
        return sorted((Subject(kind), identity) for kind, _, identity in split)

    async def topics(self, actor: Actor, topic_ids: Sequence[str], *, limit: int) -> Sequence[TopicRow]:
        """Give those of some topics that the actor may read, the newest, those last written in first."""
        newest = sorted(topic_ids, reverse=True)[:_MOST_LOOKED_AT]
        found: dict[str, Topic] = {}
        for first in range(0, len(newest), _AT_ONCE):
            found |= await self._shelf.find_topics(newest[first : first + _AT_ONCE])
        rows = await self._lists.rows(actor, sorted(found.values(), key=lambda topic: -topic.bump))
        return [row for row in rows if can_read(actor, row.category, row.topic)][:limit]

    async def _require_tag(self, actor: Actor, tag: str, interest: Interest) -> None:
        """Only what passed the gate with a topic is kept as something that is followed."""
        if not is_tag(tag):
            raise InvalidInput(fields={"tag": "malformed"})
        if interest is Interest.FOLLOW:
            known = bool((await self._lists.tagged(actor, tag, limit=1)).items)
        else:
            known = await self.follows(actor, Subject.TAG, tag)
        if not known:
            raise NotFound


def target_of(subject: Subject, identity: str) -> str:
    """Give the form in which something that can be followed is named."""
    return f"{subject.value}:{identity}"
