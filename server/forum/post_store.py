"""Posts in MongoDB. A post's `_id` is its place, so the primary key decides who gets a `seq` and serves pages too.

A post whose consequences are not all drawn yet carries `pending`; what is left of it after a crash is found by that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from nlp.labels import Label
from server.audit.model import content_of
from server.forum.consequences import Pending
from server.forum.editing import Revision
from server.forum.model import Post, PostState, post_id
from server.forum.moving import Move
from server.forum.post_fields import contact_fields, text_fields
from server.forum.writing import Inserted
from server.kernel.text import Hidden, RedactedText, redactions_of
from server.markup.html import SafeHtml
from server.storage.mongo import Database, Document, duplicate_index_name, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_FLAG = {"bsonType": "bool"}
_CLIENT_KEY_INDEX = "client_key_unique"
_NAMED = 50
_WITHOUT_REACTED = {"reacted": 0}

POST_COLLECTIONS = (
    CollectionSpec(
        name="forum_posts",
        indexes=(
            Index(_CLIENT_KEY_INDEX, (("client_key", 1),), unique=True),
            Index("author_month", (("author_id", 1), ("month", 1))),
            Index("pending", (("pending", 1),), partial={"pending": {"$exists": True}}),
            Index("contacts", (("contacts", 1),), partial={"contacts": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "topic_id": _TEXT,
                "seq": _NUMBER,
                "client_key": {"bsonType": "binData"},
                "author_id": _TEXT,
                "month": _NUMBER,
                "text": _TEXT,
                "hidden": {"bsonType": "array"},
                "html": _TEXT,
                "created_at": _DATE,
                "state": {"enum": [state.value for state in PostState]},
                "revision": _NUMBER,
                "reply_to": _NUMBER,
                "edited_at": _DATE,
                "reactions": {"bsonType": "object"},
                "reacted": {"bsonType": "object"},
                "wiki": _FLAG,
                "mentions": {"bsonType": "array", "items": _TEXT},
                "quotes": {"bsonType": "array", "items": _NUMBER},
                "poll": _FLAG,
                "editor_id": _TEXT,
                "moved_to": _TEXT,
                "told": _FLAG,
                "reasons": {"bsonType": "array", "items": _TEXT},
                "pending": _NUMBER,
                "contacts": {"bsonType": "array", "items": _TEXT},
                "contacts_closed": _FLAG,
            },
            optional=(
                "reply_to",
                "edited_at",
                "reactions",
                "reacted",
                "wiki",
                "mentions",
                "quotes",
                "poll",
                "editor_id",
                "moved_to",
                "told",
                "reasons",
                "pending",
                "contacts",
                "contacts_closed",
            ),
        ),
        walk=Walk("client_key", Spread.DIGESTS),
    ),
    CollectionSpec(
        name="forum_moves",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "by": _TEXT,
                "source": _TEXT,
                "target": _TEXT,
                "seqs": {"bsonType": "array", "items": _NUMBER},
            }
        ),
    ),
    CollectionSpec(
        name="forum_revisions",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "post_id": _TEXT,
                "number": _NUMBER,
                "editor_id": _TEXT,
                "at": _DATE,
                "text": _TEXT,
                "closed": {"bsonType": "bool"},
            }
        ),
    ),
)


def _nobody(_: str) -> None:
    """Nobody wants to know."""


class MongoPostStore:
    """Keeps posts.

    Args:
        database: where.
        revised: told of a topic of which a post has changed.
    """

    def __init__(self, database: Database, revised: Callable[[str], None] = _nobody) -> None:
        self._revised = revised
        self._posts = database["forum_posts"]
        self._topics = database["forum_topics"]
        self._revisions = database["forum_revisions"]
        self._moves = database["forum_moves"]

    async def insert_post(self, post: Post, key: bytes, reasons: Sequence[str] = (), *, told: bool = False) -> Inserted:
        """Insert a post at its place, with all consequences still to draw; nobody is told of one that they know."""
        document = {**document_of(post, key), "pending": 1}
        if told:
            document["told"] = True
        if reasons:
            document["reasons"] = list(reasons)
        try:
            async with translate_errors():
                await self._posts.insert_one(document)
        except DuplicateKeyError as error:
            duplicate = duplicate_index_name(error)
            if duplicate is None:
                raise
            return Inserted.REPEATED if duplicate[1] == _CLIENT_KEY_INDEX else Inserted.TAKEN
        return Inserted.STORED

    @translate_errors()
    async def find_written(self, key: bytes) -> Post | None:
        """Read a post by its author's own id of it."""
        document = await self._posts.find_one({"client_key": key}, _WITHOUT_REACTED)
        return post_of(document) if document else None

    @translate_errors()
    async def find_post(self, topic_id: str, seq: int) -> Post | None:
        """Read one post."""
        document = await self._posts.find_one({"_id": post_id(topic_id, seq)}, _WITHOUT_REACTED)
        return post_of(document) if document else None

    async def posts(self, topic_id: str, seqs: Iterable[int]) -> list[Post]:
        """Read the posts of a topic at some places, ascending."""
        found = await self.find_posts([post_id(topic_id, seq) for seq in seqs])
        return sorted(found.values(), key=lambda post: post.seq)

    @translate_errors()
    async def find_posts(self, ids: Sequence[str]) -> dict[str, Post]:
        """Read posts by their ids, which are named one by one and not too many at once (see `chat.store`)."""
        found: dict[str, Post] = {}
        for start in range(0, len(ids), _NAMED):
            query = {"_id": {"$in": list(ids[start : start + _NAMED])}}
            async for document in self._posts.find(query, _WITHOUT_REACTED):
                found[document["_id"]] = post_of(document)
        return found

    @translate_errors()
    async def texts(self, ids: Sequence[str]) -> dict[str, str]:
        """Give what digests are made of, of those posts that there are; at most 50."""
        found = self._posts.find({"_id": {"$in": list(ids)}}, {"text": 1, "html": 1})
        return {item["_id"]: content_of(item["text"], item["html"]) async for item in found}

    @staticmethod
    def text_id(topic_id: str, seq: int) -> str:
        """Give the id of a post by its place."""
        return post_id(topic_id, seq)

    @translate_errors()
    async def pending(self) -> list[Pending]:
        """Read the posts whose consequences are not all drawn: after a crash, those that were under way."""
        found = self._posts.find({"pending": {"$exists": True}}, _WITHOUT_REACTED)
        return [_pending(document) async for document in found]

    @translate_errors()
    async def with_contacts(self) -> list[Post]:
        """Read the posts that are marked to show a contact of their writer: few, and in no order."""
        found = self._posts.find({"contacts": {"$exists": True}}, _WITHOUT_REACTED)
        return [post_of(document) async for document in found]

    @translate_errors()
    async def find_pending(self, ids: Sequence[str]) -> list[Pending]:
        """Read those of some posts that have consequences to draw; at most 50."""
        found = self._posts.find({"_id": {"$in": list(ids)}}, _WITHOUT_REACTED)
        return [_pending(document) async for document in found if "pending" in document]

    @translate_errors()
    async def drawn(self, done: Sequence[Pending]) -> None:
        """Remember, with one command, whose consequences are drawn, unless they have changed since."""
        if done:
            await self._posts.bulk_write([_drawn(item) for item in done], ordered=False)

    @translate_errors()
    async def touch(self, of_post: str) -> None:
        """Remember that a post's consequences are to be drawn again."""
        await self._posts.update_one({"_id": of_post}, {"$inc": {"pending": 1}})

    @translate_errors()
    async def change_post(
        self, post: Post, fields: Mapping[str, Any], *, gone: Sequence[str] = (), rises: bool = True
    ) -> Post | None:
        """Write some fields of a post if nobody else has changed its text or state since it was read.

        Its topic's revision rises with it, by which every process sees that what it keeps of the posts is outdated.

        Args:
            post: as it was read.
            fields: name -> value, in the form of the store.
            gone: fields to remove.
            rises: whether it counts as another revision.

        Returns:
            The post as it is now, or None. Its consequences are still to draw.
        """
        update: Document = {"$inc": {"pending": 1, "revision": int(rises)}}
        if fields:
            update["$set"] = dict(fields)
        if gone:
            update["$unset"] = dict.fromkeys(gone, "")
        document = await self._posts.find_one_and_update(
            {"_id": post.id, "revision": post.revision, "state": post.state.value},
            update,
            projection=_WITHOUT_REACTED,
            return_document=True,
        )
        if not document:
            return None
        try:
            # After the change, never before it: what is read in between is kept under the revision that ends now.
            await self._topics.update_one({"_id": post.topic_id}, {"$inc": {"revision": 1}})
        finally:
            self._revised(post.topic_id)
        return post_of(document)

    @translate_errors()
    async def react(self, of_post: str, account_id: str, kind: str, *, given: bool) -> Post | None:
        """Count a reaction, or count it no more, in one step with who gave it.

        Returns:
            The post as it is now; None where it was so already.
        """
        given_by = f"reacted.{account_id}"
        step = 1 if given else -1
        document = await self._posts.find_one_and_update(
            {"_id": of_post, given_by: {"$ne": kind} if given else kind},
            {"$addToSet" if given else "$pull": {given_by: kind}, "$inc": {f"reactions.{kind}": step, "pending": 1}},
            projection=_WITHOUT_REACTED,
            return_document=True,
        )
        return post_of(document) if document else None

    @translate_errors()
    async def reactions_of(self, account_id: str, post_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Give what an account has reacted with to some posts, by their ids."""
        found: dict[str, frozenset[str]] = {}
        for start in range(0, len(post_ids), _NAMED):
            query = {"_id": {"$in": list(post_ids[start : start + _NAMED])}}
            async for document in self._posts.find(query, {f"reacted.{account_id}": 1}):
                kinds = document.get("reacted", {}).get(account_id, ())
                if kinds:
                    found[document["_id"]] = frozenset(kinds)
        return found

    @translate_errors()
    async def take_over(self, of_post: str, new_id: str) -> None:
        """Give a post that was moved the reactions to what it was."""
        before = await self._posts.find_one({"_id": of_post}, {"reacted": 1, "reactions": 1})
        if before is not None and "reacted" in before:
            fields = {"reacted": before["reacted"], "reactions": before.get("reactions", {})}
            await self._posts.update_one({"_id": new_id, "reacted": {"$exists": False}}, {"$set": fields})

    @translate_errors()
    async def begin_move(self, move: Move) -> None:
        """Remember what is about to be done, so that it is done also after a crash."""
        await self._moves.insert_one(
            {"_id": move.id, "by": move.by, "source": move.source, "target": move.target, "seqs": list(move.seqs)}
        )

    @translate_errors()
    async def end_move(self, move_id: str) -> None:
        """Forget what has been done."""
        await self._moves.delete_one({"_id": move_id})

    @translate_errors()
    async def moves(self) -> list[Move]:
        """Read what was begun and not ended: nothing, but after a crash."""
        return [
            Move(item["_id"], item["by"], item["source"], item["target"], tuple(int(seq) for seq in item["seqs"]))
            async for item in self._moves.find({})
        ]

    @translate_errors()
    async def keep_revision(self, revision: Revision) -> None:
        """Keep what a post was, once."""
        await self._revisions.update_one(
            {"_id": f"{revision.post_id}.{revision.number}"},
            {
                "$setOnInsert": {
                    "post_id": revision.post_id,
                    "number": revision.number,
                    "editor_id": revision.editor_id,
                    "at": revision.at,
                    "text": revision.text.value,
                    "closed": revision.closed,
                }
            },
            upsert=True,
        )

    @translate_errors()
    async def revisions(self, of_post: str, first: int, count: int) -> list[Revision]:
        """Read what a post was, from a revision on up to its revision `count`, oldest first."""
        found: list[Revision] = []
        for start in range(first, count, _NAMED):
            ids = [f"{of_post}.{number}" for number in range(start, min(start + _NAMED, count))]
            found += [_revision(document) async for document in self._revisions.find({"_id": {"$in": ids}})]
        return sorted(found, key=lambda item: item.number)

    @translate_errors()
    async def by_author(self, author_id: str, above: int, up_to: int) -> list[Post]:
        """Read what somebody wrote in some months, `above < month <= up_to`; in no order."""
        query = {"author_id": author_id, "month": {"$gt": above, "$lte": up_to}}
        return [post_of(document) async for document in self._posts.find(query, _WITHOUT_REACTED)]


def document_of(post: Post, key: bytes) -> Document:
    """Give the stored form of a post: without reactions, which are counted in the store, and with nothing to draw."""
    document: Document = {
        "_id": post.id,
        "topic_id": post.topic_id,
        "seq": post.seq,
        "client_key": key,
        "author_id": post.author_id,
        "month": post.created_at.year * 12 + post.created_at.month - 1,
        "created_at": post.created_at,
        "state": post.state.value,
        "revision": post.revision,
        **text_fields(post),
        **contact_fields(post),
    }
    if post.reply_to is not None:
        document["reply_to"] = post.reply_to
    if post.wiki:
        document["wiki"] = True
    if post.poll:
        document["poll"] = True
    if post.contacts_closed:
        document["contacts_closed"] = True
    if post.edited_at is not None:
        document["edited_at"] = post.edited_at
    return document


def _revision(document: Document) -> Revision:
    return Revision(
        document["post_id"],
        int(document["number"]),
        document["editor_id"],
        document["at"],
        RedactedText(document["text"]),
        bool(document.get("closed", False)),
    )


def _drawn(item: Pending) -> UpdateOne:
    update: Document = {"$unset": {"pending": ""}}
    if item.told:
        update["$set"] = {"told": True}
    return UpdateOne({"_id": item.post.id, "pending": item.count}, update)


def _pending(document: Document) -> Pending:
    return Pending(
        post_of(document),
        count=int(document["pending"]),
        told=bool(document.get("told", False)),
        reasons=tuple(document.get("reasons", ())),
    )


def post_of(document: Document) -> Post:
    """Read a post's document."""
    hidden = tuple((Hidden(Label(label), digest), int(number)) for label, digest, number in document["hidden"])
    reply_to = document.get("reply_to")
    return Post(
        topic_id=document["topic_id"],
        seq=int(document["seq"]),
        author_id=document["author_id"],
        text=RedactedText(document["text"]),
        hidden=hidden,
        redactions=redactions_of(hidden),
        html=SafeHtml(document["html"]),
        created_at=document["created_at"],
        state=PostState(document["state"]),
        reply_to=None if reply_to is None else int(reply_to),
        edited_at=document.get("edited_at"),
        revision=int(document["revision"]),
        reactions={kind: int(count) for kind, count in document.get("reactions", {}).items() if count},
        wiki=bool(document.get("wiki", False)),
        mentions=tuple(document.get("mentions", ())),
        quotes=tuple(int(seq) for seq in document.get("quotes", ())),
        poll=bool(document.get("poll", False)),
        editor_id=document.get("editor_id"),
        moved_to=document.get("moved_to"),
        contacts=tuple(document.get("contacts", ())),
        contacts_closed=bool(document.get("contacts_closed", False)),
    )
