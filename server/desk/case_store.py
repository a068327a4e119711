"""Cases and notes in MongoDB. A case is written whole, by who knows its last revision; many with one command.

A range of `_id` would be read through a scan by the embedded engine: everything here is named one by one, or found by
one small index.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from nlp.labels import Label
from server.desk import clocks
from server.desk.model import Case, Note, Priority
from server.kernel.text import RedactedText, Redaction
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}
_DATE = {"bsonType": "date"}
_MAYBE_TEXT = {"bsonType": ["string", "null"]}
_MAYBE_DATE = {"bsonType": ["date", "null"]}
_NAMED = 50

CASE_COLLECTIONS = (
    CollectionSpec(
        name="desk_cases",
        indexes=(
            Index("number_unique", (("number", 1),), unique=True),
            # Of open cases only: how much each agent has, and which cases a restart has to look at.
            Index("holder", (("holder", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "labels": {"bsonType": "array", "items": _TEXT},
                "priority": {"enum": [priority.value for priority in Priority]},
                "snoozed_until": _MAYBE_DATE,
                "snoozed_seq": _NUMBER,
                "clock": {"bsonType": "object"},
                "first_response_at": _MAYBE_DATE,
                "closed_at": _MAYBE_DATE,
                "rating": {"bsonType": ["int", "long", "null"]},
                "merged_into": _MAYBE_TEXT,
                "split_from": _MAYBE_TEXT,
                "notes": _NUMBER,
                "feedback_id": _MAYBE_TEXT,
                "asked": {"bsonType": "bool"},
                "holder": _MAYBE_TEXT,
                "is_open": {"bsonType": "bool"},
                "revision": _NUMBER,
            }
        ),
        walk=Walk("number", Spread.NUMBERS),
    ),
    CollectionSpec(
        name="desk_notes",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "conversation_id": _TEXT,
                "number": _NUMBER,
                "after_seq": _NUMBER,
                "author_id": _TEXT,
                "text": _TEXT,
                "redactions": {"bsonType": "array"},
                "created_at": _DATE,
            }
        ),
    ),
)


class MongoCaseStore:
    """Keeps cases and their notes."""

    def __init__(self, database: Database) -> None:
        self._cases = database["desk_cases"]
        self._notes = database["desk_notes"]

    @translate_errors()
    async def find(self, case_ids: Sequence[str]) -> dict[str, Case]:
        """Read those cases that there are."""
        found: dict[str, Case] = {}
        for start in range(0, len(case_ids), _NAMED):
            ids = list(case_ids[start : start + _NAMED])
            async for document in self._cases.find({"_id": {"$in": ids}}):
                found[document["_id"]] = _case(document)
        return found

    @translate_errors()
    async def open_ones(self) -> list[Case]:
        """Read all that are open, as far as the store knows; in no order."""
        return [_case(document) async for document in self._cases.find({"holder": {"$gte": ""}})]

    @translate_errors()
    async def held(self, account_ids: Sequence[str]) -> dict[str, int]:
        """Give how many open cases each of some accounts has that are not snoozed."""
        found = dict.fromkeys(account_ids, 0)
        for account_id in account_ids:
            async for document in self._cases.find({"holder": account_id}, {"snoozed_until": 1}):
                found[account_id] += document["snoozed_until"] is None
        return found

    async def save(self, changes: Sequence[tuple[Case, Case]]) -> set[str]:
        """Write cases in the place of what they were before (revision 0: there was none).

        Returns:
            The ids of those that were not written, because somebody else had written them meanwhile.

        Raises:
            Unavailable: it is not known which are stored.
        """
        operations: list[InsertOne[Document] | ReplaceOne[Document]] = [
            ReplaceOne({"_id": before.id, "revision": before.revision}, _document(after))
            if before.revision
            else InsertOne(_document(after))
            for before, after in changes
        ]
        try:
            async with translate_errors():
                result = await self._cases.bulk_write(operations, ordered=False)
            written = result.matched_count + result.inserted_count
        except (BulkWriteError, DuplicateKeyError):
            written = -1
        if written == len(changes):
            return set()
        stored = await self.find([after.id for _, after in changes])
        return {after.id for _, after in changes if stored.get(after.id) != after}

    async def add_note(self, note: Note) -> bool:
        """Insert a note; False where its number is taken."""
        document: Document = {
            "_id": note.id,
            "conversation_id": note.conversation_id,
            "number": note.number,
            "after_seq": note.after_seq,
            "author_id": note.author_id,
            "text": note.text.value,
            "redactions": [[item.placeholder, item.label.value] for item in note.redactions],
            "created_at": note.created_at,
        }
        try:
            async with translate_errors():
                await self._notes.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def notes(self, conversation_id: str, numbers: Sequence[int]) -> list[Note]:
        """Read those notes that there are, ascending."""
        found: list[Note] = []
        for start in range(0, len(numbers), _NAMED):
            ids = [f"{conversation_id}.n{number}" for number in numbers[start : start + _NAMED]]
            found += [_note(document) async for document in self._notes.find({"_id": {"$in": ids}})]
        return sorted(found, key=lambda note: note.number)


def _holder(case: Case) -> str | None:
    """Under what an open case is found: its holder, or an empty name for nobody; a closed one under nothing."""
    return (case.holder_id or "") if case.is_open else None


def _document(case: Case) -> Document:
    return {
        "_id": case.id,
        "number": case.number,
        "labels": list(case.labels),
        "priority": case.priority.value,
        "snoozed_until": case.snoozed_until,
        "snoozed_seq": case.snoozed_seq,
        "clock": clocks.write(case.clock),
        "first_response_at": case.first_response_at,
        "closed_at": case.closed_at,
        "rating": case.rating,
        "merged_into": case.merged_into,
        "split_from": case.split_from,
        "notes": case.notes,
        "feedback_id": case.feedback_id,
        "asked": case.asked,
        "holder": _holder(case),
        "is_open": case.is_open,
        "revision": case.revision,
    }


def _case(document: Mapping[str, Any]) -> Case:
    rating = document["rating"]
    return Case(
        id=document["_id"],
        number=int(document["number"]),
        labels=tuple(document["labels"]),
        priority=Priority(document["priority"]),
        snoozed_until=document["snoozed_until"],
        snoozed_seq=int(document["snoozed_seq"]),
        clock=clocks.read(document["clock"]),
        first_response_at=document["first_response_at"],
        closed_at=document["closed_at"],
        rating=None if rating is None else int(rating),
        merged_into=document["merged_into"],
        split_from=document["split_from"],
        notes=int(document["notes"]),
        feedback_id=document["feedback_id"],
        asked=bool(document["asked"]),
        holder_id=document["holder"] or None,
        is_open=bool(document["is_open"]),
        revision=int(document["revision"]),
    )


def _note(document: Mapping[str, Any]) -> Note:
    return Note(
        conversation_id=document["conversation_id"],
        number=int(document["number"]),
        after_seq=int(document["after_seq"]),
        author_id=document["author_id"],
        text=RedactedText(document["text"]),
        redactions=tuple(Redaction(placeholder, Label(label)) for placeholder, label in document["redactions"]),
        created_at=document["created_at"],
    )
