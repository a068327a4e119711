"""Webhooks and their deliveries in MongoDB. Addresses and secrets are sealed; no body is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from server.keyring import Sealer
from server.storage.mongo import Database, Document, translate_errors
from server.storage.months import month_of, newest
from server.storage.schema import CollectionSpec, Index, schema_validator
from server.webhooks.model import KEPT, Delivery, Disabled, EventType, Hook, Outcome, Progress, Secret

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_DATE_OR_NONE = {"bsonType": ["date", "null"]}
_NUMBER = {"bsonType": ["int", "long"]}
_NUMBER_OR_NONE = {"bsonType": ["int", "long", "null"]}
_FLAG = {"bsonType": "bool"}

WEBHOOK_COLLECTIONS = (
    CollectionSpec(
        name="webhooks",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "sealed": {"bsonType": "binData"},
                "events": {"bsonType": "array", "items": {"enum": [event.value for event in EventType]}},
                "content": _FLAG,
                "made_at": _DATE,
                "made_by": _TEXT,
                "disabled": {"enum": [None, *(reason.value for reason in Disabled)]},
                "failing_since": _DATE_OR_NONE,
            }
        ),
    ),
    CollectionSpec(
        name="webhook_deliveries",
        indexes=(
            Index("hook_month", (("hook_id", 1), ("month", 1))),
            Index("due", (("due_at", 1),), partial={"due_at": {"$exists": True}}),
            Index("old", (("at", 1),), expire_after_seconds=int(KEPT.total_seconds())),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "hook_id": _TEXT,
                "month": _NUMBER,
                "event": {"enum": [event.value for event in EventType]},
                "subject": _TEXT,
                "facts": {"bsonType": "object"},
                "at": _DATE,
                "due_at": _DATE,
                "progress": {"enum": [progress.value for progress in Progress]},
                "tries": _NUMBER,
                "outcome": {"enum": [None, *(outcome.value for outcome in Outcome)]},
                "status": _NUMBER_OR_NONE,
                "tried_at": _DATE_OR_NONE,
                "asked_at": _DATE_OR_NONE,
            },
            optional=("due_at",),
        ),
    ),
)


class MongoHookStore:
    """Keeps hooks and deliveries.

    Args:
        database: where.
        sealer: encrypts what is secret of a hook, bound to it. They are the company's, not a person's.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._hooks = database["webhooks"]
        self._deliveries = database["webhook_deliveries"]
        self._sealer = sealer

    # --- hooks -----------------------------------------------------------------------------------------------------

    @translate_errors()
    async def put(self, hook: Hook) -> None:
        """Write a hook, new or changed."""
        await self._hooks.replace_one({"_id": hook.id}, self._document(hook), upsert=True)

    @translate_errors()
    async def all(self) -> list[Hook]:
        """Read all hooks, in the order of their making; there are few."""
        return sorted([self._hook(document) async for document in self._hooks.find({})], key=lambda hook: hook.id)

    @translate_errors()
    async def find(self, hook_id: str) -> Hook | None:
        """Read a hook."""
        document = await self._hooks.find_one({"_id": hook_id})
        return self._hook(document) if document else None

    @translate_errors()
    async def set_failing(self, hook_id: str, since: datetime | None) -> None:
        """Write since when a hook takes nothing."""
        await self._hooks.update_one({"_id": hook_id}, {"$set": {"failing_since": since}})

    @translate_errors()
    async def disable(self, hook_id: str, reason: Disabled) -> bool:
        """Write that a hook hears of nothing any more; False where that was so."""
        done = await self._hooks.update_one(
            {"_id": hook_id, "disabled": None}, {"$set": {"disabled": reason.value, "failing_since": None}}
        )
        return bool(done.matched_count)

    @translate_errors()
    async def delete(self, hook_id: str) -> None:
        """Delete a hook with the log of its deliveries."""
        await self._hooks.delete_one({"_id": hook_id})
        await self._deliveries.delete_many({"hook_id": hook_id})

    # --- deliveries ------------------------------------------------------------------------------------------------

    @translate_errors()
    async def enqueue(self, deliveries: Sequence[Delivery]) -> None:
        """Insert deliveries; from here on they survive a kill."""
        await self._deliveries.insert_many([_delivery_out(delivery) for delivery in deliveries])

    @translate_errors()
    async def due(self, now: datetime) -> list[Delivery]:
        """Read what is due, the soonest first."""
        found = [_delivery_in(document) async for document in self._deliveries.find({"due_at": {"$lte": now}})]
        return sorted(found, key=lambda delivery: (delivery.due_at or now, delivery.id))

    @translate_errors()
    async def claim(self, delivery: Delivery, until: datetime) -> bool:
        """Take a delivery for a while, after which it is due again; False where another process was quicker."""
        done = await self._deliveries.update_one(
            {"_id": delivery.id, "due_at": delivery.due_at}, {"$set": {"due_at": until}}
        )
        return bool(done.matched_count)

    @translate_errors()
    async def update(self, delivery: Delivery) -> None:
        """Write what came of a delivery."""
        document = _delivery_out(delivery)
        change: Document = {"$set": {name: value for name, value in document.items() if name != "_id"}}
        if delivery.due_at is None:
            change["$unset"] = {"due_at": ""}
        await self._deliveries.update_one({"_id": delivery.id}, change)

    @translate_errors()
    async def find_delivery(self, delivery_id: str) -> Delivery | None:
        """Read a delivery."""
        document = await self._deliveries.find_one({"_id": delivery_id})
        return _delivery_in(document) if document else None

    @translate_errors()
    async def newest(self, hook_id: str, before_id: str | None, limit: int) -> list[Delivery]:
        """Read a hook's deliveries, newest first."""
        found = await newest(self._deliveries, {"hook_id": hook_id}, before_id, limit)
        return [_delivery_in(document) for document in found]

    # --- forms -----------------------------------------------------------------------------------------------------

    def _document(self, hook: Hook) -> Document:
        secrets = [[secret.value, secret.until and secret.until.isoformat()] for secret in hook.secrets]
        return {
            "_id": hook.id,
            "sealed": self._sealer.seal(orjson.dumps([hook.url, secrets]).decode(), _place(hook.id)),
            "events": sorted(event.value for event in hook.events),
            "content": hook.content,
            "made_at": hook.made_at,
            "made_by": hook.made_by,
            "disabled": hook.disabled and hook.disabled.value,
            "failing_since": hook.failing_since,
        }

    def _hook(self, document: Mapping[str, Any]) -> Hook:
        url, secrets = orjson.loads(self._sealer.open(document["sealed"], _place(document["_id"])))
        return Hook(
            id=document["_id"],
            url=url,
            events=frozenset(map(EventType, document["events"])),
            content=document["content"],
            secrets=tuple(Secret(value, datetime.fromisoformat(until) if until else None) for value, until in secrets),
            made_at=document["made_at"],
            made_by=document["made_by"],
            disabled=Disabled(document["disabled"]) if document["disabled"] else None,
            failing_since=document["failing_since"],
        )


def _place(hook_id: str) -> str:
    return f"webhooks/{hook_id}"


def _delivery_out(delivery: Delivery) -> Document:
    document: Document = {
        "_id": delivery.id,
        "hook_id": delivery.hook_id,
        "month": month_of(delivery.id),
        "event": delivery.event.value,
        "subject": delivery.subject,
        "facts": dict(delivery.facts),
        "at": delivery.at,
        "progress": delivery.progress.value,
        "tries": delivery.tries,
        "outcome": delivery.outcome and delivery.outcome.value,
        "status": delivery.status,
        "tried_at": delivery.tried_at,
        "asked_at": delivery.asked_at,
    }
    if delivery.due_at is not None:
        document["due_at"] = delivery.due_at
    return document


def _delivery_in(document: Mapping[str, Any]) -> Delivery:
    return Delivery(
        id=document["_id"],
        hook_id=document["hook_id"],
        event=EventType(document["event"]),
        subject=document["subject"],
        facts=document["facts"],
        at=document["at"],
        due_at=document.get("due_at"),
        progress=Progress(document["progress"]),
        tries=int(document["tries"]),
        outcome=Outcome(document["outcome"]) if document["outcome"] else None,
        status=None if document["status"] is None else int(document["status"]),
        tried_at=document["tried_at"],
        asked_at=document["asked_at"],
    )
