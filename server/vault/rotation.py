"""Changing the master key beside a running server, and the root key's life. Knows the store as a Protocol only.

A rotation is: a new key is put first in the file, then everything that is wrapped with another is wrapped with it, then
the key is marked as settled. Killed at any moment, it is begun again at the second step. Must not print any key.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from server.kernel.ports import Clock
from server.keyring import Keyring, KeyringError, MasterKey
from server.vault.masters import KeyFile, Masters
from server.vault.model import (
    DestroyedKey,
    MasterRecord,
    WrappedKey,
    WrappedRoot,
    unwrap_person_key,
    wrap_person_key,
)

# One update costs the embedded engine 1.6 ms, and it serves nobody meanwhile.
_REWRAPPED_AT_ONCE: Final = 20
_ROUNDS: Final = 5


class KeyStore(Protocol):
    """What is needed of the store; `vault.store` says what each does."""

    def walk(self) -> AsyncIterator[list[WrappedKey | DestroyedKey]]: ...
    async def rewrap(self, pairs: Sequence[tuple[WrappedKey, WrappedKey]]) -> int: ...
    async def root(self) -> WrappedRoot | None: ...
    async def insert_root(self, root: WrappedRoot) -> bool: ...
    async def rewrap_root(self, old: WrappedRoot, new: WrappedRoot) -> None: ...
    async def masters(self) -> list[MasterRecord]: ...
    async def record_master(self, record: MasterRecord) -> None: ...
    async def forget_master(self, key_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did.

    Attributes:
        key_id: of the key that is the current one now.
        resumed: whether it brought one to its end that had been begun before, with the key made then.
        rewrapped: how many keys were wrapped anew.
    """

    key_id: str
    resumed: bool
    rewrapped: int


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A master key in the list.

    Attributes:
        id: of the key.
        state: `current`, `reading` (an older one that is known) or `missing` (something is wrapped with it, and it is
            not to be had).
        first_used_at: None when it was not rotated to yet.
        settled: whether the rotation to it came to its end.
        root: whether the root key is wrapped with it.
        persons: how many people's keys are.
    """

    id: str
    state: str
    first_used_at: datetime | None
    settled: bool
    root: bool
    persons: int


@dataclass(frozen=True, slots=True)
class KeyList:
    """Which keys there are.

    Attributes:
        rows: the current one first.
        destroyed: how many people's keys were destroyed.
    """

    rows: tuple[KeyRow, ...]
    destroyed: int


async def adopt_root(store: KeyStore, master: MasterKey, root: Keyring, clock: Clock) -> None:
    """Store a root key where there is none.

    An installation that sealed things before there were root keys keeps its keys: its root is its master key of then.
    """
    await store.record_master(MasterRecord(master.id, clock(), settled=True))
    await store.insert_root(WrappedRoot(master.id, root.wrapped(master), clock()))


async def open_root(store: KeyStore, masters: Masters) -> Keyring | None:
    """Give the lasting keys.

    Returns:
        None when the database is from before there were root keys, or has never been used.

    Raises:
        KeyringError: the master key that is needed is not to be had.
    """
    root = await store.root()
    return None if root is None else Keyring.unwrap(await masters.get(root.master_id), root.wrapped)


class Rotation:
    """Changes the master key.

    Args:
        store: of wrapped keys.
        masters: known keys.
        clock: the time.
    """

    def __init__(self, store: KeyStore, masters: Masters, clock: Clock) -> None:
        self._store = store
        self._masters = masters
        self._clock = clock

    async def rotate(self) -> Rotated:
        """Change to a new master key, or bring the last change to its end.

        Raises:
            KeyringError: the keys come from where this can't put one and no new one is there, or something is wrapped
                with a key that is not to be had.
            OSError: the key file can't be written; nothing was changed.
        """
        current = await self._masters.current()
        resumed = not await self._is_settled(current)
        if not resumed:
            source = self._masters.source
            if not isinstance(source, KeyFile):
                raise KeyringError(
                    f"everything is wrapped with the current key of {source.name} already; to rotate, put a new key "
                    "before it, keep the old one behind, and repeat this"
                )
            made = source.put_first()
            current = await self._masters.current()
            if current.id != made.id:
                raise KeyringError(f"{source.name} was changed by somebody else meanwhile; repeat this")
        await self._store.record_master(MasterRecord(current.id, self._clock(), settled=False))
        rewrapped = await self._rewrap_all(current)
        await self._store.record_master(MasterRecord(current.id, self._clock(), settled=True))
        return Rotated(current.id, resumed, rewrapped)

    async def forget(self, key_id: str) -> int:
        """Take an older master key out of the file, for good. Archives that were made under it open no more.

        Returns:
            How many keys had to be wrapped anew first: what a server wrote while the last rotation ended.

        Raises:
            KeyringError: it is the current key, is not known, or is needed.
            OSError: the key file can't be written; the key is still in it.
        """
        source = self._masters.source
        if not isinstance(source, KeyFile):
            raise KeyringError(f"the keys come from {source.name}; take the key out there")
        current = await self._masters.current()
        if key_id == current.id:
            raise KeyringError("the current master key can't be forgotten")
        if key_id not in {key.id for key in self._masters.known}:
            raise KeyringError(f"{source.name} holds no key with that id")
        if not await self._is_settled(current):
            raise KeyringError("a rotation did not come to its end: `amanah keys rotate` first")
        rewrapped = await self._rewrap_all(current)
        source.remove(key_id)
        await self._store.forget_master(key_id)
        return rewrapped

    async def list(self) -> KeyList:
        """Say which master keys there are and how much is wrapped with each."""
        await self._masters.current()
        persons: Counter[str] = Counter()
        destroyed = 0
        async for piece in self._store.walk():
            for record in piece:
                if isinstance(record, WrappedKey):
                    persons[record.master_id] += 1
                else:
                    destroyed += 1
        root = await self._store.root()
        records = {record.id: record for record in await self._store.masters()}
        known = [key.id for key in self._masters.known]
        needed = sorted({*persons, *([root.master_id] if root else [])} - set(known))
        rows = [
            KeyRow(
                id=key_id,
                state="missing" if key_id not in known else "current" if key_id == known[0] else "reading",
                first_used_at=records[key_id].first_used_at if key_id in records else None,
                settled=key_id in records and records[key_id].settled,
                root=root is not None and root.master_id == key_id,
                persons=persons[key_id],
            )
            for key_id in [*known, *needed]
        ]
        return KeyList(tuple(rows), destroyed)

    async def _is_settled(self, key: MasterKey) -> bool:
        return any(record.id == key.id and record.settled for record in await self._store.masters())

    async def _rewrap_all(self, master: MasterKey) -> int:
        """Until nothing more is found: a server that has not yet seen the new key may still write with the old one."""
        total = await self._rewrap_root(master)
        for _ in range(_ROUNDS):
            rewrapped = 0
            async for piece in self._store.walk():
                others = [item for item in piece if isinstance(item, WrappedKey) and item.master_id != master.id]
                for start in range(0, len(others), _REWRAPPED_AT_ONCE):
                    group = others[start : start + _REWRAPPED_AT_ONCE]
                    rewrapped += await self._store.rewrap([(old, await self._anew(master, old)) for old in group])
            total += rewrapped
            if not rewrapped:
                break
        return total

    async def _rewrap_root(self, master: MasterKey) -> int:
        root = await self._store.root()
        if root is None or root.master_id == master.id:
            return 0
        ring = Keyring.unwrap(await self._masters.get(root.master_id), root.wrapped)
        await self._store.rewrap_root(root, WrappedRoot(master.id, ring.wrapped(master), root.made_at))
        return 1

    async def _anew(self, master: MasterKey, old: WrappedKey) -> WrappedKey:
        key = unwrap_person_key(await self._masters.get(old.master_id), old)
        return wrap_person_key(master, old.account_id, key, old.made_at)
