"""What the desk keeps for itself, in MongoDB: ready answers, macros, views, agents, settings, questions to customers.

Small lists that are read whole.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from server.chat.model import Status
from server.desk.agents import USUAL_CAPACITY, Desk
from server.desk.model import Assigning, Availability, Filter, Priority, SavedView, Sort, StepKind
from server.desk.office import Canned, Macro, Step
from server.desk.settings import LabelInfo, Policy, Settings
from server.kernel.text import RedactedText
from server.storage.leases import Leases
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}
_DATE = {"bsonType": "date"}
_MAYBE_DATE = {"bsonType": ["date", "null"]}
_FLAG = {"bsonType": "bool"}
_TEXTS = {"bsonType": "array", "items": _TEXT}
_SETTINGS: Final = "desk"

OFFICE_COLLECTIONS = (
    CollectionSpec(
        name="desk_canned",
        indexes=(Index("shortcut_unique", (("shortcut", 1),), unique=True),),
        validator=schema_validator(
            {"_id": _TEXT, "shortcut": _TEXT, "title": _TEXT, "text": _TEXT, "by": _TEXT, "updated_at": _DATE}
        ),
    ),
    CollectionSpec(
        name="desk_macros",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "title": _TEXT,
                "steps": {"bsonType": "array", "items": {"bsonType": "object"}},
                "by": _TEXT,
                "updated_at": _DATE,
            }
        ),
    ),
    CollectionSpec(
        name="desk_views",
        indexes=(Index("owner", (("owner_id", 1),)), Index("shared", (("shared", 1),))),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "owner_id": _TEXT,
                "name": _TEXT,
                "filter": {"bsonType": "object"},
                "shared": _FLAG,
                "created_at": _DATE,
            }
        ),
    ),
    CollectionSpec(
        name="desk_agents",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "status": {"enum": [status.value for status in Availability]},
                "skills": _TEXTS,
                "capacity": _NUMBER,
            },
            optional=("status", "skills", "capacity"),
        ),
    ),
    CollectionSpec(
        name="desk_leases",
        validator=schema_validator({"_id": _TEXT, "holder": _TEXT, "until": _DATE, "last": _TEXT}),
    ),
    CollectionSpec(
        name="desk_settings",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "policies": {"bsonType": "object"},
                "warn_at": _NUMBER,
                "escalate_after": {"bsonType": "array", "items": _NUMBER},
                "assigning": {"enum": [way.value for way in Assigning]},
                "labels": {"bsonType": "object"},
                "changed_at": _MAYBE_DATE,
                "revision": _NUMBER,
            }
        ),
    ),
)


class MongoOfficeStore:
    """Keeps all of that."""

    def __init__(self, database: Database) -> None:
        self._canned = database["desk_canned"]
        self._macros = database["desk_macros"]
        self._views = database["desk_views"]
        self._agents = database["desk_agents"]
        self._leases = database["desk_leases"]
        self._settings = database["desk_settings"]

    # --- ready answers and macros ----------------------------------------------------------------------------------

    @translate_errors()
    async def canned(self) -> list[Canned]:
        """Read all ready answers; in no order."""
        return [
            Canned(
                item["_id"],
                item["shortcut"],
                RedactedText(item["title"]),
                RedactedText(item["text"]),
                item["by"],
                item["updated_at"],
            )
            async for item in self._canned.find({})
        ]

    async def put_canned(self, canned: Canned) -> bool:
        """Write a ready answer; False where another has its shortcut."""
        fields: Document = {
            "shortcut": canned.shortcut,
            "title": canned.title.value,
            "text": canned.text.value,
            "by": canned.by,
            "updated_at": canned.updated_at,
        }
        try:
            async with translate_errors():
                await self._canned.update_one({"_id": canned.id}, {"$set": fields}, upsert=True)
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def remove_canned(self, canned_id: str) -> bool:
        """Remove one; False where there was none."""
        return bool((await self._canned.delete_one({"_id": canned_id})).deleted_count)

    @translate_errors()
    async def macros(self) -> list[Macro]:
        """Read all macros; in no order."""
        return [
            Macro(
                item["_id"],
                RedactedText(item["title"]),
                tuple(_step(step) for step in item["steps"]),
                item["by"],
                item["updated_at"],
            )
            async for item in self._macros.find({})
        ]

    @translate_errors()
    async def put_macro(self, macro: Macro) -> None:
        """Write a macro."""
        fields: Document = {
            "title": macro.title.value,
            "steps": [_step_document(step) for step in macro.steps],
            "by": macro.by,
            "updated_at": macro.updated_at,
        }
        await self._macros.update_one({"_id": macro.id}, {"$set": fields}, upsert=True)

    @translate_errors()
    async def remove_macro(self, macro_id: str) -> bool:
        """Remove one; False where there was none."""
        return bool((await self._macros.delete_one({"_id": macro_id})).deleted_count)

    # --- views -----------------------------------------------------------------------------------------------------

    @translate_errors()
    async def views_of(self, account_id: str) -> list[SavedView]:
        """Read somebody's own views and the shared ones; in no order."""
        found = {item["_id"]: item async for item in self._views.find({"owner_id": account_id})}
        found |= {item["_id"]: item async for item in self._views.find({"shared": True})}
        return [_view(item) for item in found.values()]

    @translate_errors()
    async def find_view(self, view_id: str) -> SavedView | None:
        """Read one."""
        item = await self._views.find_one({"_id": view_id})
        return _view(item) if item else None

    @translate_errors()
    async def add_view(self, view: SavedView) -> None:
        """Insert one."""
        wanted = view.filter
        await self._views.insert_one(
            {
                "_id": view.id,
                "owner_id": view.owner_id,
                "name": view.name.value,
                "filter": {
                    "status": wanted.status and wanted.status.value,
                    "assignee": wanted.assignee,
                    "label": wanted.label,
                    "priority": wanted.priority and wanted.priority.value,
                    "waiting": wanted.waiting,
                    "snoozed": wanted.snoozed,
                    "sort": wanted.sort.value,
                },
                "shared": view.shared,
                "created_at": view.created_at,
            }
        )

    @translate_errors()
    async def change_view(self, view: SavedView) -> bool:
        """Write a view's name and whether it is shared; False where it is gone."""
        change = {"name": view.name.value, "shared": view.shared}
        return bool((await self._views.update_one({"_id": view.id}, {"$set": change})).matched_count)

    @translate_errors()
    async def remove_view(self, view_id: str) -> None:
        """Remove one."""
        await self._views.delete_one({"_id": view_id})

    # --- agents ----------------------------------------------------------------------------------------------------

    @translate_errors()
    async def desks(self) -> dict[str, Desk]:
        """Read what is kept of agents, by account."""
        return {
            item["_id"]: Desk(
                item["_id"],
                Availability(item.get("status", Availability.AVAILABLE)),
                frozenset(item.get("skills", ())),
                int(item.get("capacity", USUAL_CAPACITY)),
            )
            async for item in self._agents.find({})
        }

    @translate_errors()
    async def put_desk(self, account_id: str, fields: Mapping[str, object]) -> None:
        """Write some fields of an agent."""
        await self._agents.update_one({"_id": account_id}, {"$set": dict(fields)}, upsert=True)

    async def take_lease(self, name: str, holder: str, now: datetime, until: datetime) -> str | None:
        """Take or prolong the right to do something alone; give what was noted last, or None where another has it."""
        found = await Leases(self._leases, name, {"last": ""}).take(holder, now, until)
        return None if found is None else str(found["last"])

    @translate_errors()
    async def note_turn(self, name: str, holder: str, account_id: str) -> None:
        """Remember who got the last one."""
        await self._leases.update_one({"_id": name, "holder": holder}, {"$set": {"last": account_id}})

    # --- settings --------------------------------------------------------------------------------------------------

    @translate_errors()
    async def load_settings(self) -> Settings | None:
        """Read the settings; None until somebody changed them."""
        item = await self._settings.find_one({"_id": _SETTINGS})
        return _settings(item) if item else None

    async def save_settings(self, settings: Settings) -> bool:
        """Write the settings if nobody has meanwhile; say whether."""
        document: Document = {
            "policies": {
                priority.value: [policy.first_response, policy.resolution]
                for priority, policy in settings.policies.items()
            },
            "warn_at": settings.warn_at,
            "escalate_after": list(settings.escalate_after),
            "assigning": settings.assigning.value,
            "labels": {
                key: {
                    "name": label.name.value,
                    "colour": label.colour,
                    "skill": label.skill,
                    "archived": label.archived,
                }
                for key, label in settings.labels.items()
            },
            "changed_at": settings.changed_at,
            "revision": settings.revision,
        }
        try:
            async with translate_errors():
                if settings.revision == 1:
                    await self._settings.insert_one({"_id": _SETTINGS, **document})
                    return True
                result = await self._settings.replace_one(
                    {"_id": _SETTINGS, "revision": settings.revision - 1}, document
                )
        except DuplicateKeyError:
            return False
        return result.matched_count == 1


def _step_document(step: Step) -> Document:
    return {
        "kind": step.kind.value,
        "canned_id": step.canned_id,
        "label": step.label,
        "priority": step.priority and step.priority.value,
        "hours": step.hours,
        "agent_id": step.agent_id,
    }


def _step(item: Mapping[str, Any]) -> Step:
    priority, hours = item["priority"], item["hours"]
    return Step(
        StepKind(item["kind"]),
        item["canned_id"],
        item["label"],
        None if priority is None else Priority(priority),
        None if hours is None else int(hours),
        item["agent_id"],
    )


def _view(item: Mapping[str, Any]) -> SavedView:
    wanted = item["filter"]
    status, priority = wanted["status"], wanted["priority"]
    return SavedView(
        item["_id"],
        item["owner_id"],
        RedactedText(item["name"]),
        Filter(
            None if status is None else Status(status),
            wanted["assignee"],
            wanted["label"],
            None if priority is None else Priority(priority),
            wanted["waiting"],
            wanted["snoozed"],
            Sort(wanted["sort"]),
        ),
        item["shared"],
        item["created_at"],
    )


def _minutes(value: Any) -> int | None:
    return None if value is None else int(value)


def _settings(item: Mapping[str, Any]) -> Settings:
    return Settings(
        {Priority(key): Policy(_minutes(first), _minutes(last)) for key, (first, last) in item["policies"].items()},
        int(item["warn_at"]),
        tuple(int(minutes) for minutes in item["escalate_after"]),
        Assigning(item["assigning"]),
        {
            key: LabelInfo(key, RedactedText(label["name"]), int(label["colour"]), label["skill"], label["archived"])
            for key, label in item["labels"].items()
        },
        item["changed_at"],
        int(item["revision"]),
    )
