"""Review items, reports, sanctions, watched words, figures and lessons in MongoDB.

An item is changed by comparing its version, so that of two moderators one wins. Notes are redacted before they come
here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import Binary
from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from moderation.queue import Case, Claim, Decided, Decision, Ruled, Ruling, State
from moderation.watched import Watch, WatchedWord
from nlp.labels import Label
from server.kernel.text import RedactedText, Redaction
from server.review.model import Category, Item, Note, Phase, Reliability, Report, Sanction, SanctionKind
from server.storage.mongo import Database, Document, translate_errors
from server.storage.months import month_of, newest
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_FLAG = {"bsonType": "bool"}
_OBJECT = {"bsonType": "object"}
_LESSONS = "spam"
_AT_ONCE = 50

REVIEW_COLLECTIONS = (
    CollectionSpec(
        name="review_items",
        indexes=(
            Index("phase_month", (("phase", 1), ("month", 1))),
            Index("author_month", (("author_id", 1), ("month", 1))),
            # For retention.
            Index("created", (("created_at", 1),)),
            Index("target", (("target", 1),)),
            Index("waiting_unique", (("waits_for", 1),), unique=True, partial={"waits_for": {"$type": "string"}}),
            Index("unsettled", (("unsettled", 1),), partial={"unsettled": True}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "month": _NUMBER,
                "phase": {"enum": [phase.value for phase in Phase]},
                "target": _TEXT,
                "target_type": _TEXT,
                "target_id": _TEXT,
                "waits_for": _TEXT,
                "unsettled": _FLAG,
                "author_id": _TEXT,
                "held": _FLAG,
                "state": {"enum": [state.value for state in State]},
                "reporters": {"bsonType": "array"},
                "claim": _OBJECT,
                "decided": _OBJECT,
                "appealed_at": _DATE,
                "ruled": _OBJECT,
                "reasons": {"bsonType": "array"},
                "revision": _NUMBER,
                "created_at": _DATE,
                "weight": {"bsonType": ["int", "long", "double"]},
                "auto_hidden": _FLAG,
                "category": {"enum": [category.value for category in Category]},
                "note": _OBJECT,
                "until": _DATE,
                "appeal": _OBJECT,
                "ruling_note": _OBJECT,
                "lesson": _TEXT,
                "version": _NUMBER,
            },
            optional=(
                "waits_for",
                "unsettled",
                "claim",
                "decided",
                "appealed_at",
                "ruled",
                "category",
                "note",
                "until",
                "appeal",
                "ruling_note",
            ),
        ),
    ),
    CollectionSpec(
        name="review_reports",
        # The second for retention.
        indexes=(Index("target", (("target", 1),)), Index("at", (("at", 1),))),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "target": _TEXT,
                "target_type": _TEXT,
                "target_id": _TEXT,
                "reporter_id": _TEXT,
                "category": {"enum": [category.value for category in Category]},
                "note": _OBJECT,
                "weight": {"bsonType": ["int", "long", "double"]},
                "revision": _NUMBER,
                "at": _DATE,
            },
            optional=("note",),
        ),
    ),
    CollectionSpec(
        name="review_sanctions",
        validator=schema_validator({"_id": _TEXT, "sanctions": {"bsonType": "array"}}),
    ),
    CollectionSpec(
        name="review_reporters",
        validator=schema_validator({"_id": _TEXT, "agreed": _NUMBER, "disagreed": _NUMBER}),
    ),
    CollectionSpec(
        name="review_words",
        validator=schema_validator({"_id": _TEXT, "action": {"enum": [watch.value for watch in Watch]}}),
    ),
    CollectionSpec(
        name="review_figures",
        indexes=(Index("month", (("month", 1),)),),
        validator=schema_validator({"_id": _TEXT, "month": _TEXT, "what": _TEXT, "count": _NUMBER}),
    ),
    CollectionSpec(
        name="review_lessons",
        validator=schema_validator({"_id": _TEXT, "counts": {"bsonType": "binData"}}),
    ),
)


class MongoReviewStore:
    """Keeps all that moderation knows."""

    def __init__(self, database: Database) -> None:
        self._items = database["review_items"]
        self._reports = database["review_reports"]
        self._sanctions = database["review_sanctions"]
        self._reporters = database["review_reporters"]
        self._words = database["review_words"]
        self._figures = database["review_figures"]
        self._lessons = database["review_lessons"]

    # --- items -----------------------------------------------------------------------------------------------------

    async def insert(self, item: Item) -> bool:
        """Insert an item; False when something waits for a decision about the same target already."""
        try:
            async with translate_errors():
                await self._items.insert_one(_item_document(item))
        except DuplicateKeyError:
            return False
        return True

    async def save(self, item: Item) -> bool:
        """Write an item over its version before.

        Args:
            item: with `version` one above the one that was read.

        Returns:
            False when somebody else was quicker, or when it would wait beside another one about the same target.
        """
        earlier = {"_id": item.id, "version": item.version - 1}
        try:
            async with translate_errors():
                return (await self._items.replace_one(earlier, _item_document(item))).matched_count == 1
        except DuplicateKeyError:
            return False

    @translate_errors()
    async def find(self, item_id: str) -> Item | None:
        """Find by id."""
        document = await self._items.find_one({"_id": item_id})
        return item_of(document) if document else None

    @translate_errors()
    async def of_target(self, target: str) -> list[Item]:
        """Give all items about a target, in the order in which they were made."""
        found = [item_of(document) async for document in self._items.find({"target": target})]
        return sorted(found, key=lambda item: item.id)

    @translate_errors()
    async def unsettled(self) -> list[Item]:
        """Give those from which not everything has followed yet."""
        return [item_of(document) async for document in self._items.find({"unsettled": True})]

    @translate_errors()
    async def newest(self, phase: Phase, before_id: str | None, limit: int) -> list[Item]:
        """Read one of the desk's lists, newest first."""
        return [item_of(document) for document in await newest(self._items, {"phase": phase.value}, before_id, limit)]

    @translate_errors()
    async def newest_of_author(self, author_id: str, before_id: str | None, limit: int) -> list[Item]:
        """Read the items about somebody's texts, newest first."""
        return [item_of(document) for document in await newest(self._items, {"author_id": author_id}, before_id, limit)]

    # --- reports ---------------------------------------------------------------------------------------------------

    async def insert_report(self, report: Report) -> bool:
        """Insert a report; False when this person has reported this already."""
        try:
            async with translate_errors():
                await self._reports.insert_one(_report_document(report))
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def reports(self, target: str) -> list[Report]:
        """Give all reports of a target, the oldest first."""
        found = [report_of(document) async for document in self._reports.find({"target": target})]
        return sorted(found, key=lambda report: (report.at, report.reporter_id))

    @translate_errors()
    async def reliability(self, account_ids: Sequence[str]) -> dict[str, Reliability]:
        """Give how often moderators agreed with people; those who never reported are absent."""
        found: dict[str, Reliability] = {}
        for start in range(0, len(account_ids), _AT_ONCE):
            chosen = {"_id": {"$in": list(account_ids[start : start + _AT_ONCE])}}
            async for document in self._reporters.find(chosen):
                found[document["_id"]] = Reliability(int(document["agreed"]), int(document["disagreed"]))
        return found

    @translate_errors()
    async def count_reports(self, account_ids: Sequence[str], agreed: int, disagreed: int) -> None:
        """Count on, for each of some people."""
        change = {"$inc": {"agreed": agreed, "disagreed": disagreed}}
        if account_ids:
            updates = [UpdateOne({"_id": account_id}, change, upsert=True) for account_id in account_ids]
            await self._reporters.bulk_write(updates, ordered=False)

    # --- sanctions -------------------------------------------------------------------------------------------------

    @translate_errors()
    async def sanctions(self, account_id: str) -> list[Sanction]:
        """Give all sanctions that an account ever had."""
        document = await self._sanctions.find_one({"_id": account_id})
        return [_sanction(entry) for entry in document["sanctions"]] if document else []

    @translate_errors()
    async def save_sanctions(self, account_id: str, sanctions: Sequence[Sanction]) -> None:
        """Write all sanctions of an account."""
        entries = [_sanction_document(item) for item in sanctions]
        await self._sanctions.update_one({"_id": account_id}, {"$set": {"sanctions": entries}}, upsert=True)

    # --- watched words ---------------------------------------------------------------------------------------------

    @translate_errors()
    async def words(self) -> list[WatchedWord]:
        """Give the list, in the order of the alphabet."""
        found = [WatchedWord(item["_id"], Watch(item["action"])) async for item in self._words.find({})]
        return sorted(found, key=lambda entry: entry.word)

    @translate_errors()
    async def set_word(self, entry: WatchedWord) -> None:
        """Put a word on the list, or set another action for it."""
        await self._words.update_one({"_id": entry.word}, {"$set": {"action": entry.action.value}}, upsert=True)

    @translate_errors()
    async def remove_word(self, word: str) -> bool:
        """Take a word off; False when it was not on the list."""
        return (await self._words.delete_one({"_id": word})).deleted_count == 1

    # --- figures and lessons ---------------------------------------------------------------------------------------

    async def count(self, month: str, what: str) -> None:
        """Count something that happened in a month."""
        try:
            await self._count(month, what)
        except DuplicateKeyError:
            # Somebody began the same figure at the same moment: now it is there.
            await self._count(month, what)

    @translate_errors()
    async def _count(self, month: str, what: str) -> None:
        change = {"$setOnInsert": {"month": month, "what": what}, "$inc": {"count": 1}}
        await self._figures.update_one({"_id": f"{month}|{what}"}, change, upsert=True)

    @translate_errors()
    async def figures(self, months: Sequence[str]) -> dict[tuple[str, str], int]:
        """Give month and what -> how often."""
        found = self._figures.find({"month": {"$in": list(months)}})
        return {(item["month"], item["what"]): int(item["count"]) async for item in found}

    @translate_errors()
    async def lessons(self) -> bytes | None:
        """Give what the classifier has learnt, or None."""
        document = await self._lessons.find_one({"_id": _LESSONS})
        return bytes(document["counts"]) if document else None

    @translate_errors()
    async def save_lessons(self, counts: bytes) -> None:
        """Write what the classifier has learnt."""
        await self._lessons.update_one({"_id": _LESSONS}, {"$set": {"counts": Binary(counts)}}, upsert=True)


# --- documents -----------------------------------------------------------------------------------------------------


def _item_document(item: Item) -> Document:
    case = item.case
    document: Document = {
        "_id": item.id,
        "month": month_of(item.id),
        "phase": item.phase.value,
        "target": item.target,
        "target_type": item.target_type,
        "target_id": item.target_id,
        "author_id": case.author_id,
        "held": case.held,
        "state": case.state.value,
        "reporters": sorted(case.reporters),
        "reasons": list(item.reasons),
        "revision": item.revision,
        "created_at": item.created_at,
        "weight": float(item.weight),
        "auto_hidden": item.auto_hidden,
        "lesson": item.lesson,
        "version": item.version,
    }
    where_there_is_one: dict[str, Any] = {
        "waits_for": item.target if item.phase is Phase.WAITING else None,
        "unsettled": True if not item.settled else None,
        "claim": {"by": case.claim.by, "until": case.claim.until} if case.claim else None,
        "decided": _step(case.decided),
        "appealed_at": case.appealed_at,
        "ruled": _step(case.ruled),
        "category": item.category.value if item.category else None,
        "note": _note_document(item.note),
        "until": item.until,
        "appeal": _note_document(item.appeal),
        "ruling_note": _note_document(item.ruling_note),
    }
    return document | {name: value for name, value in where_there_is_one.items() if value is not None}


def _step(step: Decided | Ruled | None) -> Document | None:
    return {"by": step.by, "what": step.what.value, "at": step.at} if step else None


def item_of(document: Document) -> Item:
    claim, decided, ruled = document.get("claim"), document.get("decided"), document.get("ruled")
    case = Case(
        author_id=document["author_id"],
        held=bool(document["held"]),
        reporters=frozenset(document["reporters"]),
        state=State(document["state"]),
        claim=Claim(claim["by"], claim["until"]) if claim else None,
        decided=Decided(decided["by"], Decision(decided["what"]), decided["at"]) if decided else None,
        appealed_at=document.get("appealed_at"),
        ruled=Ruled(ruled["by"], Ruling(ruled["what"]), ruled["at"]) if ruled else None,
    )
    return Item(
        id=document["_id"],
        target_type=document["target_type"],
        target_id=document["target_id"],
        case=case,
        reasons=tuple(document["reasons"]),
        revision=int(document["revision"]),
        created_at=document["created_at"],
        weight=float(document["weight"]),
        auto_hidden=bool(document["auto_hidden"]),
        category=Category(document["category"]) if "category" in document else None,
        note=_note(document.get("note")),
        until=document.get("until"),
        appeal=_note(document.get("appeal")),
        ruling_note=_note(document.get("ruling_note")),
        lesson=document["lesson"],
        version=int(document["version"]),
        settled="unsettled" not in document,
    )


def _report_document(report: Report) -> Document:
    target = f"{report.target_type}:{report.target_id}"
    note = _note_document(report.note)
    return {
        "_id": f"{target}|{report.reporter_id}",
        "target": target,
        "target_type": report.target_type,
        "target_id": report.target_id,
        "reporter_id": report.reporter_id,
        "category": report.category.value,
        "weight": float(report.weight),
        "revision": report.revision,
        "at": report.at,
        **({"note": note} if note else {}),
    }


def report_of(document: Document) -> Report:
    return Report(
        target_type=document["target_type"],
        target_id=document["target_id"],
        reporter_id=document["reporter_id"],
        category=Category(document["category"]),
        note=_note(document.get("note")),
        weight=float(document["weight"]),
        revision=int(document["revision"]),
        at=document["at"],
    )


def _sanction_document(item: Sanction) -> Document:
    return {"item_id": item.item_id, "kind": item.kind.value, "at": item.at, "until": item.until, "lifted": item.lifted}


def _sanction(entry: Document) -> Sanction:
    until: datetime | None = entry["until"]
    return Sanction(entry["item_id"], SanctionKind(entry["kind"]), entry["at"], until, bool(entry["lifted"]))


def _note_document(note: Note | None) -> Document | None:
    if note is None:
        return None
    return {"text": note.text.value, "redactions": [[item.placeholder, item.label.value] for item in note.redactions]}


def _note(document: Document | None) -> Note | None:
    if document is None:
        return None
    pairs = document["redactions"]
    redactions = tuple(Redaction(placeholder, Label(label)) for placeholder, label in pairs)
    return Note(RedactedText(document["text"]), redactions)
