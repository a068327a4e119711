"""Runs, the lease of the one server that runs, and legal holds, in MongoDB. Counts and ids; a reason after the gate."""

from datetime import datetime
from typing import Final

from pymongo.errors import DuplicateKeyError

from nlp.labels import Label
from server.kernel.errors import Conflict
from server.kernel.text import RedactedText, Redaction
from server.retention.model import Hold, HoldKind, Line, Progress, RunReport
from server.storage.counters import allot, last
from server.storage.leases import Leases
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_LEASE: Final = "run"
_COUNTER: Final = "retention_runs"
_WINDOW: Final = 50

RETENTION_COLLECTIONS = (
    CollectionSpec(
        name="retention_runs",
        indexes=(
            Index("number_unique", (("number", 1),), unique=True),
            Index("began", (("began_at", 1),)),
            Index("going_on", (("progress", 1),), partial={"progress": Progress.GOING_ON.value}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "by": _TEXT,
                "dry": {"bsonType": "bool"},
                "progress": {"enum": [progress.value for progress in Progress]},
                "began_at": _DATE,
                "ended_at": {"bsonType": ["date", "null"]},
                "resumed": _NUMBER,
                "lines": {"bsonType": "array"},
            }
        ),
        walk=Walk("number", Spread.NUMBERS),
    ),
    CollectionSpec(
        name="retention_leases",
        validator=schema_validator({"_id": _TEXT, "holder": _TEXT, "until": _DATE}),
    ),
    CollectionSpec(
        name="legal_holds",
        indexes=(
            # Of two officers who hold the same thing at once, one does.
            Index("standing_unique", (("standing", 1),), unique=True, partial={"standing": {"$exists": True}}),
            Index("lifted", (("lifted_at", 1),), partial={"lifted_at": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "kind": {"enum": [kind.value for kind in HoldKind]},
                "object_id": _TEXT,
                "reason": _TEXT,
                "redactions": {"bsonType": "array"},
                "by": _TEXT,
                "set_at": _DATE,
                "review_at": _DATE,
                "standing": _TEXT,
                "lifted_at": _DATE,
                "lifted_by": _TEXT,
                "owner_id": _TEXT,
                "heirs": {"bsonType": "array", "items": _TEXT},
            },
            optional=("standing", "lifted_at", "lifted_by", "owner_id", "heirs"),
        ),
    ),
)


class MongoRetentionStore:
    """Keeps them."""

    def __init__(self, database: Database) -> None:
        self._runs = database["retention_runs"]
        self._lease = Leases(database["retention_leases"], _LEASE)
        self._holds = database["legal_holds"]
        self._counters = database["counters"]

    # --- runs ------------------------------------------------------------------------------------------------------

    async def take_lease(self, holder: str, now: datetime, until: datetime) -> bool:
        """Take or prolong the right to run alone; say whether it is had."""
        return await self._lease.take(holder, now, until) is not None

    async def give_lease_back(self, holder: str) -> None:
        """Let others run; harmless where another does."""
        await self._lease.give_back(holder)

    @translate_errors()
    async def insert_run(self, run: RunReport) -> None:
        """Insert a run."""
        number = await allot(self._counters, _COUNTER)
        await self._runs.insert_one({"_id": run.id, "number": number, **_run_fields(run)})

    @translate_errors()
    async def save_run(self, run: RunReport) -> None:
        """Write how far a run is."""
        await self._runs.update_one({"_id": run.id}, {"$set": _run_fields(run)})

    @translate_errors()
    async def runs(self, limit: int, *, dry: bool | None = None) -> list[RunReport]:
        """Read the last runs, the newest first; of one kind where one is asked for."""
        top = await last(self._counters, _COUNTER)
        found: list[RunReport] = []
        while top > 0 and len(found) < limit:
            window = self._runs.find({"number": {"$gt": top - _WINDOW, "$lte": top}})
            documents = sorted([document async for document in window], key=lambda one: -int(one["number"]))
            found += [_run(document) for document in documents if dry is None or document["dry"] is dry]
            top -= _WINDOW
        return found[:limit]

    @translate_errors()
    async def unfinished(self) -> RunReport | None:
        """Read a run that has not come to its end."""
        document = await self._runs.find_one({"progress": Progress.GOING_ON.value})
        return _run(document) if document else None

    # --- holds -----------------------------------------------------------------------------------------------------

    async def insert_hold(self, hold: Hold) -> None:
        """Insert a hold that stands.

        Raises:
            Conflict: one on the same thing stands.
        """
        try:
            async with translate_errors():
                await self._holds.insert_one(
                    {
                        "_id": hold.id,
                        "kind": hold.kind.value,
                        "object_id": hold.object_id,
                        "reason": hold.reason.value,
                        "redactions": [[item.placeholder, item.label.value] for item in hold.redactions],
                        "by": hold.by,
                        "set_at": hold.set_at,
                        "review_at": hold.review_at,
                        "standing": hold.object_id,
                        "owner_id": hold.owner_id,
                        "heirs": list(hold.heirs),
                    }
                )
        except DuplicateKeyError:
            raise Conflict from None

    @translate_errors()
    async def holds(self) -> list[Hold]:
        """Read all holds; they are few."""
        return [_hold(document) async for document in self._holds.find({})]

    @translate_errors()
    async def lift(self, hold_id: str, by: str, at: datetime) -> bool:
        """Write that a hold ended; say whether it stood until now."""
        done = await self._holds.update_one(
            {"_id": hold_id, "standing": {"$exists": True}},
            {"$set": {"lifted_at": at, "lifted_by": by}, "$unset": {"standing": ""}},
        )
        return bool(done.matched_count)

    @translate_errors()
    async def pass_on(self, hold: Hold) -> bool:
        """Write whom a hold is on beside its object, and whose that is; say whether it still stands."""
        done = await self._holds.update_one(
            {"_id": hold.id, "standing": {"$exists": True}},
            {"$set": {"owner_id": hold.owner_id, "heirs": list(hold.heirs)}},
        )
        return bool(done.matched_count)

    @translate_errors()
    async def prolong(self, hold_id: str, before: datetime, after: datetime) -> bool:
        """Write until when a hold is to be looked at again, if nobody else has; say whether."""
        done = await self._holds.update_one(
            {"_id": hold_id, "review_at": before, "standing": {"$exists": True}}, {"$set": {"review_at": after}}
        )
        return bool(done.matched_count)


def _run_fields(run: RunReport) -> Document:
    return {
        "by": run.by,
        "dry": run.dry,
        "progress": (Progress.GOING_ON if run.ended_at is None else Progress.DONE).value,
        "began_at": run.began_at,
        "ended_at": run.ended_at,
        "resumed": run.resumed,
        "lines": [
            {"rule": one.rule, "gone": one.gone, "overdue": one.overdue, "held": one.held, "failed": one.failed}
            for one in run.lines
        ],
    }


def _run(document: Document) -> RunReport:
    return RunReport(
        id=document["_id"],
        by=document["by"],
        dry=bool(document["dry"]),
        began_at=document["began_at"],
        ended_at=document["ended_at"],
        resumed=int(document["resumed"]),
        lines=tuple(
            Line(one["rule"], int(one["gone"]), int(one["overdue"]), int(one["held"]), bool(one["failed"]))
            for one in document["lines"]
        ),
    )


def _hold(document: Document) -> Hold:
    return Hold(
        id=document["_id"],
        kind=HoldKind(document["kind"]),
        object_id=document["object_id"],
        reason=RedactedText(document["reason"]),
        redactions=tuple(Redaction(placeholder, Label(label)) for placeholder, label in document["redactions"]),
        by=document["by"],
        set_at=document["set_at"],
        review_at=document["review_at"],
        lifted_at=document.get("lifted_at"),
        lifted_by=document.get("lifted_by", ""),
        owner_id=document.get("owner_id", ""),
        heirs=tuple(document.get("heirs", ())),
    )
