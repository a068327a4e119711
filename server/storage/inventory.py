"""What is in an archive, found by reading all of it. Must not know the database.

Frames: one `begin`; then per collection `read` (documents as they stood when they were come by), `late` (documents that
changed while the backup ran, as they stood after it) and `gone` (`_id`s that were no longer there); one `end` with how
many documents of each kind were written. Of a document that appears more than once the last one counts.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import bson
from bson.raw_bson import RawBSONDocument

from server.storage.archive import RAW, ArchiveReader, Frame
from server.storage.errors import ArchiveUnusable

BEGIN: Final = "begin"
READ: Final = "read"
LATE: Final = "late"
GONE: Final = "gone"
END: Final = "end"
_CONTENT: Final = frozenset({READ, LATE, GONE})


@dataclass(frozen=True, slots=True)
class Inventory:
    """A whole, unchanged archive.

    Attributes:
        version: of the program that made it.
        at: when it was begun; aware, UTC.
        counts: collection -> how many documents it holds.
        superseded: (collection, key of a document) -> number of the frame whose word on it counts.
    """

    version: str
    at: datetime
    counts: Mapping[str, int]
    superseded: Mapping[tuple[str, bytes], int]

    def valid(self, frame: Frame) -> list[RawBSONDocument]:
        """Give the documents of a frame that no later frame replaces."""
        name = frame.note["collection"]
        return [item for item in frame.documents if self.superseded.get((name, key_of(item)), -1) <= frame.number]


def key_of(document: RawBSONDocument) -> bytes:
    """Give a document's `_id` in a form that can be compared."""
    return bson.encode({"_id": document["_id"]}, codec_options=RAW)


def take_inventory(reader: ArchiveReader) -> Inventory:
    """Read an archive from end to end.

    Raises:
        ArchiveUnusable: it is not whole, was changed, or contradicts itself.
    """
    version, at = "", datetime.min.replace(tzinfo=UTC)
    names: list[str] = []
    written: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, bytes], int] = {}
    ended: Frame | None = None
    for frame in reader.frames():
        kind = frame.note.get("kind")
        if (frame.number == 0) != (kind == BEGIN) or ended is not None:
            raise ArchiveUnusable("the archive's frames are not in order")
        if kind == BEGIN:
            version, names = str(frame.note["version"]), list(frame.note["collections"])
            at = frame.note["at"].replace(tzinfo=UTC)
        elif kind in _CONTENT:
            name = frame.note["collection"]
            written[name, kind] += len(frame.documents)
            if kind != READ:
                for document in frame.documents:
                    last[name, key_of(document)] = frame.number
        elif kind == END:
            ended = frame
        else:
            raise ArchiveUnusable("the archive has a frame of a kind that this program does not know")
    if ended is None or _counted(ended) != +written or not {name for name, _ in written} <= set(names):
        raise ArchiveUnusable("the archive does not hold as many documents as it says")
    inventory = Inventory(version, at, {}, last)
    counts = dict.fromkeys(names, 0)
    for frame in _documents(reader):
        counts[frame.note["collection"]] += len(inventory.valid(frame))
    return Inventory(version, at, counts, last)


def documents_in(reader: ArchiveReader, inventory: Inventory) -> Iterator[tuple[str, list[RawBSONDocument]]]:
    """Give (collection, documents), each document once, as it is to be restored."""
    for frame in _documents(reader):
        found = inventory.valid(frame)
        if found:
            yield frame.note["collection"], found


def _documents(reader: ArchiveReader) -> Iterator[Frame]:
    return (frame for frame in reader.frames() if frame.note["kind"] in {READ, LATE})


def _counted(ended: Frame) -> Counter[tuple[str, str]]:
    counts = {(item["collection"], item["kind"]): int(item["count"]) for item in ended.note["counts"]}
    return +Counter(counts)
