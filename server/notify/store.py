"""The mail queue in MongoDB. Addresses and values, which hold links, are sealed."""

from collections.abc import Sequence
from datetime import datetime

import orjson
from pymongo.errors import BulkWriteError, DuplicateKeyError

from server.keyring import Sealer
from server.notify.model import LETTERS, QueuedLetter
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_DUPLICATE = 11000

MAIL_COLLECTIONS = (
    CollectionSpec(
        name="mail_queue",
        # For retention: what is given up is gone, and here it is proven.
        indexes=(Index("created", (("created_at", 1),)),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "letter": {"enum": list(LETTERS)},
                "account_id": _TEXT,
                "locale": {"enum": ["id", "en"]},
                "sealed": {"bsonType": "binData"},
                "created_at": _DATE,
                "due_at": _DATE,
                "attempts": {"bsonType": ["int", "long"]},
                "held": {"bsonType": "bool"},
            },
            optional=("held",),
        ),
    ),
)


class MongoLetterStore:
    """Keeps letters until they are out.

    Args:
        database: where.
        sealer: encrypts address and values together, bound to the letter. Not under the person's own key: a letter
            lives for minutes, and one that says an account is gone must still find its way.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._queue = database["mail_queue"]
        self._sealer = sealer

    async def insert(self, queued: QueuedLetter, *, held: bool = False) -> None:
        """Insert a letter, or one that is held back; of a held one the same id again has no effect."""
        document = self._document(queued)
        if held:
            document["held"] = True
        try:
            async with translate_errors():
                await self._queue.insert_one(document)
        except DuplicateKeyError:
            if not held:
                raise

    @translate_errors()
    async def insert_all(self, letters: Sequence[QueuedLetter]) -> list[QueuedLetter]:
        """Insert several letters in one command; give those of which none of that id waits already."""
        documents = [self._document(queued) for queued in letters]
        try:
            await self._queue.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if any(int(item["code"]) != _DUPLICATE for item in error.details["writeErrors"]):
                raise
            there = {int(item["index"]) for item in error.details["writeErrors"]}
            return [queued for place, queued in enumerate(letters) if place not in there]
        return list(letters)

    @translate_errors()
    async def release(self, letter_id: str, due_at: datetime) -> bool:
        """Hold a letter back no more; False when it is gone or was let go before."""
        change = {"$set": {"due_at": due_at}, "$unset": {"held": ""}}
        done = await self._queue.update_one({"_id": letter_id, "held": True}, change)
        return bool(done.matched_count)

    @translate_errors()
    async def drop_held(self, before: datetime) -> int:
        """Delete letters that were held back long ago and never let go."""
        gone = await self._queue.delete_many({"held": True, "created_at": {"$lt": before}})
        return gone.deleted_count

    @translate_errors()
    async def find(self, letter_id: str) -> QueuedLetter | None:
        """Find by id."""
        document = await self._queue.find_one({"_id": letter_id})
        return self._queued(document) if document else None

    @translate_errors()
    async def postpone(self, queued: QueuedLetter) -> None:
        """Write when it is tried next."""
        change = {"due_at": queued.due_at, "attempts": queued.attempts}
        await self._queue.update_one({"_id": queued.id}, {"$set": change})

    @translate_errors()
    async def delete(self, letter_id: str) -> None:
        """Delete; harmless when it is gone."""
        await self._queue.delete_one({"_id": letter_id})

    @translate_errors()
    async def waiting(self) -> Sequence[tuple[datetime, str]]:
        """Give when and which letters are due: all there are, at a start. The queue is as long as an outage of mail."""
        found = self._queue.find({"held": {"$ne": True}}, {"due_at": 1})
        return [(document["due_at"], document["_id"]) async for document in found]

    def _document(self, queued: QueuedLetter) -> Document:
        content = orjson.dumps([queued.to, dict(queued.values)]).decode()
        return {
            "_id": queued.id,
            "letter": queued.letter,
            "account_id": queued.account_id,
            "locale": queued.locale,
            "sealed": self._sealer.seal(content, _place(queued.id)),
            "created_at": queued.created_at,
            "due_at": queued.due_at,
            "attempts": queued.attempts,
        }

    def _queued(self, document: Document) -> QueuedLetter:
        to, values = orjson.loads(self._sealer.open(document["sealed"], _place(document["_id"])))
        return QueuedLetter(
            id=document["_id"],
            letter=document["letter"],
            account_id=document["account_id"],
            to=to,
            locale=document["locale"],
            values=values,
            created_at=document["created_at"],
            due_at=document["due_at"],
            attempts=int(document["attempts"]),
        )


def _place(letter_id: str) -> str:
    return f"mail/{letter_id}"
