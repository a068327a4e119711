"""Monthly counts in MongoDB. No text, no account and no day is among them."""

from collections.abc import Mapping

from pymongo import UpdateOne

from server.promises.backup_store import BACKUP_COLLECTIONS
from server.promises.tallies import Tally
from server.storage.mongo import Database, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}

EVIDENCE_COLLECTIONS = (
    CollectionSpec(
        name="evidence_months",
        indexes=(Index("month", (("month", 1),)),),
        validator=schema_validator({"_id": _TEXT, "month": _NUMBER, "kind": _TEXT, "name": _TEXT, "count": _NUMBER}),
    ),
    *BACKUP_COLLECTIONS,
)


class MongoTallyStore:
    """Keeps counts."""

    def __init__(self, database: Database) -> None:
        self._months = database["evidence_months"]

    @translate_errors()
    async def add(self, month: int, counts: Mapping[Tally, int]) -> None:
        """Add to the counts of a month, with one command."""
        if not counts:
            return
        updates = [
            UpdateOne(
                {"_id": f"{month}:{kind}:{name}"},
                {"$inc": {"count": count}, "$set": {"month": month, "kind": kind, "name": name}},
                upsert=True,
            )
            for (kind, name), count in counts.items()
        ]
        await self._months.bulk_write(updates, ordered=False)

    @translate_errors()
    async def month(self, month: int) -> Mapping[Tally, int]:
        """Read the counts of a month."""
        found = self._months.find({"month": month})
        return {(str(one["kind"]), str(one["name"])): int(one["count"]) async for one in found}
