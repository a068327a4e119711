"""What the forum's search keeps of people: by which words what they wrote is found."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol

from server.kernel.holdings import Fate, Held, Piece, no_pieces


class Index(Protocol):
    """Makes posts findable; see `indexing.Indexer`."""

    async def forget_author(self, account_id: str) -> int: ...


class SearchHoldings:
    """Fills `kernel.holdings.Holdings`."""

    name: Final = "search"
    collections: Final = ("search_documents",)

    def __init__(self, index: Index) -> None:
        self._index = index

    async def held(self, _person_id: str) -> Sequence[Held]:
        """See `Holdings`. It follows from posts, which the forum tells of."""
        return ()

    def pieces(self, _person_id: str) -> AsyncIterator[Piece]:
        """See `Holdings`. Nothing in it is more than what the posts say."""
        return no_pieces()

    async def preview(self, _person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        return ()

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`. After the posts, whose own changes take most of it away."""
        await self._index.forget_author(person_id)
        return ()
