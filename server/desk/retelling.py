"""Brings pieces of the search's index up to date that were written before it was kept which message says what.

The newest first, a few at a time, while everything else goes first; how far that went is remembered, so a restart goes
on. Without it each such piece is read whole when it is found. Must not decide what may be seen.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Protocol

from server.desk.indexing import Progress
from server.desk.pieces import Piece
from server.kernel.background import Background
from server.kernel.errors import DomainError
from server.kernel.ids import new_id
from server.kernel.ports import Clock

logger = logging.getLogger("amanah.desk")

RETELLING: Final = "search-telling"
"""Under which name it is remembered how far this came."""

_LOOKED_AT: Final = 50
_AT_ONCE: Final = 5
_PAUSE_S: Final = 0.05
_LEASE: Final = timedelta(seconds=60)
_DONE: Final = "0"


class NumberedPieces(Protocol):
    """Reads the index; `search_store` says what each does."""

    async def last_number(self) -> int: ...
    async def numbered(self, above: int, up_to: int) -> list[Piece]: ...


class Teller(Protocol):
    """Writes what messages say; `indexing.Indexer` does."""

    async def tell(self, pieces: Sequence[Piece]) -> None: ...


class Retelling:
    """The work.

    Args:
        store: the index.
        teller: writes it.
        progress: remembers how far this came, for one process at a time.
        clock: the time.
    """

    def __init__(self, store: NumberedPieces, teller: Teller, progress: Progress, clock: Clock) -> None:
        self._store = store
        self._teller = teller
        self._progress = progress
        self._clock = clock
        self._holder = new_id()
        self._background = Background()

    def start(self) -> None:
        """Begin."""
        self._background.start(self._work(), name="desk-index-retelling")

    async def close(self) -> None:
        """End; the next start goes on."""
        await self._background.stop()

    async def step(self) -> bool:
        """Look at some pieces and bring those up to date that are not; say whether there are more.

        Raises:
            Unavailable: the store does not answer.
        """
        now = self._clock()
        noted = await self._progress.take_lease(RETELLING, self._holder, now, now + _LEASE)
        if noted is None or noted == _DONE:
            return False
        top = int(noted) if noted else await self._store.last_number()
        bottom = max(0, top - _LOOKED_AT)
        if bottom < top:
            behind = [piece for piece in await self._store.numbered(bottom, top) if not piece.is_told]
            behind.sort(key=lambda piece: -piece.number)
            for start in range(0, len(behind), _AT_ONCE):
                await self._teller.tell(behind[start : start + _AT_ONCE])
                await asyncio.sleep(_PAUSE_S)
        await self._progress.note_turn(RETELLING, self._holder, str(bottom))
        return bottom > 0

    async def _work(self) -> None:
        try:
            more = True
            while more:
                more = await self.step()
                # Everything else goes first.
                await asyncio.sleep(_PAUSE_S)
        except DomainError:
            logger.warning("the desk's search is brought up to date after the next start")
        except Exception as error:
            logger.error("bringing the desk's search up to date failed: %s", type(error).__name__)
