"""Services, what is told of them, and who uses which, in MongoDB."""

from collections.abc import Mapping, Sequence

from pymongo.errors import DuplicateKeyError

from server.announcements.model import Component, Impact, Phase, ServiceEvent, Update
from server.kernel.text import RedactedText
from server.markup.html import SafeHtml
from server.storage.counters import allot, last
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_TEXTS = {"bsonType": "array", "items": _TEXT}

ANNOUNCEMENT_COLLECTIONS = (
    CollectionSpec(
        name="services",
        validator=schema_validator({"_id": _TEXT, "name": _TEXT, "position": _NUMBER}),
    ),
    CollectionSpec(
        name="service_events",
        indexes=(
            Index("number_unique", (("number", 1),), unique=True),
            Index("going_on", (("going_on", 1),), partial={"going_on": True}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "title": _TEXT,
                "components": _TEXTS,
                "impact": {"enum": [*(impact.value for impact in Impact), None]},
                "starts_at": _DATE,
                "ends_at": {"bsonType": ["date", "null"]},
                "updates": {"bsonType": "array"},
                "numbers": {"bsonType": "object"},
                "going_on": {"bsonType": "bool"},
                "revision": _NUMBER,
            }
        ),
        walk=Walk("number", Spread.NUMBERS),
    ),
    CollectionSpec(
        name="service_users",
        indexes=(Index("services", (("services", 1),)),),
        validator=schema_validator({"_id": _TEXT, "services": _TEXTS}),
    ),
)


class MongoStatusStore:
    """Keeps them."""

    def __init__(self, database: Database) -> None:
        self._components = database["services"]
        self._events = database["service_events"]
        self._users = database["service_users"]
        self._counters = database["counters"]

    @translate_errors()
    async def components(self) -> list[Component]:
        """Read all services, in their order."""
        found = [
            Component(document["_id"], RedactedText(document["name"]), int(document["position"]))
            async for document in self._components.find({})
        ]
        return sorted(found, key=lambda one: (one.position, one.id))

    @translate_errors()
    async def put_component(self, component: Component) -> None:
        """Write a service."""
        fields: Document = {"name": component.name.value, "position": component.position}
        await self._components.update_one({"_id": component.id}, {"$set": fields}, upsert=True)

    @translate_errors()
    async def remove_component(self, component_id: str) -> bool:
        """Remove a service; False where there is none."""
        return (await self._components.delete_one({"_id": component_id})).deleted_count == 1

    @translate_errors()
    async def next_number(self) -> int:
        """Allot the number of an event."""
        return await allot(self._counters, "service_events")

    @translate_errors()
    async def last_number(self) -> int:
        """Give the highest number of an event; 0 when there is none."""
        return await last(self._counters, "service_events")

    @translate_errors()
    async def insert(self, event: ServiceEvent, numbers: Mapping[str, int]) -> None:
        """Insert an event."""
        await self._events.insert_one({"_id": event.id, **_out(event), "numbers": dict(numbers)})

    @translate_errors()
    async def replace(self, before: ServiceEvent, after: ServiceEvent, numbers: Mapping[str, int]) -> bool:
        """Write what is new, if nobody else has changed it since it was read."""
        fields = {**_out(after), **{f"numbers.{key}": number for key, number in numbers.items()}}
        found = {"_id": before.id, "revision": before.revision}
        return (await self._events.update_one(found, {"$set": fields})).matched_count == 1

    @translate_errors()
    async def find(self, number: int) -> tuple[ServiceEvent, dict[str, int]] | None:
        """Read an event by its number, with its numbering."""
        return _opened(await self._events.find_one({"number": number}))

    @translate_errors()
    async def find_id(self, event_id: str) -> tuple[ServiceEvent, dict[str, int]] | None:
        """Read an event by its id, with its numbering."""
        return _opened(await self._events.find_one({"_id": event_id}))

    @translate_errors()
    async def going_on(self) -> list[ServiceEvent]:
        """Read what is not over; in no order."""
        return [_in(document) async for document in self._events.find({"going_on": True})]

    @translate_errors()
    async def window(self, above: int, up_to: int) -> list[ServiceEvent]:
        """Read the events with `above < number <= up_to`, the newest first."""
        found = self._events.find({"number": {"$gt": above, "$lte": up_to}})
        return sorted([_in(document) async for document in found], key=lambda event: -event.number)

    @translate_errors()
    async def uses(self, account_id: str) -> tuple[str, ...]:
        """Read which services somebody says they use."""
        document = await self._users.find_one({"_id": account_id})
        return tuple(document["services"]) if document else ()

    @translate_errors()
    async def put_uses(self, account_id: str, components: Sequence[str]) -> None:
        """Write it."""
        if not components:
            await self._users.delete_one({"_id": account_id})
            return
        change = {"$set": {"services": list(components)}}
        try:
            await self._users.update_one({"_id": account_id}, change, upsert=True)
        except DuplicateKeyError:
            # Somebody else, the same person in another window, made it at the same moment.
            await self._users.update_one({"_id": account_id}, change)

    @translate_errors()
    async def users(self, components: Sequence[str]) -> list[str]:
        """Read who uses any of some services; everybody once, in no order."""
        found: set[str] = set()
        for component in components:
            async for document in self._users.find({"services": component}, {"_id": 1}):
                found.add(document["_id"])
        return list(found)


def _out(event: ServiceEvent) -> Document:
    return {
        "number": event.number,
        "title": event.title.value,
        "components": list(event.components),
        "impact": event.impact.value if event.impact else None,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "updates": [
            {"phase": one.phase.value, "text": one.text.value, "html": one.html.value, "by": one.by, "at": one.at}
            for one in event.updates
        ],
        "going_on": not event.is_over,
        "revision": event.revision,
    }


def _in(document: Document) -> ServiceEvent:
    return ServiceEvent(
        id=document["_id"],
        number=int(document["number"]),
        title=RedactedText(document["title"]),
        components=tuple(document["components"]),
        impact=Impact(document["impact"]) if document["impact"] else None,
        starts_at=document["starts_at"],
        ends_at=document["ends_at"],
        updates=tuple(
            Update(Phase(one["phase"]), RedactedText(one["text"]), SafeHtml(one["html"]), one["by"], one["at"])
            for one in document["updates"]
        ),
        revision=int(document["revision"]),
    )


def _opened(document: Document | None) -> tuple[ServiceEvent, dict[str, int]] | None:
    if document is None:
        return None
    return _in(document), {key: int(number) for key, number in document["numbers"].items()}
