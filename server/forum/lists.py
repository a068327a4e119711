"""Lists of topics: the latest, of a category, with a tag, with something unread. Must not change anything."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from server.forum.categories import Categories
from server.forum.model import Category, Topic, TopicState, can_read, require_read
from server.forum.reading import TopicList, TopicRow
from server.kernel.actor import Actor
from server.people.model import Persona

MAX_PAGE = 100
_FIRST_WINDOW = 64
_UNREAD_PAGES = 5
_WIDEST_WINDOW = 65_536


class ListStore(Protocol):
    """What is needed of the store of topics."""

    async def last_bump(self) -> int: ...
    async def in_window(self, above: int, up_to: int, category_id: str | None, tag: str | None) -> list[Topic]: ...
    async def pinned(self, category_id: str) -> list[Topic]: ...


class Personas(Protocol):
    """How people are shown."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]: ...


class ReadMarks(Protocol):
    """Up to where somebody has read."""

    async def read_up_to(self, account_id: str, topic_ids: Sequence[str]) -> Mapping[str, int]: ...


class TopicLists:
    """Lists of topics, each read in windows of their places, downwards."""

    def __init__(self, store: ListStore, categories: Categories, people: Personas, marks: ReadMarks) -> None:
        self._store = store
        self._categories = categories
        self._people = people
        self._marks = marks

    async def latest(self, actor: Actor | None, *, before: int | None = None, limit: int = 30) -> TopicList:
        """Give the topics that were last written in, of all categories."""
        return await self._list(actor, None, None, before, limit)

    async def in_category(
        self, actor: Actor | None, category: Category, *, before: int | None = None, limit: int = 30
    ) -> TopicList:
        """Give a category's topics, those last written in first; what is pinned is on the first page's top.

        Raises:
            NotFound: none that the actor may read.
        """
        require_read(actor, category)
        found = await self._list(actor, category.id, None, before, limit)
        if before is not None:
            return replace(found, items=[row for row in found.items if not row.topic.pinned])
        pinned = [topic for topic in await self._store.pinned(category.id) if can_read(actor, category, topic)]
        rows = await self.rows(actor, sorted(pinned, key=lambda topic: -topic.bump))
        return replace(found, items=[*rows, *(row for row in found.items if not row.topic.pinned)])

    async def tagged(self, actor: Actor | None, tag: str, *, before: int | None = None, limit: int = 30) -> TopicList:
        """Give the topics with a tag, those last written in first."""
        return await self._list(actor, None, tag, before, limit)

    async def unread(self, actor: Actor, *, before: int | None = None, limit: int = 30) -> TopicList:
        """Give the topics that the actor has opened once and that have new posts, those last written in first.

        Looks through some pages of the latest topics at a time, so an answer may hold few and still have a next page.
        """
        found: list[TopicRow] = []
        for _ in range(_UNREAD_PAGES):
            page = await self._list(actor, None, None, before, MAX_PAGE)
            fresh = [row for row in page.items if row.unread]
            if len(found) + len(fresh) > limit:
                kept = [*found, *fresh][:limit]
                return TopicList(kept, kept[-1].topic.bump)
            found += fresh
            before = page.next_bump
            if before is None:
                break
        return TopicList(found, before)

    async def rows(self, actor: Actor | None, topics: Sequence[Topic]) -> list[TopicRow]:
        """Give rows of topics that the actor may read, in the same order."""
        categories = await self._categories.all()
        ids = sorted({who for topic in topics for who in (topic.author_id, topic.last_author_id)})
        people = await self._people.personas(ids) if ids else {}
        marks: Mapping[str, int] = {}
        if actor is not None and topics:
            marks = await self._marks.read_up_to(actor.account_id, [topic.id for topic in topics])
        return [
            TopicRow(
                topic,
                categories[topic.category_id],
                people.get(topic.author_id),
                people.get(topic.last_author_id),
                marks.get(topic.id),
            )
            for topic in topics
            if topic.category_id in categories
        ]

    async def row(self, actor: Actor | None, topic: Topic) -> TopicRow:
        """Give the row of one."""
        return (await self.rows(actor, [topic]))[0]

    async def read_seq(self, actor: Actor, topic: Topic) -> int | None:
        """Give the `seq` of the last post of a topic that the actor was shown, or None."""
        return (await self._marks.read_up_to(actor.account_id, [topic.id])).get(topic.id)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _list(
        self, actor: Actor | None, category_id: str | None, tag: str | None, before: int | None, limit: int
    ) -> TopicList:
        """Read windows downwards, each twice as wide, until there are enough or none are left."""
        categories = await self._categories.all()
        count = min(limit, MAX_PAGE)
        last = await self._store.last_bump()
        top = last if before is None else min(last, before - 1)
        found: list[Topic] = []
        width = max(_FIRST_WINDOW, count)
        while top > 0 and len(found) <= count:
            window = await self._store.in_window(max(0, top - width), top, category_id, tag)
            found += sorted(
                (
                    topic
                    for topic in window
                    if topic.state is TopicState.PUBLISHED
                    and topic.category_id in categories
                    and can_read(actor, categories[topic.category_id], topic)
                ),
                key=lambda topic: -topic.bump,
            )
            top, width = top - width, min(width * 2, _WIDEST_WINDOW)
        rows = await self.rows(actor, found[:count])
        return TopicList(rows, found[count - 1].bump if len(found) > count else None)
