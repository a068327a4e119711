"""Incidents in MongoDB: texts after the gate. Who is affected is sealed, as ids; who was told is found by them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from pymongo import UpdateOne

from nlp.labels import Label
from server.incidents.model import (
    Data,
    Found,
    Incident,
    Kind,
    Query,
    Severity,
    State,
    Step,
    Task,
    Telling,
    Words,
)
from server.kernel.ids import new_id
from server.kernel.text import RedactedText, Redaction
from server.keyring import Sealer
from server.storage.counters import allot
from server.storage.leases import Leases
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_DATE_OR_NONE = {"bsonType": ["date", "null"]}
_NUMBER = {"bsonType": ["int", "long"]}
_FLAG = {"bsonType": "bool"}
_LIST = {"bsonType": "array"}
_COUNTER: Final = "incidents"
_LEASE: Final = "watch"
_IDS_TOGETHER: Final = 10_000

INCIDENT_COLLECTIONS = (
    CollectionSpec(
        name="incidents",
        indexes=(
            Index("number_unique", (("number", 1),), unique=True),
            # For retention: moment of its end.
            Index("ended", (("ended_at", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "drill": _FLAG,
                "severity": {"enum": [one.value for one in Severity]},
                "kind": {"enum": [one.value for one in Kind]},
                "title": {"bsonType": "object"},
                "story": {"bsonType": "object"},
                "data": _LIST,
                "discovered_at": _DATE,
                "occurred_from": _DATE_OR_NONE,
                "occurred_to": _DATE_OR_NONE,
                "by": _TEXT,
                "made_at": _DATE,
                "state": {"enum": [one.value for one in State]},
                "notifiable": {"bsonType": ["bool", "null"]},
                "measures": {"bsonType": ["object", "null"]},
                "lessons": {"bsonType": ["object", "null"]},
                "finds": _LIST,
                "people": _NUMBER,
                "tasks": _LIST,
                "authority_at": _DATE_OR_NONE,
                "people_at": _DATE_OR_NONE,
                "telling": {"enum": [one.value for one in Telling]},
                "told": _NUMBER,
                "warned": _NUMBER,
                "steps": _LIST,
                "revision": _NUMBER,
                "ended_at": _DATE_OR_NONE,
            }
        ),
        walk=Walk("number", Spread.NUMBERS),
    ),
    CollectionSpec(
        name="incident_people",
        indexes=(Index("incident", (("incident_id", 1),)),),
        validator=schema_validator({"_id": _TEXT, "incident_id": _TEXT, "sealed": {"bsonType": "binData"}}),
    ),
    CollectionSpec(
        name="incident_told",
        indexes=(Index("incident", (("incident_id", 1),)), Index("account", (("account_id", 1),))),
        validator=schema_validator(
            {"_id": _TEXT, "incident_id": _TEXT, "account_id": _TEXT, "at": _DATE, "mailed": _FLAG}
        ),
    ),
    CollectionSpec(
        name="incident_leases",
        validator=schema_validator({"_id": _TEXT, "holder": _TEXT, "until": _DATE}),
    ),
)


class MongoIncidentStore:
    """Keeps them.

    Args:
        database: where.
        sealer: encrypts lists of the affected, bound to their place.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._incidents = database["incidents"]
        self._people = database["incident_people"]
        self._told = database["incident_told"]
        self._lease = Leases(database["incident_leases"], _LEASE)
        self._counters = database["counters"]
        self._sealer = sealer

    @translate_errors()
    async def next_number(self) -> int:
        """Allot a number."""
        return await allot(self._counters, _COUNTER)

    @translate_errors()
    async def insert(self, incident: Incident) -> None:
        """Insert one."""
        await self._incidents.insert_one(_out(incident))

    @translate_errors()
    async def find(self, incident_id: str) -> Incident | None:
        """Read one."""
        document = await self._incidents.find_one({"_id": incident_id})
        return _in(document) if document else None

    @translate_errors()
    async def all(self) -> list[Incident]:
        """Read all; in no order. They are few."""
        return [_in(document) async for document in self._incidents.find({})]

    @translate_errors()
    async def replace(self, after: Incident) -> bool:
        """Write one in place of the revision before it; False where that is not what there is."""
        where = {"_id": after.id, "revision": after.revision - 1}
        return bool((await self._incidents.replace_one(where, _out(after))).matched_count)

    @translate_errors()
    async def add_people(self, incident_id: str, people: frozenset[str]) -> None:
        """Add to the affected."""
        known = sorted(people)
        for first in range(0, len(known), _IDS_TOGETHER):
            place = new_id()
            sealed = self._sealer.seal(orjson.dumps(known[first : first + _IDS_TOGETHER]).decode(), _place(place))
            await self._people.insert_one({"_id": place, "incident_id": incident_id, "sealed": sealed})

    @translate_errors()
    async def people(self, incident_id: str) -> frozenset[str]:
        """Read the affected, each once."""
        found: set[str] = set()
        async for document in self._people.find({"incident_id": incident_id}):
            found.update(orjson.loads(self._sealer.open(document["sealed"], _place(document["_id"]))))
        return frozenset(found)

    @translate_errors()
    async def told(self, incident_id: str) -> frozenset[str]:
        """Read who was told."""
        found = self._told.find({"incident_id": incident_id}, {"account_id": 1})
        return frozenset([document["account_id"] async for document in found])

    @translate_errors()
    async def told_of(self, account_id: str) -> dict[str, datetime]:
        """Read what somebody was told of: incident -> when."""
        found = self._told.find({"account_id": account_id})
        return {document["incident_id"]: document["at"] async for document in found}

    @translate_errors()
    async def set_told(
        self, incident_id: str, account_ids: Sequence[str], mailed: Collection[str], at: datetime
    ) -> None:
        """Write in one command that some were told; harmless when it is repeated.

        Args:
            incident_id: of what.
            account_ids: who.
            mailed: who of them by letter, too.
            at: when.
        """
        writes = [
            UpdateOne(
                {"_id": f"{incident_id}:{account_id}"},
                {
                    "$set": {
                        "incident_id": incident_id,
                        "account_id": account_id,
                        "at": at,
                        "mailed": account_id in mailed,
                    }
                },
                upsert=True,
            )
            for account_id in account_ids
        ]
        if writes:
            await self._told.bulk_write(writes, ordered=False)

    @translate_errors()
    async def forget_person(self, account_id: str) -> int:
        """Remove who was told, of somebody who goes; give how often."""
        return int((await self._told.delete_many({"account_id": account_id})).deleted_count)

    async def take_lease(self, holder: str, now: datetime, until: datetime) -> bool:
        """Take or prolong the right to watch alone; say whether it is had."""
        return await self._lease.take(holder, now, until) is not None


class MongoIncidentRemoval:
    """Removes incidents whose time is over; it can't read whom they concern."""

    def __init__(self, database: Database) -> None:
        self._incidents = database["incidents"]
        self._told = database["incident_told"]
        self._lists = (database["incident_people"], self._told)

    @translate_errors()
    async def told(self, incident_id: str) -> frozenset[str]:
        """Read who was told of an incident."""
        found = self._told.find({"incident_id": incident_id}, {"account_id": 1})
        return frozenset([document["account_id"] async for document in found])

    @translate_errors()
    async def remove(self, incident_id: str) -> None:
        """Remove an incident with its lists, itself last."""
        for held in self._lists:
            await held.delete_many({"incident_id": incident_id})
        await self._incidents.delete_one({"_id": incident_id})


def _place(name: str) -> str:
    return f"incidents/people/{name}"


def _words_out(words: Words | None) -> Document | None:
    if words is None:
        return None
    return {"text": words.text.value, "redactions": [[one.placeholder, one.label.value] for one in words.redactions]}


def _words(document: Mapping[str, Any]) -> Words:
    pairs: Sequence[Sequence[str]] = document["redactions"]
    return Words(RedactedText(document["text"]), tuple(Redaction(mark, Label(label)) for mark, label in pairs))


def _out(one: Incident) -> Document:
    ended = one.state in {State.CLOSED, State.DISMISSED}
    return {
        "_id": one.id,
        "number": one.number,
        "drill": one.drill,
        "severity": one.severity.value,
        "kind": one.kind.value,
        "title": _words_out(one.title),
        "story": _words_out(one.story),
        "data": [data.value for data in one.data],
        "discovered_at": one.discovered_at,
        "occurred_from": one.occurred_from,
        "occurred_to": one.occurred_to,
        "by": one.by,
        "made_at": one.made_at,
        "state": one.state.value,
        "notifiable": one.notifiable,
        "measures": _words_out(one.measures),
        "lessons": _words_out(one.lessons),
        "finds": [
            {
                "query": look.query.value,
                "subject": look.subject,
                "begins": look.begins,
                "ends": look.ends,
                "count": look.count,
                "at": look.at,
            }
            for look in one.finds
        ],
        "people": one.people,
        "tasks": [
            {
                "number": task.number,
                "words": _words_out(task.words),
                "owner_id": task.owner_id,
                "due_at": task.due_at,
                "done_at": task.done_at,
            }
            for task in one.tasks
        ],
        "authority_at": one.authority_at,
        "people_at": one.people_at,
        "telling": one.telling.value,
        "told": one.told,
        "warned": one.warned,
        "steps": [{"what": step.what, "by": step.by, "at": step.at} for step in one.steps],
        "revision": one.revision,
        "ended_at": one.steps[-1].at if ended and one.steps else None,
    }


def _in(document: Document) -> Incident:
    measures, lessons = document["measures"], document["lessons"]
    return Incident(
        id=document["_id"],
        number=int(document["number"]),
        drill=bool(document["drill"]),
        severity=Severity(document["severity"]),
        kind=Kind(document["kind"]),
        title=_words(document["title"]),
        story=_words(document["story"]),
        data=tuple(Data(one) for one in document["data"]),
        discovered_at=document["discovered_at"],
        occurred_from=document["occurred_from"],
        occurred_to=document["occurred_to"],
        by=document["by"],
        made_at=document["made_at"],
        state=State(document["state"]),
        notifiable=document["notifiable"],
        measures=_words(measures) if measures else None,
        lessons=_words(lessons) if lessons else None,
        finds=tuple(
            Found(Query(one["query"]), one["subject"], one["begins"], one["ends"], int(one["count"]), one["at"])
            for one in document["finds"]
        ),
        people=int(document["people"]),
        tasks=tuple(
            Task(int(one["number"]), _words(one["words"]), one["owner_id"], one["due_at"], one["done_at"])
            for one in document["tasks"]
        ),
        authority_at=document["authority_at"],
        people_at=document["people_at"],
        telling=Telling(document["telling"]),
        told=int(document["told"]),
        warned=int(document["warned"]),
        steps=tuple(Step(one["what"], one["by"], one["at"]) for one in document["steps"]),
        revision=int(document["revision"]),
    )
