"""Guardianships in MongoDB. Month of birth and address come sealed; of the letter's token there is a digest alone."""

from datetime import datetime

from server.privacy.guardians import Guardianship, Ward
from server.storage.mongo import Database, Document, translate_errors


class MongoGuardianStore:
    """Keeps them."""

    def __init__(self, database: Database) -> None:
        self._items = database["guardianships"]

    @translate_errors()
    async def put(self, found: Guardianship, month: bytes | None, address: bytes) -> None:
        """Keep one in place of the one before."""
        document: Document = {
            "ward": found.ward.value,
            "since": found.since,
            "address": address,
            "token": found.token_hash,
            "locale": found.locale,
            "asked": found.asked,
        }
        if month is not None:
            document["month"] = month
        await self._items.replace_one({"_id": found.account_id}, document, upsert=True)

    @translate_errors()
    async def find(self, account_id: str) -> tuple[Guardianship, bytes | None, bytes] | None:
        """Read somebody's with the sealed month and address; both are missing in the first."""
        document = await self._items.find_one({"_id": account_id})
        if document is None:
            return None
        found = Guardianship(
            account_id=document["_id"],
            ward=Ward(document["ward"]),
            since=document["since"],
            month=None,
            address="",
            token_hash=document["token"],
            locale=document["locale"],
            asked=bool(document["asked"]),
            answered_at=document.get("answered_at"),
        )
        month = document.get("month")
        return found, bytes(month) if month is not None else None, bytes(document["address"])

    @translate_errors()
    async def find_by_token(self, token_hash: str) -> str | None:
        """Find whose letter it is."""
        document = await self._items.find_one({"token": token_hash}, {"_id": 1})
        return document["_id"] if document else None

    @translate_errors()
    async def answered(self, account_id: str, at: datetime) -> None:
        """Write when the guardian last said something."""
        await self._items.update_one({"_id": account_id}, {"$set": {"answered_at": at}})

    @translate_errors()
    async def everybody(self) -> list[str]:
        """Read who can't agree alone. Few."""
        return [document["_id"] async for document in self._items.find({}, {"_id": 1})]

    @translate_errors()
    async def remove(self, account_id: str) -> bool:
        """Delete; say whether there was one."""
        return bool((await self._items.delete_one({"_id": account_id})).deleted_count)
