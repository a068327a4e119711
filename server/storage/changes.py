"""Which documents of a database change while it is being read. Keeps their `_id`s, nothing else of them."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from secrets import token_hex
from types import TracebackType
from typing import Any

from server.kernel.errors import Unavailable
from server.storage.archive import RAW
from server.storage.errors import ArchiveUnusable, StorageError
from server.storage.inventory import key_of
from server.storage.mongo import Database, translate_errors

MARKS = "backup_marks"
"""Collection of the mark that `caught_up` waits for. Empty but while a backup runs."""

_PATIENCE_S = 300.0
_AWAIT_MS = 500
_PIPELINE = [{"$project": {"operationType": 1, "ns": 1, "documentKey": 1}}]
_CHANGES = frozenset({"insert", "update", "replace", "delete"})


class Changes:
    """Follows a database from entering to leaving the context.

    Args:
        database: of a replica set, or of the embedded engine.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed: dict[str, dict[bytes, Any]] = defaultdict(dict)
        self._mark = token_hex(12)
        self._seen = -1
        self._written = 0
        self._progress = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Changes":
        """Begin; what changes from now on is noticed."""
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._following = asyncio.create_task(self._follow(opened), name="changes")
        try:
            await asyncio.wait({opened, self._following}, return_when=asyncio.FIRST_COMPLETED)
            if self._following.done():
                await self._following
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, and take the mark away."""
        await self._end()

    async def caught_up(self) -> None:
        """Wait until everything that was acknowledged before this call has been noticed.

        Raises:
            Unavailable: the store does not answer, or does not tell.
            StorageError: it can't tell changes.
        """
        number = self._written
        self._written += 1
        async with translate_errors():
            # The stream is in the order of the writes, so what was written before comes before this.
            await self._database[MARKS].update_one(
                {"_id": self._mark}, {"$set": {"number": number, "at": datetime.now(UTC)}}, upsert=True
            )
        following = self._following
        until = asyncio.get_running_loop().time() + _PATIENCE_S
        while self._seen < number:
            if following is None or following.done():
                if following is not None:
                    await following
                raise Unavailable
            self._progress.clear()
            waiting = asyncio.create_task(self._progress.wait())
            left = until - asyncio.get_running_loop().time()
            await asyncio.wait({waiting, following}, timeout=max(0.0, left), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if left <= 0:
                raise Unavailable

    def take(self, collection: str) -> list[Any]:
        """Give the `_id`s that changed in a collection since they were last taken."""
        return list(self._changed.pop(collection, {}).values())

    async def _follow(self, opened: "asyncio.Future[None]") -> None:
        async with translate_errors():
            database = self._database.with_options(codec_options=RAW)
            async with database.watch(_PIPELINE, max_await_time_ms=_AWAIT_MS) as stream:
                # The cursor is made by the first call.
                event = await stream.try_next()
                opened.set_result(None)
                while True:
                    if event is not None:
                        self._notice(event)
                    event = await stream.try_next()

    def _notice(self, event: Any) -> None:
        kind = event["operationType"]
        name = event["ns"].get("coll", "") if "ns" in event else ""
        if kind in {"drop", "rename", "dropDatabase", "invalidate"} and name != MARKS:
            raise ArchiveUnusable("a collection was removed while the backup ran; run it again")
        if kind not in _CHANGES:
            return
        if name == MARKS:
            if event["documentKey"]["_id"] == self._mark:
                self._seen += 1
                self._progress.set()
            return
        key = event["documentKey"]
        self._changed[name][key_of(key)] = key["_id"]

    async def _end(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        with suppress(Unavailable, StorageError):
            async with translate_errors():
                await self._database[MARKS].delete_one({"_id": self._mark})
