"""The desk's counts in MongoDB: a document for each day, and for each day and agent."""

from collections.abc import Mapping, Sequence
from typing import Final

from pymongo import UpdateOne

from server.storage.mongo import Database, translate_errors
from server.storage.schema import CollectionSpec, schema_validator

_NAMED: Final = 50

FIGURE_COLLECTIONS = (
    CollectionSpec(
        name="desk_figures",
        validator=schema_validator({"_id": {"bsonType": "string"}, "counts": {"bsonType": "object"}}),
    ),
)


class MongoFigureStore:
    """Keeps them."""

    def __init__(self, database: Database) -> None:
        self._figures = database["desk_figures"]

    @translate_errors()
    async def add(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Add to counts, with one command."""
        await self._figures.bulk_write(
            [
                UpdateOne(
                    {"_id": name}, {"$inc": {f"counts.{key}": count for key, count in items.items()}}, upsert=True
                )
                for name, items in counts.items()
            ],
            ordered=False,
        )

    @translate_errors()
    async def read(self, names: Sequence[str]) -> dict[str, Mapping[str, int]]:
        """Read those counts that there are."""
        found: dict[str, Mapping[str, int]] = {}
        for start in range(0, len(names), _NAMED):
            ids = list(names[start : start + _NAMED])
            async for document in self._figures.find({"_id": {"$in": ids}}):
                found[document["_id"]] = {key: int(count) for key, count in document["counts"].items()}
        return found
