"""Incidents on the real store: whom they concern, two officers at once, telling that a kill broke off, drills."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from nlp.pool import RedactorPool
from server.chat.store import CHAT_COLLECTIONS, MongoChatStore
from server.composition.opening import Gatekeeper
from server.composition.responding import ActiveTalks
from server.incidents.finding import Finder
from server.incidents.model import Clock, Data, Incident, Kind, Query, Severity, State, Telling
from server.incidents.retention import retention
from server.incidents.service import Incidents
from server.incidents.store import INCIDENT_COLLECTIONS, MongoIncidentRemoval, MongoIncidentStore
from server.incidents.watch import IncidentWatch
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable
from server.kernel.retention import Times
from server.kernel.text import RawText
from server.privacy.store import PRIVACY_COLLECTIONS
from server.storage.mongo import Database
from server.storage.schema import apply
from server.storage.stock import MongoStock
from server.visits.store import VISIT_COLLECTIONS
from tests.harness.database import TO_COME, conversation
from tests.harness.keys import RING
from tests.harness.telling import HandClock
from tests.harness.trail_house import House

_OFFICER = Actor("petugas", Role.PRIVACY_OFFICER, "s", "Petugas")
_OTHER = Actor("rekan", Role.PRIVACY_OFFICER, "t", "Rekan")
_ADMIN = Actor("pengurus", Role.ADMIN, "u", "Pengurus")
_KNOWN = {"a1", "a2", "a3", "g1"}


@dataclass
class _Bells:
    """Keeps who was told. Letters break off after so many, like a server that is killed."""

    reports: list[str] = field(default_factory=list)
    warned: list[bool] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    most: int = 1_000

    async def reported(self, incident_id: str) -> None:
        self.reports.append(incident_id)

    async def clock(self, incident_id: str, *, late: bool) -> None:
        self.warned.append(late)

    async def write_all(self, incident_id: str, account_ids: Sequence[str]) -> frozenset[str]:
        if len(self.letters) >= self.most:
            raise Unavailable
        self.letters += account_ids
        return frozenset(account_ids) - {"a3"}


async def _named(name: str) -> str | None:
    return name if name in _KNOWN else None


class _Parts:
    """The register on a store, as the server builds it."""

    def __init__(self, database: Database, house: House, pool: RedactorPool) -> None:
        self.database, self.house, self.clock, self.bells = database, house, HandClock(), _Bells()
        self.store = MongoIncidentStore(database, RING.sealer("incidents"))
        finder = Finder(MongoStock(database), ActiveTalks(MongoChatStore(database)), _named)
        gate, trail = Intake(Gatekeeper(pool), bytes(32)), house.parts.trail
        self.incidents = Incidents(self.store, gate, finder, self.bells, trail, self.clock)

    def watch(self) -> IncidentWatch:
        """A server's."""
        return IncidentWatch(self.store, self.bells, self.bells, self.house.parts.trail, self.clock)

    async def reported(self, *, drill: bool = False) -> Incident:
        return await self.incidents.report(
            _OFFICER,
            RawText("Sesi seorang petugas dipakai orang lain"),
            RawText("Perambannya ditinggal terbuka"),
            Kind.ACCESS,
            Severity.HIGH,
            self.clock(),
            drill=drill,
        )

    async def ready(self, *, drill: bool = False) -> Incident:
        """One that only waits for its affected to be told."""
        one = await self.reported(drill=drill)
        one = await self.incidents.assess(
            _OFFICER,
            one.id,
            one.revision,
            severity=Severity.HIGH,
            kind=Kind.ACCESS,
            data=[Data.MESSAGES],
            occurred_from=self.clock() - timedelta(hours=5),
            occurred_to=self.clock(),
            notifiable=True,
        )
        one = await self.incidents.write(_OFFICER, one.id, one.revision, "measures", RawText("Sesi itu ditutup"))
        return await self.incidents.affected.find(
            _OFFICER, one.id, one.revision, Query.PEOPLE, names=["a1", "a2", "a3"]
        )


@pytest.fixture
async def parts(database: Database, house: House, pool: RedactorPool) -> _Parts:
    await apply(database, (*INCIDENT_COLLECTIONS, *CHAT_COLLECTIONS, *PRIVACY_COLLECTIONS, *VISIT_COLLECTIONS))
    return _Parts(database, house, pool)


def _look(number: int, person_id: str, actor_id: str, at: Any, last_at: Any) -> dict[str, Any]:
    return {
        "_id": f"l{number}",
        "person_id": person_id,
        "month": 24_322,
        "actor_id": actor_id,
        "role": "agent",
        "action": "conversation:read",
        "object_id": "c1",
        "purpose": "support",
        "at": at,
        "last_at": last_at,
        "count": 1,
    }


async def test_the_affected_are_found_by_looks_conversations_visits_and_names(parts: _Parts) -> None:
    now, hour = parts.clock(), timedelta(hours=1)
    await parts.database["looks"].insert_many(
        [
            _look(1, "p1", "g1", now - 3 * hour, now - 3 * hour),
            _look(2, "p2", "g1", now - 20 * hour, now - 2 * hour),
            _look(3, "p3", "g1", now - 20 * hour, now - 19 * hour),
            _look(4, "p4", "g2", now - 3 * hour, now - 3 * hour),
            _look(5, "g1", "g1", now - 3 * hour, now - 3 * hour),
        ]
    )
    await parts.database["conversations"].insert_many(
        [
            conversation(1, customer_id="p5", created_at=now - 30 * hour, last_message_at=now - 4 * hour),
            conversation(2, customer_id="p6", created_at=now - 30 * hour, last_message_at=now - 29 * hour),
            conversation(3, customer_id="p1", created_at=now - 2 * hour, last_message_at=None),
        ]
    )
    await parts.database["counters"].insert_one({"_id": "conversations", "value": 3})
    one = await parts.reported()
    span: dict[str, Any] = {"begins": now - 5 * hour, "ends": now - hour}
    one = await parts.incidents.affected.find(_OFFICER, one.id, one.revision, Query.LOOKED_AT, subject="g1", **span)
    assert await parts.store.people(one.id) == {"p1", "p2"}
    one = await parts.incidents.affected.find(_OFFICER, one.id, one.revision, Query.CONVERSATIONS, **span)
    one = await parts.incidents.affected.find(_OFFICER, one.id, one.revision, Query.PEOPLE, names=["a1", "tidak-ada"])
    one = await parts.incidents.affected.find(_OFFICER, one.id, one.revision, Query.VISITS, **span)
    assert [look.count for look in one.finds] == [2, 2, 1, 0]
    assert one.people == 4
    assert await parts.incidents.affected.people(_OFFICER, one.id) == {"p1", "p2", "p5", "a1"}
    # Whom it concerns can't be read in the store.
    kept = [bytes(item["sealed"]) async for item in parts.database["incident_people"].find({})]
    assert kept
    assert not any(b"p1" in item or b"a1" in item for item in kept)
    for query, more in (
        (Query.LOOKED_AT, {"subject": "siapa", **span}),
        (Query.VISITS, {"begins": now, "ends": now - hour}),
        (Query.VISITS, {"begins": now, "ends": now + hour}),
        (Query.PEOPLE, {"names": ["siapa"]}),
    ):
        with pytest.raises(InvalidInput):
            await parts.incidents.affected.find(_OFFICER, one.id, one.revision, query, **more)


async def test_the_register_is_for_officers_and_administrators_may_report(parts: _Parts) -> None:
    one = await parts.reported()
    assert parts.bells.reports == [one.id]
    for role in set(Role) - {Role.PRIVACY_OFFICER}:
        actor = Actor("x", role, "s", "X")
        with pytest.raises(NotPermitted):
            await parts.incidents.all(actor)
        with pytest.raises(NotPermitted):
            await parts.incidents.affected.people(actor, one.id)
        with pytest.raises(NotPermitted):
            await parts.incidents.move(actor, one.id, one.revision, State.DISMISSED)
        if role is not Role.ADMIN:
            with pytest.raises(NotPermitted):
                await parts.incidents.report(actor, RawText("a"), RawText("b"), Kind.OTHER, Severity.LOW, parts.clock())
    reported = await parts.incidents.report(
        _ADMIN,
        RawText("Surel Bu Yohana Tutuarima bocor"),
        RawText("Ke 0813 9012 4455"),
        Kind.OTHER,
        Severity.LOW,
        parts.clock(),
    )
    assert reported.state is State.REPORTED
    assert "0813" not in reported.story.text.value
    with pytest.raises(NotFound):
        await parts.incidents.get(_OFFICER, "0" * 24)
    with pytest.raises(InvalidInput):
        await parts.incidents.report(
            _OFFICER, RawText("a"), RawText("b"), Kind.OTHER, Severity.LOW, parts.clock() + timedelta(hours=1)
        )


async def test_of_two_officers_at_once_one_changes_it(parts: _Parts) -> None:
    one = await parts.reported()
    found = await asyncio.gather(
        parts.incidents.move(_OFFICER, one.id, one.revision, State.CONTAINED),
        parts.incidents.move(_OTHER, one.id, one.revision, State.DISMISSED),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in found) == ["Conflict", "Incident"]
    now = await parts.incidents.get(_OFFICER, one.id)
    assert now.revision == one.revision + 1
    assert len(now.steps) == 2


async def test_people_are_told_once_also_when_it_was_broken_off(parts: _Parts) -> None:
    one = await parts.ready()
    one = await parts.incidents.informing.people(_OFFICER, one.id, one.revision)
    assert one.telling is Telling.GOING_ON
    with pytest.raises(Conflict):
        await parts.incidents.informing.people(_OTHER, one.id, one.revision)
    # More than are told at a time: the second batch breaks off.
    many = [f"p{number:03}" for number in range(120)]
    await parts.store.add_people(one.id, frozenset(many))
    parts.bells.most = 50
    with pytest.raises(Unavailable):
        await parts.watch().round()
    assert len(parts.bells.letters) == 50
    assert len(await parts.store.told(one.id)) == 50
    parts.bells.most = 1_000
    # Another server takes over when the lease of the one before is over.
    other = parts.watch()
    assert await other.round() == 0
    parts.clock.now += timedelta(minutes=3)
    assert await other.round() == 73
    assert parts.bells.letters == ["a1", "a2", "a3", *many]
    done = await parts.incidents.get(_OFFICER, one.id)
    assert (done.telling, done.told) == (Telling.DONE, 123)
    unmailed = [item["account_id"] async for item in parts.database["incident_told"].find({}) if not item["mailed"]]
    assert unmailed == ["a3"]
    own = await parts.incidents.own(Actor("a2", Role.CUSTOMER, "s", "A"))
    assert [incident.id for incident, _ in own] == [one.id]
    assert await parts.incidents.own(Actor("a9", Role.CUSTOMER, "s", "A")) == []
    assert await other.round() == 0


async def test_in_a_drill_everything_runs_and_nobody_is_told(parts: _Parts) -> None:
    one = await parts.ready(drill=True)
    one = await parts.incidents.informing.people(_OFFICER, one.id, one.revision)
    one = await parts.incidents.informing.authority(_OFFICER, one.id, one.revision)
    await parts.watch().round()
    assert parts.bells.letters == []
    assert await parts.incidents.own(Actor("a1", Role.CUSTOMER, "s", "A")) == []
    assert one.clock(parts.clock()) is Clock.MET
    assert (await parts.incidents.figures(TO_COME.year)).drills == 1
    assert (await parts.incidents.figures(TO_COME.year)).incidents == 0


async def test_officers_are_told_as_the_clock_runs_once_each_time(parts: _Parts) -> None:
    one = await parts.reported()
    watch = parts.watch()
    for hours, expected in ((0, []), (47, []), (49, [False]), (60, [False]), (73, [False, True]), (99, [False, True])):
        parts.clock.now = one.discovered_at + timedelta(hours=hours)
        await watch.round()
        assert parts.bells.warned == expected


async def test_it_is_closed_when_all_is_done_and_goes_after_its_time(parts: _Parts) -> None:
    one = await parts.ready()
    one = await parts.incidents.tasks.add(
        _OFFICER, one.id, one.revision, RawText("Ganti kata sandi semua petugas"), "", parts.clock() + timedelta(days=1)
    )
    one = await parts.incidents.move(_OFFICER, one.id, one.revision, State.CONTAINED)
    with pytest.raises(InvalidInput) as refused:
        await parts.incidents.move(_OFFICER, one.id, one.revision, State.CLOSED)
    assert set(refused.value.fields) == {"notifiable", "tasks", "lessons"}
    one = await parts.incidents.tasks.finish(_OFFICER, one.id, one.revision, 1)
    with pytest.raises(Conflict):
        await parts.incidents.tasks.finish(_OFFICER, one.id, one.revision, 1)
    one = await parts.incidents.write(_OFFICER, one.id, one.revision, "lessons", RawText("Layar dikunci sendiri"))
    one = await parts.incidents.informing.authority(_OFFICER, one.id, one.revision)
    one = await parts.incidents.informing.people(_OFFICER, one.id, one.revision)
    await parts.watch().round()
    one = await parts.incidents.get(_OFFICER, one.id)
    one = await parts.incidents.move(_OFFICER, one.id, one.revision, State.CLOSED)
    with pytest.raises(Conflict):
        await parts.incidents.write(_OFFICER, one.id, one.revision, "lessons", RawText("Lain"))

    sweeper = retention(MongoStock(parts.database), MongoIncidentRemoval(parts.database), Times())
    rule = sweeper.rules[0]
    for days, due in ((1_800, 0), (1_826, 1)):
        assert (await sweeper.due(rule, parts.clock() + timedelta(days=days), lambda _: frozenset()))[0] == due
    later = parts.clock() + timedelta(days=1_826)
    assert await sweeper.due(rule, later, frozenset) == (0, 1)
    assert await sweeper.sweep(rule, later, lambda _: frozenset()) == 1
    for name in ("incidents", "incident_people", "incident_told"):
        assert await parts.database[name].count_documents({}) == 0
