"""Requests, restraints and holdings on the real store and the real gate: clocks across a kill, two officers at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from nlp.pool import RedactorPool
from server.composition.opening import COLLECTIONS, Gatekeeper
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, NotFound, NotPermitted
from server.kernel.holdings import Holdings
from server.kernel.restraint import Restrained, Use
from server.kernel.text import RawText
from server.limits import Unlimited
from server.rights.holdings import RightsHoldings
from server.rights.links import RequestLinks
from server.rights.model import TERM, WARN_BEFORE, Kind, Reason, Request, State
from server.rights.office import Office
from server.rights.restraint_store import RESTRAINT_COLLECTIONS, MongoRestraintStore
from server.rights.restraints import StandingRestraints
from server.rights.service import Requests
from server.rights.store import REQUEST_COLLECTIONS, MongoRequestStore
from server.storage.mongo import Database
from server.storage.schema import apply
from server.surveys.holdings import survey_holdings
from server.training.holdings import training_holdings
from tests.harness.keys import RING
from tests.harness.telling import HandClock
from tests.harness.trail_house import House

_PERSON = Actor("orang", Role.CUSTOMER, "s1", "Orang")
_OFFICER = Actor("petugas", Role.PRIVACY_OFFICER, "s2", "Petugas")
_OTHER = Actor("petugas-dua", Role.PRIVACY_OFFICER, "s3", "Petugas Dua")


@dataclass
class _Bell:
    """Remembers who was told what."""

    officers: list[tuple[str, str]] = field(default_factory=list)
    people: list[str] = field(default_factory=list)

    async def tell_person(self, account_id: str, _request_id: str) -> None:
        self.people.append(account_id)

    async def tell_officers(self, what: str, request_id: str) -> None:
        self.officers.append((what, request_id))


class _Trained:
    """Everybody holds what they need."""

    async def require(self, _actor: Actor) -> None: ...


async def _belongs(_address: str) -> bool:
    return False


@dataclass
class _Desk:
    requests: Requests
    office: Office
    store: MongoRequestStore
    bell: _Bell
    clock: HandClock
    restraints: StandingRestraints


def _requests(store: MongoRequestStore, bell: _Bell, pool: RedactorPool, house: House, clock: HandClock) -> Requests:
    intake, links = Intake(Gatekeeper(pool), RING.derive("placeholders")), RequestLinks(RING.derive("rights/links"))
    index, audit = RING.index("rights/guests").of, house.parts.trail
    return Requests(store, intake, None, bell, links, index, audit, Unlimited(), clock)


@asynccontextmanager
async def _process(database: Database, pool: RedactorPool, house: House, clock: HandClock) -> AsyncIterator[_Desk]:
    """One process of the server, as far as requests go."""
    store, bell, audit = MongoRequestStore(database, RING.sealer("rights")), _Bell(), house.parts.trail
    intake = Intake(Gatekeeper(pool), RING.derive("placeholders"))
    requests = _requests(store, bell, pool, house, clock)
    office = Office(store, requests, intake, bell, _Trained(), _belongs, audit, clock)
    restraints = StandingRestraints(MongoRestraintStore(database), audit, Unlimited(), clock, alone=True)
    await restraints.start()
    yield _Desk(requests, office, store, bell, clock, restraints)
    await restraints.close()


@pytest.fixture
async def desk(database: Database, pool: RedactorPool, house: House) -> AsyncIterator[_Desk]:
    await apply(database, (*REQUEST_COLLECTIONS, *RESTRAINT_COLLECTIONS))
    async with _process(database, pool, house, HandClock()) as running:
        yield running


async def test_the_clock_goes_on_while_nobody_runs_and_warns_before_it_is_late(
    desk: _Desk, database: Database, pool: RedactorPool, house: House
) -> None:
    made = await desk.requests.make(_PERSON, Kind.ACCESS, RawText(""), locale="id")
    assert await desk.office.round() == 0
    desk.clock.now += TERM - WARN_BEFORE
    async with _process(database, pool, house, desk.clock) as after:
        assert await after.office.round() == 1
        assert await after.office.round() == 0, "once"
        desk.clock.now += WARN_BEFORE
        assert await after.office.round() == 0, "until the last moment it is in time"
        desk.clock.now += timedelta(milliseconds=1)
        assert await after.office.round() == 1
        assert after.bell.officers == [("near", made.id), ("late", made.id)]
        figures = await after.requests.figures(f"{made.made_at:%Y-%m}")
        assert (figures.received, figures.answered_in_time, figures.late, figures.open) == (1, 0, 1, 0)


class _Dying(MongoRequestStore):
    """The store of a process that ends as soon as a request is in it."""

    async def insert(self, request: Request) -> None:
        await super().insert(request)
        raise asyncio.CancelledError


async def test_a_request_whose_process_ended_is_in_the_trail_and_told_of(
    desk: _Desk, database: Database, pool: RedactorPool, house: House
) -> None:
    """The process ends once the request is stored: the next one writes its entry and tells officers, once."""
    dying = _requests(_Dying(database, RING.sealer("rights")), _Bell(), pool, house, desk.clock)
    with pytest.raises(asyncio.CancelledError):
        await dying.make(_PERSON, Kind.ACCESS, RawText(""), locale="id")
    (request,) = await desk.store.of_person(_PERSON.account_id)
    assert await desk.office.round() == 0, "it may be about to be told by whoever takes it in"
    for by in (desk.clock, house.clock):
        by.now += timedelta(minutes=2)
    assert [await desk.office.round() for _ in range(2)] == [1, 0]
    assert desk.bell.officers == [("new", request.id)]
    await house.parts.trail.promises.settle()
    lines = (await house.export()).read_text().splitlines()
    assert [line.count(request.id) for line in lines if "rights:request:received" in line] == [1]


async def test_a_warning_does_not_take_a_request_from_under_an_officer(desk: _Desk) -> None:
    made = await desk.requests.make(_PERSON, Kind.ACCESS, RawText(""), locale="id")
    desk.clock.now += TERM
    await desk.office.round()
    assert (await desk.office.take(_OFFICER, made.id, made.revision)).holder == _OFFICER.account_id


async def test_of_two_officers_at_the_same_moment_one_writes(desk: _Desk) -> None:
    made = await desk.requests.make(_PERSON, Kind.CORRECTION, RawText("Nama saya salah"), locale="id")
    tries = await asyncio.gather(
        *(desk.office.take(officer, made.id, 1) for officer in (_OFFICER, _OTHER)), return_exceptions=True
    )
    won = [one for one in tries if not isinstance(one, BaseException)]
    lost = [one for one in tries if isinstance(one, Conflict)]
    assert (len(won), [dict(one.fields) for one in lost]) == (1, [{"request": "request_taken"}])
    now = await desk.office.get(_OFFICER, made.id)
    assert (now.holder, now.revision) == (won[0].holder, 2)
    assert desk.bell.people == [_PERSON.account_id]


async def test_what_is_ended_is_changed_by_nobody(desk: _Desk) -> None:
    made = await desk.requests.make(_PERSON, Kind.OTHER, RawText("Sebuah pertanyaan"), locale="id")
    done = await desk.office.refuse(_OFFICER, made.id, 1, Reason.LAW, RawText("Wajib disimpan."))
    assert (done.state, done.reason) == (State.REFUSED, Reason.LAW)
    with pytest.raises(Conflict):
        await desk.office.take(_OTHER, made.id, done.revision)
    with pytest.raises(Conflict):
        await desk.requests.withdraw(_PERSON, made.id)


async def test_an_officer_never_works_on_their_own(desk: _Desk) -> None:
    mine = await desk.requests.make(_OFFICER, Kind.OTHER, RawText("Tentang saya"), locale="id")
    with pytest.raises(NotPermitted):
        await desk.office.take(_OFFICER, mine.id, 1)
    assert [one.id for one in await desk.office.waiting(_OFFICER)] == []
    assert [one.id for one in await desk.office.waiting(_OTHER)] == [mine.id]
    with pytest.raises(NotPermitted):
        await desk.office.waiting(_PERSON)
    with pytest.raises(NotFound):
        await desk.office.get(_OTHER, "0" * 24)


async def test_what_somebody_stopped_is_stopped_after_a_restart_too(
    desk: _Desk, database: Database, pool: RedactorPool, house: House
) -> None:
    heard: list[str] = []

    async def hear(person_id: str) -> None:
        heard.append(person_id)

    desk.restraints.on_changed(hear)
    await desk.restraints.choose(_PERSON, Use.ALL, stopped=True)
    await desk.restraints.choose(_PERSON, Use.ALL, stopped=True)
    assert heard == [_PERSON.account_id], "saying it twice changes nothing"
    async with _process(database, pool, house, desk.clock) as after:
        for use in Use:
            assert after.restraints.stands(_PERSON.account_id, use), "all contains the others"
            assert not after.restraints.stands("lain", use)
        with pytest.raises(Restrained):
            after.restraints.require(_PERSON.account_id, Use.TRIAGE)
        await after.restraints.choose(_PERSON, Use.ALL, stopped=False)
        await desk.restraints.refresh()
        assert not desk.restraints.stands(_PERSON.account_id, Use.TRIAGE)


async def test_erasing_leaves_of_requests_that_they_were_and_of_restraints_nothing(desk: _Desk) -> None:
    made = await desk.requests.make(_PERSON, Kind.OTHER, RawText("kenari kuning pagi"), locale="id")
    await desk.office.note(_OFFICER, made.id, 1, RawText("merpati putih"))
    await desk.restraints.choose(_PERSON, Use.TRIAGE, stopped=True)
    holdings = RightsHoldings(desk.store, desk.restraints, desk.clock)
    planned = {fate.kind: fate for fate in await holdings.preview(_PERSON.account_id)}
    done = {fate.kind: fate for fate in await holdings.erase(_PERSON.account_id)}
    assert planned == done
    assert await desk.store.of_person(_PERSON.account_id) == []
    left = await desk.store.find(made.id)
    assert left is not None
    assert (left.text.value, left.notes, left.state) == ("", (), State.WITHDRAWN)
    assert not desk.restraints.stands(_PERSON.account_id, Use.TRIAGE)
    assert [(fate.gone, fate.stays) for fate in await holdings.erase(_PERSON.account_id)] == [(0, 0), (0, 0)]


@pytest.mark.parametrize("kind", ["training", "surveys"])
async def test_what_is_declared_is_told_given_and_erased_and_nothing_of_others(database: Database, kind: str) -> None:
    names = {"training": ("training_passes",), "surveys": ("survey_invitations", "survey_replies")}[kind]
    await apply(database, [spec for spec in COLLECTIONS if spec.name in names])
    holdings: Holdings = {"training": training_holdings, "surveys": survey_holdings}[kind](database)
    for whose in ("orang", "lain"):
        for name in names:
            await database[name].insert_one(_document(name, whose))
    assert sum(one.count for one in await holdings.held("orang")) == len(names)
    pieces = [piece async for piece in holdings.pieces("orang")]
    written = json.dumps([piece.content for piece in pieces])
    assert "lain" not in written
    assert len(pieces) == len(names)
    assert sum(one.gone for one in await holdings.erase("orang")) == len(names)
    assert sum(one.count for one in await holdings.held("orang")) == 0
    assert sum(one.count for one in await holdings.held("lain")) == len(names)


def _document(name: str, whose: str) -> dict[str, object]:
    at = HandClock()() + timedelta(days=1)
    return {
        "training_passes": {
            "_id": f"{whose}:dasar",
            "account_id": whose,
            "module": "dasar",
            "version": 1,
            "policy": 1,
            "percent": 100,
            "at": at,
        },
        "survey_invitations": {"_id": f"s:{whose}", "survey_id": "s", "account_id": whose},
        "survey_replies": {"_id": f"s:{whose}", "survey_id": "s", "account_id": whose, "score": 9, "comment": None},
    }[name]
