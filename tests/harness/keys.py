"""Keys for suites that use a store directly: the real vault, on a master key made for the test."""

from datetime import UTC, datetime
from pathlib import Path

from server.keyring import Keyring
from server.storage.mongo import Database
from server.vault.erased import ErasedFile
from server.vault.masters import KeyFile, KeyText, Masters
from server.vault.service import Vault
from server.vault.store import MongoKeyStore

RING = Keyring(b"k" * 32)
"""Lasting keys."""


def masters(*fills: int) -> Masters:
    """Known master keys, each made of one byte, the current one first."""
    return Masters(KeyText(" ".join(f"{fill:02x}" * 32 for fill in fills or (1,)), "a test"))


def key_file(path: Path) -> KeyFile:
    """A file with master keys, made when it is not there."""
    file = KeyFile(path)
    file.make()
    return file


def vault_on(database: Database, folder: Path, known: Masters | None = None, *, cached_keys: int = 100) -> Vault:
    """A vault on a database; what it destroys is listed in the folder."""
    return Vault(
        MongoKeyStore(database),
        known or masters(),
        ErasedFile(folder / "erased.ids"),
        lambda: datetime.now(UTC).replace(microsecond=0),
        cached_keys=cached_keys,
    )
