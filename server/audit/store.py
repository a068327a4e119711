"""Blocks and anchor in MongoDB. Appends and reads; there is no way here to change or remove a block."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from server.audit.model import Anchor, Block, milliseconds
from server.storage.mongo import Database, translate_errors
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
        }
    ),
    walk=Walk("_id", Spread.PLACES),
)
ANCHORS = CollectionSpec(
    "audit_anchors",
    validator=schema_validator({"_id": _TEXT, "number": _WHOLE, "mac": _TEXT, "seal": _TEXT}),
)
AUDIT_COLLECTIONS = (BLOCKS, ANCHORS)


class MongoAuditStore:
    """The audit trail's collections.

    Args:
        database: with `AUDIT_COLLECTIONS` applied.
    """

    def __init__(self, database: Database) -> None:
        self._blocks = database[BLOCKS.name]
        self._anchors = database[ANCHORS.name]

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


def _block(document: Mapping[str, Any]) -> Block | None:
    """The block in a document, or None when it has another form, however it came by it."""
    if set(document) != {"_id", "prev", "first", "at", "count", "entries", "links", "mac"}:
        return None
    numbers = [document["_id"], document["first"], document["count"]]
    texts = [document["prev"], document["mac"]]
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
    )
