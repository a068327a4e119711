"""Requests in MongoDB. Whoever writes one says which revision they saw: of two officers at once, one is told so.

The address of somebody without an account is sealed, and removed when their request ends.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.kernel.text import RedactedText
from server.keyring import Sealer
from server.rights.model import CONFIRM_WITHIN, Kind, Note, Reason, Request, State, Step, Warned
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_DATE_OR_NONE = {"bsonType": ["date", "null"]}
_NUMBER = {"bsonType": ["int", "long"]}

REQUEST_COLLECTIONS = (
    CollectionSpec(
        name="rights_requests",
        indexes=(
            Index("person", (("person_id", 1),)),
            Index("waiting", (("waiting", 1),), partial={"waiting": {"$exists": True}}),
            Index("month", (("month", 1),)),
            Index("unannounced", (("unannounced", 1),), partial={"unannounced": {"$exists": True}}),
            # For retention.
            Index("ended", (("ended_at", 1),)),
            Index(
                "unconfirmed",
                (("unconfirmed_since", 1),),
                partial={"unconfirmed_since": {"$exists": True}},
                expire_after_seconds=int(CONFIRM_WITHIN.total_seconds()),
            ),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "kind": {"enum": [kind.value for kind in Kind]},
                "person_id": _TEXT,
                "locale": {"enum": ["id", "en"]},
                "text": _TEXT,
                "made_at": _DATE,
                "month": _TEXT,
                "state": {"enum": [state.value for state in State]},
                "due_at": _DATE_OR_NONE,
                "address": {"bsonType": "binData"},
                "holder": _TEXT,
                "notes": {"bsonType": "array"},
                "answer": {"bsonType": ["string", "null"]},
                "reason": {"enum": [None, *(reason.value for reason in Reason)]},
                "ended_at": _DATE_OR_NONE,
                "steps": {"bsonType": "array"},
                "warned": _NUMBER,
                "revision": _NUMBER,
                "waiting": _DATE,
                "unconfirmed_since": _DATE,
                "unannounced": _DATE,
            },
            optional=("address", "waiting", "unconfirmed_since", "unannounced"),
        ),
    ),
)
_UNCONFIRMED = ""
"""Month of those whose clock has not begun."""


class MongoRequestStore:
    """Keeps requests.

    Args:
        database: where.
        sealer: encrypts addresses, bound to the request. They belong to nobody who has a key.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._requests = database["rights_requests"]
        self._sealer = sealer

    @translate_errors()
    async def insert(self, request: Request) -> None:
        """Insert a request."""
        await self._requests.insert_one(self._out(request))

    @translate_errors()
    async def find(self, request_id: str) -> Request | None:
        """Read one."""
        document = await self._requests.find_one({"_id": request_id})
        return self._in(document) if document else None

    @translate_errors()
    async def of_person(self, person_id: str) -> list[Request]:
        """Read a person's, the newest first."""
        found = [self._in(document) async for document in self._requests.find({"person_id": person_id})]
        return sorted(found, key=lambda request: request.id, reverse=True)

    @translate_errors()
    async def waiting(self, until: datetime) -> list[Request]:
        """Read those whose clock runs and ends by a moment, the soonest first."""
        found = [self._in(document) async for document in self._requests.find({"waiting": {"$lte": until}})]
        return sorted(found, key=lambda request: (request.due_at or until, request.id))

    @translate_errors()
    async def of_month(self, month: str) -> list[Request]:
        """Read those whose clock began in a month, `2026-11`; in no order."""
        return [self._in(document) async for document in self._requests.find({"month": month})]

    @translate_errors()
    async def replace(self, after: Request) -> bool:
        """Write a request in place of the revision before it; False where that is not what there is."""
        where = {"_id": after.id, "revision": after.revision - 1}
        return (await self._requests.replace_one(where, self._out(after))).matched_count == 1

    @translate_errors()
    async def warn(self, request: Request, reached: Warned) -> bool:
        """Write what officers were told of a clock; False where another was quicker. It is no revision."""
        where = {"_id": request.id, "warned": int(request.warned)}
        return (await self._requests.update_one(where, {"$set": {"warned": int(reached)}})).matched_count == 1

    @translate_errors()
    async def unannounced(self, before: datetime) -> list[Request]:
        """Read those that came before a moment and that officers were not told of."""
        return [self._in(document) async for document in self._requests.find({"unannounced": {"$lt": before}})]

    @translate_errors()
    async def announced(self, request_id: str) -> None:
        """Write that officers were told that one is there. It is no revision; harmless when repeated."""
        await self._requests.update_one({"_id": request_id}, {"$unset": {"unannounced": ""}})

    @translate_errors()
    async def delete(self, request_id: str) -> None:
        """Delete one; harmless when it is gone."""
        await self._requests.delete_one({"_id": request_id})

    def _out(self, request: Request) -> Document:
        began = next((step.at for step in request.steps if step.state is State.RECEIVED), None)
        document: Document = {
            "_id": request.id,
            "kind": request.kind.value,
            "person_id": request.person_id,
            "locale": request.locale,
            "text": request.text.value,
            "made_at": request.made_at,
            "month": f"{began:%Y-%m}" if began else _UNCONFIRMED,
            "state": request.state.value,
            "due_at": request.due_at,
            "holder": request.holder,
            "notes": [[note.by, note.at, note.text.value] for note in request.notes],
            "answer": request.answer.value if request.answer else None,
            "reason": request.reason.value if request.reason else None,
            "ended_at": request.ended_at,
            "steps": [[step.state.value, step.at] for step in request.steps],
            "warned": int(request.warned),
            "revision": request.revision,
        }
        if request.address:
            document["address"] = self._sealer.seal(request.address, _place(request.id))
        if request.is_waiting:
            document["waiting"] = request.due_at
        if request.unannounced:
            document["unannounced"] = began or request.made_at
        if request.state is State.UNCONFIRMED:
            document["unconfirmed_since"] = request.made_at
        return document

    def _in(self, document: Mapping[str, Any]) -> Request:
        sealed = document.get("address")
        return Request(
            id=document["_id"],
            kind=Kind(document["kind"]),
            person_id=document["person_id"],
            locale=document["locale"],
            text=RedactedText(document["text"]),
            made_at=document["made_at"],
            state=State(document["state"]),
            due_at=document["due_at"],
            address=self._sealer.open(sealed, _place(document["_id"])) if sealed else "",
            holder=document["holder"],
            notes=tuple(Note(by, at, RedactedText(text)) for by, at, text in document["notes"]),
            answer=RedactedText(document["answer"]) if document["answer"] is not None else None,
            reason=Reason(document["reason"]) if document["reason"] else None,
            ended_at=document["ended_at"],
            steps=tuple(Step(State(state), at) for state, at in document["steps"]),
            warned=Warned(int(document["warned"])),
            unannounced="unannounced" in document,
            revision=int(document["revision"]),
        )


def _place(request_id: str) -> str:
    return f"rights/request/{request_id}"
