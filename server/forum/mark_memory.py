"""What readers marked, in memory for a moment, around the store of marks: a page asks for it each time it is shown.

Everything that this process writes goes through here, so it sees its own changes at once; another process's after
`_LASTS_S`. Holds nothing that decides who may see what: only a reader's own bookmarks, follows and reactions.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from server.forum.follows import Follow, Interest, Subject, target_of
from server.forum.marks import Bookmark, MarkStore
from server.forum.model import Post, Topic, place_of
from server.forum.reading import OwnMarks

_MOST = 50_000
_LASTS_S = 60.0


class Reactions(Protocol):
    """Who reacted to what."""

    async def reactions_of(self, account_id: str, post_ids: Sequence[str]) -> dict[str, frozenset[str]]: ...


@dataclass(slots=True)
class _Kept:
    """What one reader marked in one topic.

    Attributes:
        read_at: when it was read, in seconds of the memory's clock.
        bookmarked: `seq` of the posts that they keep.
        following: whether they follow the topic.
        revision: of the topic, for which the reactions are good.
        reactions: `seq` -> kinds, of the posts that were asked for.
    """

    read_at: float
    bookmarked: frozenset[int]
    following: bool
    revision: int = -1
    reactions: dict[int, frozenset[str]] = field(default_factory=dict)


class MarkMemory:
    """The store of marks, with a memory.

    Args:
        store: where marks are kept.
        reactions: where reactions are kept.
        clock: seconds that only go forward.
    """

    def __init__(self, store: MarkStore, reactions: Reactions, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._reactions = reactions
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._reads: OrderedDict[tuple[str, str], tuple[int | None, float]] = OrderedDict()
        self._reads_saved = 0
        self._writes = 0

    async def own(self, account_id: str, topic: Topic, posts: Sequence[Post]) -> OwnMarks:
        """Give what a reader did in a topic, with their reactions to some posts of it."""
        kept = await self._of(account_id, topic.id)
        if kept.revision != topic.revision:
            kept.revision, kept.reactions = topic.revision, {}
        # Nobody reacts to their own posts, and to most posts nobody has reacted at all.
        asked = [post for post in posts if post.reactions and post.author_id != account_id]
        missing = [post for post in asked if post.seq not in kept.reactions]
        reactions = kept.reactions
        if missing:
            found = await self._reactions.reactions_of(account_id, [post.id for post in missing])
            reactions |= {post.seq: found.get(post.id, frozenset()) for post in missing}
        given = {post.seq: kinds for post in asked if (kinds := reactions.get(post.seq))}
        return OwnMarks(given, kept.bookmarked, kept.following)

    async def reactions(self, account_id: str, posts: Sequence[Post]) -> Mapping[str, frozenset[str]]:
        """Give a reader's reactions to some posts of many topics, by the posts' ids."""
        ids = [post.id for post in posts if post.reactions and post.author_id != account_id]
        return await self._reactions.reactions_of(account_id, ids) if ids else {}

    async def _of(self, account_id: str, topic_id: str) -> _Kept:
        key = account_id, topic_id
        found = self._kept.get(key)
        now = self._clock()
        if found is not None and now - found.read_at < _LASTS_S:
            self._kept.move_to_end(key)
            return found
        begun = self._writes
        bookmarked = await self._store.bookmarked(account_id, topic_id)
        follows = await self._store.follows_of(account_id, [target_of(Subject.TOPIC, topic_id)])
        kept = _Kept(now, bookmarked, any(item.interest is Interest.FOLLOW for item in follows))
        # What was written while this was read may not be in it.
        if begun == self._writes:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return kept

    def forget_reader(self, account_id: str) -> None:
        """Keep nothing of a reader any more."""
        self._writes += 1
        for kept in (self._kept, self._reads):
            for key in [key for key in kept if key[0] == account_id]:
                kept.pop(key)

    def _forget(self, account_id: str, topic_id: str) -> None:
        self._writes += 1
        self._kept.pop((account_id, topic_id), None)

    # --- the store -------------------------------------------------------------------------------------------------

    async def insert_bookmark(self, bookmark: Bookmark) -> bool:
        """Keep a post; False where it is kept already."""
        try:
            return await self._store.insert_bookmark(bookmark)
        finally:
            self._forget(bookmark.account_id, place_of(bookmark.post_id)[0])

    async def remove_bookmark(self, account_id: str, post_id: str) -> bool:
        """Keep a post no more; False where it was not kept."""
        try:
            return await self._store.remove_bookmark(account_id, post_id)
        finally:
            self._forget(account_id, place_of(post_id)[0])

    async def set_follow(self, follow: Follow) -> None:
        """Write what an account wants to hear of something."""
        try:
            await self._store.set_follow(follow)
        finally:
            self._forget(follow.account_id, follow.target.partition(":")[2])

    async def add_follow(self, follow: Follow) -> None:
        """The same, unless the account has said something about it before."""
        try:
            await self._store.add_follow(follow)
        finally:
            self._forget(follow.account_id, follow.target.partition(":")[2])

    async def bookmarked(self, account_id: str, topic_id: str) -> frozenset[int]:
        """Give the `seq` of what an account keeps of a topic."""
        return await self._store.bookmarked(account_id, topic_id)

    async def bookmarks(self, account_id: str, before_id: str | None, limit: int, now: datetime) -> list[Bookmark]:
        """Give what an account keeps, newest first."""
        return await self._store.bookmarks(account_id, before_id, limit, now)

    async def follows_of(self, account_id: str, targets: Sequence[str] | None = None) -> list[Follow]:
        """Give what an account said of some things, at most 50, or of all."""
        return await self._store.follows_of(account_id, targets)

    async def followers(self, targets: Sequence[str]) -> list[Follow]:
        """Give who said something of some things, at most 50."""
        return await self._store.followers(targets)

    async def read_marks(self, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Give (account, topic) -> `seq` of what was read last."""
        return await self._store.read_marks(places)

    async def remembered_marks(self, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Give the same for lists, which ask for dozens each time they are shown."""
        now, begun = self._clock(), self._reads_saved
        known = {place: kept for place in places if (kept := self._reads.get(place)) and now - kept[1] < _LASTS_S}
        missing = [place for place in places if place not in known]
        found = await self._store.read_marks(missing) if missing else {}
        for place in missing if begun == self._reads_saved else ():
            self._reads[place] = (found.get(place), now)
            self._reads.move_to_end(place)
        while len(self._reads) > _MOST:
            self._reads.popitem(last=False)
        return {**found, **{place: seq for place, (seq, _) in known.items() if seq is not None}}

    async def save_reads(self, marks: Mapping[tuple[str, str], int]) -> None:
        """Move marks of (account, topic) forward, with one command."""
        try:
            await self._store.save_reads(marks)
        finally:
            self._reads_saved += 1
            for place in marks:
                self._reads.pop(place, None)
