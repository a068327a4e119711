"""What publication keeps of people: permissions with what is shown by them; and who of staff wrote which article."""

from collections.abc import Sequence
from typing import Final

from server.kernel.erased import NOBODY
from server.kernel.holdings import Fate
from server.publication.store import MongoPermissionStore
from server.storage.mongo import Database, translate_errors
from server.storage.owned import Owned, OwnedHoldings

_PERMISSIONS: Final = Owned(
    "permissions",
    "person_id",
    "permissions",
    "consent",
    {
        "use": "use",
        "text": "text",
        "state": "state",
        "asked_at": "asked_at",
        "until": "until",
        "method": "method",
        "signed_at": "signed_at",
        "ended_at": "ended_at",
    },
)
_STAFF: Final = (
    ("permissions", "asked_by"),
    ("testimonials", "by"),
    ("help_articles", "by"),
    ("help_articles", "checked_by"),
    ("help_versions", "by"),
    ("help_versions", "checked_by"),
)
"""Where an account of staff stands; what they wrote for everybody stays, without them. Articles are few."""


class PublicationHoldings(OwnedHoldings):
    """Fills `kernel.holdings.Holdings`.

    Args:
        database: where.
    """

    def __init__(self, database: Database) -> None:
        names = ("permissions", "testimonials", "help_articles", "help_versions")
        super().__init__("publication", database, (_PERMISSIONS,), names)
        self._store = MongoPermissionStore(database)
        self._places = [(database[collection], field) for collection, field in _STAFF]

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`. What was shown by a permission goes with it."""
        gone = await self._store.forget(person_id)
        await self._detach(person_id)
        return (Fate(_PERMISSIONS.kind, gone),)

    @translate_errors()
    async def _detach(self, person_id: str) -> None:
        for collection, field in self._places:
            await collection.update_many({field: person_id}, {"$set": {field: NOBODY}})
