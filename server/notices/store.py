"""Notices in MongoDB: inserted and never changed."""

from collections.abc import Sequence

from server.notices.model import Kind, Notice
from server.storage.mongo import Database, translate_errors
from server.storage.months import month_of, newest
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}

NOTICE_COLLECTIONS = (
    CollectionSpec(
        name="notices",
        indexes=(Index("account_month", (("account_id", 1), ("month", 1))),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "account_id": _TEXT,
                "month": {"bsonType": ["int", "long"]},
                "kind": {"enum": [kind.value for kind in Kind]},
                "object_type": _TEXT,
                "object_id": _TEXT,
                "at": {"bsonType": "date"},
            }
        ),
    ),
)


class MongoNoticeStore:
    """Keeps notices."""

    def __init__(self, database: Database) -> None:
        self._notices = database["notices"]

    @translate_errors()
    async def insert(self, notices: Sequence[Notice]) -> None:
        """Insert some."""
        await self._notices.insert_many(
            [
                {
                    "_id": notice.id,
                    "account_id": notice.account_id,
                    "month": month_of(notice.id),
                    "kind": notice.kind.value,
                    "object_type": notice.object_type,
                    "object_id": notice.object_id,
                    "at": notice.at,
                }
                for notice in notices
            ]
        )

    @translate_errors()
    async def newest(self, account_id: str, before_id: str | None, limit: int) -> list[Notice]:
        """Read an account's, newest first."""
        found = await newest(self._notices, {"account_id": account_id}, before_id, limit)
        return [
            Notice(
                id=document["_id"],
                account_id=document["account_id"],
                kind=Kind(document["kind"]),
                object_type=document["object_type"],
                object_id=document["object_id"],
                at=document["at"],
            )
            for document in found
        ]
