"""The check of one's own settings on a running server: what it says, and that one tap mends it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from server.training.modules import read_modules
from tests.harness.browsing import Tab, faults_of
from tests.harness.people import Person, World

_CHECKUP = "/privasi/pemeriksaan"


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


async def _states(world: World, person: Person) -> dict[str, str]:
    """Point -> how it stands, as the page shows it."""
    page = await _tab(world, person).open(_CHECKUP, language="en")
    assert faults_of(page) == []
    found = re.findall(r'id="c-(\w+)">.*?<span class="badge[^"]*">([^<]+)</span>', page, re.DOTALL)
    return dict(found)


async def _long_ago(world: World, collection: str, field: str, person: Person, days: int) -> None:
    then = datetime.now(UTC) - timedelta(days=days)
    changed = await world.database[collection].update_many({"account_id": person.id}, {"$set": {field: then}})
    assert changed.modified_count == 1


async def test_the_page_is_for_who_has_an_account(world: World) -> None:
    assert (await _tab(world).get(_CHECKUP)).status == 303
    assert (await _tab(world, await world.person("visitor")).get(_CHECKUP)).status == 403
    for role in ("customer", "agent", "privacy_officer"):
        assert "factor" in await _states(world, await world.person(role))
    assert f'href="{_CHECKUP}"' in await _tab(world, await world.person("customer")).open("/privasi")


@pytest.mark.parametrize("language", ["id", "en"])
async def test_every_point_says_why_and_leads_somewhere(world: World, language: str) -> None:
    person = await world.person("customer", "Toko Contoh")
    tab = _tab(world, person)
    page = await tab.open(_CHECKUP, language=language)
    assert faults_of(page) == []
    cards = re.findall(r'<section class="card stack" aria-labelledby="c-(\w+)">(.*?)</section>', page, re.DOTALL)
    assert len(cards) == 9
    for name, card in cards:
        (way,) = re.findall(r'<a class="button button-quiet" href="([^"#]+)', card)
        assert (await tab.get(way)).status == 200, name


async def test_a_session_that_nobody_uses_is_ended_by_one_tap(world: World) -> None:
    """Only after a recent sign-in, and never the session that asks."""
    person = await world.person("customer", "Toko Contoh")
    assert (await _states(world, person))["sessions"] == "Good"
    old = await world.again(person, hours=24 * 60, ago_s=20 * 24 * 3600)
    assert (await _states(world, person))["sessions"] == "Mend"
    refused = await _tab(world, old).submit(_CHECKUP, {"act": "end_sessions"})
    assert refused.status == 403
    assert b"/masuk/pastikan?next=/privasi/pemeriksaan" in refused.body
    assert (await _tab(world, person).submit(_CHECKUP, {"act": "end_sessions"})).status == 303
    assert (await old.get("/me")).code == "not_authenticated"
    assert (await person.get("/me")).status == 200
    assert (await _states(world, person))["sessions"] == "Good"
    assert (await _tab(world, person).submit(_CHECKUP, {"act": "lain"})).status == 400


async def test_consents_looks_and_lessons_are_as_they_stand(world: World) -> None:
    person, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Petugas")
    before = await _states(world, person)
    assert (before["consents"], before["looks"], before["course"]) == ("Good", "Good", "Mend")
    assert (await person.call("PUT", "/me/consents", {"purpose": "research", "granted": True})).status == 200
    talk = await person.conversation()
    await agent.take(talk)
    await agent.messages(talk)
    module = next(one for one in read_modules() if not one.roles)
    answers = {one.key: str(one.right) for one in module.lessons["id"].questions}
    assert (await _tab(world, person).submit("/jaga-data", answers)).status == 200
    after = await _states(world, person)
    assert (after["consents"], after["looks"], after["course"]) == ("Good to know", "Good to know", "Good")


async def test_a_draft_that_was_left_behind_goes_by_one_tap(world: World) -> None:
    person = await world.person("customer", "Toko Contoh")
    saved = await person.call("PUT", "/me/drafts", {"place": "new", "title": "Struk", "text": "Kertasnya habis"})
    assert saved.status == 200
    assert (await _states(world, person))["drafts"] == "Good"
    await _long_ago(world, "forum_drafts", "saved_at", person, 20)
    assert (await _states(world, person))["drafts"] == "Mend"
    assert (await _tab(world, person).submit(_CHECKUP, {"act": "drop_drafts"})).status == 303
    assert (await person.get("/me/drafts")).data["items"] == []
    assert (await _states(world, person))["drafts"] == "Good"
