"""Removing what feedback keeps, in MongoDB: what is under way is written down first, and an item goes last.

Filters are indexed fields and primary keys alone. Must not decide what goes.
"""

from datetime import datetime
from typing import Final

from server.feedback.model import Kind, Sight, State, Visibility
from server.feedback.removal import Aged
from server.storage.counters import last
from server.storage.mongo import Database, translate_errors
from server.storage.schema import CollectionSpec, schema_validator

_TEXT = {"bsonType": "string"}
_READ: Final = ("number", "kind", "visibility", "sight", "state", "author_id", "code", "created_at", "changed_at")
_HANGING: Final = (
    "feedback_votes",
    "feedback_follows",
    "feedback_vote_traces",
    "feedback_rings",
    "feedback_corrections",
)
"""What names its item in an indexed field of its own."""
_NAMED: Final = 50

REMOVAL_COLLECTIONS = (
    CollectionSpec(
        name="feedback_removals",
        validator=schema_validator({"_id": _TEXT, "at": {"bsonType": "date"}}),
    ),
)


class MongoRemovalStore:
    """Finds what is old, and removes."""

    def __init__(self, database: Database) -> None:
        self._items = database["feedback_items"]
        self._comments = database["feedback_comments"]
        self._merges = database["feedback_merges"]
        self._hanging = [database[name] for name in _HANGING]
        self._removals = database["feedback_removals"]
        self._counters = database["counters"]

    @translate_errors()
    async def last_number(self) -> int:
        """Give the highest number of an item; 0 when there is none."""
        return await last(self._counters, "feedback_items")

    @translate_errors()
    async def aged(self, above: int, up_to: int) -> list[Aged]:
        """Read what retention has to know of the items with `above < number <= up_to`; in no order, and no text."""
        window = self._items.find({"number": {"$gt": above, "$lte": up_to}}, dict.fromkeys(_READ, 1))
        return [
            Aged(
                id=document["_id"],
                kind=Kind(document["kind"]),
                visibility=Visibility(document["visibility"]),
                sight=Sight(document["sight"]),
                state=State(document["state"]),
                author_id=document["author_id"],
                has_code="code" in document,
                created_at=document["created_at"],
                changed_at=document["changed_at"],
            )
            async for document in window
        ]

    @translate_errors()
    async def begin(self, item_id: str, at: datetime) -> None:
        """Remember a removal before its first step; harmless when it is repeated."""
        await self._removals.update_one({"_id": item_id}, {"$set": {"at": at}}, upsert=True)

    @translate_errors()
    async def begun(self) -> list[str]:
        """Give what is being removed, or was when a process ended."""
        return [document["_id"] async for document in self._removals.find({}, {"_id": 1})]

    @translate_errors()
    async def end(self, item_id: str) -> None:
        """Forget a removal that is done."""
        await self._removals.delete_one({"_id": item_id})

    @translate_errors()
    async def clear(self, item_id: str, last_seq: int) -> None:
        """Remove what hangs on an item, comments the last of it. Safe to repeat.

        Args:
            item_id: which.
            last_seq: of its comments, which are found by their places.
        """
        for held in self._hanging:
            await held.delete_many({"item_id": item_id})
        await self._merges.delete_one({"_id": item_id})
        for first in range(1, last_seq + 1, _NAMED):
            ids = [f"{item_id}.{seq}" for seq in range(first, min(first + _NAMED, last_seq + 1))]
            await self._comments.delete_many({"_id": {"$in": ids}})

    @translate_errors()
    async def delete(self, item_id: str) -> None:
        """Remove an item. After everything that is found by it."""
        await self._items.delete_one({"_id": item_id})
