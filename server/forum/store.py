"""Categories and topics in MongoDB. Only indexed fields in filters, windows of dense numbers instead of sorts.

Topics are listed by `bump`, a number that rises with every published post over all topics; a topic that was never
published has 0.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.errors import DuplicateKeyError

from nlp.labels import Label
from server.forum.model import Audience, Category, Post, PostState, Topic, TopicState
from server.forum.writing import Opened
from server.kernel.errors import Conflict
from server.kernel.text import RedactedText, Redaction
from server.storage.counters import allot, last
from server.storage.mongo import Database, Document, duplicate_index_name, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_FLAG = {"bsonType": "bool"}
_TEXTS = {"bsonType": "array", "items": _TEXT}
_WITHOUT_NUMBERS = {"numbers": 0}
_NAMED = 50
_CLIENT_KEY_INDEX = "client_key_unique"

TOPIC_COLLECTIONS = (
    CollectionSpec(
        name="forum_categories",
        indexes=(Index("slug_unique", (("slug", 1),), unique=True),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "slug": _TEXT,
                "name": _TEXT,
                "description": _TEXT,
                "readers": {"enum": [audience.value for audience in Audience]},
                "writers": {"enum": [audience.value for audience in Audience]},
                "contact_allowed": _FLAG,
                "position": _NUMBER,
                "archived": _FLAG,
                "topics": _NUMBER,
                "posts": _NUMBER,
            }
        ),
    ),
    CollectionSpec(
        name="forum_topics",
        indexes=(
            Index("number_unique", (("number", 1),), unique=True),
            Index(_CLIENT_KEY_INDEX, (("client_key", 1),), unique=True),
            Index("bump", (("bump", 1),)),
            Index("category_bump", (("category_id", 1), ("bump", 1))),
            Index("tags_bump", (("tags", 1), ("bump", 1))),
            Index("pinned", (("pinned_in", 1),), partial={"pinned_in": {"$exists": True}}),
            Index("due", (("due", 1),), partial={"due": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "client_key": {"bsonType": "binData"},
                "category_id": _TEXT,
                "slug": _TEXT,
                "title": _TEXT,
                "redactions": {"bsonType": "array"},
                "author_id": _TEXT,
                "created_at": _DATE,
                "state": {"enum": [state.value for state in TopicState]},
                "bump": _NUMBER,
                "active_at": _DATE,
                "last_author_id": _TEXT,
                "last_seq": _NUMBER,
                "replies": _NUMBER,
                "likes": _NUMBER,
                "tags": _TEXTS,
                "numbers": {"bsonType": "object"},
                "revision": _NUMBER,
                "locked": _FLAG,
                "archived": _FLAG,
                "pinned_in": _TEXT,
                "accepted_seq": _NUMBER,
                "publish_at": _DATE,
                "due": _DATE,
                "moved_to": _TEXT,
            },
            optional=("pinned_in", "accepted_seq", "publish_at", "due", "moved_to"),
        ),
        walk=Walk("number", Spread.NUMBERS),
    ),
)


class MongoTopicStore:
    """Keeps categories and topics."""

    def __init__(self, database: Database) -> None:
        self._categories = database["forum_categories"]
        self._topics = database["forum_topics"]
        self._counters = database["counters"]

    # --- counters --------------------------------------------------------------------------------------------------

    async def next_number(self) -> int:
        """Allot the next topic's number."""
        return await allot(self._counters, "forum_topics")

    async def next_bump(self) -> int:
        """Allot the next place in the lists."""
        return await allot(self._counters, "forum_bump")

    async def last_bump(self) -> int:
        """Give the highest place allotted; 0 when there is none."""
        return await last(self._counters, "forum_bump")

    async def last_number(self) -> int:
        """Give the highest number of a topic; 0 when there is none."""
        return await last(self._counters, "forum_topics")

    # --- categories ------------------------------------------------------------------------------------------------

    @translate_errors()
    async def categories(self) -> list[Category]:
        """Read all categories: a few dozen."""
        return [_category(document) async for document in self._categories.find({})]

    async def insert_category(self, category: Category) -> bool:
        """Insert one; False when another has its slug."""
        try:
            async with translate_errors():
                await self._categories.insert_one({**_category_fields(category), "_id": category.id, **_NOTHING_YET})
        except DuplicateKeyError:
            return False
        return True

    async def change_category(self, category: Category) -> bool:
        """Write all but the counters; False when another has its slug."""
        try:
            async with translate_errors():
                await self._categories.update_one({"_id": category.id}, {"$set": _category_fields(category)})
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def set_counts(self, category_id: str, topics: int, posts: int) -> None:
        """Write what was counted."""
        await self._categories.update_one({"_id": category_id}, {"$set": {"topics": topics, "posts": posts}})

    @translate_errors()
    async def add_counts(self, category_id: str, topics: int, posts: int) -> None:
        """Count on."""
        await self._categories.update_one({"_id": category_id}, {"$inc": {"topics": topics, "posts": posts}})

    # --- topics ----------------------------------------------------------------------------------------------------

    async def insert_topic(self, topic: Topic, client_key: bytes, numbers: Mapping[str, int]) -> bool:
        """Insert a topic without posts; False when its author's own id is there already."""
        document = document_of(topic, client_key, numbers)
        try:
            async with translate_errors():
                await self._topics.insert_one(document)
        except DuplicateKeyError as error:
            duplicate = duplicate_index_name(error)
            if duplicate is not None and duplicate[1] == "_id_":
                # Two topics of one draft at the same moment.
                raise Conflict from None
            if duplicate is None or duplicate[1] != _CLIENT_KEY_INDEX:
                raise
            return False
        return True

    @translate_errors()
    async def find_topic(self, topic_id: str) -> Topic | None:
        """Read a topic."""
        document = await self._topics.find_one({"_id": topic_id}, _WITHOUT_NUMBERS)
        return topic_of(document) if document else None

    @translate_errors()
    async def find_numbered(self, number: int) -> Topic | None:
        """Read a topic by its number."""
        document = await self._topics.find_one({"number": number}, _WITHOUT_NUMBERS)
        return topic_of(document) if document else None

    @translate_errors()
    async def find_begun(self, client_key: bytes) -> Topic | None:
        """Read a topic by its author's own id of it."""
        document = await self._topics.find_one({"client_key": client_key}, _WITHOUT_NUMBERS)
        return topic_of(document) if document else None

    @translate_errors()
    async def find_topics(self, topic_ids: Sequence[str]) -> dict[str, Topic]:
        """Read topics by their ids."""
        found: dict[str, Topic] = {}
        for start in range(0, len(topic_ids), _NAMED):
            ids = list(topic_ids[start : start + _NAMED])
            async for document in self._topics.find({"_id": {"$in": ids}}, _WITHOUT_NUMBERS):
                found[document["_id"]] = topic_of(document)
        return found

    @translate_errors()
    async def in_window(self, above: int, up_to: int, category_id: str | None, tag: str | None) -> list[Topic]:
        """Read the topics with `above < bump <= up_to`, of a category or with a tag if given; in no order."""
        query: Document = {"bump": {"$gt": above, "$lte": up_to}}
        if tag is not None:
            query["tags"] = tag
        elif category_id is not None:
            query["category_id"] = category_id
        return [topic_of(document) async for document in self._topics.find(query, _WITHOUT_NUMBERS)]

    @translate_errors()
    async def numbered_window(self, above: int, up_to: int) -> list[Topic]:
        """Read the topics with `above < number <= up_to`; in no order."""
        query = {"number": {"$gt": above, "$lte": up_to}}
        return [topic_of(document) async for document in self._topics.find(query, _WITHOUT_NUMBERS)]

    @translate_errors()
    async def pinned(self, category_id: str) -> list[Topic]:
        """Read what is pinned in a category."""
        return [topic_of(item) async for item in self._topics.find({"pinned_in": category_id}, _WITHOUT_NUMBERS)]

    @translate_errors()
    async def open(self, topic_id: str) -> Opened | None:
        """Read a topic with its numbering, to write into it."""
        document = await self._topics.find_one({"_id": topic_id})
        if document is None:
            return None
        return Opened(topic_of(document), {key: int(number) for key, number in document["numbers"].items()})

    @translate_errors()
    async def advance(self, topic: Topic, post: Post, bump: int, numbers: Mapping[str, int]) -> bool:
        """Count a stored post in its topic, once: the topic must still end with the post before it.

        Args:
            topic: as it was before.
            post: the next one.
            bump: its place in the lists; 0 where it is not public.
            numbers: what is new in the numbering.
        """
        fields: Document = {f"numbers.{key}": number for key, number in numbers.items()}
        fields["last_seq"] = post.seq
        update: Document = {}
        added = {"revision": 1}
        if post.state is PostState.PUBLISHED and bump:
            fields |= {"bump": bump, "last_author_id": post.author_id}
            update["$max"] = {"active_at": post.created_at}
            added["replies"] = int(post.seq > 1)
        elif post.seq == 1 and post.state is PostState.HELD and topic.state is TopicState.PUBLISHED:
            fields["state"] = TopicState.HELD.value
        result = await self._topics.update_one(
            {"_id": topic.id, "last_seq": post.seq - 1}, {**update, "$set": fields, "$inc": added}
        )
        return result.matched_count == 1

    @translate_errors()
    async def change(self, topic: Topic, fields: Mapping[str, Any], *, gone: Sequence[str] = ()) -> Topic | None:
        """Write some fields of a topic if nobody else has changed it since it was read.

        Args:
            topic: as it was read.
            fields: name -> value, in the form of the store.
            gone: fields to remove.

        Returns:
            The topic as it is now, or None.
        """
        update: Document = {"$inc": {"revision": 1}}
        if fields:
            update["$set"] = dict(fields)
        if gone:
            update["$unset"] = dict.fromkeys(gone, "")
        document = await self._topics.find_one_and_update(
            {"_id": topic.id, "revision": topic.revision}, update, projection=_WITHOUT_NUMBERS, return_document=True
        )
        return topic_of(document) if document else None

    @translate_errors()
    async def learn(self, topic_id: str, numbers: Mapping[str, int]) -> None:
        """Remember values' numbers."""
        fields = {f"numbers.{key}": number for key, number in numbers.items()}
        await self._topics.update_one({"_id": topic_id}, {"$set": fields})

    @translate_errors()
    async def set_topic_counts(self, topic_id: str, replies: int, likes: int) -> None:
        """Write what was counted."""
        await self._topics.update_one(
            {"_id": topic_id}, {"$set": {"replies": replies, "likes": likes}, "$inc": {"revision": 1}}
        )

    @translate_errors()
    async def count(self, topic_id: str, *, replies: int = 0, likes: int = 0) -> None:
        """Count on; the revision rises, for caches."""
        await self._topics.update_one({"_id": topic_id}, {"$inc": {"replies": replies, "likes": likes, "revision": 1}})

    @translate_errors()
    async def due_until(self, moment: Any) -> list[Topic]:
        """Read the scheduled topics whose time has come."""
        return [topic_of(item) async for item in self._topics.find({"due": {"$lte": moment}}, _WITHOUT_NUMBERS)]


_NOTHING_YET = {"topics": 0, "posts": 0}


def _category_fields(category: Category) -> Document:
    return {
        "slug": category.slug,
        "name": category.name.value,
        "description": category.description.value,
        "readers": category.readers.value,
        "writers": category.writers.value,
        "contact_allowed": category.contact_allowed,
        "position": category.position,
        "archived": category.archived,
    }


def _category(document: Document) -> Category:
    return Category(
        id=document["_id"],
        slug=document["slug"],
        name=RedactedText(document["name"]),
        description=RedactedText(document["description"]),
        readers=Audience(document["readers"]),
        writers=Audience(document["writers"]),
        contact_allowed=bool(document["contact_allowed"]),
        position=int(document["position"]),
        archived=bool(document["archived"]),
        topics=int(document["topics"]),
        posts=int(document["posts"]),
    )


def document_of(topic: Topic, client_key: bytes, numbers: Mapping[str, int]) -> Document:
    """Give the stored form of a new topic; its numbering is `LABEL:digest` -> N."""
    fields: Document = {
        "_id": topic.id,
        "client_key": client_key,
        "numbers": dict(numbers),
        "number": topic.number,
        "category_id": topic.category_id,
        "slug": topic.slug,
        "title": topic.title.value,
        "redactions": [[item.placeholder, item.label.value] for item in topic.redactions],
        "author_id": topic.author_id,
        "created_at": topic.created_at,
        "state": topic.state.value,
        "bump": topic.bump,
        "active_at": topic.active_at,
        "last_author_id": topic.last_author_id,
        "last_seq": topic.last_seq,
        "replies": topic.replies,
        "likes": topic.likes,
        "tags": list(topic.tags),
        "locked": topic.locked,
        "archived": topic.archived,
        "revision": topic.revision,
    }
    if topic.publish_at is not None:
        fields |= {"publish_at": topic.publish_at, "due": topic.publish_at}
    return fields


def topic_of(document: Document) -> Topic:
    """Read a topic's document."""
    accepted = document.get("accepted_seq")
    return Topic(
        id=document["_id"],
        number=int(document["number"]),
        category_id=document["category_id"],
        slug=document["slug"],
        title=RedactedText(document["title"]),
        redactions=tuple(Redaction(placeholder, Label(label)) for placeholder, label in document["redactions"]),
        author_id=document["author_id"],
        created_at=document["created_at"],
        state=TopicState(document["state"]),
        bump=int(document["bump"]),
        active_at=document["active_at"],
        last_author_id=document["last_author_id"],
        last_seq=int(document["last_seq"]),
        replies=int(document["replies"]),
        likes=int(document["likes"]),
        tags=tuple(document["tags"]),
        pinned="pinned_in" in document,
        locked=bool(document["locked"]),
        archived=bool(document["archived"]),
        accepted_seq=None if accepted is None else int(accepted),
        publish_at=document.get("publish_at"),
        moved_to=document.get("moved_to"),
        revision=int(document["revision"]),
    )
