"""Notices in MongoDB. One is replaced by a later one that stands for both; else only whether it was read changes."""

from collections.abc import Sequence
from datetime import datetime

from server.notices.model import Kind, Notice
from server.storage.mongo import Database, Document, translate_errors
from server.storage.months import month_at, month_of, newest
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_WHOLE = {"bsonType": ["int", "long"]}
_IDS_AT_ONCE = 50

NOTICE_COLLECTIONS = (
    CollectionSpec(
        name="notices",
        indexes=(
            Index("account_month", (("account_id", 1), ("month", 1))),
            # For retention.
            Index("at", (("at", 1),)),
            Index("open_group", (("group", 1), ("account_id", 1)), partial={"group": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "account_id": _TEXT,
                "month": _WHOLE,
                "kind": {"enum": [kind.value for kind in Kind]},
                "object_type": _TEXT,
                "object_id": _TEXT,
                "at": {"bsonType": "date"},
                "count": _WHOLE,
                "read": {"bsonType": "bool"},
                "last_object": _TEXT,
                "group": _TEXT,
            },
            optional=("count", "read", "last_object", "group"),
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
        await self._notices.insert_many([_document(notice) for notice in notices])

    @translate_errors()
    async def delete(self, notice_ids: Sequence[str]) -> None:
        """Delete those for which later ones stand."""
        for first in range(0, len(notice_ids), _IDS_AT_ONCE):
            await self._notices.delete_many({"_id": {"$in": list(notice_ids[first : first + _IDS_AT_ONCE])}})

    @translate_errors()
    async def open_ones(self, group: str, account_ids: Sequence[str]) -> list[Notice]:
        """Find the notices of a group that nobody has opened one by one."""
        found: list[Notice] = []
        for first in range(0, len(account_ids), _IDS_AT_ONCE):
            ids = list(account_ids[first : first + _IDS_AT_ONCE])
            found += [
                _notice(document) async for document in self._notices.find({"group": group, "account_id": {"$in": ids}})
            ]
        return found

    @translate_errors()
    async def close(self, notice_ids: Sequence[str]) -> None:
        """Let nothing more be added to some: they were read with all others."""
        for first in range(0, len(notice_ids), _IDS_AT_ONCE):
            ids = list(notice_ids[first : first + _IDS_AT_ONCE])
            await self._notices.update_many({"_id": {"$in": ids}}, {"$unset": {"group": ""}})

    @translate_errors()
    async def find(self, notice_id: str) -> Notice | None:
        """Find by id."""
        document = await self._notices.find_one({"_id": notice_id})
        return _notice(document) if document else None

    @translate_errors()
    async def about(self, account_id: str, object_type: str, object_id: str, since: datetime) -> list[Notice]:
        """Find what an account was told of one thing since the month of a moment; in no order."""
        found = self._notices.find({"account_id": account_id, "month": {"$gte": month_at(since)}})
        return [
            _notice(document)
            async for document in found
            if (document["object_type"], document["object_id"]) == (object_type, object_id)
        ]

    @translate_errors()
    async def set_read(self, notice_id: str) -> bool:
        """Count a notice as read; False when it is already, or is gone. What comes later is a notice of its own."""
        done = await self._notices.update_one(
            {"_id": notice_id, "read": {"$ne": True}}, {"$set": {"read": True}, "$unset": {"group": ""}}
        )
        return bool(done.matched_count)

    @translate_errors()
    async def newest(self, account_id: str, before_id: str | None, limit: int) -> list[Notice]:
        """Read an account's, newest first."""
        found = await newest(self._notices, {"account_id": account_id}, before_id, limit)
        return [_notice(document) for document in found]


def _document(notice: Notice) -> Document:
    document: Document = {
        "_id": notice.id,
        "account_id": notice.account_id,
        "month": month_of(notice.id),
        "kind": notice.kind.value,
        "object_type": notice.object_type,
        "object_id": notice.object_id,
        "at": notice.at,
        "count": notice.count,
    }
    if notice.group:
        document["group"] = notice.group
    if notice.last_object:
        document["last_object"] = notice.last_object
    return document


def _notice(document: Document) -> Notice:
    return Notice(
        id=document["_id"],
        account_id=document["account_id"],
        kind=Kind(document["kind"]),
        object_type=document["object_type"],
        object_id=document["object_id"],
        at=document["at"],
        count=int(document.get("count", 1)),
        read=document.get("read", False),
        last_object=document.get("last_object", ""),
    )
