"""Writing an archive of a whole database while others write to it. Must not know any capability.

Each collection is read in pieces; what changed since the reading began is read again by its `_id` at the end,
collection after collection. So the archive holds each collection as it was at one moment (but for what changed within
the last lookups), and a collection that comes first is not later than one after it: see docs/adr/0007-backup.md.
"""

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import bson
from bson.raw_bson import RawBSONDocument

from server.storage.archive import RAW, ArchiveReader, ArchiveWriter
from server.storage.changes import MARKS, Changes
from server.storage.errors import ArchiveUnusable
from server.storage.inventory import BEGIN, END, GONE, LATE, READ, Inventory, key_of, take_inventory
from server.storage.mongo import Database, translate_errors
from server.storage.restore import MIGRATIONS, RESTORES, require_whole
from server.storage.schema import CollectionSpec
from server.storage.slices import by_ids, raw, slices

_PRIVATE_FILE: Final = 0o600
_FRAME_BYTES: Final = 2**20
_ROUNDS: Final = 5
_LEFT_OUT: Final = frozenset({MARKS, RESTORES})


class _Shelf:
    """Puts documents into frames and counts them."""

    def __init__(self, writer: ArchiveWriter) -> None:
        self._writer = writer
        self._counts: Counter[tuple[str, str]] = Counter()

    def put(self, collection: str, kind: str, documents: Sequence[RawBSONDocument]) -> None:
        """Add documents of a collection, in frames of about a mebibyte."""
        group: list[RawBSONDocument] = []
        size = 0
        for document in documents:
            group.append(document)
            size += len(document.raw)
            if size >= _FRAME_BYTES:
                self._write(collection, kind, group)
                group, size = [], 0
        if group:
            self._write(collection, kind, group)

    def end(self) -> None:
        """Say how many there were, in the last frame."""
        counts = [{"collection": name, "kind": kind, "count": n} for (name, kind), n in self._counts.items()]
        self._writer.write({"kind": END, "counts": counts}, last=True)

    def _write(self, collection: str, kind: str, documents: Sequence[RawBSONDocument]) -> None:
        self._writer.write({"kind": kind, "collection": collection}, documents)
        self._counts[collection, kind] += len(documents)


async def back_up(
    database: Database, specs: Sequence[CollectionSpec], path: Path, key: bytes, *, version: str
) -> Inventory:
    """Write an archive of a database, and read it again from end to end.

    Args:
        database: others may write to it meanwhile.
        specs: its collections; of two of which one knows of what is in the other, the one that knows comes first.
        path: of the archive; there must be none.
        key: 32 bytes.
        version: of this program.

    Returns:
        What is in it.

    Raises:
        ArchiveUnusable: there is a file of that name, or it can't be written.
        RestoreUnfinished: the database holds a part of an archive.
        Unavailable: the store does not answer.
    """
    await require_whole(database)
    specs = (*specs, MIGRATIONS)
    with _file(path) as file:
        shelf = await _begin(database, specs, ArchiveWriter(file, key), version)
        async with Changes(database) as changes:
            for spec in specs:
                async for piece in slices(raw(database, spec.name), spec.walk):
                    shelf.put(spec.name, READ, piece)
            for spec in specs:
                await _catch_up(database, changes, spec.name, shelf)
        shelf.end()
        file.flush()
        return take_inventory(ArchiveReader(file, key))


async def _begin(database: Database, specs: Sequence[CollectionSpec], writer: ArchiveWriter, version: str) -> _Shelf:
    names = [spec.name for spec in specs]
    async with translate_errors():
        present = set(await database.list_collection_names())
    unknown = {name for name in present if not name.startswith("system.")} - set(names) - _LEFT_OUT
    if unknown:
        listed = ", ".join(sorted(unknown))
        raise ArchiveUnusable(f"the database has collections that this version does not know: {listed}")
    writer.write({"kind": BEGIN, "version": version, "at": datetime.now(UTC), "collections": names})
    return _Shelf(writer)


async def _catch_up(database: Database, changes: Changes, name: str, shelf: _Shelf) -> None:
    """Read again what changed, until nothing changes while it is read."""
    for _ in range(_ROUNDS):
        await changes.caught_up()
        changed = changes.take(name)
        if not changed:
            return
        async for asked, found in by_ids(raw(database, name), changed):
            shelf.put(name, LATE, found)
            present = {key_of(document) for document in found}
            keys = [bson.encode({"_id": identity}, codec_options=RAW) for identity in asked]
            shelf.put(name, GONE, [RawBSONDocument(key, RAW) for key in keys if key not in present])


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    """A new private file beside the archive to be, which takes its name when all went well."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        _refuse_present(path)
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _refuse_present(path)
            temporary.rename(path)
        finally:
            temporary.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ArchiveUnusable(f"the archive can't be written: {error.strerror}") from None


def _refuse_present(path: Path) -> None:
    if os.path.lexists(path):
        raise ArchiveUnusable(f"{path} exists; an archive is never overwritten")


def total(counts: Mapping[str, int]) -> str:
    """Say counts in one line."""
    parts = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    return f"{sum(counts.values())} documents" + (f" ({parts})" if parts else "")
