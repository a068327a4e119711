"""Product news over HTTP: who is told, by what they agreed to at that moment; and surveys over the API."""

from tests.harness.browsing import Tab
from tests.harness.people import Person, World
from tests.harness.process import eventually


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.session, world.server.url, person.token if person else None)


async def _agree(person: Person, purpose: str, granted: bool = True) -> None:
    choice = {"purpose": purpose, "granted": granted}
    assert (await person.call("PUT", "/me/consents", choice)).status == 200


async def _told(person: Person) -> int:
    items = (await person.get("/me/notifications")).data["items"]
    return sum(one["kind"] == "product_news" for one in items)


async def test_news_reach_those_whose_consent_stands(world: World) -> None:
    """Everybody reads the page; by notice hear those who agree, and nobody who has withdrawn."""
    agent = await world.person("agent", "Petugas")
    willing, unwilling, changed = [await world.person("customer", "Toko") for _ in range(3)]
    await _agree(willing, "marketing")
    await _agree(changed, "marketing")
    await _agree(changed, "marketing", granted=False)
    tab = _tab(world, agent)
    await tab.fill(
        "/kabar", {"title": "Kasir kini bisa dua bahasa", "text": "Hubungi 0812-9071-3648 untuk **contoh**."}
    )
    shown = await _tab(world).open("/kabar")
    assert "Kasir kini bisa dua bahasa" in shown
    assert "0812" not in shown
    [news] = [one for one in (await willing.get("/news")).data["items"] if "dua bahasa" in one["title"]]
    await _tab(world).open(news["path"])

    async def is_sent() -> bool:
        document = await world.database["product_news"].find_one({"_id": news["id"]})
        return document is not None and not document["sending"]

    await eventually(is_sent, "everybody was told who is to be")
    assert [await _told(person) for person in (willing, unwilling, changed)] == [1, 0, 0]
    assert (await willing.post("/news", {"title": "Bukan petugas", "text": "Halo."})).code == "not_permitted"
    assert (await _tab(world, willing).submit("/kabar", {"title": "Bukan petugas", "text": "Halo."})).status == 403
    assert (await _tab(world).get("/kabar/999999")).status == 404


async def test_surveys_are_listed_answered_and_told_over_the_api(world: World) -> None:
    """Staff make and send; whoever was asked finds it among theirs and answers once; results come when it is over."""
    agent = await world.person("agent", "Petugas")
    willing, other = [await world.person("customer", "Toko") for _ in range(2)]
    await _agree(willing, "research")
    asked = {"title": "Kasir baru", "question": "Seberapa puas Anda?", "scale": "csat", "days": 7}
    assert (await other.post("/surveys", asked)).code == "not_permitted"
    assert (await agent.post("/surveys", {**asked, "days": 8})).code == "invalid_input"
    made = await agent.post("/surveys", asked)
    assert made.status == 201, made.envelope
    survey = made.data["survey"]
    assert survey["steps"] == [1, 2, 3, 4, 5]
    assert (await agent.post(f"/surveys/{survey['id']}/send")).data["asked"] >= 1
    assert survey["id"] in {one["survey"]["id"] for one in (await agent.get("/surveys")).data["items"]}
    assert survey["id"] not in {one["survey"]["id"] for one in (await other.get("/me/surveys")).data["items"]}
    assert (await other.get(f"/surveys/{survey['id']}")).code == "not_found"
    [own] = [one for one in (await willing.get("/me/surveys")).data["items"] if one["survey"]["id"] == survey["id"]]
    assert own["answered"] is False
    assert (await willing.post(f"/surveys/{survey['id']}/reply", {"score": 9})).code == "invalid_input"
    replied = await willing.post(f"/surveys/{survey['id']}/reply", {"score": 5, "comment": "Bagus."})
    assert replied.status == 201
    assert (await willing.post(f"/surveys/{survey['id']}/reply", {"score": 1})).code == "conflict"
    assert (await willing.get(f"/surveys/{survey['id']}")).data["answered"] is True
    early = await agent.get(f"/surveys/{survey['id']}/results")
    assert (early.data["over"], early.data["cells"]) == (False, [])
    stored = await world.database["surveys"].find_one({"_id": survey["id"]})
    assert stored is not None
    await world.database["surveys"].update_one({"_id": survey["id"]}, {"$set": {"ends_at": stored["made_at"]}})
    late = await agent.get(f"/surveys/{survey['id']}/results")
    assert late.data["over"] is True
    assert [cell["people"] for cell in late.data["cells"]] == [None] * 5, "one person is too few to be told of"
    assert late.data["comments"] == []
    assert late.data["spent"] is not None
