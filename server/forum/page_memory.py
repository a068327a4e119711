"""Posts of topics' pages in memory, as they are stored. For all readers alike.

Who may see which of them is asked anew for every reader: a page in memory holds also what is held and hidden. It is
good for one revision of its topic, which rises after every change of any of its posts, in whatever process, and whoever
shows a page has just read the topic. Must not know who reads, nor read topics.
"""

import itertools
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from server.forum.model import Post, Topic

_MOST_PAGES = 2_000
"""20 posts of 40 words and what belongs to them take 40 KiB."""

_LASTS_S = 60.0
"""A process that ends between changing a post and saying so leaves a page outdated for so long elsewhere."""


class PageStore(Protocol):
    """Where posts are."""

    async def posts(self, topic_id: str, seqs: Iterable[int]) -> list[Post]: ...


@dataclass(frozen=True, slots=True)
class KeptPosts:
    """Some posts of a topic, as they are stored.

    Attributes:
        serial: another for each time they were read.
        revision: of the topic, when they were read.
        read_at: when that was, in seconds of the memory's clock.
        posts: ascending.
    """

    serial: int
    revision: int
    read_at: float
    posts: Sequence[Post]


class PageMemory:
    """Keeps them; the longest unused go first.

    Args:
        store: where they are read.
        clock: seconds that only go forward.
        most_pages: how many pages are kept.
    """

    def __init__(
        self,
        store: PageStore,
        clock: Callable[[], float] = time.monotonic,
        *,
        most_pages: int = _MOST_PAGES,
    ) -> None:
        self._store = store
        self._clock = clock
        self._most_pages = most_pages
        self._serials = itertools.count(1)
        self._pages: OrderedDict[tuple[str, int], KeptPosts] = OrderedDict()

    async def posts(self, topic: Topic, first: int, count: int) -> KeptPosts:
        """Give the posts from a place on.

        Args:
            topic: as it has just been read.
            first: `seq` of the first; with the same first one the same count must come.
            count: how many places.
        """
        key = (topic.id, first)
        found = self._pages.get(key)
        now = self._clock()
        if found is not None and found.revision == topic.revision and now - found.read_at < _LASTS_S:
            self._pages.move_to_end(key)
            return found
        last = min(first + count - 1, topic.last_seq)
        posts = await self._store.posts(topic.id, range(first, last + 1))
        # They may be newer than the topic's revision says: then it has risen, and whoever reads it next reads again.
        kept = KeptPosts(next(self._serials), topic.revision, now, tuple(posts))
        self._pages[key] = kept
        self._pages.move_to_end(key)
        if len(self._pages) > self._most_pages:
            self._pages.popitem(last=False)
        return kept
