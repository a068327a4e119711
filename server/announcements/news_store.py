"""Product news and who was told of it, in MongoDB."""

from collections.abc import Sequence

from pymongo.errors import BulkWriteError

from server.announcements.news import News
from server.kernel.text import RedactedText
from server.markup.html import SafeHtml
from server.storage.counters import allot, last
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}
_COUNTER = "product_news"
_DUPLICATE = 11000

NEWS_COLLECTIONS = (
    CollectionSpec(
        name="product_news",
        indexes=(
            Index("number_unique", (("number", 1),), unique=True),
            Index("sending", (("sending", 1),), partial={"sending": True}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "title": _TEXT,
                "text": _TEXT,
                "html": _TEXT,
                "by": _TEXT,
                "at": {"bsonType": "date"},
                "sending": {"bsonType": "bool"},
                "told": _NUMBER,
            }
        ),
        walk=Walk("number", Spread.NUMBERS),
    ),
    CollectionSpec(
        name="product_news_readers",
        indexes=(Index("account", (("account_id", 1),)),),
        validator=schema_validator({"_id": _TEXT, "news_id": _TEXT, "account_id": _TEXT}),
    ),
)


class MongoNewsStore:
    """Keeps it."""

    def __init__(self, database: Database) -> None:
        self._news = database["product_news"]
        self._readers = database["product_news_readers"]
        self._counters = database["counters"]

    @translate_errors()
    async def next_news(self) -> int:
        """Allot the number of a piece of news."""
        return await allot(self._counters, _COUNTER)

    @translate_errors()
    async def last_news(self) -> int:
        """Give the highest number; 0 when there is none."""
        return await last(self._counters, _COUNTER)

    @translate_errors()
    async def insert_news(self, news: News) -> None:
        """Insert one."""
        document: Document = {
            "_id": news.id,
            "number": news.number,
            "title": news.title.value,
            "text": news.text.value,
            "html": news.html.value,
            "by": news.by,
            "at": news.at,
            "sending": news.sending,
            "told": news.told,
        }
        await self._news.insert_one(document)

    @translate_errors()
    async def find_news(self, number: int) -> News | None:
        """Read one by its number."""
        document = await self._news.find_one({"number": number})
        return _in(document) if document else None

    @translate_errors()
    async def find_news_id(self, news_id: str) -> News | None:
        """Read one by its id."""
        document = await self._news.find_one({"_id": news_id})
        return _in(document) if document else None

    @translate_errors()
    async def news_window(self, above: int, up_to: int) -> list[News]:
        """Read those with `above < number <= up_to`, the newest first."""
        found = self._news.find({"number": {"$gt": above, "$lte": up_to}})
        return sorted([_in(document) async for document in found], key=lambda news: -news.number)

    @translate_errors()
    async def unsent_news(self) -> list[News]:
        """Read those of which people are still to be told; in no order."""
        return [_in(document) async for document in self._news.find({"sending": True})]

    @translate_errors()
    async def untold(self, news_id: str, account_ids: Sequence[str]) -> list[str]:
        """Give those of at most 50 accounts that were not told of it."""
        ids = [_reader(news_id, account) for account in account_ids]
        known = {document["_id"] async for document in self._readers.find({"_id": {"$in": ids}}, {"_id": 1})}
        return [account for account in account_ids if _reader(news_id, account) not in known]

    @translate_errors()
    async def told(self, news_id: str, account_ids: Sequence[str]) -> None:
        """Write down that accounts were told."""
        if not account_ids:
            return
        documents = [
            {"_id": _reader(news_id, account), "news_id": news_id, "account_id": account} for account in account_ids
        ]
        try:
            await self._readers.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            # Another process told them at the same moment.
            if any(int(item["code"]) != _DUPLICATE for item in error.details["writeErrors"]):
                raise
        await self._news.update_one({"_id": news_id}, {"$inc": {"told": len(account_ids)}})

    @translate_errors()
    async def sent(self, news_id: str) -> None:
        """Write down that nobody is left to be told."""
        await self._news.update_one({"_id": news_id}, {"$set": {"sending": False}})

    @translate_errors()
    async def forget_reader(self, account_id: str) -> None:
        """Forget of what an account was told."""
        await self._readers.delete_many({"account_id": account_id})


def _reader(news_id: str, account_id: str) -> str:
    return f"{news_id}:{account_id}"


def _in(document: Document) -> News:
    return News(
        id=document["_id"],
        number=int(document["number"]),
        title=RedactedText(document["title"]),
        text=RedactedText(document["text"]),
        html=SafeHtml(document["html"]),
        by=document["by"],
        at=document["at"],
        sending=bool(document["sending"]),
        told=int(document["told"]),
    )
