"""What readers do with posts: react, keep as a bookmark, stop reading somewhere.

How far somebody has read is kept in memory for a moment, and compared and written for many at once, off the way of the
page that was shown; a crash loses some seconds of it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.consequences import Consequences
from server.forum.events import PostReacted, PostsRead
from server.forum.follows import FollowStore
from server.forum.model import Category, Post, Topic, can_react, require
from server.forum.reading import OwnMarks
from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.errors import DomainError, InvalidInput, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock, EventSink, Limiter
from server.people.model import Standing

REACTIONS = ("like", "thanks", "helpful", "insight", "celebrate")
"""What there is to react with."""
_SAVE_S = 2.0
_AT_ONCE = 50
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A post that somebody keeps.

    Attributes:
        id: opaque; sorts by time.
        account_id: whose.
        post_id: what.
        at: since when.
    """

    id: str
    account_id: str
    post_id: str
    at: datetime


class MarkStore(FollowStore, Protocol):
    """What is needed of the store of marks."""

    async def read_marks(self, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]: ...
    async def save_reads(self, marks: Mapping[tuple[str, str], int]) -> None: ...
    async def insert_bookmark(self, bookmark: Bookmark) -> bool: ...
    async def remove_bookmark(self, account_id: str, post_id: str) -> bool: ...
    async def bookmarked(self, account_id: str, topic_id: str) -> frozenset[int]: ...
    async def bookmarks(self, account_id: str, before_id: str | None, limit: int, now: datetime) -> list[Bookmark]: ...


class ReactionStore(Protocol):
    """What is needed of the store of posts."""

    async def react(self, of_post: str, account_id: str, kind: str, *, given: bool) -> Post | None: ...


class CountStore(Protocol):
    """What is needed of the store of topics."""

    async def count(self, topic_id: str, *, replies: int = 0, likes: int = 0) -> None: ...


class Readable(Protocol):
    """Where posts are found."""

    async def require_post(self, actor: Actor | None, of_post: str) -> tuple[Topic, Category, Post]: ...


class Standings(Protocol):
    """What people's conduct lets them do."""

    async def standing(self, actor: Actor) -> Standing: ...


class OwnStore(Protocol):
    """What a reader did, from memory where it can be."""

    async def own(self, account_id: str, topic: Topic, posts: Sequence[Post]) -> OwnMarks: ...
    async def reactions(self, account_id: str, posts: Sequence[Post]) -> Mapping[str, frozenset[str]]: ...
    async def remembered_marks(self, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]: ...
    async def read_marks(self, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]: ...
    async def save_reads(self, marks: Mapping[tuple[str, str], int]) -> None: ...
    def forget_reader(self, account_id: str) -> None: ...


class ReaderMarks:
    """What readers did, for whoever shows posts."""

    def __init__(self, store: OwnStore, sink: EventSink) -> None:
        self._store = store
        self._sink = sink
        self._unsaved: dict[tuple[str, str], int] = {}
        self._saved: dict[tuple[str, str], int] = {}
        self._background = Background()

    def start(self) -> None:
        """Begin to save."""
        self._background.start(self._save_now_and_then(), name="forum-reads")

    async def close(self) -> None:
        """Save what is not saved, and end."""
        await self._background.stop()
        await self.save()

    async def own(self, actor: Actor, topic: Topic, posts: Sequence[Post]) -> OwnMarks:
        """Give what a reader did with some posts of a topic, at most 100."""
        return await self._store.own(actor.account_id, topic, posts)

    async def reactions(self, actor: Actor, posts: Sequence[Post]) -> Mapping[str, frozenset[str]]:
        """Give a reader's own reactions to some posts of many topics, at most 100, by the posts' ids."""
        return await self._store.reactions(actor.account_id, posts)

    def seen(self, actor: Actor, topic: Topic, seq: int) -> None:
        """Remember that a reader was shown the posts up to one. Never waits."""
        key = actor.account_id, topic.id
        if seq > max(self._unsaved.get(key, 0), self._saved.get(key, 0)):
            self._unsaved[key] = seq

    async def read_up_to(self, account_id: str, topic_ids: Sequence[str]) -> Mapping[str, int]:
        """Give topic id -> `seq` of the last post that an account was shown."""
        marks = await self._store.remembered_marks([(account_id, topic_id) for topic_id in topic_ids])
        found = {topic_id: seq for (_, topic_id), seq in marks.items()}
        for topic_id in topic_ids:
            unsaved = self._unsaved.get((account_id, topic_id), 0)
            if unsaved > found.get(topic_id, 0):
                found[topic_id] = unsaved
        return found

    def forget_reader(self, account_id: str) -> None:
        """Keep nothing of a reader any more, and save nothing."""
        for kept in (self._unsaved, self._saved):
            for place in [place for place in kept if place[0] == account_id]:
                del kept[place]
        self._store.forget_reader(account_id)

    async def save(self) -> None:
        """Write what is not saved yet, and tell of it. What the store does not take now is tried again."""
        while self._unsaved:
            places = list(self._unsaved)[:_AT_ONCE]
            try:
                before = await self._store.read_marks(places)
                shown = {place: self._unsaved[place] for place in places}
                further = {place: seq for place, seq in shown.items() if seq > before.get(place, 0)}
                if further:
                    await self._store.save_reads(further)
            except DomainError:
                return
            self._remember(shown)
            await self._sink.publish(
                [PostsRead(place[1], place[0], before.get(place, 0), seq) for place, seq in further.items()]
            )

    def _remember(self, saved: Mapping[tuple[str, str], int]) -> None:
        if len(self._saved) + len(saved) > _REMEMBERED:
            self._saved.clear()
        for place, seq in saved.items():
            self._saved[place] = max(seq, self._saved.get(place, 0))
            # More may have been shown while this was written.
            if self._unsaved[place] <= seq:
                del self._unsaved[place]

    async def _save_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_S)
            await self.save()


class Marks:
    """What readers may do with posts."""

    def __init__(
        self,
        store: MarkStore,
        reactions: ReactionStore,
        counts: CountStore,
        posts: Readable,
        people: Standings,
        consequences: Consequences,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._reactions = reactions
        self._counts = counts
        self._posts = posts
        self._people = people
        self._consequences = consequences
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    async def react(self, actor: Actor, of_post: str, kind: str, *, given: bool) -> Post:
        """React to a post, or take it back. Doing either twice changes nothing.

        Raises:
            NotFound: no post that the actor may know of.
            NotPermitted: it is their own, or they may not.
            InvalidInput: there is no such reaction.
            RateLimited: too many.
        """
        topic, category, post = await self._posts.require_post(actor, of_post)
        require(can_react(actor, category, topic, post))
        if kind not in REACTIONS:
            raise InvalidInput(fields={"kind": "unknown"})
        await self._limiter.spend("forum_mark", actor.account_id)
        if not (await self._people.standing(actor)).may_write(self._clock()):
            raise NotPermitted(fields={"account": "silenced"})
        changed = await self._reactions.react(of_post, actor.account_id, kind, given=given)
        if changed is None:
            return post
        await self._counts.count(topic.id, likes=1 if given else -1)
        action = "forum:reaction:given" if given else "forum:reaction:withdrawn"
        counts = {"kind": REACTIONS.index(kind)}
        await self._audit.append([AuditEntry(action, actor.account_id, (topic.id, post.id), self._clock(), counts)])
        await self._sink.publish([PostReacted(topic, changed, actor.account_id, kind, given)])
        self._consequences.draw(changed)
        return changed

    async def bookmark(self, actor: Actor, of_post: str, *, kept: bool) -> None:
        """Keep a post, or no longer. Nobody else learns of it.

        Raises:
            NotFound: no post that the actor may know of.
            RateLimited: too many.
        """
        await self._limiter.spend("forum_mark", actor.account_id)
        if kept:
            await self._posts.require_post(actor, of_post)
            await self._store.insert_bookmark(Bookmark(new_id(), actor.account_id, of_post, self._clock()))
        else:
            await self._store.remove_bookmark(actor.account_id, of_post)

    async def bookmarks(self, actor: Actor, *, before_id: str | None, limit: int) -> Sequence[Bookmark]:
        """Give what the actor keeps, newest first.

        Raises:
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        return await self._store.bookmarks(actor.account_id, before_id, limit, self._clock())
