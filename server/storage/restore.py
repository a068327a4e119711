"""Filling an empty database from an archive. Must not know any capability.

The whole archive is checked before anything is written. A mark in the database says from then on, until `finish`, that
a restore is under way and of which archive; the same restore may be repeated after it was killed, at any time, and then
replaces what it finds, document by document. Whoever else opens the database asks `require_whole` first.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final

from bson.raw_bson import RawBSONDocument
from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from server.storage import migrations
from server.storage.archive import ArchiveReader, fitting_key
from server.storage.changes import MARKS
from server.storage.errors import ArchiveUnusable, RestoreRefused, RestoreUnfinished
from server.storage.inventory import Inventory, documents_in, take_inventory
from server.storage.mongo import Database, translate_errors
from server.storage.schema import CollectionSpec, apply
from server.storage.slices import RawCollection, raw

RESTORES: Final = "restores"
"""Collection of the mark. Empty but while a restore is under way."""

MIGRATIONS: Final = CollectionSpec(migrations.COLLECTION)
"""Which migrations the data has been through goes with the data."""

_MARK: Final = "restore"
_BOOKKEEPING: Final = frozenset({RESTORES, MARKS, MIGRATIONS.name})
_BATCH: Final = 200
_NOTHING: Final[Mapping[str, Collection[str]]] = MappingProxyType({})


async def restore(
    database: Database,
    specs: Sequence[CollectionSpec],
    path: Path,
    key: bytes,
    *,
    version: str,
    left_out: Mapping[str, Collection[str]] = _NOTHING,
) -> Mapping[str, int]:
    """Check an archive, then write everything in it. `finish` has to follow.

    Args:
        database: empty, or holding a part of this very archive; nobody else uses it.
        specs: its collections.
        path: of the archive.
        key: it was made with.
        version: of this program, for the error.
        left_out: collection -> `_id`s of what must not be brought back.

    Returns:
        How many documents each collection got.

    Raises:
        ArchiveUnusable: the archive can't be read, is not whole, was changed or has another key. Nothing was written.
        RestoreRefused: the database is not empty, or the archive is of another version. Nothing was written.
        Unavailable: the store does not answer. The restore may be repeated.
    """
    specs = (*specs, MIGRATIONS)
    with _opened(path) as file:
        reader = ArchiveReader(file, key)
        inventory = take_inventory(reader)
        unknown = set(inventory.counts) - {spec.name for spec in specs}
        if unknown:
            raise RestoreRefused(
                f"the archive, made by version {inventory.version}, has collections that version {version} "
                f"does not know: {', '.join(sorted(unknown))}"
            )
        fresh = await _claim(database, reader.identity)
        await apply(database, specs)
        counts = dict(inventory.counts)
        for name, found in documents_in(reader, inventory):
            documents = [item for item in found if item["_id"] not in left_out.get(name, ())]
            counts[name] -= len(found) - len(documents)
            for start in range(0, len(documents), _BATCH):
                await _write(
                    raw(database, name), documents[start : start + _BATCH], fresh=fresh and name not in _BOOKKEEPING
                )
    return counts


def find_key(path: Path, keys: Sequence[bytes]) -> bytes:
    """Find the key that an archive was made with among some, at least one.

    Raises:
        ArchiveUnusable: the archive can't be read, or none fits.
    """
    with _opened(path) as file:
        return fitting_key(file, keys)


def read_through(path: Path, keys: Sequence[bytes]) -> Inventory:
    """Read an archive from end to end, as a restore does before it writes anything.

    Raises:
        ArchiveUnusable: it can't be read, is not whole, was changed, or no key fits.
    """
    key = find_key(path, keys)
    with _opened(path) as file:
        return take_inventory(ArchiveReader(file, key))


async def finish(database: Database) -> None:
    """Say that the restore is done."""
    async with translate_errors():
        await database[RESTORES].delete_one({"_id": _MARK})


async def is_under_way(database: Database) -> bool:
    """Whether a restore was begun and not finished."""
    async with translate_errors():
        return await database[RESTORES].find_one({"_id": _MARK}) is not None


async def require_empty(database: Database) -> None:
    """Refuse a database with documents other than the bookkeeping of this package.

    Raises:
        RestoreRefused: it has some.
    """
    async with translate_errors():
        for name in await database.list_collection_names():
            if name not in _BOOKKEEPING and not name.startswith("system.") and await database[name].find_one({}):
                raise RestoreRefused(f"the database is not empty: {name} has documents")


async def require_whole(database: Database) -> None:
    """Refuse a database that holds a part of an archive.

    Raises:
        RestoreUnfinished: it does.
    """
    if await is_under_way(database):
        raise RestoreUnfinished("a restore did not come to its end; repeat `amanah restore` with the same file")


async def _claim(database: Database, identity: str) -> bool:
    """Mark an empty database as being restored.

    Returns:
        False when it bears the mark of this archive already.
    """
    async with translate_errors():
        mark = await database[RESTORES].find_one({"_id": _MARK})
        if mark is not None:
            if mark["archive"] != identity:
                raise RestoreRefused("the restore of another archive did not come to its end here")
            return False
        await require_empty(database)
        await database[RESTORES].insert_one({"_id": _MARK, "archive": identity, "at": datetime.now(UTC)})
    return True


async def _write(collection: RawCollection, documents: Sequence[RawBSONDocument], *, fresh: bool) -> None:
    try:
        async with translate_errors():
            if fresh:
                await collection.insert_many(documents, ordered=False)
            else:
                replacing: list[ReplaceOne[RawBSONDocument]] = [
                    ReplaceOne({"_id": item["_id"]}, item, upsert=True) for item in documents
                ]
                await collection.bulk_write(replacing, ordered=False)
    except (BulkWriteError, DuplicateKeyError):
        # `from None`: the driver's error holds the documents.
        raise ArchiveUnusable(f"two documents of {collection.name} contradict each other") from None


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise ArchiveUnusable(f"the archive can't be read: {error.strerror}") from None
