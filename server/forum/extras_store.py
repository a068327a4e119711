"""Polls and drafts in MongoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from nlp.labels import Label
from server.forum.drafts import Draft
from server.forum.polls import MOST_VOTERS, Poll
from server.kernel.text import RedactedText, Redaction
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}

EXTRA_COLLECTIONS = (
    CollectionSpec(
        name="forum_polls",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "options": {"bsonType": "array", "items": _TEXT},
                "multiple": {"bsonType": "bool"},
                "closes_at": {"bsonType": ["date", "null"]},
                "counts": {"bsonType": "object"},
                "voters": _NUMBER,
                "votes": {"bsonType": "object"},
            }
        ),
    ),
    CollectionSpec(
        name="forum_drafts",
        indexes=(
            Index("account", (("account_id", 1),)),
            Index("expiry", (("expires_at", 1),), expire_after_seconds=0),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "account_id": _TEXT,
                "place": _TEXT,
                "title": _TEXT,
                "text": _TEXT,
                "redactions": {"bsonType": "array"},
                "saved_at": _DATE,
                "expires_at": _DATE,
                "scope": _TEXT,
                "numbers": {"bsonType": "object"},
            },
            optional=("scope", "numbers"),
        ),
    ),
)


class MongoExtraStore:
    """Keeps polls and drafts."""

    def __init__(self, database: Database) -> None:
        self._polls = database["forum_polls"]
        self._drafts = database["forum_drafts"]

    # --- polls -----------------------------------------------------------------------------------------------------

    @translate_errors()
    async def insert_poll(self, poll: Poll) -> None:
        """Insert a poll, once."""
        await self._polls.update_one(
            {"_id": poll.post_id},
            {
                "$setOnInsert": {
                    "options": [option.value for option in poll.options],
                    "multiple": poll.multiple,
                    "closes_at": poll.closes_at,
                    "counts": {},
                    "voters": 0,
                    "votes": {},
                }
            },
            upsert=True,
        )

    @translate_errors()
    async def polls(self, post_ids: Sequence[str], account_id: str) -> dict[str, tuple[Poll, tuple[int, ...]]]:
        """Give the polls under some posts, at most 50, with what an account chose; nobody else's votes are read."""
        shown = {"options": 1, "multiple": 1, "closes_at": 1, "counts": 1, "voters": 1}
        if account_id:
            shown[f"votes.{account_id}"] = 1
        found: dict[str, tuple[Poll, tuple[int, ...]]] = {}
        async for document in self._polls.find({"_id": {"$in": list(post_ids)}}, shown):
            mine = document.get("votes", {}).get(account_id, ())
            found[document["_id"]] = _poll(document), tuple(int(place) for place in mine)
        return found

    @translate_errors()
    async def vote(
        self, poll: Poll, account_id: str, before: Sequence[int], chosen: Sequence[int], now: datetime
    ) -> bool:
        """Put a vote in the place of another, with the counts, in one step.

        False where it was another meanwhile, the poll is closed, or as many have voted as may.
        """
        steps = {f"counts.{place}": -1 for place in before if place not in chosen}
        steps |= {f"counts.{place}": 1 for place in chosen if place not in before}
        steps["voters"] = int(bool(chosen)) - int(bool(before))
        own = f"votes.{account_id}"
        update: Document = {"$inc": steps}
        update |= {"$set": {own: list(chosen)}} if chosen else {"$unset": {own: ""}}
        query: Document = {"_id": poll.post_id, own: list(before) if before else {"$exists": False}}
        query["$or"] = [{"closes_at": None}, {"closes_at": {"$gt": now}}]
        if steps["voters"] > 0:
            query["voters"] = {"$lt": MOST_VOTERS}
        return (await self._polls.update_one(query, update)).matched_count == 1

    @translate_errors()
    async def close_poll(self, post_id: str, at: datetime) -> None:
        """Take no votes any more."""
        await self._polls.update_one({"_id": post_id}, {"$set": {"closes_at": at}})

    # --- drafts ----------------------------------------------------------------------------------------------------

    @translate_errors()
    async def save_draft(self, draft: Draft, expires_at: datetime) -> None:
        """Keep a draft in the place of what was there."""
        await self._drafts.replace_one(
            {"_id": f"{draft.account_id}|{draft.place}"},
            {
                "_id": f"{draft.account_id}|{draft.place}",
                "account_id": draft.account_id,
                "place": draft.place,
                "title": draft.title.value,
                "text": draft.text.value,
                "redactions": [[item.placeholder, item.label.value] for item in draft.redactions],
                "saved_at": draft.saved_at,
                "expires_at": expires_at,
                "scope": draft.scope,
                "numbers": dict(draft.numbers),
            },
            upsert=True,
        )

    @translate_errors()
    async def find_draft(self, account_id: str, place: str) -> Draft | None:
        """Read one draft."""
        document = await self._drafts.find_one({"_id": f"{account_id}|{place}"})
        return _draft(document) if document else None

    @translate_errors()
    async def drafts(self, account_id: str) -> list[Draft]:
        """Read an account's drafts: a few dozen at most."""
        return [_draft(document) async for document in self._drafts.find({"account_id": account_id})]

    @translate_errors()
    async def held_by_draft(self, account_id: str, place: str) -> Mapping[str, int]:
        """Read what was hidden in a draft."""
        document = await self._drafts.find_one({"_id": f"{account_id}|{place}"}, {"numbers": 1})
        return _numbers(document or {})

    @translate_errors()
    async def scope_of_draft(self, account_id: str, place: str) -> str:
        """Read the scope of a draft's digests."""
        document = await self._drafts.find_one({"_id": f"{account_id}|{place}"}, {"scope": 1})
        return str((document or {}).get("scope", ""))

    @translate_errors()
    async def remove_draft(self, account_id: str, place: str) -> None:
        """Forget a draft."""
        await self._drafts.delete_one({"_id": f"{account_id}|{place}"})


def _poll(document: Document) -> Poll:
    options = tuple(RedactedText(option) for option in document["options"])
    counts = document["counts"]
    return Poll(
        post_id=document["_id"],
        options=options,
        multiple=bool(document["multiple"]),
        closes_at=document["closes_at"],
        counts=tuple(int(counts.get(str(place), 0)) for place in range(len(options))),
        voters=int(document["voters"]),
    )


def _draft(document: Document) -> Draft:
    return Draft(
        account_id=document["account_id"],
        place=document["place"],
        title=RedactedText(document["title"]),
        text=RedactedText(document["text"]),
        redactions=tuple(Redaction(placeholder, Label(label)) for placeholder, label in document["redactions"]),
        saved_at=document["saved_at"],
        # Those that were kept before there was such a thing have none: what is hidden in them stays escaped.
        scope=document.get("scope", ""),
        numbers=_numbers(document),
    )


def _numbers(document: Document) -> dict[str, int]:
    return {key: int(number) for key, number in document.get("numbers", {}).items()}
