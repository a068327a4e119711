"""Surveys over HTTP, by forms: who is asked, who may answer, once; what is shown of it and when."""

import re

from tests.harness.browsing import Tab
from tests.harness.people import Person, World


def _tab(world: World, person: Person) -> Tab:
    return Tab(world.http.session, world.http.url, person.token)


async def _agree(person: Person, granted: bool = True) -> None:
    choice = {"purpose": "research", "granted": granted}
    assert (await person.call("PUT", "/me/consents", choice)).status == 200


async def _survey(tab: Tab, scale: str = "csat") -> str:
    """Make one; give its address."""
    made = {"title": "Kasir baru", "question": "Seberapa puas Anda dengan kasir baru?", "scale": scale, "days": "7"}
    await tab.fill("/survei", made)
    return tab.path.removesuffix("/hasil")


async def test_only_those_are_asked_whose_consent_stands_when_it_is_sent(world: World) -> None:
    agent = _tab(world, await world.person("agent", "Uji"))
    willing, unwilling, changed = [await world.person("customer", "Toko") for _ in range(3)]
    await _agree(willing)
    await _agree(changed)
    path = await _survey(agent)
    await _agree(changed, granted=False)
    assert re.search(r"Dikirim kepada [1-9]", await agent.fill(f"{path}/hasil", {}))
    for person, status in ((willing, 200), (unwilling, 404), (changed, 404)):
        assert (await _tab(world, person).get(path)).status == status
        told = [one["kind"] for one in (await person.get("/me/notifications")).data["items"]]
        assert told.count("survey") == (status == 200)
    # Sent again, nobody is asked twice.
    await agent.fill(f"{path}/hasil", {})
    told = [one["kind"] for one in (await willing.get("/me/notifications")).data["items"]]
    assert told.count("survey") == 1


async def test_one_answers_once_and_only_while_one_agrees(world: World) -> None:
    agent = _tab(world, await world.person("agent", "Uji"))
    person, other = [await world.person("customer", "Toko") for _ in range(2)]
    await _agree(person)
    await _agree(other)
    path = await _survey(agent)
    await agent.fill(f"{path}/hasil", {})
    tab, late = _tab(world, person), _tab(world, other)
    assert (await tab.submit(path, {"score": "6"})).status == 400
    assert (await tab.submit(path, {"comment": "Bagus"})).status == 400
    said = {"score": "5", "comment": "Bagus, hubungi 0812-9071-3648."}
    assert "Terima kasih" in await tab.fill(path, said)
    assert (await tab.submit(path, {"score": "1"})).status == 409
    await _agree(other, granted=False)
    assert (await late.submit(path, {"score": "4"})).status == 403
    kept = await world.database["survey_replies"].find_one({"account_id": person.id})
    assert kept is not None
    assert kept["score"] == 5
    assert "PHONE" in kept["comment"]
    assert "0812" not in kept["comment"]


async def test_results_are_for_later_and_for_staff(world: World) -> None:
    agent, customer = await world.person("agent", "Uji"), await world.person("customer", "Toko")
    tab = _tab(world, agent)
    path = await _survey(tab, "nps")
    assert "Hasil terlihat setelah survei selesai" in await tab.open(f"{path}/hasil")
    for address in ("/survei", f"{path}/hasil"):
        assert (await _tab(world, customer).get(address)).status == 403
    over = {"$set": {"ends_at": (await world.database["surveys"].find_one({"_id": path[8:]}))["made_at"]}}
    await world.database["surveys"].update_one({"_id": path[8:]}, over)
    page = await tab.open(f"{path}/hasil")
    assert page.count("terlalu sedikit untuk disebut") == 3
    assert "Belum cukup orang" in page
    assert (await tab.submit(f"{path}/hasil", {})).status == 409
