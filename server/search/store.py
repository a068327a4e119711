"""The index in MongoDB: one document a post, found by one key and a window of dense numbers.

Only the key and the number stand in a filter: any further condition would make the embedded engine read far more than
the window (`docs/performance.md`). Holds stems and keys, and of the openings the redacted title.
"""

from collections.abc import Sequence

from server.forum.model import post_id
from server.kernel.text import RedactedText
from server.search.model import Entry
from server.storage.counters import allot, last
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator
from server.storage.traces import having

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}
_KEYS = {"bsonType": "array", "items": _TEXT}
_NAMED = 50
_COUNTER = "search"

SEARCH_COLLECTIONS = (
    CollectionSpec(
        name="search_documents",
        indexes=(
            Index("key_number", (("keys", 1), ("number", 1))),
            Index("number_unique", (("number", 1),), unique=True),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "topic_id": _TEXT,
                "seq": _NUMBER,
                "category_id": _TEXT,
                "author_id": _TEXT,
                "at": {"bsonType": "date"},
                "keys": _KEYS,
                "head": _KEYS,
                "title": _TEXT,
                "topic_number": _NUMBER,
                "slug": _TEXT,
            },
            optional=("title", "topic_number", "slug"),
        ),
        walk=Walk("number", Spread.NUMBERS),
    ),
)


class MongoSearchStore:
    """Keeps the index."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._documents = database["search_documents"]
        self._counters = database["counters"]

    @translate_errors()
    async def last_number(self) -> int:
        """Give the highest number allotted; 0 when there is none."""
        return await last(self._counters, _COUNTER)

    @translate_errors()
    async def allot(self, count: int) -> int:
        """Allot some numbers; give the last of them."""
        return await allot(self._counters, _COUNTER, count)

    @translate_errors()
    async def insert(self, entries: Sequence[Entry]) -> None:
        """Insert entries that have their numbers and are not there yet."""
        await self._documents.insert_many([document_of(entry) for entry in entries], ordered=False)

    @translate_errors()
    async def replace(self, entry: Entry) -> None:
        """Write an entry in place of the one of the same post; harmless when repeated, also where there is none."""
        await self._documents.replace_one({"_id": entry.post_id}, document_of(entry), upsert=True)

    @translate_errors()
    async def inherit(self, topic_id: str, seqs: Sequence[int], category_id: str, head: frozenset[str]) -> None:
        """Tell the entries of answers what has become of their topic."""
        fields: Document = {"category_id": category_id, "head": sorted(head)}
        for start in range(0, len(seqs), _NAMED):
            ids = [post_id(topic_id, seq) for seq in seqs[start : start + _NAMED]]
            await self._documents.update_many({"_id": {"$in": ids}}, {"$set": fields})

    @translate_errors()
    async def drop(self, post_ids: Sequence[str]) -> None:
        """Forget posts."""
        for start in range(0, len(post_ids), _NAMED):
            await self._documents.delete_many({"_id": {"$in": list(post_ids[start : start + _NAMED])}})

    async def of_author(self, account_id: str) -> list[str]:
        """Give the posts of somebody that are in the index: all of it is read for that."""
        return [post_id async for post_id in having(self._database, SEARCH_COLLECTIONS[0], [account_id])]

    @translate_errors()
    async def find(self, post_ids: Sequence[str]) -> dict[str, Entry]:
        """Read the entries that there are of some posts."""
        found: dict[str, Entry] = {}
        for start in range(0, len(post_ids), _NAMED):
            ids = list(post_ids[start : start + _NAMED])
            async for document in self._documents.find({"_id": {"$in": ids}}):
                found[document["_id"]] = _entry(document)
        return found

    @translate_errors()
    async def with_key(self, key: str, above: int, up_to: int) -> list[Entry]:
        """Read the entries that have a key, with `above < number <= up_to`; in no order."""
        query = {"keys": key, "number": {"$gt": above, "$lte": up_to}}
        return [_entry(document) async for document in self._documents.find(query)]

    @translate_errors()
    async def numbered(self, above: int, up_to: int) -> list[Entry]:
        """Read the entries with `above < number <= up_to`; in no order."""
        found = self._documents.find({"number": {"$gt": above, "$lte": up_to}})
        return [_entry(document) async for document in found]


def document_of(entry: Entry) -> Document:
    """Give the stored form of an entry."""
    document: Document = {
        "_id": entry.post_id,
        "number": entry.number,
        "topic_id": entry.topic_id,
        "seq": entry.seq,
        "category_id": entry.category_id,
        "author_id": entry.author_id,
        "at": entry.at,
        "keys": sorted(entry.keys),
        "head": sorted(entry.head),
    }
    if entry.title is not None:
        document |= {"title": entry.title.value, "topic_number": entry.topic_number, "slug": entry.slug}
    return document


def _entry(document: Document) -> Entry:
    title = document.get("title")
    return Entry(
        topic_id=document["topic_id"],
        seq=int(document["seq"]),
        category_id=document["category_id"],
        author_id=document["author_id"],
        at=document["at"],
        keys=frozenset(document["keys"]),
        head=frozenset(document["head"]),
        number=int(document["number"]),
        title=None if title is None else RedactedText(title),
        topic_number=int(document.get("topic_number", 0)),
        slug=str(document.get("slug", "")),
    )
