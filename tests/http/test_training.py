"""Training on a server that insists on it: nobody moderates or reads by exception without a pass; pages; coverage."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from server.training.modules import read_modules
from tests.harness.browsing import Tab, faults_of
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess

_MODULES = {module.key: module for module in read_modules()}


@pytest.fixture(scope="module")
async def insisting(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server that insists on training, as it is delivered."""
    folder = tmp_path_factory.mktemp("insisting")
    server = ServerProcess(folder, {"AMANAH_LIMITS": "off", "AMANAH_TRAINING": "required"})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def place(insisting: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    async with World(insisting, browserless) as world:
        yield world


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


def _answers(key: str, *, wrong: int = 0) -> dict[str, str]:
    questions = _MODULES[key].lessons["id"].questions
    return {
        question.key: str((question.right + (place < wrong)) % len(question.options))
        for place, question in enumerate(questions)
    }


async def _pass_all(world: World, person: Person) -> None:
    tab = _tab(world, person)
    for module in _MODULES.values():
        if person.role in module.roles:
            assert (await tab.submit(f"/pelatihan/{module.key}", _answers(module.key))).status == 200


async def test_the_queue_opens_to_those_who_have_learnt(place: World) -> None:
    """Until then neither the list nor an item nor a page of it, with the reason and the way in the answer."""
    moderator = await place.person("moderator", "Moderator")
    refused = await moderator.get("/review/items")
    assert (refused.code, refused.reasons) == ("not_permitted", {"account": "training_due"})
    page = await _tab(place, moderator).get("/moderasi")
    assert page.status == 403
    assert b"/pelatihan" in page.body
    await _pass_all(place, moderator)
    assert (await moderator.get("/review/items")).status == 200
    await place.database["training_passes"].update_one({"_id": f"{moderator.id}:moderating"}, {"$set": {"version": 0}})
    assert (await moderator.get("/review/items")).reasons == {"account": "training_due"}


async def test_nobody_reads_by_exception_without_a_pass(place: World) -> None:
    customer, agent = await place.person("customer", "Pelanggan"), await place.person("agent", "Petugas")
    other = await place.person("agent", "Lain")
    talk = await customer.conversation("Struk")
    await other.take(talk)
    why = {"purpose": "complaint", "reason": "Keluhan lewat telepon", "minutes": 10}
    path = f"/conversations/{talk}/break-glass"
    refused = await agent.post(path, why)
    assert refused.reasons == {"account": "training_due"}
    # What is not theirs to know of answers as ever.
    assert (await agent.post("/conversations/tidak-ada/break-glass", why)).code == "not_found"
    await _pass_all(place, agent)
    assert (await agent.post(path, why)).status == 201


async def test_taking_a_module(place: World) -> None:
    """Wrong answers are named and no pass is kept; right ones are not told before; then it is passed."""
    agent = await place.person("agent", "Petugas")
    tab = _tab(place, agent)
    home = await tab.open("/pelatihan")
    assert set(re.findall(r'href="/pelatihan/([a-z_]+)"', home)) == {"basics", "opening", "incidents"}
    assert "moderating" not in home
    lesson = await tab.open("/pelatihan/basics")
    assert "checked" not in lesson
    failed = await tab.submit("/pelatihan/basics", _answers("basics", wrong=2))
    html = failed.body.decode()
    assert faults_of(html) == []
    assert "60 persen" in html
    assert html.count('class="reason"') == 2
    assert {one["state"] for one in (await agent.get("/me/training")).data["modules"]} == {"never"}
    unanswered = await tab.submit("/pelatihan/basics", {"photo": "1"})
    assert unanswered.status == 400
    assert (await tab.submit("/pelatihan/basics", _answers("basics", wrong=1))).status == 200
    states = {one["module"]: one["state"] for one in (await agent.get("/me/training")).data["modules"]}
    assert states == {"basics": "current", "opening": "never", "incidents": "never"}
    assert (await tab.get("/pelatihan/moderating")).status == 404
    assert (await tab.get("/pelatihan/everybody")).status == 404


async def test_coverage_names_nobody_but_to_officers(place: World) -> None:
    officer, agent = (
        await place.person("privacy_officer", "Petugas Privasi"),
        await place.person("agent", "Belum Lulus"),
    )
    counted = (await agent.get("/training/coverage")).data
    assert {"basics", "incidents"} <= {one["module"] for one in counted["modules"]}
    assert all(0 <= one["holding"] <= one["needing"] for one in counted["modules"])
    assert "Belum Lulus" not in str(counted)
    assert (await _tab(place, agent).get("/pelatihan/cakupan")).status == 403
    assert "Belum Lulus" in await _tab(place, officer).open("/pelatihan/cakupan")


async def test_customers_learn_without_an_account(place: World) -> None:
    """Nothing is kept of it, and the staff's modules are not theirs."""
    tab = _tab(place)
    assert "<h1>Jaga data Anda</h1>" in await tab.open("/jaga-data")
    marked = await tab.submit("/jaga-data", _answers("everybody", wrong=1))
    assert "66 persen" in marked.body.decode()
    assert faults_of(marked.body.decode()) == []
    customer = await place.person("customer", "Pelanggan")
    assert (await customer.get("/me/training")).code == "not_permitted"
    assert (await _tab(place, customer).get("/pelatihan/basics")).status == 403
    assert await place.database["training_passes"].count_documents({"account_id": customer.id}) == 0


async def test_the_policy_can_be_read_by_everybody(place: World) -> None:
    tab = _tab(place)
    html = await tab.open("/kebijakan")
    assert "Kebijakan privasi" in html
    assert "Privacy policy" in await tab.open("/kebijakan", language="en")
    told = (await place.http.get("/api/v1/privacy/policy")).data
    assert told["policy"]["version"] == told["versions"][-1]["version"] == 1
    assert {"research", "marketing", "support_chat"} == set(told["purposes"])
    assert (await place.http.get("/api/v1/privacy/policy", version=99)).code == "not_found"
    assert (await tab.get("/kebijakan/99")).status == 404
    assert (await tab.get("/kebijakan/1/perubahan")).status == 404
    assert "1" in await tab.open("/kebijakan/1")
