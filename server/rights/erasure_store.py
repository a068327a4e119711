"""Erasures and their proofs in MongoDB. A proof has no account id, and none is kept once an erasure is done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from server.kernel.holdings import Fate, Why
from server.rights.erasure_model import Erasure, ErasureState, Failure, Proof
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_FATES = {
    "bsonType": "array",
    "items": {
        "bsonType": "object",
        "required": ["kind", "gone", "stays", "why"],
        "properties": {"kind": _TEXT, "gone": _NUMBER, "stays": _NUMBER, "why": {"bsonType": ["string", "null"]}},
    },
}
_NEWEST: Final = 200

ERASURE_COLLECTIONS = (
    CollectionSpec(
        name="erasures",
        indexes=(Index("secret", (("secret_hash", 1),)),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "reference": _TEXT,
                "secret_hash": _TEXT,
                "state": {"enum": [ErasureState.WAITING.value, ErasureState.RUNNING.value]},
                "asked_at": _DATE,
                "due_at": _DATE,
                "done": {"bsonType": "array", "items": _TEXT},
                "fates": _FATES,
                "again": {"bsonType": "bool"},
                "holder": _TEXT,
                "until": _DATE,
                "failed": {
                    "bsonType": "object",
                    "required": ["step", "at", "tries", "again_at", "hurried"],
                    "properties": {
                        "step": _TEXT,
                        "at": _DATE,
                        "tries": _NUMBER,
                        "again_at": _DATE,
                        "hurried": {"bsonType": "bool"},
                    },
                },
            },
            optional=("holder", "until", "failed"),
        ),
    ),
    CollectionSpec(
        name="erasure_proofs",
        indexes=(Index("secret", (("secret_hash", 1),)), Index("done_at", (("done_at", 1),))),
        validator=schema_validator(
            {"_id": _TEXT, "secret_hash": _TEXT, "asked_at": _DATE, "done_at": _DATE, "fates": _FATES}
        ),
    ),
    CollectionSpec(name="erasures_repeated", validator=schema_validator({"_id": _TEXT, "count": _NUMBER})),
)
_COUNT: Final = "count"


class MongoErasureStore:
    """Keeps them."""

    def __init__(self, database: Database) -> None:
        self._erasures = database["erasures"]
        self._proofs = database["erasure_proofs"]
        self._repeated = database["erasures_repeated"]

    async def insert(self, erasure: Erasure) -> bool:
        """Insert an erasure; False where the person has one already."""
        try:
            async with translate_errors():
                await self._erasures.insert_one(
                    {
                        "_id": erasure.account_id,
                        "reference": erasure.reference,
                        "secret_hash": erasure.secret_hash,
                        "state": erasure.state.value,
                        "asked_at": erasure.asked_at,
                        "due_at": erasure.due_at,
                        "done": list(erasure.done),
                        "fates": _stored(erasure.fates),
                        "again": erasure.again,
                    }
                )
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def find(self, account_id: str) -> Erasure | None:
        """Find somebody's erasure."""
        document = await self._erasures.find_one({"_id": account_id})
        return _erasure(document) if document else None

    @translate_errors()
    async def all(self) -> list[Erasure]:
        """Give all that are not done: few at any time."""
        return [_erasure(document) async for document in self._erasures.find({})]

    @translate_errors()
    async def by_secret(self, secret_hash: str) -> Erasure | Proof | None:
        """Find an erasure, or what stayed of it, by its secret."""
        return await self._either({"secret_hash": secret_hash}, {"secret_hash": secret_hash})

    @translate_errors()
    async def cancel(self, account_id: str) -> bool:
        """Take back an erasure that has not begun; say whether."""
        result = await self._erasures.delete_one({"_id": account_id, "state": ErasureState.WAITING.value})
        return result.deleted_count == 1

    @translate_errors()
    async def claim(self, account_id: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take an erasure over, to begin or to go on with; False while another process has it."""
        free = {"$or": [{"holder": {"$exists": False}}, {"holder": holder}, {"until": {"$lte": now}}]}
        result = await self._erasures.update_one(
            {"_id": account_id, **free},
            {"$set": {"holder": holder, "until": until, "state": ErasureState.RUNNING.value}},
        )
        return result.matched_count == 1

    @translate_errors()
    async def release(self, account_id: str, holder: str) -> None:
        """Let others go on with an erasure."""
        await self._erasures.update_one({"_id": account_id, "holder": holder}, {"$unset": {"holder": "", "until": ""}})

    @translate_errors()
    async def release_all(self) -> None:
        """Let whoever asks go on with any erasure."""
        await self._erasures.update_many({"holder": {"$exists": True}}, {"$unset": {"holder": "", "until": ""}})

    @translate_errors()
    async def plan(self, account_id: str, fates: Sequence[Fate]) -> None:
        """Remember what is about to be done: afterwards nobody could count it any more."""
        await self._erasures.update_one({"_id": account_id}, {"$set": {"fates": _stored(fates)}})

    @translate_errors()
    async def through(self, account_id: str, name: str, until: datetime) -> None:
        """Remember that a holding is through."""
        further = {"$addToSet": {"done": name}, "$set": {"until": until}, "$unset": {"failed": ""}}
        await self._erasures.update_one({"_id": account_id}, further)

    @translate_errors()
    async def fail(self, account_id: str, step: str, at: datetime, again_at: datetime) -> None:
        """Remember at which step one failed."""
        said = {"failed.step": step, "failed.at": at, "failed.again_at": again_at, "failed.hurried": False}
        await self._erasures.update_one({"_id": account_id}, {"$set": said, "$inc": {"failed.tries": 1}})

    @translate_errors()
    async def hurry(self, reference: str, tries: int, now: datetime) -> bool:
        """Let one that failed go on now; False where it has not failed so often, or somebody said so before."""
        seen = {"reference": reference, "failed.tries": tries, "failed.hurried": False}
        result = await self._erasures.update_one(seen, {"$set": {"failed.hurried": True, "failed.again_at": now}})
        return result.modified_count == 1

    @translate_errors()
    async def by_reference(self, reference: str) -> Erasure | Proof | None:
        """Find an erasure, or what stayed of it, by its number."""
        return await self._either({"reference": reference}, {"_id": reference})

    async def _either(self, erasure: Document, proof: Document) -> Erasure | Proof | None:
        """Look in the order in which one becomes the other: read the other way round, one may be done in between."""
        found = await self._erasures.find_one(erasure)
        if found is not None:
            return _erasure(found)
        stayed = await self._proofs.find_one(proof)
        return _proof(stayed) if stayed is not None else None

    @translate_errors()
    async def finish(self, account_id: str, proof: Proof | None) -> None:
        """Keep the proof, then forget the erasure. Harmless when repeated."""
        if proof is not None:
            await self._proofs.replace_one(
                {"_id": proof.reference},
                {
                    "_id": proof.reference,
                    "secret_hash": proof.secret_hash,
                    "asked_at": proof.asked_at,
                    "done_at": proof.done_at,
                    "fates": _stored(proof.fates),
                },
                upsert=True,
            )
        await self._erasures.delete_one({"_id": account_id})

    @translate_errors()
    async def proofs(self, since: datetime) -> list[Proof]:
        """Give the proofs of what was done since a moment, newest first."""
        found = [_proof(document) async for document in self._proofs.find({"done_at": {"$gte": since}})]
        return sorted(found, key=lambda proof: proof.done_at, reverse=True)[:_NEWEST]

    @translate_errors()
    async def repeated(self) -> int:
        """How many of the list of the erased this database is rid of."""
        document = await self._repeated.find_one({"_id": _COUNT})
        return int(document["count"]) if document else 0

    @translate_errors()
    async def set_repeated(self, count: int) -> None:
        """Write how many it is rid of."""
        await self._repeated.update_one({"_id": _COUNT}, {"$set": {"count": count}}, upsert=True)


def _stored(fates: Sequence[Fate]) -> list[dict[str, Any]]:
    return [
        {"kind": fate.kind, "gone": fate.gone, "stays": fate.stays, "why": fate.why.value if fate.why else None}
        for fate in fates
    ]


def _fates(stored: Sequence[Document]) -> tuple[Fate, ...]:
    return tuple(
        Fate(item["kind"], int(item["gone"]), int(item["stays"]), Why(item["why"]) if item["why"] else None)
        for item in stored
    )


def _erasure(document: Document) -> Erasure:
    failed = document.get("failed")
    return Erasure(
        account_id=document["_id"],
        reference=document["reference"],
        secret_hash=document["secret_hash"],
        state=ErasureState(document["state"]),
        asked_at=document["asked_at"],
        due_at=document["due_at"],
        done=tuple(document["done"]),
        fates=_fates(document["fates"]),
        again=document["again"],
        failed=_failure(failed) if failed else None,
    )


def _failure(stored: Document) -> Failure:
    return Failure(stored["step"], stored["at"], int(stored["tries"]), stored["again_at"], stored["hurried"])


def _proof(document: Document) -> Proof:
    return Proof(
        document["_id"], document["secret_hash"], document["asked_at"], document["done_at"], _fates(document["fates"])
    )
