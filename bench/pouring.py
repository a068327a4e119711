"""Documents on their way into a store, in large groups; the next are made while the last ones are written."""

import asyncio
from collections.abc import Sequence
from typing import Final

from pymongo.errors import BulkWriteError

from server.kernel.errors import Unavailable
from server.storage.mongo import Database, Document, translate_errors

_AT_ONCE: Final = 200
"""With more in a command the embedded engine answers nothing else for seconds, and the client takes it for dead."""
_PAUSE_S: Final = 1.0


class Pouring:
    """Collects documents and writes them.

    Args:
        database: where to.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, list[Document]] = {}
        self._under_way: asyncio.Task[None] | None = None

    @property
    def waits(self) -> int:
        """How many documents of the fullest collection wait."""
        return max(map(len, self._waiting.values()), default=0)

    def put(self, collection: str, documents: Sequence[Document]) -> None:
        """Keep documents for the next writing."""
        self._waiting.setdefault(collection, []).extend(documents)

    async def pour(self) -> None:
        """Begin to write what waits, as soon as what was begun before is written."""
        if self._under_way is not None:
            await self._under_way
        waiting, self._waiting = self._waiting, {}
        self._under_way = asyncio.create_task(self._write(waiting))

    async def finish(self) -> None:
        """Write all of it."""
        await self.pour()
        if self._under_way is not None:
            await self._under_way
            self._under_way = None

    async def _write(self, waiting: dict[str, list[Document]]) -> None:
        for collection, documents in waiting.items():
            for start in range(0, len(documents), _AT_ONCE):
                await self._insert(collection, documents[start : start + _AT_ONCE])

    async def _insert(self, collection: str, documents: Sequence[Document]) -> None:
        """Write some; again where a busy engine did not answer in time. What was written before is left as it is."""
        while True:
            try:
                async with translate_errors():
                    await self._database[collection].insert_many(documents, ordered=False)
            except Unavailable:
                await asyncio.sleep(_PAUSE_S)
            except BulkWriteError:
                # Of documents that are there already, and of nothing else: see `translate_errors`.
                return
            else:
                return
