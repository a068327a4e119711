"""The privacy officers' desk on a running server: for them alone; reviews by others; record and assessment."""

from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest

from server.composition.opening import COLLECTIONS
from server.privacy.uses import USES
from tests.harness.browsing import Tab, faults_of
from tests.harness.people import Person, World
from tests.harness.pledging import trained
from tests.harness.process import ServerProcess

_PAGES = ("/petugas", "/petugas/pembukaan", "/petugas/pemrosesan", "/petugas/dampak")
_FILES = ("/petugas/pemrosesan.md", "/petugas/pemrosesan.json", "/petugas/dampak.md", "/petugas/dampak.json")
_GLASS = {"reason": "Keluhan lewat telepon 0812-9071-3648", "purpose": "complaint", "minutes": 5}


@pytest.fixture(scope="module")
async def overseen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server that insists on training and keeps its visits for 21 days."""
    settings = {"AMANAH_LIMITS": "off", "AMANAH_TRAINING": "required", "AMANAH_VISIT_DAYS": "21"}
    server = ServerProcess(tmp_path_factory.mktemp("overseen"), settings)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def place(overseen: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    async with World(overseen, browserless) as world:
        yield world


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


async def test_the_desk_is_for_privacy_officers_alone(place: World) -> None:
    """Others are refused, whoever is not signed in is led there; nothing of it may be kept by a browser."""
    for path in (*_PAGES, *_FILES):
        assert (await _tab(place).get(path)).status == 303, path
        for role in ("customer", "agent", "moderator", "admin"):
            assert (await _tab(place, await place.person(role)).get(path)).status == 403, (path, role)
    tab = _tab(place, await trained(place, "privacy_officer", "Wahyu"))
    for path in (*_PAGES, *_FILES):
        answer = await tab.get(path)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store"), path
        if path in _PAGES:
            assert faults_of(answer.body.decode()) == [], path
    home = await tab.open("/petugas")
    assert 'href="/petugas/permintaan"' in home
    assert 'href="/petugas"' in await tab.open("/forum")


async def test_an_officer_without_training_is_told_so(place: World) -> None:
    """The overview is shown, and what it may not show leads to the lessons."""
    home = await _tab(place, await place.person("privacy_officer", "Baru")).open("/petugas")
    assert 'href="/pelatihan"' in home


async def test_officers_review_on_the_page_and_nobody_else(place: World) -> None:
    """With a word, once; never their own opening; what is typed passes the gate."""
    customer, holder = await place.person("customer", "Toko Contoh"), await trained(place)
    officer, second = [await trained(place, "privacy_officer", name) for name in ("Wahyu", "Tari")]
    talk = await customer.conversation("Struk")
    await holder.take(talk)
    opened = (await officer.post(f"/conversations/{talk}/break-glass", _GLASS)).data["break_glass"]
    own = await _tab(place, officer).open("/petugas/pembukaan")
    assert f'id="o-{opened["id"]}"' in own
    assert f'value="{opened["id"]}"' not in own
    assert "0812" not in own
    form = {"id": opened["id"], "verdict": "not_ok", "note": "Hubungi 0812-9071-3648"}
    assert (await _tab(place, officer).submit("/petugas/pembukaan", form)).status == 403
    tab = _tab(place, second)
    assert f'value="{opened["id"]}"' in await tab.open("/petugas/pembukaan")
    assert (await tab.submit("/petugas/pembukaan", {**form, "verdict": "x"})).status == 400
    page = await tab.fill("/petugas/pembukaan", form)
    assert f'value="{opened["id"]}"' not in page
    assert "⟦PHONE:1⟧" in page
    assert (await tab.submit("/petugas/pembukaan", form)).status == 409
    listed = (await second.get("/privacy/break-glass", state="all")).data["items"]
    assert {one["id"]: one["review"]["verdict"] for one in listed if one["review"]}[opened["id"]] == "not_ok"


async def test_the_record_of_processing_names_every_collection(place: World) -> None:
    """And every use with its basis, who is given anything, and the settings as they are now."""
    tab = _tab(place, await trained(place, "privacy_officer", "Wahyu"))
    record = orjson.loads((await tab.get("/petugas/pemrosesan.json")).body)
    kept = {name for rule in record["kept"] for name in rule["collections"]}
    assert {spec.name for spec in COLLECTIONS} - kept == set()
    assert {one["use"] for one in record["activities"]} == set(USES)
    assert record["recipients"] == []
    assert record["settings"]["AMANAH_VISIT_DAYS"] == "21"
    written = (await tab.get("/petugas/pemrosesan.md")).body.decode()
    page = await tab.open("/petugas/pemrosesan")
    assert [name for name in sorted(kept) if name not in written or name not in page] == []


async def test_the_impact_assessment_is_filled(place: World) -> None:
    """With what the server knows; what people have to decide is left open."""
    tab = _tab(place, await trained(place, "privacy_officer", "Wahyu"))
    filled = orjson.loads((await tab.get("/petugas/dampak.json")).body)
    assert {one["kind"] for one in filled["risks"]} == {
        "linking",
        "identifying",
        "non_repudiation",
        "detecting",
        "data_disclosure",
        "unawareness",
        "non_compliance",
    }
    assert filled["processing"]["activities"]
    written = (await tab.get("/petugas/dampak.md")).body.decode()
    assert "......" in written
    page = await tab.open("/petugas/dampak", language="en")
    assert all(risk.get("left") for risk in filled["risks"])
    assert "Risks to people" in page
