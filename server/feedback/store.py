"""Feedback items in MongoDB. Only indexed fields in filters, windows of dense numbers instead of sorts.

Each write of a record raises its `revision`, on which the next depends, and gives it the next `change` over all items.
An item whose consequences are not all drawn yet carries `pending`; what is left of it after a crash is found by that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from server.feedback.announced import GIVEN
from server.feedback.field_store import item_in, item_out
from server.feedback.model import Item, Kind, Priority, Sight, State, Visibility
from server.feedback.records import Opened, Pending
from server.storage.counters import allot, last
from server.storage.mongo import Database, Document, duplicate_index_name, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_TEXT_OR_NONE = {"bsonType": ["string", "null"]}
_DATE = {"bsonType": "date"}
_DATE_OR_NONE = {"bsonType": ["date", "null"]}
_NUMBER = {"bsonType": ["int", "long"]}
_FLAG = {"bsonType": "bool"}
_TEXTS = {"bsonType": "array", "items": _TEXT}
_OBJECT_OR_NONE = {"bsonType": ["object", "null"]}
_WITHOUT_NUMBERS = {"numbers": 0}
_NAMED = 50
_CLIENT_KEY_INDEX = "client_key_unique"

ITEM_COLLECTIONS = (
    CollectionSpec(
        name="feedback_items",
        indexes=(
            Index("number_unique", (("number", 1),), unique=True),
            Index(_CLIENT_KEY_INDEX, (("client_key", 1),), unique=True),
            Index("change", (("change", 1),)),
            Index("author_number", (("author_id", 1), ("number", 1))),
            Index("code_unique", (("code", 1),), unique=True, partial={"code": {"$exists": True}}),
            Index("pending", (("pending", 1),), partial={"pending": {"$exists": True}}),
            Index("open_number", (("open", 1), ("number", 1)), partial={"open": {"$exists": True}}),
            Index("due", (("due_open", 1),), partial={"due_open": {"$exists": True}}),
            Index("watch", (("watch_open", 1),), partial={"watch_open": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "client_key": {"bsonType": "binData"},
                "kind": {"enum": [kind.value for kind in Kind]},
                "title": _TEXT,
                "text": _TEXT,
                "hidden": {"bsonType": "array"},
                "html": _TEXT,
                "visibility": {"enum": [item.value for item in Visibility]},
                "sight": {"enum": [item.value for item in Sight]},
                "author_id": _TEXT_OR_NONE,
                "created_at": _DATE,
                "changed_at": _DATE,
                "change": _NUMBER,
                "state": {"enum": [state.value for state in State]},
                "area": _TEXT_OR_NONE,
                "tags": _TEXTS,
                "page": _TEXT_OR_NONE,
                "attachment_ids": _TEXTS,
                "files": {"bsonType": "array"},
                "history": {"bsonType": "array"},
                "votes": _NUMBER,
                "weight": _NUMBER,
                "followers": _NUMBER,
                "comment_count": _NUMBER,
                "last_seq": _NUMBER,
                "assignee_id": _TEXT_OR_NONE,
                "priority": {"enum": [item.value for item in Priority]},
                "response": _OBJECT_OR_NONE,
                "proposal": _OBJECT_OR_NONE,
                "triaged": _FLAG,
                "clock": _OBJECT_OR_NONE,
                "due": _DATE_OR_NONE,
                "rating": _OBJECT_OR_NONE,
                "reopened": _FLAG,
                "merged_into": _TEXT_OR_NONE,
                "merged_at": _DATE_OR_NONE,
                "changelog": _OBJECT_OR_NONE,
                "heat": {"bsonType": "double"},
                "edits": _NUMBER,
                "revision": _NUMBER,
                "numbers": {"bsonType": "object"},
                "reasons": _TEXTS,
                "tell": _TEXTS,
                "code": _TEXT,
                "open": _FLAG,
                "due_open": _DATE,
                "watch_open": _DATE,
                "pending": _NUMBER,
            },
            optional=("files", "reasons", "tell", "code", "open", "due_open", "watch_open", "pending"),
        ),
        walk=Walk("number", Spread.NUMBERS),
    ),
)


class MongoItemStore:
    """Keeps items."""

    def __init__(self, database: Database) -> None:
        self._items = database["feedback_items"]
        self._counters = database["counters"]

    # --- counters --------------------------------------------------------------------------------------------------

    async def next_number(self) -> int:
        """Allot the number of an item."""
        return await allot(self._counters, "feedback_items")

    async def next_change(self) -> int:
        """Allot the number of a change."""
        return await allot(self._counters, "feedback_change")

    async def last_number(self) -> int:
        """Give the highest number of an item; 0 when there is none."""
        return await last(self._counters, "feedback_items")

    async def last_change(self) -> int:
        """Give the number of the last change; 0 when there was none."""
        return await last(self._counters, "feedback_change")

    # --- writing ---------------------------------------------------------------------------------------------------

    async def insert_item(
        self,
        item: Item,
        client_key: bytes,
        numbers: Mapping[str, int],
        *,
        code: str | None = None,
        reasons: Sequence[str] = (),
    ) -> bool:
        """Insert an item with all consequences still to draw; False when its sender's own id is there already.

        Args:
            item: it.
            client_key: short form of the sender's own id.
            numbers: its numbering.
            code: keyed digest of the follow-up code.
            reasons: why it is held.
        """
        document = {**item_out(item), "client_key": client_key, "numbers": dict(numbers), "pending": 1}
        document["tell"] = [GIVEN]
        document |= _derived(item)
        if code is not None:
            document["code"] = code
        if reasons:
            document["reasons"] = list(reasons)
        try:
            async with translate_errors():
                await self._items.insert_one(document)
        except DuplicateKeyError as error:
            duplicate = duplicate_index_name(error)
            if duplicate is None or duplicate[1] != _CLIENT_KEY_INDEX:
                raise
            return False
        return True

    @translate_errors()
    async def replace_item(
        self,
        before: Item,
        after: Item,
        *,
        numbers: Mapping[str, int] | None = None,
        tell: Sequence[str] = (),
        draws: bool = True,
    ) -> bool:
        """Write what differs between two forms of an item, if nobody else has changed it since it was read.

        Args:
            before: as it was read.
            after: as it is to be; its `revision` and `change` are the next ones.
            numbers: what is new in its numbering.
            tell: of what its readers are to be told.
            draws: whether consequences follow.
        """
        old, new = item_out(before), item_out(after)
        fields: Document = {name: value for name, value in new.items() if old[name] != value}
        fields |= {f"numbers.{key}": number for key, number in (numbers or {}).items()}
        derived = _derived(after)
        update: Document = {"$set": fields | derived}
        gone = [name for name in ("open", "due_open", "watch_open") if name not in derived]
        if gone:
            update["$unset"] = dict.fromkeys(gone, "")
        if draws:
            update["$inc"] = {"pending": 1}
        if tell:
            update["$push"] = {"tell": {"$each": list(tell)}}
        result = await self._items.update_one({"_id": before.id, "revision": before.revision}, update)
        return result.matched_count == 1

    @translate_errors()
    async def count(
        self, item_id: str, change: int, *, votes: int = 0, weight: int = 0, followers: int = 0, heat: float = 0.0
    ) -> Item | None:
        """Count on; give the item as it is then."""
        added: Document = {"votes": votes, "weight": weight, "followers": followers, "heat": heat, "revision": 1}
        document = await self._items.find_one_and_update(
            {"_id": item_id},
            {"$inc": added, "$max": {"change": change}},
            projection=_WITHOUT_NUMBERS,
            return_document=True,
        )
        return item_in(document) if document else None

    # --- reading ---------------------------------------------------------------------------------------------------

    async def find_item(self, item_id: str) -> Item | None:
        """Read an item."""
        return await self._find({"_id": item_id})

    async def find_numbered(self, number: int) -> Item | None:
        """Read an item by its number."""
        return await self._find({"number": number})

    async def find_given(self, client_key: bytes) -> Item | None:
        """Read an item by its sender's own id of it."""
        return await self._find({"client_key": client_key})

    async def find_by_code(self, code: str) -> Item | None:
        """Read an item by the keyed digest of its follow-up code."""
        return await self._find({"code": code})

    @translate_errors()
    async def _find(self, query: Document) -> Item | None:
        document = await self._items.find_one(query, _WITHOUT_NUMBERS)
        return item_in(document) if document else None

    @translate_errors()
    async def find_items(self, item_ids: Sequence[str]) -> dict[str, Item]:
        """Read items by their ids."""
        found: dict[str, Item] = {}
        for start in range(0, len(item_ids), _NAMED):
            ids = list(item_ids[start : start + _NAMED])
            async for document in self._items.find({"_id": {"$in": ids}}, _WITHOUT_NUMBERS):
                found[document["_id"]] = item_in(document)
        return found

    @translate_errors()
    async def open(self, item_id: str) -> Opened | None:
        """Read an item with its numbering, to write into it."""
        document = await self._items.find_one({"_id": item_id})
        if document is None:
            return None
        return Opened(item_in(document), {key: int(number) for key, number in document["numbers"].items()})

    async def changed_since(self, above: int) -> list[Item]:
        """Read the items with a `change` above a number; in no order."""
        return await self._many({"change": {"$gt": above}})

    async def numbered_window(self, above: int, up_to: int) -> list[Item]:
        """Read the items with `above < number <= up_to`; in no order."""
        return await self._many({"number": {"$gt": above, "$lte": up_to}})

    async def open_window(self, above: int, up_to: int) -> list[Item]:
        """Read the items that stand in an inbox, likewise."""
        return await self._many({"open": True, "number": {"$gt": above, "$lte": up_to}})

    @translate_errors()
    async def forget_sender(self, item_id: str) -> None:
        """Remove the follow-up code of an item whose sender was erased, and what its numbering remembers of values."""
        await self._items.update_one({"_id": item_id}, {"$set": {"numbers": {}}, "$unset": {"code": ""}})

    async def sent_by(self, author_id: str) -> list[Item]:
        """Read what somebody sent; in no order."""
        return await self._many({"author_id": author_id})

    async def due_until(self, moment: datetime) -> list[Item]:
        """Read the open items of whose clocks something is due by a moment; in no order."""
        return await self._many({"due_open": {"$lte": moment}})

    async def watched_until(self, moment: datetime) -> list[Item]:
        """Read the open items whose clocks have to be looked at by a moment; in no order."""
        return await self._many({"watch_open": {"$lte": moment}})

    @translate_errors()
    async def _many(self, query: Document) -> list[Item]:
        return [item_in(document) async for document in self._items.find(query, _WITHOUT_NUMBERS)]

    # --- what is still to be done ----------------------------------------------------------------------------------

    async def pending(self) -> list[Pending]:
        """Read what a crash, or this very process, has left to do."""
        return await self._pending({"pending": {"$exists": True}})

    async def find_pending(self, item_ids: Sequence[str]) -> list[Pending]:
        """Read some, at most 50, as far as something is left to do."""
        return await self._pending({"_id": {"$in": list(item_ids)}})

    @translate_errors()
    async def _pending(self, query: Document) -> list[Pending]:
        return [
            Pending(
                item_in(document),
                tuple(document.get("reasons", ())),
                tuple(document.get("tell", ())),
                int(document["pending"]),
            )
            async for document in self._items.find(query, _WITHOUT_NUMBERS)
            if "pending" in document
        ]

    @translate_errors()
    async def drawn(self, done: Pending) -> None:
        """Forget what was done; what came meanwhile stays."""
        await self.told(done)
        await self._items.update_one(
            {"_id": done.item.id, "pending": done.version}, {"$unset": {"pending": "", "tell": ""}}
        )

    @translate_errors()
    async def told(self, done: Pending) -> None:
        """Forget of whom people were told; everything else stays to be done."""
        if done.tell:
            await self._items.update_one({"_id": done.item.id}, {"$pull": {"tell": {"$in": list(done.tell)}}})

    @translate_errors()
    async def touch(self, item_id: str) -> None:
        """Say that the consequences of an item are to be drawn again."""
        await self._items.update_one({"_id": item_id}, {"$inc": {"pending": 1}})

    @translate_errors()
    async def propose(self, item: Item, proposal: Document) -> bool:
        """Write what was proposed, once, if the item has not changed meanwhile."""
        result = await self._items.update_one(
            {"_id": item.id, "revision": item.revision}, {"$set": {"proposal": proposal}, "$inc": {"revision": 1}}
        )
        return result.matched_count == 1


def _derived(item: Item) -> Document:
    """Fields that are there for their indexes only."""
    if item.state in {State.RESOLVED, State.CLOSED, State.DECLINED, State.MERGED}:
        return {}
    if item.sight in {Sight.WITHDRAWN, Sight.REJECTED}:
        return {}
    moments = {"due_open": item.due, "watch_open": item.clock.get("watch_at") if item.clock is not None else None}
    return {"open": True, **{name: moment for name, moment in moments.items() if moment is not None}}
