"""The status page over HTTP: telling of a disruption, who is told, what anonymous readers see, the feed."""

from datetime import UTC, datetime, timedelta

from tests.harness.browsing import Tab
from tests.harness.people import Person, World
from tests.harness.process import eventually


def _tab(world: World, token: str | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, token)


async def _service(staff: Person, name: str) -> str:
    made = await staff.post("/status/services", {"name": name})
    assert made.status == 201
    return str(made.data["service"]["id"])


async def _disruption(staff: Person, service: str, title: str) -> dict[str, object]:
    told = {"title": title, "text": "Struk keluar terlambat. Kami mencari sebabnya.", "services": [service]}
    made = await staff.post("/status/events", {**told, "impact": "major"})
    assert made.status == 201
    event: dict[str, object] = made.data["event"]
    return event


async def test_from_a_disruption_to_its_end(world: World) -> None:
    """Readers see it at once, also where pages are kept for them; who uses the service is told, and nobody else."""
    agent, admin = await world.person("agent", "Uji"), await world.person("admin", "Uji")
    user, other = await world.person("customer", "Toko"), await world.person("customer", "Klinik")
    service = await _service(admin, "Mesin kasir")
    assert (await user.call("PUT", "/me/services", {"services": [service]})).data == {"services": [service]}
    reader = _tab(world)
    await reader.open("/status")
    event = await _disruption(agent, service, "Struk terlambat keluar")
    page = await reader.open("/status")
    assert "Struk terlambat keluar" in page
    assert "Sebagian terganggu" in page

    async def is_told() -> bool:
        items = (await user.get("/me/notifications")).data["items"]
        return any(item["kind"] == "service_disruption" for item in items)

    await eventually(is_told, "the user of the service is told")
    assert not [
        one for one in (await other.get("/me/notifications")).data["items"] if one["kind"] == "service_disruption"
    ]
    steps = f"/status/events/{event['id']}/updates"
    assert (await agent.post(steps, {"phase": "planned", "text": "Besok saja."})).reasons == {"phase": "not_allowed"}
    done = await agent.post(steps, {"phase": "resolved", "text": "Sudah pulih."})
    assert (done.status, done.data["event"]["phase"]) == (201, "resolved")
    status = (await world.http.get("/api/v1/status")).data
    assert {one["id"]: one["health"] for one in status["services"]}[service] == "working"
    assert "Sudah pulih." in await reader.open(f"/status/{event['number']}")


async def test_what_identifies_somebody_is_hidden_before_it_is_told(world: World) -> None:
    agent = await world.person("agent", "Uji")
    service = await _service(agent, "Laporan harian")
    event = await _disruption(agent, service, "Telepon 0812-9071-3648 kalau macet")
    assert "0812" not in str(event["title"])
    assert "PHONE" in str(event["title"])


async def test_planned_works_have_times_that_make_sense(world: World) -> None:
    agent = await world.person("agent", "Uji")
    service = await _service(agent, "Cadangan data")
    soon = datetime.now(UTC) + timedelta(days=1)
    told = {"title": "Ganti mesin", "text": "Dua jam saja.", "services": [service], "starts_at": soon.isoformat()}
    early = await agent.post("/status/events", {**told, "ends_at": (soon - timedelta(hours=1)).isoformat()})
    assert early.reasons == {"ends_at": "out_of_range"}
    assert (await agent.post("/status/events", told)).reasons == {"ends_at": "required"}
    made = await agent.post("/status/events", {**told, "ends_at": (soon + timedelta(hours=2)).isoformat()})
    assert made.data["event"]["phase"] == "planned"
    assert made.data["event"]["id"] in [one["id"] for one in (await agent.get("/status")).data["planned"]]


async def test_only_agents_and_administrators_tell(world: World) -> None:
    for role in ("customer", "moderator", "privacy_officer"):
        person = await world.person(role, "Uji")
        assert (await person.post("/status/services", {"name": "Kasir"})).code == "not_permitted"
        assert (await _tab(world, person.token).submit("/status", {"act": "add", "name": "Kasir"})).status == 403


async def test_telling_by_forms_and_the_feed(world: World) -> None:
    """Complete without JavaScript."""
    tab = _tab(world, (await world.person("agent", "Uji")).token)
    await tab.fill("/status", {"act": "add", "name": "Aplikasi gudang"})
    service = (await world.http.get("/api/v1/status")).data["services"][-1]["id"]
    told = {"act": "disruption", "title": "Gudang melambat", "text": "Kami **periksa**.", "service": service}
    assert (await tab.submit("/status", told)).status == 400
    assert "Gudang melambat" in await tab.fill("/status", {**told, "impact": "minor"})
    here = tab.path
    assert "Sudah pulih" in await tab.fill(here, {"phase": "watching", "text": "Sudah pulih, masih dipantau."})
    works = {"act": "works", "title": "Rawat gudang", "text": "Sebentar.", "service": service}
    at = {"starts_at": f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT08:00}"}
    ends = {"ends_at": f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT10:00}"}
    assert "Rawat gudang" in await tab.fill("/status", {**works, **at, **ends})
    feed = await _tab(world).get("/status/feed.atom")
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    assert b"Gudang melambat" in feed.body
    assert (await tab.get("/status/999999")).status == 404
