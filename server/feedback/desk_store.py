"""What staff keep beside items: areas, canned answers, saved views, corrections, merges on their way."""

from server.feedback.model import Area
from server.feedback.records import Canned, Correction, Merge, SavedView
from server.kernel.text import RedactedText
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_FLAG = {"bsonType": "bool"}

DESK_COLLECTIONS = (
    CollectionSpec(
        name="feedback_areas",
        validator=schema_validator(
            {"_id": _TEXT, "name": {"bsonType": "object"}, "position": _NUMBER, "archived": _FLAG}
        ),
    ),
    CollectionSpec(
        name="feedback_canned",
        validator=schema_validator({"_id": _TEXT, "title": _TEXT, "text": _TEXT, "by": _TEXT, "at": _DATE}),
    ),
    CollectionSpec(
        name="feedback_views",
        indexes=(Index("account", (("account_id", 1),)),),
        validator=schema_validator(
            {"_id": _TEXT, "account_id": _TEXT, "name": _TEXT, "query": {"bsonType": "object"}, "at": _DATE}
        ),
    ),
    CollectionSpec(
        name="feedback_corrections",
        indexes=(Index("item", (("item_id", 1),)),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "item_id": _TEXT,
                "task": _TEXT,
                "proposed": {"bsonType": ["string", "null"]},
                "chosen": {"bsonType": ["string", "null"]},
                "by": _TEXT,
                "at": _DATE,
            }
        ),
    ),
    CollectionSpec(
        name="feedback_merges",
        validator=schema_validator(
            {"_id": _TEXT, "source": _TEXT, "target": _TEXT, "by": _TEXT, "undo": _FLAG, "at": _DATE}
        ),
    ),
)


class MongoDeskStore:
    """Keeps it."""

    def __init__(self, database: Database) -> None:
        self._areas = database["feedback_areas"]
        self._canned = database["feedback_canned"]
        self._views = database["feedback_views"]
        self._corrections = database["feedback_corrections"]
        self._merges = database["feedback_merges"]

    @translate_errors()
    async def areas(self) -> list[Area]:
        """Read all areas: a dozen; in no order."""
        return [
            Area(document["_id"], dict(document["name"]), int(document["position"]), bool(document["archived"]))
            async for document in self._areas.find({})
        ]

    @translate_errors()
    async def put_area(self, area: Area) -> None:
        """Write an area."""
        fields: Document = {"name": dict(area.name), "position": area.position, "archived": area.archived}
        await self._areas.update_one({"_id": area.key}, {"$set": fields}, upsert=True)

    @translate_errors()
    async def lay_areas(self, areas: list[Area]) -> None:
        """Write those that are not there."""
        for area in areas:
            fields: Document = {"name": dict(area.name), "position": area.position, "archived": area.archived}
            await self._areas.update_one({"_id": area.key}, {"$setOnInsert": fields}, upsert=True)

    @translate_errors()
    async def canned(self) -> list[Canned]:
        """Read all ready answers; in no order."""
        return [
            Canned(
                document["_id"],
                RedactedText(document["title"]),
                RedactedText(document["text"]),
                document["by"],
                document["at"],
            )
            async for document in self._canned.find({})
        ]

    @translate_errors()
    async def put_canned(self, canned: Canned) -> None:
        """Write a ready answer."""
        fields: Document = {
            "title": canned.title.value,
            "text": canned.text.value,
            "by": canned.by,
            "at": canned.at,
        }
        await self._canned.update_one({"_id": canned.id}, {"$set": fields}, upsert=True)

    @translate_errors()
    async def remove_canned(self, canned_id: str) -> bool:
        """Remove one; False when there was none."""
        return bool((await self._canned.delete_one({"_id": canned_id})).deleted_count)

    @translate_errors()
    async def views(self, account_id: str) -> list[SavedView]:
        """Read somebody's lists; in no order."""
        return [
            SavedView(
                document["_id"],
                document["account_id"],
                RedactedText(document["name"]),
                document["at"],
                dict(document["query"]),
            )
            async for document in self._views.find({"account_id": account_id})
        ]

    @translate_errors()
    async def insert_view(self, view: SavedView) -> None:
        """Write a list."""
        await self._views.insert_one(
            {
                "_id": view.id,
                "account_id": view.account_id,
                "name": view.name.value,
                "query": dict(view.query),
                "at": view.at,
            }
        )

    @translate_errors()
    async def remove_view(self, account_id: str, view_id: str) -> bool:
        """Remove somebody's list; False when it was none of theirs."""
        return bool((await self._views.delete_one({"_id": view_id, "account_id": account_id})).deleted_count)

    @translate_errors()
    async def put_correction(self, correction: Correction) -> None:
        """Write what was corrected; the last one about a task of an item holds."""
        fields: Document = {
            "item_id": correction.item_id,
            "task": correction.task,
            "proposed": correction.proposed,
            "chosen": correction.chosen,
            "by": correction.by,
            "at": correction.at,
        }
        identity = f"{correction.item_id}:{correction.task}"
        await self._corrections.update_one({"_id": identity}, {"$set": fields}, upsert=True)

    @translate_errors()
    async def corrections(self) -> list[Correction]:
        """Read all, for training; in no order."""
        return [
            Correction(
                document["item_id"],
                document["task"],
                document["proposed"],
                document["chosen"],
                document["by"],
                document["at"],
            )
            async for document in self._corrections.find({})
        ]

    @translate_errors()
    async def begin_merge(self, merge: Merge) -> None:
        """Remember a merge before its first step; one at a time for each source."""
        fields: Document = {
            "source": merge.source,
            "target": merge.target,
            "by": merge.by,
            "undo": merge.undo,
            "at": merge.at,
        }
        await self._merges.update_one({"_id": merge.source}, {"$set": fields}, upsert=True)

    @translate_errors()
    async def end_merge(self, source: str) -> None:
        """Forget a merge that is done."""
        await self._merges.delete_one({"_id": source})

    @translate_errors()
    async def merges(self) -> list[Merge]:
        """Read those that a crash interrupted."""
        return [
            Merge(document["source"], document["target"], document["by"], bool(document["undo"]), document["at"])
            async for document in self._merges.find({})
        ]
