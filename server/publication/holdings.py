"""What publication keeps of people: permissions with what is shown by them; and who of staff wrote which article."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from server.kernel.erased import NOBODY
from server.kernel.holdings import Fate, Piece
from server.kernel.ports import PersonSealer
from server.publication.store import MongoPermissionStore
from server.sealed.personal import SIGNED_CONTACT, Kept, PersonalValues
from server.storage.mongo import Database, translate_errors
from server.storage.owned import Owned, OwnedHoldings, told

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
        sealer: opens contacts, for their person.
    """

    def __init__(self, database: Database, sealer: PersonSealer) -> None:
        names = ("permissions", "testimonials", "help_articles", "help_versions")
        super().__init__("publication", database, (_PERMISSIONS,), names)
        self._store = MongoPermissionStore(database)
        self._values = PersonalValues(sealer)
        self._places = [(database[collection], field) for collection, field in _STAFF]

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `kernel.holdings.Holdings`. A contact of their own, which the text hides, is told to its person."""
        permissions = list[object]()
        async for document in self.documents(_PERMISSIONS, person_id):
            said = told(document, _PERMISSIONS.shown)
            if "contact" in document:
                sealed = Kept(SIGNED_CONTACT, person_id, bytes(document["contact"]), document["_id"])
                said["contact"] = await self._values.open_text(sealed)
            permissions.append(said)
        if permissions:
            yield Piece("publication/permissions.json", permissions, "held.permissions")

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`. What was shown by a permission goes with it."""
        gone = await self._store.forget(person_id)
        await self._detach(person_id)
        return (Fate(_PERMISSIONS.kind, gone),)

    @translate_errors()
    async def _detach(self, person_id: str) -> None:
        for collection, field in self._places:
            await collection.update_many({field: person_id}, {"$set": {field: NOBODY}})
