"""Devices that are woken, in MongoDB. Their addresses are sealed under the key of whose they are."""

from collections.abc import Sequence
from dataclasses import replace

from server.kernel.ports import PersonSealer
from server.keyring import BlindIndex
from server.notices.push import Subscription
from server.sealed.personal import PUSH_ENDPOINT, Kept, PersonalValues
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_IDS_AT_ONCE = 50

PUSH_COLLECTIONS = (
    CollectionSpec(
        name="push_subscriptions",
        indexes=(
            Index("device_unique", (("device", 1),), unique=True),
            Index("account", (("account_id", 1),)),
            Index("session", (("session_id", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "account_id": _TEXT,
                "device": _TEXT,
                "endpoint": {"bsonType": "binData"},
                "made_at": {"bsonType": "date"},
                "session_id": _TEXT,
            }
        ),
    ),
)


class MongoSubscriptionStore:
    """Keeps devices.

    Args:
        database: where.
        sealer: encrypts addresses.
        index: by which a device is known again.
    """

    def __init__(self, database: Database, sealer: PersonSealer, index: BlindIndex) -> None:
        self._subscriptions = database["push_subscriptions"]
        self._values = PersonalValues(sealer, index)

    @translate_errors()
    async def put(self, subscription: Subscription) -> Subscription:
        """Insert a device; a person's own stays, in this session; one of somebody else's on the browser goes."""
        device = self._values.digest(PUSH_ENDPOINT, subscription.endpoint)
        there = await self._subscriptions.find_one({"device": device})
        if there is not None and there["account_id"] == subscription.account_id:
            await self._subscriptions.update_one(
                {"_id": there["_id"]}, {"$set": {"session_id": subscription.session_id}}
            )
            return replace(subscription, id=there["_id"], made_at=there["made_at"])
        await self._subscriptions.delete_many({"device": device})
        endpoint, thing = subscription.endpoint, subscription.id
        sealed = await self._values.seal(PUSH_ENDPOINT, subscription.account_id, endpoint, thing)
        await self._subscriptions.insert_one(
            {
                "_id": subscription.id,
                "account_id": subscription.account_id,
                "device": device,
                "endpoint": sealed,
                "made_at": subscription.made_at,
                "session_id": subscription.session_id,
            }
        )
        return subscription

    @translate_errors()
    async def of_accounts(self, account_ids: Sequence[str]) -> list[Subscription]:
        """Find the devices of some people; those of who was erased are absent."""
        documents: list[Document] = []
        for first in range(0, len(account_ids), _IDS_AT_ONCE):
            ids = list(account_ids[first : first + _IDS_AT_ONCE])
            documents += [item async for item in self._subscriptions.find({"account_id": {"$in": ids}})]
        kept = [Kept(PUSH_ENDPOINT, item["account_id"], item["endpoint"], item["_id"]) for item in documents]
        opened = await self._values.open_many(kept)
        return [
            # One that was added before sessions were noted belongs to none, so it is woken no more.
            Subscription(
                item["_id"], item["account_id"], endpoint.decode(), item["made_at"], item.get("session_id", "")
            )
            for item, endpoint in zip(documents, opened, strict=True)
            if endpoint is not None
        ]

    @translate_errors()
    async def delete(self, subscription_id: str) -> None:
        """Delete; harmless when it is gone."""
        await self._subscriptions.delete_one({"_id": subscription_id})

    @translate_errors()
    async def delete_of_session(self, session_id: str) -> None:
        """Delete those of a session."""
        await self._subscriptions.delete_many({"session_id": session_id})
