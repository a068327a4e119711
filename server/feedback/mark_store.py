"""Votes and follows in MongoDB, one a person, and for a week what tells voters apart who act as one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from server.feedback.records import Ring, Trace, Vote
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_FLAG = {"bsonType": "bool"}
_NAMED = 50
_TRACED: Final = timedelta(days=7)

MARK_COLLECTIONS = (
    CollectionSpec(
        name="feedback_votes",
        indexes=(
            Index("item", (("item_id", 1),)),
            Index("account", (("account_id", 1),)),
            Index("pending", (("pending", 1),), partial={"pending": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "item_id": _TEXT,
                "account_id": _TEXT,
                "at": _DATE,
                "weight": _NUMBER,
                "origin": _TEXT,
                "pending": _DATE,
                "gone": _FLAG,
            },
            optional=("origin", "pending", "gone"),
        ),
    ),
    CollectionSpec(
        name="feedback_follows",
        indexes=(
            Index("item", (("item_id", 1),)),
            Index("account", (("account_id", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "item_id": _TEXT,
                "account_id": _TEXT,
                "at": _DATE,
                "origin": _TEXT,
            },
            optional=("origin",),
        ),
    ),
    CollectionSpec(
        name="feedback_vote_traces",
        indexes=(
            Index("item", (("item_id", 1),)),
            Index("network", (("network", 1),)),
            Index("forgotten", (("at", 1),), expire_after_seconds=int(_TRACED.total_seconds())),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "item_id": _TEXT,
                "account_id": _TEXT,
                "network": _TEXT,
                "level": _NUMBER,
                "joined_at": _DATE,
                "at": _DATE,
            }
        ),
    ),
    CollectionSpec(
        name="feedback_rings",
        indexes=(Index("item", (("item_id", 1),)),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "item_id": _TEXT,
                "accounts": {"bsonType": "array", "items": _TEXT},
                "reasons": {"bsonType": "array", "items": _TEXT},
                "found_at": _DATE,
                "ruling": {"enum": ["weighed_out", "counted", "confirmed"]},
                "ruled_by": _TEXT,
                "ruled_at": _DATE,
            },
            optional=("ruled_by", "ruled_at"),
        ),
    ),
)


class MongoMarkStore:
    """Keeps votes, follows, and what was found about votes."""

    def __init__(self, database: Database) -> None:
        self._votes = database["feedback_votes"]
        self._follows = database["feedback_follows"]
        self._traces = database["feedback_vote_traces"]
        self._rings = database["feedback_rings"]

    # --- votes -----------------------------------------------------------------------------------------------------

    async def insert_vote(self, vote: Vote) -> bool:
        """Insert a vote that is not counted yet; False when there is one of that person."""
        document: Document = {
            "_id": f"{vote.item_id}:{vote.account_id}",
            "item_id": vote.item_id,
            "account_id": vote.account_id,
            "at": vote.at,
            "weight": vote.weight,
            "pending": vote.at,
        }
        if vote.origin is not None:
            document["origin"] = vote.origin
        return await _insert(self._votes, document)

    @translate_errors()
    async def begin_retracting(self, item_id: str, account_id: str, at: datetime) -> Vote | None:
        """Mark a vote as one that goes; None when there is none that was counted."""
        document = await self._votes.find_one_and_update(
            {"_id": f"{item_id}:{account_id}", "pending": {"$exists": False}}, {"$set": {"pending": at, "gone": True}}
        )
        return _vote(document) if document else None

    @translate_errors()
    async def remove_vote(self, item_id: str, account_id: str) -> None:
        """Remove a vote whose going was counted."""
        await self._votes.delete_one({"_id": f"{item_id}:{account_id}"})

    @translate_errors()
    async def counted(self, item_id: str, account_id: str) -> None:
        """Say that a vote was counted."""
        await self._votes.update_one({"_id": f"{item_id}:{account_id}"}, {"$unset": {"pending": ""}})

    @translate_errors()
    async def votes_of_item(self, item_id: str) -> list[Vote]:
        """Read all votes for an item but those that go; in no order."""
        found = self._votes.find({"item_id": item_id})
        return [_vote(document) async for document in found if "gone" not in document]

    @translate_errors()
    async def voted(self, account_id: str, item_ids: Sequence[str]) -> frozenset[str]:
        """Say for which of some items somebody voted."""
        found: set[str] = set()
        for start in range(0, len(item_ids), _NAMED):
            ids = [f"{item_id}:{account_id}" for item_id in item_ids[start : start + _NAMED]]
            async for document in self._votes.find({"_id": {"$in": ids}}):
                if "gone" not in document:
                    found.add(document["item_id"])
        return frozenset(found)

    @translate_errors()
    async def unsettled(self, until: datetime) -> set[str]:
        """Give the items with votes that were left half counted; those that go are gone then, the others counted in."""
        items: set[str] = set()
        async for document in self._votes.find({"pending": {"$lte": until}}):
            items.add(document["item_id"])
            if "gone" in document:
                await self._votes.delete_one({"_id": document["_id"], "gone": True})
            else:
                await self._votes.update_one({"_id": document["_id"]}, {"$unset": {"pending": ""}})
        return items

    @translate_errors()
    async def is_unsettled(self, item_id: str) -> bool:
        """Whether some vote for an item is being counted."""
        return any("pending" in document for document in await self._votes.find({"item_id": item_id}).to_list(None))

    @translate_errors()
    async def weigh(self, item_id: str, accounts: Sequence[str], weight: int) -> None:
        """Let some votes count, or no longer."""
        for start in range(0, len(accounts), _NAMED):
            ids = [f"{item_id}:{account}" for account in accounts[start : start + _NAMED]]
            await self._votes.update_many({"_id": {"$in": ids}}, {"$set": {"weight": weight}})

    @translate_errors()
    async def remove_votes_from(self, item_id: str, origin: str) -> None:
        """Remove the votes that came to an item with another."""
        gone = [vote.account_id for vote in await self.votes_of_item(item_id) if vote.origin == origin]
        for start in range(0, len(gone), _NAMED):
            ids = [f"{item_id}:{account}" for account in gone[start : start + _NAMED]]
            await self._votes.delete_many({"_id": {"$in": ids}, "origin": origin})

    # --- follows ---------------------------------------------------------------------------------------------------

    async def insert_follow(self, item_id: str, account_id: str, at: datetime, origin: str | None = None) -> bool:
        """Let somebody follow an item; False when they do."""
        document: Document = {
            "_id": f"{item_id}:{account_id}",
            "item_id": item_id,
            "account_id": account_id,
            "at": at,
        }
        if origin is not None:
            document["origin"] = origin
        return await _insert(self._follows, document)

    @translate_errors()
    async def remove_follow(self, item_id: str, account_id: str) -> bool:
        """Let somebody follow an item no longer; False when they did not."""
        result = await self._follows.delete_one({"_id": f"{item_id}:{account_id}"})
        return bool(result.deleted_count)

    @translate_errors()
    async def follows(self, item_id: str, account_id: str) -> bool:
        """Whether somebody follows an item."""
        return await self._follows.find_one({"_id": f"{item_id}:{account_id}"}) is not None

    @translate_errors()
    async def followers(self, item_id: str) -> dict[str, str | None]:
        """Give who follows an item -> the item with which they came."""
        found = self._follows.find({"item_id": item_id})
        return {document["account_id"]: document.get("origin") async for document in found}

    @translate_errors()
    async def remove_follows_from(self, item_id: str, origin: str) -> None:
        """Remove the follows that came to an item with another."""
        gone = [account for account, source in (await self.followers(item_id)).items() if source == origin]
        for start in range(0, len(gone), _NAMED):
            ids = [f"{item_id}:{account}" for account in gone[start : start + _NAMED]]
            await self._follows.delete_many({"_id": {"$in": ids}, "origin": origin})

    # --- rings -----------------------------------------------------------------------------------------------------

    @translate_errors()
    async def trace(self, trace: Trace) -> None:
        """Remember for a week what tells a voter apart."""
        await self._traces.update_one(
            {"_id": f"{trace.item_id}:{trace.account_id}"},
            {
                "$set": {
                    "item_id": trace.item_id,
                    "account_id": trace.account_id,
                    "network": trace.network,
                    "level": trace.level,
                    "joined_at": trace.joined_at,
                    "at": trace.at,
                }
            },
            upsert=True,
        )

    @translate_errors()
    async def traces_of_item(self, item_id: str) -> list[Trace]:
        """Read what is remembered of an item's voters; in no order."""
        return [_trace(document) async for document in self._traces.find({"item_id": item_id})]

    @translate_errors()
    async def traces_of_network(self, network: str) -> list[Trace]:
        """Read what is remembered of voters from one network; in no order."""
        return [_trace(document) async for document in self._traces.find({"network": network})]

    @translate_errors()
    async def put_ring(self, ring: Ring) -> None:
        """Write what was found, or ruled."""
        document: Document = {
            "item_id": ring.item_id,
            "accounts": list(ring.accounts),
            "reasons": list(ring.reasons),
            "found_at": ring.found_at,
            "ruling": ring.ruling,
        }
        if ring.ruled_by is not None:
            document |= {"ruled_by": ring.ruled_by, "ruled_at": ring.ruled_at}
        await self._rings.update_one({"_id": ring.id}, {"$set": document}, upsert=True)

    @translate_errors()
    async def rings_of_item(self, item_id: str) -> list[Ring]:
        """Read what was found about an item's votes."""
        return [_ring(document) async for document in self._rings.find({"item_id": item_id})]

    @translate_errors()
    async def find_ring(self, ring_id: str) -> Ring | None:
        """Read one finding."""
        document = await self._rings.find_one({"_id": ring_id})
        return _ring(document) if document else None

    @translate_errors()
    async def forget_in_rings(self, account_id: str) -> int:
        """Take somebody who is erased out of what was found; give out of how many. They are few."""
        taken = await self._rings.update_many({"accounts": account_id}, {"$pull": {"accounts": account_id}})
        return int(taken.modified_count)

    @translate_errors()
    async def rings(self) -> list[Ring]:
        """Read all findings: few, for they are rare; in no order."""
        return [_ring(document) async for document in self._rings.find({})]


async def _insert(collection: Any, document: Document) -> bool:
    try:
        async with translate_errors():
            await collection.insert_one(document)
    except DuplicateKeyError:
        return False
    return True


def _vote(document: Document) -> Vote:
    return Vote(
        document["item_id"], document["account_id"], document["at"], int(document["weight"]), document.get("origin")
    )


def _trace(document: Document) -> Trace:
    return Trace(
        document["item_id"],
        document["account_id"],
        document["network"],
        int(document["level"]),
        document["joined_at"],
        document["at"],
    )


def _ring(document: Document) -> Ring:
    return Ring(
        document["_id"],
        document["item_id"],
        tuple(document["accounts"]),
        tuple(document["reasons"]),
        document["found_at"],
        document["ruling"],
        document.get("ruled_by"),
        document.get("ruled_at"),
    )
