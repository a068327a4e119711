"""Support's hours and its past answers in MongoDB: one record each."""

from collections.abc import Sequence
from contextlib import suppress

from pymongo.errors import DuplicateKeyError

from server.hours.model import ANSWERS_KEPT
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, schema_validator

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}
_SETTING, _HISTORY = "hours", "answers"

HOURS_COLLECTIONS = (
    CollectionSpec(
        name="support_hours",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "hours": _TEXT,
                "version": _NUMBER,
                "answers": {
                    "bsonType": "array",
                    "items": {
                        "bsonType": "object",
                        "required": ["id", "s"],
                        "additionalProperties": False,
                        "properties": {"id": _TEXT, "s": _NUMBER},
                    },
                },
            },
            optional=("hours", "version", "answers"),
        ),
    ),
)


class MongoHoursStore:
    """Keeps them."""

    def __init__(self, database: Database) -> None:
        self._records = database["support_hours"]

    @translate_errors()
    async def load(self) -> tuple[str, int] | None:
        """Read the hours that are set, as JSON, and their version."""
        found = await self._records.find_one({"_id": _SETTING})
        return (found["hours"], int(found["version"])) if found else None

    @translate_errors()
    async def save(self, hours: str, version: int) -> bool:
        """Set the hours as the next version; False where somebody else has set that one."""
        fields: Document = {"hours": hours, "version": version}
        if version > 1:
            result = await self._records.update_one({"_id": _SETTING, "version": version - 1}, {"$set": fields})
            return result.matched_count == 1
        try:
            await self._records.insert_one({"_id": _SETTING, **fields})
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def answers(self) -> Sequence[int]:
        """Read how many seconds the last first answers took."""
        return _seconds(await self._records.find_one({"_id": _HISTORY}))

    @translate_errors()
    async def add_answer(self, conversation_id: str, seconds: int) -> Sequence[int]:
        """Add what an answer took, unless its conversation's is known; give all that are kept."""
        if await self._records.find_one({"_id": _HISTORY}, {"_id": 1}) is None:
            # Somebody else may make it at the same moment.
            with suppress(DuplicateKeyError):
                await self._records.insert_one({"_id": _HISTORY, "answers": []})
        push = {"$each": [{"id": conversation_id, "s": seconds}], "$slice": -ANSWERS_KEPT}
        await self._records.update_one(
            {"_id": _HISTORY, "answers.id": {"$ne": conversation_id}}, {"$push": {"answers": push}}
        )
        return await self.answers()


def _seconds(document: Document | None) -> Sequence[int]:
    return [int(item["s"]) for item in document["answers"]] if document else []
