"""Incidents as pages over real sockets, without scripts: every page and form, whom they are for, what is refused."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.kernel.actor import Role
from tests.harness.browsing import Tab, faults_of
from tests.harness.people import Person, World
from tests.harness.process import eventually

_HOME = "/petugas/insiden"
_ZONE = {"zone": "e420"}
_STORY = "Peramban seorang petugas ditinggal terbuka di ruang rapat"
_REPORT = {"title": "Sesi petugas dipakai orang lain", "story": _STORY, "kind": "access", "severity": "high", **_ZONE}
_REVISION = re.compile(r'name="revision" value="([0-9]+)"')


def _tab(world: World, person: Person | None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


def _wib(hours: float) -> str:
    """A moment so many hours ago, as a field shows it by the clock of Western Indonesia."""
    return (datetime.now(UTC) + timedelta(hours=7 - hours)).strftime("%Y-%m-%dT%H:%M")


class _Officer:
    """A privacy officer with an incident open."""

    def __init__(self, world: World, person: Person) -> None:
        self.person, self.tab = person, _tab(world, person)
        self.path = ""

    async def report(self, **fields: str) -> None:
        """Put an incident into the register."""
        answer = await self.tab.submit(_HOME, {**_REPORT, **fields})
        assert answer.status == 303
        self.path = answer.headers["Location"]

    async def page(self, language: str = "id") -> str:
        """The incident as it stands."""
        return await self.tab.open(self.path, language=language)

    async def send(self, fields: dict[str, str]) -> Any:
        """Send one of its forms, with the revision that the page has."""
        [revision, *_] = _REVISION.findall(await self.page())
        return await self.tab.submit(self.path, {"revision": revision, **_ZONE, **fields})

    async def done(self, fields: dict[str, str]) -> str:
        """Send a form that is taken; give the page that follows."""
        answer = await self.send(fields)
        assert answer.status == 303, fields["act"]
        assert answer.headers["Location"] == f"{self.path}#{fields['act']}"
        return await self.page()

    async def refused(self, fields: dict[str, str], status: int = 400) -> str:
        """Send a form that is not; give the page that says so."""
        answer = await self.send(fields)
        assert answer.status == status, fields["act"]
        html = str(answer.body.decode())
        assert faults_of(html) == []
        assert 'role="alert"' in html
        return html


async def _officer(world: World) -> _Officer:
    return _Officer(world, await world.person("privacy_officer"))


async def test_an_incident_goes_its_whole_way_without_scripts(world: World) -> None:
    """Reported, assessed, searched, told of, worked off, learnt from, closed; the affected read it on their page."""
    officer, customer = await _officer(world), await world.person("customer", "Bu Contoh")
    await officer.report(discovered_at=_wib(2))
    shown = await officer.page()
    assert _STORY in shown
    assert 'name="act" value="tell"' in shown
    await officer.done(
        {
            **{"act": "assess", "kind": "access", "severity": "critical", "data": "messages", "notifiable": "yes"},
            **{"occurred_from": _wib(5), "occurred_to": _wib(3)},
        }
    )
    await officer.done({"act": "write", "field": "measures", "text": "Sesi itu ditutup"})
    found = await officer.done({"act": "search", "query": "people", "names": f"{customer.id}, tidak-ada"})
    assert customer.id not in found
    for query in ("conversations", "visits"):
        await officer.done({"act": "search", "query": query, "begins": _wib(5), "ends": _wib(3)})
    await officer.done(
        {**{"act": "search", "query": "looked_at", "subject": officer.person.id}, "begins": _wib(5), "ends": _wib(3)}
    )
    tasked = await officer.done({"act": "task", "task": "Kunci layar sendiri", "owner": officer.person.id, "days": "3"})
    assert "Kunci layar sendiri" in tasked
    for language, words in (("id", "Pemberitahuan"), ("en", "What happened")):
        assert words in await officer.page(language)
    await officer.done({"act": "authority"})
    await officer.done({"act": "tell"})

    async def is_told() -> bool:
        return _STORY in await _tab(world, customer).open("/insiden")

    await eventually(is_told, "the affected read it on a page of their own")
    assert _STORY not in await _tab(world, await world.person("customer")).open("/insiden")
    await officer.done({"act": "done", "number": "1"})
    await officer.done({"act": "move", "state": "contained"})
    await officer.done({"act": "write", "field": "lessons", "text": "Layar dikunci sendiri"})
    closed = await officer.done({"act": "move", "state": "closed"})
    # What has ended shows no forms but the one that opens it again.
    assert 'value="assess"' not in closed
    assert 'value="move"' in closed
    listed = await officer.tab.open(_HOME)
    assert officer.path in listed


async def test_what_was_typed_and_chosen_stays_when_a_form_is_refused(world: World) -> None:
    officer = await _officer(world)
    tomorrow = _wib(-30)
    late = await officer.tab.submit(_HOME, {**_REPORT, "severity": "low", "discovered_at": tomorrow, "drill": "on"})
    html = late.body.decode()
    assert late.status == 400
    assert faults_of(html) == []
    assert _STORY in html
    assert f'value="{_REPORT["title"]}"' in html
    assert '<option value="low" selected>' in html
    assert 'name="drill" value="on" checked' in html
    assert f'name="discovered_at" type="datetime-local" value="{tomorrow[:13]}' in html
    empty = await officer.tab.submit(_HOME, {**_REPORT, "title": " "})
    assert empty.status == 400
    assert _STORY in empty.body.decode()

    await officer.report()
    backwards = await officer.refused(
        {
            **{"act": "assess", "kind": "loss", "severity": "low", "data": "payment", "notifiable": "no"},
            **{"occurred_from": _wib(3), "occurred_to": _wib(5)},
        }
    )
    assert '<option value="loss" selected>' in backwards
    assert '<option value="no" selected>' in backwards
    assert 'value="payment" checked' in backwards
    assert 'id="occurred_to-reason"' in backwards
    unknown = await officer.refused(
        {"act": "search", "query": "looked_at", "subject": "siapa-saja", "begins": _wib(5), "ends": _wib(3)}
    )
    assert 'value="siapa-saja"' in unknown
    assert '<option value="looked_at" selected>' in unknown
    nobody = await officer.refused({"act": "search", "query": "people", "names": "tidak-ada"})
    assert "tidak-ada</textarea>" in nobody
    undated = await officer.refused({"act": "task", "task": "Ganti kunci", "days": "4"})
    assert 'value="Ganti kunci"' in undated
    early = await officer.refused({"act": "tell"})
    assert "<ul" in early
    await officer.refused({"act": "move", "state": "closed"}, 409)
    await officer.refused({"act": "menghilang"})
    blank = await officer.refused({"act": "write", "field": "lessons", "text": "  "})
    assert '<option value="lessons" selected>' in blank


async def test_of_two_officers_the_second_keeps_what_they_typed(world: World) -> None:
    officer, other = await _officer(world), await _officer(world)
    await officer.report()
    [revision, *_] = _REVISION.findall(await officer.page())
    await officer.done({"act": "write", "field": "measures", "text": "Sesi itu ditutup"})
    late = {"revision": revision, "act": "write", "field": "measures", "text": "Kata sandi diganti", **_ZONE}
    answer = await other.tab.submit(officer.path, late)
    html = answer.body.decode()
    assert answer.status == 409
    assert "Kata sandi diganti" in html
    assert "Sesi itu ditutup" in html
    assert faults_of(html) == []


async def test_a_drill_tells_nobody_and_says_so(world: World) -> None:
    officer, customer = await _officer(world), await world.person("customer")
    await officer.report(drill="on")
    assert "tidak ada yang dikabari" in await officer.page()
    await officer.done({"act": "assess", "kind": "loss", "severity": "low", "data": "files", "notifiable": "yes"})
    await officer.done({"act": "write", "field": "measures", "text": "Kami berlatih"})
    await officer.done({"act": "search", "query": "people", "names": customer.id})
    await officer.done({"act": "tell"})
    told = (await officer.person.get(f"/privacy/incidents/{officer.path.rpartition('/')[2]}")).data["incident"]
    assert (told["telling"], told["told"]) == ("done", 0)
    assert _STORY not in await _tab(world, customer).open("/insiden")
    assert (await customer.get("/me/incidents")).data["items"] == []


@pytest.mark.parametrize("role", [*(role for role in Role if role is not Role.PRIVACY_OFFICER), None])
async def test_the_register_is_for_privacy_officers(world: World, role: Role | None) -> None:
    """Administrators may report; whoever is not signed in is led to the door."""
    officer = await _officer(world)
    await officer.report()
    tab = _tab(world, await world.person(role.value) if role else None)
    reports = role is Role.ADMIN
    listed, one = await tab.get(_HOME), await tab.get(officer.path)
    sent, changed = await tab.submit(_HOME, _REPORT), await tab.submit(officer.path, {"act": "authority", **_ZONE})
    door = 303 if role is None else 403
    assert [one.status, changed.status] == [door, door]
    assert [listed.status, sent.status] == ([200, 303] if reports else [door, door])
    assert _STORY not in listed.body.decode()
    if role is None:
        assert listed.headers["Location"].startswith("/masuk")
    shown = await officer.page()
    assert 'value="authority"' in shown


async def test_forms_from_elsewhere_and_incidents_that_are_none_change_nothing(world: World) -> None:
    officer = await _officer(world)
    await officer.report()
    for origin in ("https://jahat.example", "null", None):
        assert (await officer.tab.submit(_HOME, _REPORT, origin=origin)).status == 403
        refused = await officer.tab.submit(officer.path, {"act": "authority", "revision": "1", **_ZONE}, origin=origin)
        assert refused.status == 403
    assert 'value="authority"' in await officer.page()
    for path in (f"{_HOME}/{'0' * 24}", f"{_HOME}/bukan-id"):
        assert (await officer.tab.get(path)).status == 404
        assert (await officer.tab.submit(path, {"act": "authority", "revision": "1", **_ZONE})).status == 404
