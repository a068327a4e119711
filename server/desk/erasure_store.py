"""Taking what the desk keeps beside conversations out of MongoDB. Everything here may be repeated."""

from server.storage.mongo import Database, translate_errors


class MongoDeskErasureStore:
    """Removes it."""

    def __init__(self, database: Database) -> None:
        self._notes = database["desk_notes"]
        self._asks = database["desk_asks"]
        self._views = database["desk_views"]
        self._desks = database["desk_agents"]

    @translate_errors()
    async def remove_notes(self, note_ids: list[str]) -> int:
        """Remove notes; give how many there were."""
        count = 0
        for start in range(0, len(note_ids), 50):
            count += (await self._notes.delete_many({"_id": {"$in": note_ids[start : start + 50]}})).deleted_count
        return count

    @translate_errors()
    async def remove_ask(self, conversation_id: str) -> None:
        """Remove what the customer was asked."""
        await self._asks.delete_one({"_id": conversation_id})

    @translate_errors()
    async def remove_own(self, account_id: str) -> None:
        """Remove what somebody who was of the staff once set up for themselves."""
        await self._views.delete_many({"owner_id": account_id, "shared": False})
        await self._desks.delete_one({"_id": account_id})
