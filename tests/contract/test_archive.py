"""The file of a backup, what damage to it does, and how what goes into it is read."""

import itertools
import os
import stat
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from bson import Decimal128, Int64, ObjectId, Regex, encode
from bson.raw_bson import RawBSONDocument

from server.storage.archive import ArchiveReader, ArchiveWriter
from server.storage.backup import back_up
from server.storage.changes import Changes
from server.storage.errors import ArchiveUnusable
from server.storage.inventory import BEGIN, END, GONE, LATE, READ, documents_in, take_inventory
from server.storage.mongo import Database
from server.storage.restore import restore
from server.storage.schema import CollectionSpec, Spread, Walk
from server.storage.slices import raw, slices
from tests.harness.database import KEY, SECRET, fill, made, names_in, put_back

HEADER = 14 + 2 + 32 + 16
_NOW = datetime(2026, 11, 23, tzinfo=UTC)


def _digests(count: int, prefix: bytes = b"") -> list[bytes]:
    return [(prefix + os.urandom(16))[:16] for _ in range(count)]


@pytest.mark.parametrize(
    ("walk", "values"),
    [
        (Walk("key", Spread.DIGESTS), _digests(1500)),
        (Walk("key", Spread.DIGESTS), [*_digests(900, b"\7\7\7\7"), b"\0" * 16, b"\xff" * 16]),
        (Walk("key", Spread.NUMBERS), list(range(1, 1400))),
        (Walk("key", Spread.NUMBERS), [-5, 0, *range(70_000, 71_000), 2**31, 2**53, 2**60]),
        (Walk("_id", Spread.PLACES), list(range(1, 701))),
        (Walk("_id", Spread.PLACES), list(range(1, 51))),
        (Walk("_id", Spread.PLACES), [*range(1, 120), *range(700, 1500)]),
        (None, list(range(1234))),
        (Walk("_id", Spread.PLACES), []),
        (Walk("key", Spread.DIGESTS), []),
    ],
    ids=itertools.count(),
)
async def test_pieces_make_up_the_whole(database: Database, walk: Walk | None, values: Sequence[Any]) -> None:
    """Each document once, however the values lie; where they lie evenly, no piece is more than a few hundred."""
    field = walk.field if walk else "_id"
    if walk and field != "_id":
        await database.things.create_index(field, unique=True)
    if values:
        await database.things.insert_many([{"_id": place, field: value} for place, value in enumerate(values)])
    found = []
    biggest = 0
    async for piece in slices(raw(database, "things"), walk):
        found += [document[field] for document in piece]
        biggest = max(biggest, len(piece))
    assert sorted(found) == sorted(values)
    assert biggest <= 1000
    if len(values) == max(values, default=0) or len(values) == 1500:
        assert biggest <= 500


async def test_later_words_replace_earlier_ones(tmp_path: Path) -> None:
    """Read, changed, gone, there again: the last word on a document counts, and each is restored once."""

    def documents(*items: dict[str, Any]) -> list[RawBSONDocument]:
        return [RawBSONDocument(encode(item)) for item in items]

    frames = [
        (
            READ,
            documents({"_id": 1, "v": "old"}, {"_id": 2, "v": "kept"}, {"_id": 3, "v": "old"}, {"_id": 4, "v": "old"}),
        ),
        (LATE, documents({"_id": 1, "v": "newer"}, {"_id": 5, "v": "new"})),
        (GONE, documents({"_id": 3}, {"_id": 4})),
        (LATE, documents({"_id": 1, "v": "newest"}, {"_id": 4, "v": "again"})),
        (GONE, documents({"_id": 5})),
    ]
    with (tmp_path / "file").open("w+b") as file:
        writer = ArchiveWriter(file, KEY)
        writer.write({"kind": BEGIN, "version": "1", "at": _NOW, "collections": ["x"]})
        for kind, items in frames:
            writer.write({"kind": kind, "collection": "x"}, items)
        counts = [{"collection": "x", "kind": kind, "count": n} for kind, n in ((READ, 4), (LATE, 4), (GONE, 3))]
        writer.write({"kind": END, "counts": counts}, last=True)
        reader = ArchiveReader(file, KEY)
        inventory = take_inventory(reader)
        found = {item["_id"]: item["v"] for _, items in documents_in(reader, inventory) for item in items}
    assert found == {1: "newest", 2: "kept", 4: "again"}
    assert dict(inventory.counts) == {"x": 3}


@pytest.mark.parametrize("count", [3, 5])
async def test_wrong_counts_are_found(tmp_path: Path, count: int) -> None:
    """Also an archive that was sealed with the key must hold what it says."""
    with (tmp_path / "file").open("w+b") as file:
        writer = ArchiveWriter(file, KEY)
        writer.write({"kind": BEGIN, "version": "1", "at": _NOW, "collections": ["x"]})
        writer.write({"kind": READ, "collection": "x"}, [RawBSONDocument(encode({"_id": n})) for n in range(4)])
        writer.write({"kind": END, "counts": [{"collection": "x", "kind": READ, "count": count}]}, last=True)
        with pytest.raises(ArchiveUnusable, match="as many documents"):
            take_inventory(ArchiveReader(file, KEY))


async def test_changes_are_noticed(database: Database) -> None:
    """Whatever was acknowledged before the question is in the answer, each document once."""
    await database.x.insert_many([{"_id": 1}, {"_id": 2}, {"_id": 3}])
    async with Changes(database) as changes:
        await database.x.update_one({"_id": 1}, {"$set": {"v": 1}})
        await database.x.replace_one({"_id": 1}, {"v": 2})
        await database.x.delete_one({"_id": 2})
        await database.y.insert_many([{"_id": number} for number in range(300)])
        await changes.caught_up()
        assert sorted(changes.take("x")) == [1, 2]
        assert sorted(changes.take("y")) == list(range(300))
        assert changes.take("x") == []
        await database.x.insert_one({"_id": 4})
        await changes.caught_up()
        assert changes.take("x") == [4]
        await database.y.drop()
        with pytest.raises(ArchiveUnusable, match="removed"):
            await changes.caught_up()


async def test_bson_types_keep_their_kind(database: Database, target: Database, archive: Path) -> None:
    """What a driver would make of a document and back is not the document."""
    specs = (CollectionSpec("odd"),)
    values = [1, Int64(1), 1.0, Decimal128("1.10"), b"\0\1", uuid4(), Regex("a", "i"), None, {"b": 1, "a": [1, {}]}]
    await database.odd.insert_many([{"_id": ObjectId(), "value": value} for value in values])
    await back_up(database, specs, archive, KEY, version="1")
    await restore(target, specs, archive, KEY, version="1")
    before = sorted([item.raw async for item in raw(database, "odd").find({})])
    assert len(before) == len(values)
    assert sorted([item.raw async for item in raw(target, "odd").find({})]) == before


def _frames(data: bytes) -> tuple[bytes, list[bytes]]:
    """Header and frames, each with its length."""
    frames, position = [], HEADER
    while position < len(data):
        length = 4 + struct.unpack_from(">I", data, position)[0]
        frames.append(data[position : position + length])
        position += length
    return data[:HEADER], frames


def _flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def _joined(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        header, frames = _frames(data)
        return header + b"".join(change(frames))

    return changed


_DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "header only": lambda data: data[:HEADER],
    "cut in the header": lambda data: data[: HEADER - 5],
    "cut in a frame": lambda data: data[: len(data) * 2 // 3],
    "one byte short": lambda data: data[:-1],
    "one byte more": lambda data: data + b"\0",
    "without the last frame": _joined(lambda frames: frames[:-1]),
    "without the first frame": _joined(lambda frames: frames[1:]),
    "without a middle frame": _joined(lambda frames: frames[:2] + frames[3:]),
    "two frames exchanged": _joined(lambda frames: [*frames[:2], frames[3], frames[2], *frames[4:]]),
    "a frame twice": _joined(lambda frames: [*frames[:3], frames[2], *frames[3:]]),
    "last frame twice": _joined(lambda frames: [*frames, frames[-1]]),
    "last frame early": _joined(lambda frames: [*frames[:2], frames[-1]]),
    "bit of the magic": lambda data: _flipped(data, 3),
    "bit of the version": lambda data: _flipped(data, 15),
    "bit of the salt": lambda data: _flipped(data, 20),
    "bit of the key check": lambda data: _flipped(data, HEADER - 1),
    "bit of a length": lambda data: _flipped(data, HEADER),
    "bit of the first frame": lambda data: _flipped(data, HEADER + 10),
    "bit in the middle": lambda data: _flipped(data, len(data) // 2),
    "last bit": lambda data: _flipped(data, len(data) - 1),
}


async def test_damaged_archive_is_refused_and_nothing_written(
    database: Database, target: Database, archive: Path
) -> None:
    """However it was damaged: cut, changed, reordered, lengthened, mixed with another of the same key."""
    await fill(database, conversations=8)
    whole = (await made(database, archive)).read_bytes()
    other = (await made(database, archive.with_name("other"))).read_bytes()
    header, frames = _frames(whole)
    assert len(frames) >= 8
    assert header + b"".join(frames) == whole
    damaged = {name: change(whole) for name, change in _DAMAGE.items()}
    damaged["a frame of another archive"] = header + b"".join([*frames[:2], _frames(other)[1][2], *frames[3:]])
    damaged["header of another archive"] = _frames(other)[0] + b"".join(frames)
    file = archive.with_name("damaged")
    for name, data in damaged.items():
        assert data != whole, name
        file.write_bytes(data)
        with pytest.raises(ArchiveUnusable) as refusal:
            await put_back(target, file)
        assert SECRET not in str(refusal.value), name
        assert await target.list_collection_names() == [], name


async def test_another_key_is_told_apart_from_damage(database: Database, target: Database, archive: Path) -> None:
    """Nobody should throw away an archive because the wrong key lay there."""
    await fill(database, conversations=1)
    await made(database, archive)
    with pytest.raises(ArchiveUnusable, match="another master key"):
        await put_back(target, archive, bytes(32))
    with pytest.raises(ArchiveUnusable, match="can't be read"):
        await put_back(target, archive.with_name("absent"))
    assert await target.list_collection_names() == []


def _look(path: Path) -> tuple[bytes, int]:
    return path.read_bytes(), stat.S_IMODE(path.stat().st_mode)


async def test_archive_is_private_and_unreadable(database: Database, archive: Path) -> None:
    """Only its owner may read the file, and without the key there is nothing to read; it replaces no other."""
    await fill(database, conversations=2)
    await made(database, archive)
    data, mode = _look(archive)
    assert mode == 0o600
    assert SECRET.encode() not in data
    assert b"conversation" not in data
    with pytest.raises(ArchiveUnusable, match="never overwritten"):
        await made(database, archive)
    assert _look(archive) == (data, mode)
    assert names_in(archive.parent) == [archive.name]
