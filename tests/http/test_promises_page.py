"""The promises page on a running server: readable by anybody, with figures that the server counts by itself."""

from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import aiohttp
import pytest

from server.promises.model import CLAUSES
from tests.harness.browsing import Tab
from tests.harness.people import World
from tests.harness.pledging import told, until_told
from tests.harness.process import ServerProcess, eventually

_LEAST = 5


@pytest.fixture(scope="module")
async def counting(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server that gathers evidence all the time and tells figures from five on."""
    settings = {"AMANAH_LIMITS": "off", "AMANAH_EVIDENCE_SECONDS": "1", "AMANAH_REPORT_GROUP": str(_LEAST)}
    server = ServerProcess(tmp_path_factory.mktemp("counting"), settings)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def place(counting: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    async with World(counting, browserless) as world:
        yield world


async def test_everybody_reads_every_promise_in_both_languages(place: World) -> None:
    tab = Tab(place.http.session, place.http.url)
    await until_told(place, "audit_entries", 0)
    for language, word in (("id", "Janji kami"), ("en", "Our promises")):
        page = await tab.open("/janji", language=language)
        assert word in page
        assert [one.id for one in CLAUSES if f'id="{one.id}"' not in page] == []
        assert 'property="og:title"' in page
        assert "/akun#access" not in page
    led = await tab.get("/promises")
    assert (led.status, led.headers["Location"]) == (301, "/janji")
    assert not tab.cookies


async def test_own_records_are_led_to_when_signed_in(place: World) -> None:
    person = await place.person("customer", "Pelanggan")
    page = await Tab(place.http.session, place.http.url, person.token).open("/janji")
    assert 'href="/akun#access"' in page
    assert 'href="/akun#consents"' in page


async def test_figures_are_the_servers_own_and_tell_of_no_single_person(place: World) -> None:
    """What is hidden is counted by label; below the least only that it is smaller."""
    person = await place.person("customer", "Pelanggan")
    talk = await person.conversation()
    assert (await told(place, "hidden", "hidden.PHONE"))["number"] is None
    for line in range(_LEAST):
        sent = await person.send(talk, f"tolong hubungi nomor hp 0812-9071-36{line}8 ya")
        assert "⟦PHONE:" in sent.data["message"]["text"]
    assert await until_told(place, "hidden", _LEAST, "hidden.PHONE") == _LEAST
    assert await until_told(place, "messages", _LEAST) == _LEAST
    assert (await told(place, "hidden", "hidden.NIK"))["number"] is None
    page = await Tab(place.http.session, place.http.url).open("/janji")
    assert f"kurang dari {_LEAST}" in page
    assert person.id not in page


async def test_the_trail_was_really_checked_and_a_wrong_one_is_told(place: World) -> None:
    """The check runs by itself; a trail that was changed is said not to fit, on the page and over the API."""
    await until_told(place, "audit_entries", 1)
    assert (await told(place, "audit_fits"))["yes"] is True
    block = await place.database["audit_blocks"].find_one({"_id": 1})
    assert block is not None
    lines = list(block["entries"])
    changed = [str(lines[0]).replace("[", "[ ", 1), *lines[1:]]
    await place.database["audit_blocks"].update_one({"_id": 1}, {"$set": {"entries": changed}})

    async def fits() -> bool:
        return bool((await told(place, "audit_fits"))["yes"])

    async def does_not_fit() -> bool:
        return not await fits()

    await eventually(does_not_fit, "the change is found")
    await place.database["audit_blocks"].update_one({"_id": 1}, {"$set": {"entries": lines}})
    await eventually(fits, "the trail fits again")


async def test_whoever_wants_to_check_is_given_what_it_takes(place: World, source_root: Path) -> None:
    """The end of a server is signed, so there is a checkpoint after the next start."""
    program = await place.http.get("/janji/verify_audit.py")
    assert program.body == (source_root / "deploy" / "verify_audit.py").read_bytes()
    await place.server.stop()
    await place.server.start()

    async def is_signed() -> bool:
        return (await place.http.get("/api/v1/audit/checkpoint")).status == 200

    await eventually(is_signed, "there is a checkpoint")
    answer = await place.http.get("/api/v1/audit/checkpoint")
    assert (await place.http.get("/janji/titik-periksa.txt")).body.decode() == answer.data["note"]
    page = await Tab(place.http.session, place.http.url).open("/janji")
    assert unescape(page).count(answer.data["key"]) == 1
