"""Sealing and opening what belongs to people, each under a key of their own. Fills `kernel.ports.PersonSealer`.

Keys in the clear are here only: as many as the cache holds, each for some minutes. Must not log or quote any value.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Protocol

from server.kernel.errors import NotFound
from server.kernel.ports import Clock, SealedValue
from server.keyring import random_key
from server.vault.erased import ErasedFile
from server.vault.masters import Masters
from server.vault.model import DestroyedKey, WrappedKey, seal, unseal, unwrap_person_key, wrap_person_key

logger = logging.getLogger(__name__)

CACHED_KEYS: Final = 10_000
_KEPT_SECONDS: Final = 600.0


class PersonKeyStore(Protocol):
    """What the vault needs from its store; `vault.store` says what each does."""

    async def insert(self, key: WrappedKey) -> bool: ...
    async def find(self, account_ids: Sequence[str]) -> list[WrappedKey | DestroyedKey]: ...
    async def bury(self, account_id: str, at: datetime) -> None: ...
    async def remove(self, account_id: str) -> None: ...
    async def erased_count(self) -> int: ...
    async def set_erased_count(self, count: int) -> None: ...


class Vault:
    """Seals and opens. `kernel.ports.PersonSealer` says what each method does.

    Args:
        store: of wrapped keys.
        masters: that wrap them.
        erased: the list of those whose keys were destroyed.
        clock: the time.
        cached_keys: how many keys are kept in memory at most; those used last.
        steady: seconds of a clock that only goes forward. A key leaves the memory after ten minutes, so that one which
            another process destroyed is not used for ever.
    """

    def __init__(
        self,
        store: PersonKeyStore,
        masters: Masters,
        erased: ErasedFile,
        clock: Clock,
        *,
        cached_keys: int = CACHED_KEYS,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._masters = masters
        self._erased = erased
        self._clock = clock
        self._most = cached_keys
        self._steady = steady
        # None: destroyed. Beside it when it was read.
        self._keys: OrderedDict[str, tuple[bytes | None, float]] = OrderedDict()
        self._destructions = 0
        self._destroying = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<Vault {len(self._keys)}>"

    async def make_key(self, account_id: str) -> bool:
        """Give a person a key, or find that they have one."""
        key = random_key()
        record = wrap_person_key(await self._masters.current(), account_id, key, self._clock())
        if await self._store.insert(record):
            self._remember(account_id, key)
            return True
        await self._require_key(account_id)
        return False

    async def discard_key(self, account_id: str) -> None:
        """Take back a key that was never used."""
        self._keys.pop(account_id, None)
        await self._store.remove(account_id)

    async def destroy_key(self, account_id: str) -> None:
        """Destroy a person's key for good."""
        async with self._destroying:
            # The list first: what is on it is carried out at the next start, whatever happens now.
            await asyncio.to_thread(self._erased.add, account_id)
            self._destructions += 1
            self._remember(account_id, None)
            await self._carry_out()
            self._destructions += 1
            self._remember(account_id, None)

    async def apply_erasures(self) -> int:
        """Destroy again what the list names and an older copy of the data has brought back: at every start.

        Returns:
            How many keys it was that had to be destroyed or were marked so.
        """
        async with self._destroying:
            return await self._carry_out()

    async def _carry_out(self) -> int:
        """Bury what is on the list beyond how far this database has come.

        A list that is shorter than that is another one, or was lost and begun anew: all of it is looked at.
        """
        ids = await asyncio.to_thread(self._erased.ids)
        count = await self._store.erased_count()
        waiting = ids[count:] if count <= len(ids) else ids
        for account_id in waiting:
            await self._store.bury(account_id, self._clock())
        if count != len(ids):
            await self._store.set_erased_count(len(ids))
        return len(waiting)

    async def seal(self, account_id: str, field: str, value: str | bytes) -> bytes:
        """Encrypt a value."""
        key = await self._require_key(account_id)
        return seal(key, account_id, field, value.encode() if isinstance(value, str) else value)

    async def open(self, account_id: str, field: str, sealed: bytes) -> bytes | None:
        """Decrypt a value; None when the key was destroyed."""
        return (await self.open_many([SealedValue(account_id, field, sealed)]))[0]

    async def open_text(self, account_id: str, field: str, sealed: bytes) -> str | None:
        """Decrypt a text; None when the key was destroyed."""
        value = await self.open(account_id, field, sealed)
        return None if value is None else value.decode()

    async def open_many(self, values: Sequence[SealedValue]) -> list[bytes | None]:
        """Decrypt values of many people."""
        keys = await self._find_keys({value.account_id for value in values})
        return [
            None
            if (key := keys.get(item.account_id)) is None
            else unseal(key, item.account_id, item.field, item.sealed)
            for item in values
        ]

    async def _require_key(self, account_id: str) -> bytes:
        key = (await self._find_keys({account_id})).get(account_id)
        if key is None:
            raise NotFound
        return key

    async def _find_keys(self, account_ids: set[str]) -> dict[str, bytes | None]:
        """Keys by account: from memory, the rest from the store. None for destroyed ones; without one, absent."""
        oldest = self._steady() - _KEPT_SECONDS
        found: dict[str, bytes | None] = {}
        for account_id in account_ids:
            cached = self._keys.get(account_id)
            if cached is not None and cached[1] >= oldest:
                self._keys.move_to_end(account_id)
                found[account_id] = cached[0]
        missing = sorted(account_ids - found.keys())
        if not missing:
            return found
        destructions = self._destructions
        for record in await self._store.find(missing):
            key = None if isinstance(record, DestroyedKey) else await self._unwrapped(record)
            found[record.account_id] = key
            if destructions == self._destructions:
                self._remember(record.account_id, key)
            # Otherwise a key was destroyed while this was read: it may be this one, and must not live on in memory.
        absent = len(account_ids - found.keys())
        if absent:
            logger.warning("%d people have no key", absent)
        return found

    async def _unwrapped(self, record: WrappedKey) -> bytes:
        return unwrap_person_key(await self._masters.get(record.master_id), record)

    def _remember(self, account_id: str, key: bytes | None) -> None:
        self._keys[account_id] = (key, self._steady())
        self._keys.move_to_end(account_id)
        while len(self._keys) > self._most:
            self._keys.popitem(last=False)
