"""What readers keep for themselves, in MongoDB: up to where they read, what they follow, what they bookmarked."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from server.forum.follows import Follow, Interest
from server.forum.marks import Bookmark
from server.forum.model import place_of
from server.storage.mongo import Database, translate_errors
from server.storage.months import month_of, newest
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}
_NAMED = 50

MARK_COLLECTIONS = (
    CollectionSpec(
        name="forum_reads",
        # For whoever is erased; reads are saved many at a time.
        indexes=(Index("account", (("account_id", 1),)),),
        validator=schema_validator({"_id": _TEXT, "account_id": _TEXT, "topic_id": _TEXT, "seq": _NUMBER}),
    ),
    CollectionSpec(
        name="forum_bookmarks",
        indexes=(
            Index("account_post_unique", (("account_id", 1), ("post_id", 1)), unique=True),
            Index("account_month", (("account_id", 1), ("month", 1))),
        ),
        validator=schema_validator(
            {"_id": _TEXT, "account_id": _TEXT, "post_id": _TEXT, "month": _NUMBER, "at": {"bsonType": "date"}}
        ),
    ),
    CollectionSpec(
        name="forum_follows",
        indexes=(Index("target", (("target", 1),)), Index("account", (("account_id", 1),))),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "account_id": _TEXT,
                "target": _TEXT,
                "interest": {"enum": [interest.value for interest in Interest]},
            }
        ),
    ),
)


class MongoMarkStore:
    """Keeps marks of readers."""

    def __init__(self, database: Database) -> None:
        self._reads = database["forum_reads"]
        self._bookmarks = database["forum_bookmarks"]
        self._follows = database["forum_follows"]

    # --- up to where they read -------------------------------------------------------------------------------------

    @translate_errors()
    async def read_marks(self, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Give (account, topic) -> `seq` of what was read last."""
        found: dict[tuple[str, str], int] = {}
        for start in range(0, len(places), _NAMED):
            ids = [f"{account_id}.{topic_id}" for account_id, topic_id in places[start : start + _NAMED]]
            async for document in self._reads.find({"_id": {"$in": ids}}):
                found[document["account_id"], document["topic_id"]] = int(document["seq"])
        return found

    @translate_errors()
    async def save_reads(self, marks: Mapping[tuple[str, str], int]) -> None:
        """Move marks of (account, topic) forward, with one command."""
        await self._reads.bulk_write(
            [
                UpdateOne(
                    {"_id": f"{account_id}.{topic_id}"},
                    {"$max": {"seq": seq}, "$setOnInsert": {"account_id": account_id, "topic_id": topic_id}},
                    upsert=True,
                )
                for (account_id, topic_id), seq in marks.items()
            ],
            ordered=False,
        )

    # --- bookmarks -------------------------------------------------------------------------------------------------

    async def insert_bookmark(self, bookmark: Bookmark) -> bool:
        """Keep a post; False where it is kept already."""
        try:
            async with translate_errors():
                await self._bookmarks.insert_one(
                    {
                        "_id": bookmark.id,
                        "account_id": bookmark.account_id,
                        "post_id": bookmark.post_id,
                        "month": month_of(bookmark.id),
                        "at": bookmark.at,
                    }
                )
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def remove_bookmark(self, account_id: str, post_id: str) -> bool:
        """Keep a post no more; False where it was not kept."""
        result = await self._bookmarks.delete_one({"account_id": account_id, "post_id": post_id})
        return result.deleted_count == 1

    @translate_errors()
    async def bookmarked(self, account_id: str, topic_id: str) -> frozenset[int]:
        """Give the `seq` of what an account keeps of a topic."""
        # A range within the index. Posts named one by one beside the account would make the engine leave it.
        query = {"account_id": account_id, "post_id": {"$gt": f"{topic_id}.", "$lt": f"{topic_id}/"}}
        return frozenset([place_of(document["post_id"])[1] async for document in self._bookmarks.find(query)])

    @translate_errors()
    async def bookmarks(self, account_id: str, before_id: str | None, limit: int, now: datetime) -> list[Bookmark]:
        """Give what an account keeps, newest first."""
        found = await newest(self._bookmarks, {"account_id": account_id}, before_id, limit, now=now)
        return [Bookmark(item["_id"], item["account_id"], item["post_id"], item["at"]) for item in found]

    # --- what they follow ------------------------------------------------------------------------------------------

    @translate_errors()
    async def set_follow(self, follow: Follow) -> None:
        """Write what an account wants to hear of something."""
        await self._follows.update_one(
            {"_id": _follow_id(follow)},
            {
                "$set": {"interest": follow.interest.value},
                "$setOnInsert": {"account_id": follow.account_id, "target": follow.target},
            },
            upsert=True,
        )

    @translate_errors()
    async def add_follow(self, follow: Follow) -> None:
        """The same, unless the account has said something about it before."""
        await self._follows.update_one(
            {"_id": _follow_id(follow)},
            {
                "$setOnInsert": {
                    "account_id": follow.account_id,
                    "target": follow.target,
                    "interest": follow.interest.value,
                }
            },
            upsert=True,
        )

    @translate_errors()
    async def follows_of(self, account_id: str, targets: Sequence[str] | None = None) -> list[Follow]:
        """Give what an account said of some things, at most 50, or of all."""
        if targets is None:
            query: dict[str, object] = {"account_id": account_id}
        else:
            query = {"_id": {"$in": [f"{account_id}|{target}" for target in targets]}}
        return [_follow(document) async for document in self._follows.find(query)]

    @translate_errors()
    async def followers(self, targets: Sequence[str]) -> list[Follow]:
        """Give who said something of some things, at most 50."""
        return [_follow(document) async for document in self._follows.find({"target": {"$in": list(targets)}})]


def _follow_id(follow: Follow) -> str:
    return f"{follow.account_id}|{follow.target}"


def _follow(document: Mapping[str, str]) -> Follow:
    return Follow(document["account_id"], document["target"], Interest(document["interest"]))
