"""Reports of faults and counts of pages in MongoDB. No person is among them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time

from pymongo import UpdateOne

from server.storage.mongo import Database, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator
from server.telemetry.faults import Fault, Report
from server.telemetry.pageviews import Count, Key

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}

TELEMETRY_COLLECTIONS = (
    CollectionSpec(
        name="fault_reports",
        indexes=(Index("last", (("last_at", 1),)),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "type": _TEXT,
                "place": _TEXT,
                "work": _TEXT,
                "count": _NUMBER,
                "first_at": _DATE,
                "last_at": _DATE,
            }
        ),
    ),
    CollectionSpec(
        name="page_days",
        indexes=(Index("day", (("day", 1),)),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "day": _DATE,
                "kind": {"enum": [kind.value for kind in Count]},
                "name": _TEXT,
                "count": _NUMBER,
            }
        ),
    ),
)


class MongoTelemetryStore:
    """Keeps both.

    Args:
        database: where.
    """

    def __init__(self, database: Database) -> None:
        self._faults = database["fault_reports"]
        self._days = database["page_days"]

    @translate_errors()
    async def add_faults(self, counts: Mapping[Fault, int], at: datetime) -> None:
        """Add to the counts of some faults, with one command."""
        updates = [
            UpdateOne(
                {"_id": fault.fingerprint},
                {
                    "$inc": {"count": count},
                    "$set": {"last_at": at},
                    "$setOnInsert": {"type": fault.type, "place": fault.place, "work": fault.work, "first_at": at},
                },
                upsert=True,
            )
            for fault, count in counts.items()
        ]
        if updates:
            await self._faults.bulk_write(updates, ordered=False)

    @translate_errors()
    async def faults(self, limit: int) -> Sequence[Report]:
        """Read those that were met last, the latest first."""
        found = [
            Report(Fault(one["type"], one["place"], one["work"]), int(one["count"]), one["first_at"], one["last_at"])
            async for one in self._faults.find({})
        ]
        return sorted(found, key=lambda report: report.last_at, reverse=True)[:limit]

    @translate_errors()
    async def add_views(self, counts: Mapping[Key, int]) -> None:
        """Add to the counts of some days, with one command."""
        updates = [
            UpdateOne(
                {"_id": f"{day.isoformat()}:{kind.value}:{name}"},
                {"$inc": {"count": count}, "$set": {"day": _moment(day), "kind": kind.value, "name": name}},
                upsert=True,
            )
            for (day, kind, name), count in counts.items()
        ]
        if updates:
            await self._days.bulk_write(updates, ordered=False)

    @translate_errors()
    async def views(self, first: date, last: date) -> Mapping[Key, int]:
        """Read the counts of some days."""
        found = self._days.find({"day": {"$gte": _moment(first), "$lte": _moment(last)}})
        return {(one["day"].date(), Count(one["kind"]), one["name"]): int(one["count"]) async for one in found}


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
