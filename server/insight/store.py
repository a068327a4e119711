"""Tallies, answers, budgets and reports in MongoDB. No text is among them, and no account but that of a maker."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime

from pymongo.errors import DuplicateKeyError

from server.insight.answers import Answer
from server.insight.model import Cell, Tally, Topic
from server.insight.protection import Table
from server.insight.reports import Report
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_LIST = {"bsonType": "array"}
_AT_ONCE = 50
_RECOUNT = "recount"

INSIGHT_COLLECTIONS = (
    CollectionSpec(
        name="insight_days",
        indexes=(
            Index("day", (("day", 1),)),
            Index("last", (("last", 1),)),
            Index("waiting", (("waiting", 1),), partial={"waiting": True}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "day": _NUMBER,
                "first": _NUMBER,
                "last": _NUMBER,
                "cells": _LIST,
                "topics": _LIST,
                "open": _NUMBER,
                "waiting": {"bsonType": "bool"},
                "begun": _DATE,
            },
        ),
    ),
    CollectionSpec(
        name="insight_marks",
        validator=schema_validator({"_id": _TEXT, "day": _NUMBER}),
    ),
    CollectionSpec(
        name="insight_answers",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "cells": _LIST,
                "total": {"bsonType": ["int", "long", "null"]},
                "smallest": _NUMBER,
                "epsilon_milli": _NUMBER,
                "at": _DATE,
            }
        ),
    ),
    CollectionSpec(
        name="insight_budgets",
        validator=schema_validator({"_id": _TEXT, "spent": _NUMBER}),
    ),
    CollectionSpec(
        name="insight_reports",
        indexes=(Index("listed", (("listed", 1),)),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "listed": {"bsonType": "bool"},
                "first": _TEXT,
                "months": _NUMBER,
                "made_by": _TEXT,
                "made_at": _DATE,
                "expires_at": _DATE,
            }
        ),
    ),
)


class MongoInsightStore:
    """Keeps all that insight knows."""

    def __init__(self, database: Database) -> None:
        self._days = database["insight_days"]
        self._marks = database["insight_marks"]
        self._answers = database["insight_answers"]
        self._budgets = database["insight_budgets"]
        self._reports = database["insight_reports"]

    # --- tallies ---------------------------------------------------------------------------------------------------

    @translate_errors()
    async def save(self, tally: Tally, begun: datetime) -> None:
        """Write a day's tally, unless one is there whose counting began later."""
        document = {
            "day": tally.day.toordinal(),
            "first": tally.first,
            "last": tally.last,
            "cells": [[*cell, count] for cell, count in tally.cells.items()],
            "topics": [[name, topic.count, list(topic.examples)] for name, topic in tally.topics.items()],
            "open": tally.open,
            "waiting": tally.open > 0,
            "begun": begun,
        }
        earlier = {"_id": tally.day.isoformat(), "begun": {"$lte": begun}}
        try:
            await self._days.update_one(earlier, {"$set": document}, upsert=True)
        except DuplicateKeyError:
            # The day is there, and newer.
            return

    @translate_errors()
    async def forget(self, day: date, begun: datetime) -> None:
        """Drop the tally of a day on which nothing is left, likewise."""
        await self._days.delete_one({"_id": day.isoformat(), "begun": {"$lte": begun}})

    @translate_errors()
    async def span(self, first: date, last: date) -> list[Tally]:
        """Read the tallies of a span of days, the earliest first."""
        found = self._days.find({"day": {"$gte": first.toordinal(), "$lte": last.toordinal()}})
        return sorted([_tally(document) async for document in found], key=lambda one: one.day)

    @translate_errors()
    async def waiting(self) -> list[Tally]:
        """Read the tallies of days with open items."""
        return [_tally(document) async for document in self._days.find({"waiting": True})]

    @translate_errors()
    async def last_number(self) -> int:
        """Give the highest number that was counted; 0 where none was."""
        newest = await self._days.find({}, {"last": 1}).sort("last", -1).limit(1).to_list(1)
        return int(newest[0]["last"]) if newest else 0

    @translate_errors()
    async def claim_recount(self, day: date) -> bool:
        """Say that everything is counted anew for this day; False where another process does, or did."""
        number = day.toordinal()
        try:
            earlier = {"_id": _RECOUNT, "day": {"$lt": number}}
            result = await self._marks.update_one(earlier, {"$set": {"day": number}}, upsert=True)
        except DuplicateKeyError:
            return False
        return result.matched_count == 1 or result.upserted_id is not None

    # --- answers and budgets ---------------------------------------------------------------------------------------

    @translate_errors()
    async def answers(self, ids: Sequence[str]) -> dict[str, Answer]:
        """Read the answers that there are."""
        found: dict[str, Answer] = {}
        for start in range(0, len(ids), _AT_ONCE):
            async for document in self._answers.find({"_id": {"$in": list(ids[start : start + _AT_ONCE])}}):
                found[document["_id"]] = _answer(document)
        return found

    @translate_errors()
    async def insert_answer(self, answer: Answer) -> bool:
        """Keep an answer; False where the question has one."""
        try:
            await self._answers.insert_one(
                {
                    "_id": answer.id,
                    "cells": [[cell, count] for cell, count in answer.table.cells.items()],
                    "total": answer.table.total,
                    "smallest": answer.smallest,
                    "epsilon_milli": answer.epsilon_milli,
                    "at": answer.at,
                }
            )
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def spend(self, budget: str, milli: int, total: int) -> bool:
        """Take from a budget in one step; False where there is not enough."""
        with suppress(DuplicateKeyError):
            await self._budgets.insert_one({"_id": budget, "spent": 0})
        enough = {"_id": budget, "spent": {"$lte": total - milli}}
        return (await self._budgets.update_one(enough, {"$inc": {"spent": milli}})).modified_count == 1

    @translate_errors()
    async def give_back(self, budget: str, milli: int) -> None:
        """Give back what was charged for what was never told."""
        await self._budgets.update_one({"_id": budget}, {"$inc": {"spent": -milli}})

    @translate_errors()
    async def spent(self, budgets: Sequence[str]) -> dict[str, int]:
        """Read what was spent of each budget that anything was spent of."""
        found: dict[str, int] = {}
        for start in range(0, len(budgets), _AT_ONCE):
            async for document in self._budgets.find({"_id": {"$in": list(budgets[start : start + _AT_ONCE])}}):
                found[document["_id"]] = int(document["spent"])
        return found

    # --- reports ---------------------------------------------------------------------------------------------------

    @translate_errors()
    async def insert_report(self, report: Report) -> None:
        """Keep a report."""
        await self._reports.insert_one(
            {
                "_id": report.id,
                "listed": True,
                "first": report.first.isoformat(),
                "months": report.months,
                "made_by": report.made_by,
                "made_at": report.made_at,
                "expires_at": report.expires_at,
            }
        )

    @translate_errors()
    async def find_report(self, report_id: str) -> Report | None:
        """Find one."""
        document = await self._reports.find_one({"_id": report_id})
        return _report(document) if document else None

    @translate_errors()
    async def reports(self) -> list[Report]:
        """Read all, the newest first."""
        found = [_report(document) async for document in self._reports.find({"listed": True})]
        return sorted(found, key=lambda report: report.made_at, reverse=True)

    @translate_errors()
    async def delete_report(self, report_id: str) -> bool:
        """Remove one; False where there is none."""
        return (await self._reports.delete_one({"_id": report_id})).deleted_count == 1


def _tally(document: Document) -> Tally:
    return Tally(
        day=date.fromordinal(int(document["day"])),
        first=int(document["first"]),
        last=int(document["last"]),
        cells={Cell(*cell[:-1]): int(cell[-1]) for cell in document["cells"]},
        topics={name: Topic(int(count), tuple(map(int, numbers))) for name, count, numbers in document["topics"]},
        open=int(document["open"]),
    )


def _answer(document: Document) -> Answer:
    cells: Mapping[str, int | None] = {name: None if count is None else int(count) for name, count in document["cells"]}
    total = document["total"]
    return Answer(
        id=document["_id"],
        table=Table(cells, None if total is None else int(total)),
        smallest=int(document["smallest"]),
        epsilon_milli=int(document["epsilon_milli"]),
        at=document["at"],
    )


def _report(document: Document) -> Report:
    return Report(
        id=document["_id"],
        first=date.fromisoformat(document["first"]),
        months=int(document["months"]),
        made_by=document["made_by"],
        made_at=document["made_at"],
        expires_at=document["expires_at"],
    )
