"""Keeps the index as the forum is: called after a post is published, changed, hidden or moved. Safe to repeat.

Must not show anything, nor decide what may be seen: what is found is looked up in the forum before it is shown.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from server.forum.model import Category, Post, Topic, post_id
from server.kernel.errors import DomainError
from server.search.frequencies import Frequencies
from server.search.model import Entry, entry_of
from server.search.titles import Titles

logger = logging.getLogger(__name__)

_LONG: Final = 400
"""Code points; the stems of a text of this length that were never looked up before take some 10 ms."""


class IndexStore(Protocol):
    """What is needed of the index's store."""

    async def last_number(self) -> int: ...
    async def allot(self, count: int) -> int: ...
    async def replace(self, entry: Entry) -> None: ...
    async def inherit(self, topic_id: str, seqs: Sequence[int], category_id: str, head: frozenset[str]) -> None: ...
    async def drop(self, post_ids: Sequence[str]) -> None: ...
    async def find(self, post_ids: Sequence[str]) -> dict[str, Entry]: ...
    async def with_key(self, key: str, above: int, up_to: int) -> list[Entry]: ...
    async def numbered(self, above: int, up_to: int) -> list[Entry]: ...
    async def of_author(self, account_id: str) -> list[str]: ...


class Indexer:
    """Puts posts into the index and takes them out."""

    def __init__(self, store: IndexStore, frequencies: Frequencies, titles: Titles) -> None:
        self._store = store
        self._frequencies = frequencies
        self._titles = titles
        self._loading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to read what is kept in memory; searching works meanwhile, suggestions fill."""
        self._loading = asyncio.create_task(self._load(), name="search-loading")

    async def close(self) -> None:
        """End."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)

    async def loaded(self) -> None:
        """Wait until what is kept in memory has been read."""
        if self._loading is not None:
            await self._loading

    async def put(self, category: Category, topic: Topic, post: Post, handle: str) -> None:
        """Take in a published post as it stands now; the first post of a topic stands for the topic too.

        Args:
            category: of the topic.
            topic: of the post.
            post: published.
            handle: of its author; authors are kept by id, since handles change.
        """
        del handle
        if len(post.text) > _LONG:
            entry = await asyncio.to_thread(entry_of, category, topic, post)
        else:
            entry = entry_of(category, topic, post)
        known = (await self._store.find([entry.post_id])).get(entry.post_id)
        if known is None:
            entry = replace(entry, number=await self._store.allot(1))
            self._frequencies.learn(entry)
        else:
            entry = replace(entry, number=known.number)
        if post.seq == 1:
            self._titles.put(entry)
            # Before the opening's own entry, which after a crash tells whether this was done.
            if known is not None and (known.head, known.category_id) != (entry.head, entry.category_id):
                await self._store.inherit(topic.id, range(2, topic.last_seq + 1), category.id, entry.head)
        if entry != known:
            await self._store.replace(entry)

    async def drop(self, topic_id: str, seq: int) -> None:
        """Forget a post."""
        await self._store.drop([post_id(topic_id, seq)])
        if seq == 1:
            self._titles.drop(topic_id)

    async def untitle(self, topic_id: str, last_seq: int, category_id: str) -> None:
        """Find a topic's answers by its title no more, and suggest the title to nobody."""
        self._titles.drop(topic_id)
        await self._store.inherit(topic_id, range(1, last_seq + 1), category_id, frozenset())

    async def forget_author(self, account_id: str) -> int:
        """Forget all that somebody wrote, also what is in memory of how common its words are; give how many posts.

        Raises:
            Unavailable: the store does not answer; do it again.
        """
        ids = await self._store.of_author(account_id)
        await self._store.drop(ids)
        await self._frequencies.load()
        return len(ids)

    async def _load(self) -> None:
        try:
            await self._frequencies.load()
            await self._titles.load(self._store)
        except DomainError as error:
            # Until the next start, searches walk in small steps and old titles are not suggested: nothing is wrong.
            logger.warning("reading the search index into memory failed: %s", error.code)
