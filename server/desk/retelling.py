"""Brings pieces of the search's index up to date that were written before it was kept which message says what.

Without it each such piece is read whole when it is found. Must not decide what may be seen.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from server.desk.pieces import Piece

_AT_ONCE: Final = 5


class NumberedPieces(Protocol):
    """Reads the index; `search_store` says what each does."""

    async def last_number(self) -> int: ...
    async def numbered(self, above: int, up_to: int) -> list[Piece]: ...


class Teller(Protocol):
    """Writes what messages say; `indexing.Indexer` does."""

    async def tell(self, pieces: Sequence[Piece]) -> None: ...


class Retelling:
    """A task for a `backlog`.

    Args:
        store: the index.
        teller: writes it.
    """

    name = "search-telling"
    width = 50
    pause_s = 0.05

    def __init__(self, store: NumberedPieces, teller: Teller) -> None:
        self._store = store
        self._teller = teller

    async def last_number(self) -> int:
        """Give the number of the newest piece."""
        return await self._store.last_number()

    async def take(self, above: int, up_to: int) -> None:
        """Bring those of some pieces up to date that are not.

        Raises:
            Unavailable: the store does not answer.
        """
        behind = [piece for piece in await self._store.numbered(above, up_to) if not piece.is_told]
        behind.sort(key=lambda piece: -piece.number)
        for start in range(0, len(behind), _AT_ONCE):
            await self._teller.tell(behind[start : start + _AT_ONCE])
            await asyncio.sleep(self.pause_s)
