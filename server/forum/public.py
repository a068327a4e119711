"""The topics that everybody may read, by their numbers, for sitemaps. Knows neither HTTP nor MongoDB."""

from collections.abc import Sequence
from typing import Protocol

from server.forum.categories import Categories
from server.forum.model import Audience, Topic, TopicState
from server.kernel.errors import NotFound

ON_A_PART = 5_000
"""Topics by number in one part of a sitemap; 50,000 addresses are allowed (sitemaps.org)."""

_WINDOW = 500


class NumberedStore(Protocol):
    """What is needed of the store of topics."""

    async def last_number(self) -> int: ...
    async def numbered_window(self, above: int, up_to: int) -> list[Topic]: ...


class PublicTopics:
    """The topics that everybody may read, by their numbers."""

    def __init__(self, store: NumberedStore, categories: Categories) -> None:
        self._store = store
        self._categories = categories

    async def parts(self) -> int:
        """Give how many parts of `ON_A_PART` numbers there are."""
        return max(1, -(-(await self._store.last_number()) // ON_A_PART))

    async def part(self, number: int) -> Sequence[Topic]:
        """Give a part's topics, ascending.

        Raises:
            NotFound: there is no such part.
        """
        if not 1 <= number <= await self.parts():
            raise NotFound
        public = {key for key, item in (await self._categories.all()).items() if item.readers is Audience.EVERYBODY}
        first, found = (number - 1) * ON_A_PART, list[Topic]()
        for above in range(first, first + ON_A_PART, _WINDOW):
            window = await self._store.numbered_window(above, min(above + _WINDOW, first + ON_A_PART))
            found += [item for item in window if item.state is TopicState.PUBLISHED and item.category_id in public]
        return sorted(found, key=lambda topic: topic.number)
