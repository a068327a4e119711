"""Checks of backups in MongoDB: the last ones.

Written by the commands of the operator (`amanah backup`, `amanah backup verify`), shown as evidence of promise K1.
"""

from typing import Final

from server.kernel.ids import new_id
from server.promises.backups import BackupCheck
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_KEPT: Final = 50

BACKUP_COLLECTIONS: Final = (
    CollectionSpec(
        name="backup_checks",
        indexes=(Index("at", (("at", 1),)),),
        validator=schema_validator(
            {
                "_id": {"bsonType": "string"},
                "at": {"bsonType": "date"},
                "made_at": {"bsonType": ["date", "null"]},
                "documents": {"bsonType": ["int", "long", "null"]},
                "ok": {"bsonType": "bool"},
            }
        ),
    ),
)


class BackupChecks:
    """Keeps the last checks.

    Args:
        database: where.
    """

    def __init__(self, database: Database) -> None:
        self._checks = database["backup_checks"]

    @translate_errors()
    async def note(self, check: BackupCheck) -> None:
        """Write one down; of many, the oldest goes."""
        document = {"at": check.at, "ok": check.ok, "made_at": check.made_at, "documents": check.documents}
        await self._checks.insert_one({"_id": new_id(), **document})
        ids = sorted([one["_id"] async for one in self._checks.find({}, {"_id": 1})])
        if len(ids) > _KEPT:
            await self._checks.delete_many({"_id": {"$in": ids[:-_KEPT][:_KEPT]}})

    @translate_errors()
    async def last(self) -> BackupCheck | None:
        """Give the last one; None where none was ever made."""
        found = [_check(document) async for document in self._checks.find({})]
        return max(found, key=lambda check: check.at, default=None)


def _check(document: Document) -> BackupCheck:
    documents = document["documents"]
    made_at, count = document["made_at"], None if documents is None else int(documents)
    return BackupCheck(document["at"], document["ok"], made_at, count)
