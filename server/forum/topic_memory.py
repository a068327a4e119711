"""Topics in memory for a moment, around their store, for pages that are asked for again and again.

Whatever this process writes to a topic goes through here, and is forgotten as it is written. Where other processes may
write too, nothing is kept: then every page reads its topic, and sees by its revision what has changed.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from server.forum.model import Post, Topic
from server.forum.store import MongoTopicStore
from server.storage.mongo import Database

_MOST = 20_000
_MOST_WINDOWS = 200
"""Of lists: a window holds some dozens of topics."""

_WIDEST = 512

T = TypeVar("T")


class TopicMemory(MongoTopicStore):
    """The store of topics, with a memory of those that were asked for by number, and of lists until anything changes.

    Args:
        database: where topics are.
        lasts_s: for how long what was read is believed: a command beside the server writes to the store alone. 0 where
            there are other servers.
        clock: seconds that only go forward.
    """

    def __init__(self, database: Database, lasts_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(database)
        self._lasts_s = lasts_s
        self._clock = clock
        self._kept: OrderedDict[int, tuple[Topic, float]] = OrderedDict()
        self._numbers: dict[str, int] = {}
        self._windows: OrderedDict[Hashable, tuple[Any, float]] = OrderedDict()
        self._writes = 0

    async def find_numbered(self, number: int) -> Topic | None:
        """Read a topic by its number, or remember it."""
        now = self._clock()
        kept = self._kept.get(number)
        if kept is not None and now - kept[1] < self._lasts_s:
            self._kept.move_to_end(number)
            return kept[0]
        begun = self._writes
        topic = await super().find_numbered(number)
        # What was written while this was read may not be in it.
        if topic is not None and self._lasts_s and begun == self._writes:
            self._kept[number] = (topic, now)
            self._kept.move_to_end(number)
            self._numbers[topic.id] = number
            if len(self._kept) > _MOST:
                _, (oldest, _) = self._kept.popitem(last=False)
                del self._numbers[oldest.id]
        return topic

    async def last_bump(self) -> int:
        """See `MongoTopicStore`."""
        return await self._listed("bump", super().last_bump)

    async def in_window(self, above: int, up_to: int, category_id: str | None, tag: str | None) -> list[Topic]:
        """See `MongoTopicStore`. Wide windows are for who counts, or looks for something rare: they are not kept."""
        if up_to - above > _WIDEST:
            return await super().in_window(above, up_to, category_id, tag)
        key = (above, up_to, category_id, tag)
        return await self._listed(key, partial(super().in_window, above, up_to, category_id, tag))

    async def pinned(self, category_id: str) -> list[Topic]:
        """See `MongoTopicStore`."""
        return await self._listed(category_id, partial(super().pinned, category_id))

    async def _listed(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Read a part of a list, or remember it. Whoever gets it must not change it."""
        now = self._clock()
        kept = self._windows.get(key)
        if kept is not None and now - kept[1] < self._lasts_s:
            self._windows.move_to_end(key)
            found: T = kept[0]
            return found
        begun = self._writes
        found = await read()
        if self._lasts_s and begun == self._writes:
            self._windows[key] = (found, now)
            self._windows.move_to_end(key)
            if len(self._windows) > _MOST_WINDOWS:
                self._windows.popitem(last=False)
        return found

    def forget(self, topic_id: str) -> None:
        """Read a topic again before it is shown: something about it has changed. And every list."""
        self._writes += 1
        self._windows.clear()
        number = self._numbers.pop(topic_id, None)
        if number is not None:
            del self._kept[number]

    async def advance(self, topic: Topic, post: Post, bump: int, numbers: Mapping[str, int]) -> bool:
        """See `MongoTopicStore`."""
        try:
            return await super().advance(topic, post, bump, numbers)
        finally:
            self.forget(topic.id)

    async def change(self, topic: Topic, fields: Mapping[str, Any], *, gone: Sequence[str] = ()) -> Topic | None:
        """See `MongoTopicStore`."""
        try:
            return await super().change(topic, fields, gone=gone)
        finally:
            self.forget(topic.id)

    async def set_topic_counts(self, topic_id: str, replies: int, likes: int) -> None:
        """See `MongoTopicStore`."""
        try:
            await super().set_topic_counts(topic_id, replies, likes)
        finally:
            self.forget(topic_id)

    async def count(self, topic_id: str, *, replies: int = 0, likes: int = 0) -> None:
        """See `MongoTopicStore`."""
        try:
            await super().count(topic_id, replies=replies, likes=likes)
        finally:
            self.forget(topic_id)
