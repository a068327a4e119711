"""The desk's search index in MongoDB: one document for each piece of a conversation, found by one key and a window of
dense numbers. Holds stems, in which message each stands, and who took part; no text.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymongo import UpdateOne

from server.desk.pieces import Piece, Share
from server.storage.counters import allot, last
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}
_COUNTER: Final = "desk_search"
_NAMED: Final = 50

SEARCH_COLLECTIONS = (
    CollectionSpec(
        name="desk_search",
        indexes=(
            Index("key_number", (("keys", 1), ("number", 1))),
            Index("number_unique", (("number", 1),), unique=True),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "conversation_id": _TEXT,
                "upto": _NUMBER,
                "keys": {"bsonType": "array", "items": _TEXT},
                "said": {"bsonType": "array", "items": _TEXT},
            },
            optional=("said",),
        ),
        walk=Walk("number", Spread.NUMBERS),
    ),
)


class MongoDeskSearchStore:
    """Keeps the index."""

    def __init__(self, database: Database) -> None:
        self._pieces = database["desk_search"]
        self._counters = database["counters"]

    @translate_errors()
    async def last_number(self) -> int:
        """Give the highest number allotted; 0 when there is none."""
        return await last(self._counters, _COUNTER)

    @translate_errors()
    async def add(self, shares: Sequence[Share]) -> dict[str, int]:
        """Add keys to pieces, making those that are not there; harmless when repeated.

        Returns:
            Piece -> its number, of those that were not there.
        """
        top = await allot(self._counters, _COUNTER, len(shares))
        operations = []
        for index, share in enumerate(shares):
            fields: Document = {"conversation_id": share.conversation_id, "number": top - len(shares) + index + 1}
            update: Document = {"$max": {"upto": share.upto}, "$setOnInsert": fields}
            keys, said = sorted(share.keys), list(share.said)
            if share.whole:
                update["$set"] = {"keys": keys, "said": said}
            else:
                update["$addToSet"] = {"keys": {"$each": keys}, "said": {"$each": said}}
            operations.append(UpdateOne({"_id": share.id}, update, upsert=True))
        result = await self._pieces.bulk_write(operations, ordered=False)
        made = result.upserted_ids or {}
        return {shares[index].id: top - len(shares) + index + 1 for index in made}

    @translate_errors()
    async def tell(self, shares: Sequence[Share]) -> None:
        """Write what each message of some pieces says; their keys stay, for changing keys is what an index costs."""
        operations = [
            UpdateOne({"_id": share.id}, {"$set": {"said": list(share.said)}, "$max": {"upto": share.upto}})
            for share in shares
        ]
        await self._pieces.bulk_write(operations, ordered=False)

    @translate_errors()
    async def find(self, piece_ids: Sequence[str]) -> dict[str, int]:
        """Give up to which message each of some pieces goes that are there."""
        found: dict[str, int] = {}
        for start in range(0, len(piece_ids), _NAMED):
            ids = list(piece_ids[start : start + _NAMED])
            async for document in self._pieces.find({"_id": {"$in": ids}}, {"upto": 1}):
                found[document["_id"]] = int(document["upto"])
        return found

    @translate_errors()
    async def with_key(self, key: str, above: int, up_to: int) -> list[Piece]:
        """Read the pieces that have a key, with `above < number <= up_to`; in no order."""
        query = {"keys": key, "number": {"$gt": above, "$lte": up_to}}
        return [_piece(document) async for document in self._pieces.find(query)]

    @translate_errors()
    async def numbered(self, above: int, up_to: int) -> list[Piece]:
        """Read the pieces with `above < number <= up_to`; in no order."""
        found = self._pieces.find({"number": {"$gt": above, "$lte": up_to}})
        return [_piece(document) async for document in found]


def piece_document(share: Share, number: int) -> Document:
    """Give a piece as it is stored, for whoever fills a store with many at once."""
    return {
        "_id": share.id,
        "number": number,
        "conversation_id": share.conversation_id,
        "upto": share.upto,
        "keys": sorted(share.keys),
        "said": list(share.said),
    }


def _piece(document: Mapping[str, Any]) -> Piece:
    return Piece(
        document["_id"],
        int(document["number"]),
        document["conversation_id"],
        frozenset(document["keys"]),
        int(document["upto"]),
        tuple(document.get("said", ())),
    )
