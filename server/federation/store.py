"""Ways to the provider that wait for their way back, and links between its people and accounts, in MongoDB."""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from server.federation.model import State
from server.kernel.errors import Conflict
from server.storage.mongo import Database, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}

FEDERATION_COLLECTIONS = (
    CollectionSpec(
        name="federation_states",
        indexes=(Index("expiry", (("expires_at", 1),), expire_after_seconds=0),),
        validator=schema_validator({"_id": _TEXT, "holder": _TEXT, "expires_at": _DATE}),
    ),
    CollectionSpec(
        name="federation_links",
        indexes=(Index("account_unique", (("account_id", 1),), unique=True),),
        validator=schema_validator({"_id": _TEXT, "account_id": _TEXT, "created_at": _DATE}),
    ),
)


class MongoFederationStore:
    """Keeps ways and links. Of a person at the provider a keyed digest is known, no more."""

    def __init__(self, database: Database) -> None:
        self._states = database["federation_states"]
        self._links = database["federation_links"]

    @translate_errors()
    async def insert_state(self, state: State) -> None:
        """Keep a way."""
        await self._states.insert_one({"_id": state.digest, "holder": state.holder, "expires_at": state.expires_at})

    @translate_errors()
    async def take_state(self, digest: str, holder: str) -> State | None:
        """Take a way; nobody gets it twice, and nobody but the browser that went it."""
        document = await self._states.find_one_and_delete({"_id": digest, "holder": holder})
        return State(digest, holder, document["expires_at"]) if document else None

    @translate_errors()
    async def find_link(self, digest: str) -> str | None:
        """Find the account of somebody at the provider."""
        document = await self._links.find_one({"_id": digest})
        return str(document["account_id"]) if document else None

    async def insert_link(self, digest: str, account_id: str, at: datetime) -> None:
        """Link somebody at the provider to an account.

        Raises:
            Conflict: one of the two is linked already.
        """
        try:
            async with translate_errors():
                await self._links.insert_one({"_id": digest, "account_id": account_id, "created_at": at})
        except DuplicateKeyError:
            raise Conflict from None

    @translate_errors()
    async def delete_link(self, account_id: str) -> bool:
        """Forget an account's link; says whether there was one."""
        return bool((await self._links.delete_one({"account_id": account_id})).deleted_count)
