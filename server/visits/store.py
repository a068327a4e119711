"""Visits and known devices in MongoDB. Full addresses and user agents are sealed; devices are keyed digests."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from server.kernel.ports import PersonSealer
from server.kernel.retention import Spared
from server.sealed.personal import VISIT_ADDRESS, VISIT_AGENT, Kept, PersonalValues
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator
from server.visits.model import Browser, Device, Place, Reach, System, Visit, hour_of

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_SEALED = {"bsonType": "binData"}
_HOUR = {"bsonType": ["int", "long"]}
_SWEPT = "swept"
_NAMED = 50
_KINDS = MappingProxyType({"address": VISIT_ADDRESS, "agent": VISIT_AGENT})
_KNOWN_FOR_S = 400 * 24 * 3600
"""Devices that nobody signed in from for so long are forgotten; the age of the oldest cookie that browsers allow."""

VISIT_COLLECTIONS = (
    CollectionSpec(
        name="visits",
        indexes=(
            Index("account_hour", (("account_id", 1), ("hour", 1))),
            Index("hour", (("hour", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "account_id": _TEXT,
                "session_id": _TEXT,
                "hour": _HOUR,
                "at": _DATE,
                "signed_in": {"bsonType": "bool"},
                "browser": {"enum": [browser.value for browser in Browser]},
                "system": {"enum": [system.value for system in System]},
                "network": _TEXT,
                "reach": {"enum": [reach.value for reach in Reach]},
                "address": _SEALED,
                "agent": _SEALED,
            },
            optional=("address", "agent"),
        ),
    ),
    CollectionSpec(
        name="visit_sweeps",
        validator=schema_validator({"_id": _TEXT, "full": _HOUR, "all": _HOUR}, optional=("full", "all")),
    ),
    CollectionSpec(
        name="known_devices",
        indexes=(
            Index("account", (("account_id", 1),)),
            Index("forgotten", (("seen_at", 1),), expire_after_seconds=_KNOWN_FOR_S),
        ),
        validator=schema_validator({"_id": _TEXT, "account_id": _TEXT, "seen_at": _DATE}),
    ),
)


class MongoVisitStore:
    """Keeps visits.

    Args:
        database: where.
        sealer: encrypts full addresses and user agents under the person's key, each bound to its visit and field.
    """

    def __init__(self, database: Database, sealer: PersonSealer) -> None:
        self._visits = database["visits"]
        self._sweeps = database["visit_sweeps"]
        self._devices = database["known_devices"]
        self._values = PersonalValues(sealer)

    @translate_errors()
    async def insert(self, visit: Visit) -> None:
        """Insert a visit with its full values, sealed."""
        document: Document = {
            "_id": visit.id,
            "account_id": visit.account_id,
            "session_id": visit.session_id,
            "hour": hour_of(visit.at),
            "at": visit.at,
            "signed_in": visit.signed_in,
            "browser": visit.device.browser.value,
            "system": visit.device.system.value,
            "network": visit.place.network,
            "reach": visit.place.reach.value,
        }
        for field, value in (("address", visit.address), ("agent", visit.agent)):
            if value is not None:
                document[field] = await self._values.seal(_KINDS[field], visit.account_id, value, visit.id)
        await self._visits.insert_one(document)

    @translate_errors()
    async def between(self, account_id: str, first_hour: int, last_hour: int) -> list[Visit]:
        """Give an account's visits in a window of hours, in no order."""
        found = self._visits.find({"account_id": account_id, "hour": {"$gte": first_hour, "$lte": last_hour}})
        return [await self._visit(document) async for document in found]

    @translate_errors()
    async def drop_full(self, hour: int, spared: Spared) -> int:
        """Drop the full values of an hour's visits, but of those who are held; give how many visits had been in it."""
        gone = 0
        for ids in await self._free(hour, spared):
            done = await self._visits.update_many({"_id": {"$in": ids}}, {"$unset": {"address": "", "agent": ""}})
            gone += int(done.modified_count)
        return gone

    @translate_errors()
    async def drop(self, hour: int, spared: Spared) -> int:
        """Delete an hour's visits, but those of who is held; give how many."""
        gone = 0
        for ids in await self._free(hour, spared):
            gone += int((await self._visits.delete_many({"_id": {"$in": ids}})).deleted_count)
        return gone

    async def _free(self, hour: int, spared: Spared) -> list[list[str]]:
        """Give the ids of an hour's visits by people who are not held, as many at once as one filter takes."""
        found = [one async for one in self._visits.find({"hour": hour}, {"account_id": 1})]
        kept = spared({one["account_id"] for one in found})
        ids = [one["_id"] for one in found if one["account_id"] not in kept]
        return [ids[first : first + _NAMED] for first in range(0, len(ids), _NAMED)]

    @translate_errors()
    async def swept(self) -> Mapping[str, int]:
        """Give up to which hour values (`full`) and visits (`all`) were dropped."""
        document = await self._sweeps.find_one({"_id": _SWEPT}) or {}
        return {what: int(document[what]) for what in ("full", "all") if what in document}

    @translate_errors()
    async def set_swept(self, what: str, hour: int) -> None:
        """Note up to which hour something was dropped."""
        await self._sweeps.update_one({"_id": _SWEPT}, {"$set": {what: hour}}, upsert=True)

    @translate_errors()
    async def known(self, digests: Sequence[str]) -> bool:
        """Say whether one of the devices is known."""
        return await self._devices.find_one({"_id": {"$in": list(digests)}}, {"_id": 1}) is not None

    @translate_errors()
    async def has_known(self, account_id: str) -> bool:
        """Say whether any device of an account is known."""
        return await self._devices.find_one({"account_id": account_id}, {"_id": 1}) is not None

    @translate_errors()
    async def learn(self, account_id: str, digests: Sequence[str], at: datetime) -> None:
        """Remember devices of an account, or that they were seen again."""
        for digest in digests:
            await self._devices.update_one(
                {"_id": digest}, {"$set": {"account_id": account_id, "seen_at": at}}, upsert=True
            )

    async def _visit(self, document: Document) -> Visit:
        full = {
            field: await self._values.open_text(Kept(kind, document["account_id"], document[field], document["_id"]))
            if field in document
            else None
            for field, kind in _KINDS.items()
        }
        return Visit(
            id=document["_id"],
            account_id=document["account_id"],
            session_id=document["session_id"],
            at=document["at"],
            signed_in=document["signed_in"],
            device=Device(Browser(document["browser"]), System(document["system"])),
            place=Place(document["network"], Reach(document["reach"])),
            address=full["address"],
            agent=full["agent"],
        )
