"""The trail in MongoDB: blocks, the anchor, checkpoints, cuts and holds.

There is no way here to change a block; blocks are removed only after a cut was stored. Everything but the anchor is
numbered from 1 without gaps, so that the store takes each number once and the last one is found without a sort.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from server.audit.merkle import HASH_BYTES
from server.audit.model import Anchor, Block, header_leaf, leaf_of, milliseconds
from server.audit.records import Checkpoint, Cut, Hold, Promise
from server.storage.mongo import Collection, Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Spread, Walk, schema_validator

_WHOLE = {"bsonType": ["int", "long"]}
_TEXT = {"bsonType": "string"}
_TEXTS = {"bsonType": "array"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEAD = "head"

BLOCKS = CollectionSpec(
    "audit_blocks",
    validator=schema_validator(
        {
            "_id": _WHOLE,
            "prev": _TEXT,
            "first": _WHOLE,
            "at": {"bsonType": "date"},
            "count": _WHOLE,
            "entries": _TEXTS,
            "links": _TEXTS,
            "mac": _TEXT,
            "root": _TEXT,
        },
        optional=("root",),
    ),
    walk=Walk("_id", Spread.PLACES, floor=("audit_cuts", "through")),
)
ANCHORS = CollectionSpec(
    "audit_anchors",
    validator=schema_validator({"_id": _TEXT, "number": _WHOLE, "mac": _TEXT, "seal": _TEXT}),
)
CHECKPOINTS = CollectionSpec(
    "audit_checkpoints",
    validator=schema_validator(
        {"_id": _WHOLE, "note": _TEXT, "size": _WHOLE, "mac": _TEXT, "peaks": {"bsonType": "binData"}}
    ),
    walk=Walk("_id", Spread.PLACES),
)
CUTS = CollectionSpec(
    "audit_cuts",
    validator=schema_validator(
        {
            "_id": _WHOLE,
            "note": _TEXT,
            "first": _WHOLE,
            "through": _WHOLE,
            "entries": _WHOLE,
            "mac": _TEXT,
            "leaves": {"bsonType": "binData"},
            "seal": _TEXT,
        }
    ),
)
HOLDS = CollectionSpec(
    "audit_holds",
    validator=schema_validator(
        {
            "_id": _WHOLE,
            "reason": _TEXT,
            "set_at": _WHOLE,
            "released_at": {"bsonType": ["int", "long", "null"]},
            "seal": _TEXT,
        }
    ),
)
PROMISES = CollectionSpec("audit_promises", validator=schema_validator({"_id": _TEXT, "entries": _TEXTS, "at": _WHOLE}))
AUDIT_COLLECTIONS = (BLOCKS, ANCHORS, CHECKPOINTS, CUTS, HOLDS, PROMISES)
_PROBES = 48
_FARTHEST = 40


class MongoAuditStore:
    """The audit trail's collections.

    Args:
        database: with `AUDIT_COLLECTIONS` applied.
    """

    def __init__(self, database: Database) -> None:
        self._blocks = database[BLOCKS.name]
        self._anchors = database[ANCHORS.name]
        self._checkpoints = database[CHECKPOINTS.name]
        self._cuts = database[CUTS.name]
        self._holds = database[HOLDS.name]
        self._promises = database[PROMISES.name]

    async def insert(self, block: Block) -> bool:
        """Store a block durably.

        Returns:
            False when there is a block of that number: another process was quicker.

        Raises:
            Unavailable: it may or may not be stored.
        """
        document = {
            "_id": block.number,
            "prev": block.prev,
            "first": block.first,
            "at": _EPOCH + timedelta(milliseconds=block.at),
            "count": len(block.lines),
            "entries": list(block.lines),
            "links": list(block.links),
            "mac": block.mac,
            **({"root": block.root} if block.root else {}),
        }
        try:
            async with translate_errors():
                await self._blocks.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def blocks(self, first: int, last: int) -> Sequence[Block | None]:
        """Read the blocks of a window of numbers, both ends included, in order.

        Returns:
            None for a document that does not have the form of a block.
        """
        async with translate_errors():
            # Named one by one: the embedded engine looks up each, but reads the whole collection for a range of `_id`.
            documents = await self._blocks.find({"_id": {"$in": list(range(first, last + 1))}}).to_list(None)
        return [_block(document) for document in sorted(documents, key=lambda document: float(document["_id"]))]

    async def insert_promise(self, promise: Promise) -> None:
        """Store durably what is going to be appended."""
        document = {"_id": promise.id, "entries": list(promise.lines), "at": promise.at}
        async with translate_errors():
            # Replaced, so that it may be repeated.
            await self._promises.replace_one({"_id": promise.id}, document, upsert=True)

    async def promises(self) -> Sequence[Promise]:
        """Read what was promised and not kept. They are few."""
        async with translate_errors():
            documents = await self._promises.find({}).to_list(None)
        return [Promise(str(item["_id"]), tuple(map(str, item["entries"])), int(item["at"])) for item in documents]

    async def remove_promises(self, ids: Sequence[str]) -> None:
        """Forget promises that were kept, or that are void."""
        async with translate_errors():
            await self._promises.delete_many({"_id": {"$in": list(ids)}})

    async def leaves(self, first: int, last: int) -> Sequence[bytes]:
        """Give the hashes of a window of blocks as leaves of the tree, in order, from the roots that are stored.

        Nothing is checked here: whoever uses them compares the tree's root with a signed one. Of blocks without a
        stored root, and in a window with a gap, what there is.
        """
        numbers = {"$in": list(range(first, last + 1))}
        async with translate_errors():
            documents = await self._blocks.find({"_id": numbers}, {"entries": 0, "links": 0}).to_list(None)
        if any("root" not in document for document in documents):
            return [leaf_of(block) for block in await self.blocks(first, last) if block is not None]
        return [_leaf(document) for document in sorted(documents, key=lambda document: float(document["_id"]))]

    async def remove(self, first: int, last: int) -> None:
        """Remove a window of blocks that a stored cut covers."""
        async with translate_errors():
            await self._blocks.delete_many({"_id": {"$in": list(range(first, last + 1))}})

    async def insert_checkpoint(self, checkpoint: Checkpoint) -> bool:
        """Store a checkpoint durably; False when its number is taken."""
        document = {
            "_id": checkpoint.number,
            "note": checkpoint.note,
            "size": checkpoint.size,
            "mac": checkpoint.mac,
            "peaks": b"".join(checkpoint.peaks),
        }
        return await _insert(self._checkpoints, document)

    async def checkpoints(self, first: int, last: int) -> Sequence[Checkpoint]:
        """Read a window of checkpoints, in order."""
        return [_checkpoint(document) for document in await _window(self._checkpoints, first, last)]

    async def last_checkpoint(self) -> Checkpoint | None:
        """Give the newest checkpoint."""
        number = await _last_number(self._checkpoints)
        found = await self.checkpoints(number, number) if number else ()
        return found[0] if found else None

    async def insert_cut(self, cut: Cut) -> bool:
        """Store a cut durably; False when its number is taken."""
        document = {
            "_id": cut.number,
            "note": cut.note,
            "first": cut.first,
            "through": cut.through,
            "entries": cut.entries,
            "mac": cut.mac,
            "leaves": cut.leaves,
            "seal": cut.seal,
        }
        return await _insert(self._cuts, document)

    async def cuts(self, first: int, last: int) -> Sequence[Cut]:
        """Read a window of cuts, in order."""
        return [_cut(document) for document in await _window(self._cuts, first, last)]

    async def last_cut(self) -> Cut | None:
        """Give the newest cut."""
        number = await _last_number(self._cuts)
        found = await self.cuts(number, number) if number else ()
        return found[0] if found else None

    async def insert_hold(self, hold: Hold) -> bool:
        """Store a hold durably; False when its number is taken."""
        document = {
            "_id": hold.number,
            "reason": hold.reason,
            "set_at": hold.set_at,
            "released_at": hold.released_at,
            "seal": hold.seal,
        }
        return await _insert(self._holds, document)

    async def release_hold(self, hold: Hold) -> bool:
        """Write that a hold was released; False when it does not stand any more."""
        async with translate_errors():
            result = await self._holds.update_one(
                {"_id": hold.number, "released_at": None},
                {"$set": {"released_at": hold.released_at, "seal": hold.seal}},
            )
        return result.matched_count == 1

    async def holds(self) -> Sequence[Hold]:
        """Read all holds, in order. They are few."""
        async with translate_errors():
            documents = await self._holds.find({}).to_list(None)
        return [_hold(document) for document in sorted(documents, key=lambda document: float(document["_id"]))]

    async def anchor(self) -> Anchor | None:
        """The anchor; one that can't be genuine when it does not have the form of one."""
        async with translate_errors():
            found = await self._anchors.find_one({"_id": _HEAD})
        if found is None:
            return None
        number, mac, seal = found.get("number"), found.get("mac"), found.get("seal")
        if isinstance(number, int) and isinstance(mac, str) and isinstance(seal, str):
            return Anchor(number, mac, seal)
        return Anchor(0, "", "")

    async def advance_anchor(self, anchor: Anchor) -> None:
        """Move the anchor forward; one that is further stays."""
        values = {"number": anchor.number, "mac": anchor.mac, "seal": anchor.seal}
        try:
            async with translate_errors():
                # One that is further does not match, so the upsert collides with its `_id`.
                await self._anchors.update_one(
                    {"_id": _HEAD, "number": {"$lt": anchor.number}}, {"$set": values}, upsert=True
                )
        except DuplicateKeyError:
            return


async def _insert(collection: Collection, document: Document) -> bool:
    try:
        async with translate_errors():
            await collection.insert_one(document)
    except DuplicateKeyError:
        return False
    return True


async def _window(collection: Collection, first: int, last: int) -> list[Document]:
    async with translate_errors():
        found = await collection.find({"_id": {"$in": list(range(first, last + 1))}}).to_list(None)
    return sorted(found, key=lambda document: float(document["_id"]))


async def _last_number(collection: Collection) -> int:
    """The last of numbers without gaps: looked for at distances of powers of two, then between two of them."""

    async def highest(numbers: list[int]) -> int:
        async with translate_errors():
            found = await collection.find({"_id": {"$in": numbers}}, {"_id": 1}).to_list(None)
        return max((int(document["_id"]) for document in found), default=0)

    low = await highest([2**power for power in range(_FARTHEST)])
    high = 2 * low
    while high - low > 1:
        step = max(1, (high - low) // _PROBES)
        low = max(low, await highest(list(range(low + step, high, step))))
        high = min(high, low + step)
    return low


def _leaf(document: Mapping[str, Any]) -> bytes:
    at = milliseconds(document["at"])
    names = ("_id", "first", "count")
    number, first, count = (int(document[name]) for name in names)
    return header_leaf(number, first, count, at, document["prev"], document["mac"], document["root"])


def _checkpoint(document: Mapping[str, Any]) -> Checkpoint:
    """The checkpoint in a document; one that can't be genuine when it does not have the form of one."""
    try:
        peaks = bytes(document["peaks"])
        return Checkpoint(
            number=int(document["_id"]),
            note=str(document["note"]),
            size=int(document["size"]),
            mac=str(document["mac"]),
            peaks=tuple(peaks[start : start + HASH_BYTES] for start in range(0, len(peaks), HASH_BYTES)),
        )
    except (KeyError, TypeError, ValueError):
        return Checkpoint(0, "", 0, "", ())


def _cut(document: Mapping[str, Any]) -> Cut:
    """The cut in a document; one that can't be genuine when it does not have the form of one."""
    try:
        return Cut(
            number=int(document["_id"]),
            note=str(document["note"]),
            first=int(document["first"]),
            through=int(document["through"]),
            entries=int(document["entries"]),
            mac=str(document["mac"]),
            leaves=bytes(document["leaves"]),
            seal=str(document["seal"]),
        )
    except (KeyError, TypeError, ValueError):
        return Cut(0, "", 0, 0, 0, "", b"", "")


def _hold(document: Mapping[str, Any]) -> Hold:
    """The hold in a document; one that can't be genuine, and stands, when it does not have the form of one."""
    try:
        released = document["released_at"]
        return Hold(
            number=int(document["_id"]),
            reason=str(document["reason"]),
            set_at=int(document["set_at"]),
            released_at=None if released is None else int(released),
            seal=str(document["seal"]),
        )
    except (KeyError, TypeError, ValueError):
        return Hold(0, "", 0, None, "")


def _block(document: Mapping[str, Any]) -> Block | None:
    """The block in a document, or None when it has another form, however it came by it."""
    if set(document) - {"root"} != {"_id", "prev", "first", "at", "count", "entries", "links", "mac"}:
        return None
    numbers = [document["_id"], document["first"], document["count"]]
    texts = [document["prev"], document["mac"], document.get("root", "")]
    lists = [document["entries"], document["links"]]
    if not all(type(value) is int for value in numbers) or not all(isinstance(value, list) for value in lists):
        return None
    if not all(isinstance(value, str) for value in [*texts, *lists[0], *lists[1]]):
        return None
    if not isinstance(document["at"], datetime) or document["count"] != len(lists[0]):
        return None
    return Block(
        number=numbers[0],
        prev=texts[0],
        first=numbers[1],
        at=milliseconds(document["at"]),
        lines=tuple(lists[0]),
        links=tuple(lists[1]),
        mac=texts[1],
        root=texts[2],
    )
