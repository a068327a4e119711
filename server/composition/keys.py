"""Puts the keys of an installation together: master keys, root key, vault. A part of the composition root."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.accounts.resealing import find_first_root, reseal_accounts
from server.config import Settings
from server.kernel.ports import Clock
from server.keyring import Keyring, KeyringError, random_key
from server.private_files import held
from server.storage.directory import DataDirectory
from server.storage.migrations import Migration
from server.storage.mongo import Database, translate_errors
from server.vault.erased import ErasedFile
from server.vault.masters import KeyCommand, KeyFile, KeySource, KeyText, Masters
from server.vault.rotation import Rotation, adopt_root, open_root
from server.vault.service import Vault
from server.vault.store import MongoKeyStore

_LOCK: Final = "keys.lock"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a running installation.

    Attributes:
        ring: the lasting ones.
        vault: people's.
    """

    ring: Keyring
    vault: Vault


def key_source(settings: Settings, *, make: bool = True) -> KeySource:
    """Say where the master key comes from.

    Args:
        settings: all settings.
        make: whether to make a key file where there is none, and no data either: to what there is it would not fit, and
            whoever copies it to the safe place loses the one that does.
    """
    if settings.master_key:
        return KeyText(settings.master_key, "AMANAH_MASTER_KEY")
    if settings.master_key_command:
        return KeyCommand(settings.master_key_command, "AMANAH_MASTER_KEY_COMMAND")
    file = KeyFile(settings.key_file)
    if make and not DataDirectory(settings.data_dir).used:
        file.make()
    return file


def erased_file(settings: Settings) -> ErasedFile:
    """The list of those whose keys were destroyed: beside the data, out of reach of whoever replaces the store."""
    return ErasedFile(settings.data_dir / "erased.ids")


def vault_of(database: Database, masters: Masters, settings: Settings, clock: Clock) -> Vault:
    """Build the vault."""
    return Vault(MongoKeyStore(database), masters, erased_file(settings), clock)


def rotation_of(database: Database, masters: Masters, clock: Clock) -> Rotation:
    """Build what changes the master key."""
    return Rotation(MongoKeyStore(database), masters, clock)


def key_migrations(masters: Masters, settings: Settings, clock: Clock) -> tuple[Migration, ...]:
    """The migrations that make keys."""

    async def give_people_keys(database: Database) -> None:
        store = MongoKeyStore(database)
        root = await open_root(store, masters)
        if root is None:
            root = await find_first_root(database, [key.as_root() for key in masters.known])
            if root is None:
                async with translate_errors():
                    trail = await database["audit_blocks"].find_one({"_id": 1}, {"_id": 1})
                root = Keyring(random_key()) if trail is None else masters.known[-1].as_root()
            await adopt_root(store, await masters.current(), root, clock)
        await reseal_accounts(database, root, vault_of(database, masters, settings, clock))

    return (Migration(1, "a key for each person, a root key for the rest", give_people_keys),)


async def open_keys(database: Database, masters: Masters, settings: Settings, clock: Clock) -> Keys:
    """Open the keys of a database that has been migrated, and see to it that what was erased is.

    Raises:
        KeyringError: the root key is gone, or the master key that is needed is not to be had.
    """
    ring = await open_root(MongoKeyStore(database), masters)
    if ring is None:
        raise KeyringError("the root key is gone from the database: restore it from a backup")
    vault = vault_of(database, masters, settings, clock)
    await vault.apply_erasures()
    return Keys(ring, vault)


async def ring_of(database: Database, masters: Masters) -> Keyring:
    """Give the lasting keys, also of a database that was not migrated yet. Changes nothing."""
    return await open_root(MongoKeyStore(database), masters) or masters.known[-1].as_root()


@contextmanager
def keys_at_rest(data_dir: Path, *, changing: bool = False) -> Iterator[None]:
    """Keep the set of master keys as it is while a backup is made, or keep others from changing it at once.

    Raises:
        KeyringError: somebody else is at it.
    """
    with held(data_dir / _LOCK, shared=not changing) as free:
        if not free:
            raise KeyringError("another command changes the master key or makes a backup at the moment; wait for it")
        yield
