"""Changes and their entries held together: the entries are stored before the change, and appended after it.

Whatever happens in between, they come into the trail: at once, when the store answers again, or after the next start.
What nobody knows any more whether it happened is appended with the count `unconfirmed`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from secrets import token_hex
from typing import Final, Protocol

from server.audit.model import AuditEntry, entry_of, milliseconds
from server.audit.records import Promise
from server.kernel.errors import DomainError, Unavailable

_ABANDONED_MS: Final = 60_000
"""After this time a promise of another process is taken for abandoned. No change takes as long."""


class Appender(Protocol):
    """The trail."""

    async def append(self, entries: Sequence[AuditEntry]) -> None: ...
    async def lines_since(self, at: int) -> set[str]: ...


class PromiseStore(Protocol):
    """Where promises are kept; `audit.store` says what each does."""

    async def insert_promise(self, promise: Promise) -> None: ...
    async def promises(self) -> Sequence[Promise]: ...
    async def remove_promises(self, ids: Sequence[str]) -> None: ...


class PromiseBook:
    """The promises of one process.

    Args:
        trail: takes the entries.
        store: where promises are kept.
        clock: the present moment, aware.
    """

    def __init__(self, trail: Appender, store: PromiseStore, clock: Callable[[], datetime]) -> None:
        self._trail = trail
        self._store = store
        self._clock = clock
        self._open: set[str] = set()
        self._owed: dict[str, Sequence[AuditEntry]] = {}
        self._kept: list[str] = []
        self._forgetting: asyncio.Task[None] | None = None
        self._looked_at = 0

    @asynccontextmanager
    async def around(self, entries: Sequence[AuditEntry]) -> AsyncIterator[None]:
        """Around a change: the entries come into the trail if it was made.

        An error of the domain raised within means that it was not made, and nothing is appended; but after
        `Unavailable`, or when the process ends, nobody knows, and they are appended as unconfirmed.

        Raises:
            Unavailable: the store does not answer. Raised before the change, nothing was done; raised after it, the
                entries are appended as soon as it answers.
        """
        promise = Promise(token_hex(12), tuple(entry.line().decode() for entry in entries), self._now())
        self._open.add(promise.id)
        try:
            await self._store.insert_promise(promise)
            try:
                yield
            except DomainError as error:
                if not isinstance(error, Unavailable):
                    self._forget(promise.id)
                raise
            # Owed from here on: the change was made.
            self._owed[promise.id] = entries
            await self._trail.append(entries)
            del self._owed[promise.id]
            self._forget(promise.id)
        finally:
            self._open.discard(promise.id)

    async def settle(self) -> None:
        """Append what is owed, and what other processes left behind.

        Raises:
            Unavailable: the store does not answer.
        """
        owed = {identity: entries for identity, entries in self._owed.items() if identity not in self._open}
        if not owed and self._now() - self._looked_at < _ABANDONED_MS:
            return
        self._looked_at = self._now()
        before = self._looked_at - _ABANDONED_MS
        for promise in sorted(await self._store.promises(), key=lambda item: item.at):
            mine = promise.id in owed
            if promise.id in self._open or not (mine or promise.at < before):
                continue
            # It may have been appended before it was forgotten.
            there = await self._trail.lines_since(promise.at - _ABANDONED_MS)
            missing = [line for line in promise.lines if line not in there]
            entries = [entry_of(line) for line in missing]
            if not mine:
                entries = [replace(entry, counts={**entry.counts, "unconfirmed": 1}) for entry in entries]
                entries = [entry for entry in entries if entry.line().decode() not in there]
            await self._trail.append(entries)
            self._owed.pop(promise.id, None)
            await self._store.remove_promises([promise.id])

    async def close(self) -> None:
        """Forget what was kept, as far as the store answers. Otherwise the next start finds it in the trail."""
        if self._forgetting is not None:
            await asyncio.gather(self._forgetting, return_exceptions=True)

    def _forget(self, identity: str) -> None:
        """Nobody waits for it."""
        self._kept.append(identity)
        if self._forgetting is None or self._forgetting.done():
            self._forgetting = asyncio.create_task(self._forget_kept(), name="audit-promises")

    async def _forget_kept(self) -> None:
        while self._kept:
            ids, self._kept = self._kept, []
            with suppress(DomainError):
                await self._store.remove_promises(ids)

    def _now(self) -> int:
        return milliseconds(self._clock())
