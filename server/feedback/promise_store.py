"""What is promised, in MongoDB: one document with a version, on which the next depends."""

from pymongo.errors import DuplicateKeyError

from server.storage.mongo import Database, translate_errors
from server.storage.schema import CollectionSpec, schema_validator

_ONLY = "terms"

PROMISE_COLLECTIONS = (
    CollectionSpec(
        name="feedback_terms",
        validator=schema_validator(
            {"_id": {"bsonType": "string"}, "terms": {"bsonType": "string"}, "version": {"bsonType": ["int", "long"]}}
        ),
    ),
)


class MongoTermStore:
    """Keeps terms, as JSON."""

    def __init__(self, database: Database) -> None:
        self._terms = database["feedback_terms"]

    @translate_errors()
    async def load(self) -> tuple[str, int] | None:
        """Read terms and their version; None where nobody has changed what is usual."""
        document = await self._terms.find_one({"_id": _ONLY})
        return (document["terms"], int(document["version"])) if document else None

    async def save(self, terms: str, version: int) -> bool:
        """Write the terms of a version, the one after what is there; False where somebody was quicker."""
        async with translate_errors():
            if version > 1:
                done = await self._terms.update_one(
                    {"_id": _ONLY, "version": version - 1}, {"$set": {"terms": terms, "version": version}}
                )
                return bool(done.matched_count)
        try:
            async with translate_errors():
                await self._terms.insert_one({"_id": _ONLY, "terms": terms, "version": version})
        except DuplicateKeyError:
            return False
        return True
