"""Comments in MongoDB. A comment's `_id` is its place, so pages are read by the primary key."""

from collections.abc import Iterable, Sequence

from pymongo.errors import DuplicateKeyError

from server.feedback.field_store import comment_in, comment_out
from server.feedback.model import Comment, Sight
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}
_NAMED = 50

COMMENT_COLLECTIONS = (
    CollectionSpec(
        name="feedback_comments",
        indexes=(
            Index("client_key_unique", (("client_key", 1),), unique=True),
            Index("author", (("author_id", 1),)),
            Index("pending", (("pending", 1),), partial={"pending": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "item_id": _TEXT,
                "seq": _NUMBER,
                "client_key": {"bsonType": "binData"},
                "author_id": {"bsonType": ["string", "null"]},
                "text": _TEXT,
                "hidden": {"bsonType": "array"},
                "html": _TEXT,
                "created_at": {"bsonType": "date"},
                "sight": {"enum": [sight.value for sight in Sight]},
                "note": {"bsonType": "bool"},
                "attachment_ids": {"bsonType": "array", "items": _TEXT},
                "files": {"bsonType": "array"},
                "revision": _NUMBER,
                "reasons": {"bsonType": "array", "items": _TEXT},
                "told": {"bsonType": "bool"},
                "pending": _NUMBER,
            },
            optional=("files", "reasons", "told", "pending"),
        ),
        walk=Walk("client_key", Spread.DIGESTS),
    ),
)


class MongoCommentStore:
    """Keeps comments."""

    def __init__(self, database: Database) -> None:
        self._comments = database["feedback_comments"]

    async def insert_comment(self, comment: Comment, client_key: bytes, reasons: Sequence[str] = ()) -> bool:
        """Insert a comment with all consequences still to draw; False when its author's own id is there already."""
        document: Document = {**comment_out(comment), "client_key": client_key, "pending": 1}
        if reasons:
            document["reasons"] = list(reasons)
        try:
            async with translate_errors():
                await self._comments.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def find_comment(self, item_id: str, seq: int) -> Comment | None:
        """Read one."""
        document = await self._comments.find_one({"_id": f"{item_id}.{seq}"})
        return comment_in(document) if document else None

    @translate_errors()
    async def find_written(self, client_key: bytes) -> Comment | None:
        """Read one by its author's own id of it."""
        document = await self._comments.find_one({"client_key": client_key})
        return comment_in(document) if document else None

    @translate_errors()
    async def comments(self, item_id: str, seqs: Iterable[int]) -> list[Comment]:
        """Read some of an item's, ascending."""
        ids = [f"{item_id}.{seq}" for seq in seqs]
        found: list[Comment] = []
        for start in range(0, len(ids), _NAMED):
            query = {"_id": {"$in": ids[start : start + _NAMED]}}
            found += [comment_in(document) async for document in self._comments.find(query)]
        return sorted(found, key=lambda comment: comment.seq)

    @translate_errors()
    async def written_by(self, author_id: str) -> list[Comment]:
        """Read what somebody wrote; in no order."""
        return [comment_in(document) async for document in self._comments.find({"author_id": author_id})]

    @translate_errors()
    async def replace_comment(self, before: Comment, after: Comment) -> bool:
        """Write a comment's other form, if nobody else has changed it; its consequences are drawn again."""
        old, new = comment_out(before), comment_out(after)
        fields = {name: value for name, value in new.items() if old[name] != value}
        result = await self._comments.update_one(
            {"_id": before.id, "revision": before.revision, "sight": before.sight.value},
            {"$set": fields, "$inc": {"pending": 1}},
        )
        return result.matched_count == 1

    @translate_errors()
    async def pending(self) -> list[tuple[Comment, tuple[str, ...], bool, int]]:
        """Read those with something left to do: comment, why it is held, whether people were told, version."""
        found = self._comments.find({"pending": {"$exists": True}})
        return [
            (
                comment_in(document),
                tuple(document.get("reasons", ())),
                bool(document.get("told")),
                int(document["pending"]),
            )
            async for document in found
        ]

    @translate_errors()
    async def drawn(self, comment: Comment, version: int, *, told: bool) -> None:
        """Forget what was done; what came meanwhile stays."""
        if told:
            await self._comments.update_one({"_id": comment.id}, {"$set": {"told": True}})
        await self._comments.update_one({"_id": comment.id, "pending": version}, {"$unset": {"pending": ""}})
