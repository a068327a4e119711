"""Finding and removing what moderation keeps of somebody, in MongoDB. Safe to repeat."""

from server.kernel.erased import NOBODY
from server.review.model import Item, Report
from server.review.store import REVIEW_COLLECTIONS, item_of, report_of
from server.storage.mongo import Database, translate_errors
from server.storage.traces import having

_SPECS = {spec.name: spec for spec in REVIEW_COLLECTIONS}


class MongoReviewErasureStore:
    """Removes it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._items = database["review_items"]
        self._reports = database["review_reports"]
        self._sanctions = database["review_sanctions"]
        self._reporters = database["review_reporters"]

    @translate_errors()
    async def items(self, account_id: str) -> list[Item]:
        """Give what came before moderators of somebody's texts, oldest first."""
        found = [item_of(document) async for document in self._items.find({"author_id": account_id})]
        return sorted(found, key=lambda item: item.id)

    @translate_errors()
    async def sanctioned(self, account_id: str) -> int:
        """Say how many sanctions somebody had."""
        document = await self._sanctions.find_one({"_id": account_id})
        return len(document["sanctions"]) if document else 0

    async def reports(self, account_id: str) -> list[Report]:
        """Give what somebody reported, oldest first. All reports are read for that; there are few."""
        found: list[Report] = []
        async for report_id in having(self._database, _SPECS["review_reports"], [account_id]):
            async with translate_errors():
                document = await self._reports.find_one({"_id": report_id, "reporter_id": account_id})
            if document is not None:
                found.append(report_of(document))
        return sorted(found, key=lambda report: report.at)

    async def remove_items(self, account_id: str) -> int:
        """Remove what is about somebody's texts, and take them out of what they did about others'."""
        async with translate_errors():
            count = (await self._items.delete_many({"author_id": account_id})).deleted_count
        async for item_id in having(self._database, _SPECS["review_items"], [account_id]):
            async with translate_errors():
                document = await self._items.find_one({"_id": item_id})
                if document is None:
                    continue
                reporters = [NOBODY if who == account_id else who for who in document["reporters"]]
                await self._items.update_one({"_id": item_id}, {"$set": {"reporters": sorted(set(reporters))}})
                for part in ("claim", "decided", "ruled"):
                    if document.get(part, {}).get("by") == account_id:
                        await self._items.update_one({"_id": item_id}, {"$set": {f"{part}.by": NOBODY}})
        return count

    async def remove_reports(self, account_id: str) -> int:
        """Remove what somebody reported."""
        count = 0
        async for report_id in having(self._database, _SPECS["review_reports"], [account_id]):
            async with translate_errors():
                count += (await self._reports.delete_one({"_id": report_id})).deleted_count
        return count

    @translate_errors()
    async def remove_sanctions(self, account_id: str) -> int:
        """Remove somebody's sanctions, and how reliable their reports were; give how many sanctions."""
        count = await self.sanctioned(account_id)
        await self._sanctions.delete_one({"_id": account_id})
        await self._reporters.delete_one({"_id": account_id})
        return count
