"""Taking somebody out of the forum, in MongoDB: what is not a post's or a topic's own text. Safe to repeat."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, Final

from server.forum.marks_store import MARK_COLLECTIONS
from server.kernel.erased import NOBODY
from server.kernel.text import RedactedText
from server.storage.mongo import Database, translate_errors
from server.storage.schema import CollectionSpec
from server.storage.traces import having

_NAMED: Final = 50


class MongoForumErasureStore:
    """Finds traces of somebody, and removes them.

    Args:
        database: where.
        specs: collections of the forum.
    """

    def __init__(self, database: Database, specs: Sequence[CollectionSpec]) -> None:
        self._database = database
        self._specs = {spec.name: spec for spec in specs}
        self._revisions = database["forum_revisions"]
        self._polls = database["forum_polls"]
        self._drafts = database["forum_drafts"]
        self._marks = {spec.name: database[spec.name] for spec in MARK_COLLECTIONS}

    def having(self, name: str, words: Collection[str]) -> AsyncIterator[Any]:
        """Give the ids in a collection of all documents in which some words stand."""
        return having(self._database, self._specs[name], words)

    @translate_errors()
    async def counts(self, account_id: str) -> tuple[int, int]:
        """Say how many marks and how many drafts somebody has."""
        marks = 0
        for collection in self._marks.values():
            marks += await collection.count_documents({"account_id": account_id})
        return marks, await self._drafts.count_documents({"account_id": account_id})

    @translate_errors()
    async def remove_marks(self, account_id: str) -> int:
        """Remove bookmarks, follows, read marks and drafts; give how many."""
        count = 0
        for collection in (*self._marks.values(), self._drafts):
            count += (await collection.delete_many({"account_id": account_id})).deleted_count
        return count

    @translate_errors()
    async def bookmarked(self, account_id: str) -> list[str]:
        """Give the ids of the posts that somebody bookmarked."""
        found = self._marks["forum_bookmarks"].find({"account_id": account_id}, {"post_id": 1})
        return [document["post_id"] async for document in found]

    @translate_errors()
    async def remove_votes(self, account_id: str) -> int:
        """Forget in all polls what somebody chose. What was counted stays counted."""
        chosen = f"votes.{account_id}"
        return (await self._polls.update_many({chosen: {"$exists": True}}, {"$unset": {chosen: ""}})).modified_count

    @translate_errors()
    async def remove_poll(self, post_id: str) -> None:
        """Remove what was asked under a post."""
        await self._polls.delete_one({"_id": post_id})

    @translate_errors()
    async def remove_revisions(self, post_id: str, count: int) -> None:
        """Remove what a post said before."""
        ids = [f"{post_id}.{number}" for number in range(count + 1)]
        for start in range(0, len(ids), _NAMED):
            await self._revisions.delete_many({"_id": {"$in": ids[start : start + _NAMED]}})

    @translate_errors()
    async def revision(self, revision_id: str) -> tuple[str, RedactedText] | None:
        """Give who made an earlier text of a post, and the text."""
        document = await self._revisions.find_one({"_id": revision_id})
        return (document["editor_id"], RedactedText(document["text"])) if document else None

    @translate_errors()
    async def put_revision(self, revision_id: str, account_id: str, text: RedactedText) -> None:
        """Write an earlier text without somebody's name, and, where it was them, without who made it."""
        await self._revisions.update_one({"_id": revision_id}, {"$set": {"text": text.value}})
        await self._revisions.update_one({"_id": revision_id, "editor_id": account_id}, {"$set": {"editor_id": NOBODY}})
