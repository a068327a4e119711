"""Notices over HTTP and as pages without JavaScript; letters that a mail program stops; profiles as pages."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from server.composition.keys import ring_of
from server.kernel.ids import new_id
from server.notices.model import Kind, Notice, Pace
from server.notices.store import MongoNoticeStore
from server.notices.unsubscribing import Stop, StopTokens
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess
from tests.harness.push_service import PushService, claims_of


@pytest.fixture(scope="module")
async def service() -> AsyncIterator[PushService]:
    """A push service."""
    service = PushService()
    await service.start()
    yield service
    await service.stop()


@pytest.fixture(scope="module")
async def pushing(tmp_path_factory: pytest.TempPathFactory, service: PushService) -> AsyncIterator[ServerProcess]:
    """A server that may talk to it."""
    settings = {"AMANAH_LIMITS": "off", "AMANAH_PUSH_ORIGINS": service.origin}
    server = ServerProcess(tmp_path_factory.mktemp("pushing"), settings)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def place(pushing: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    """That server, and the making of fresh people for one test."""
    async with World(pushing, browserless) as world:
        yield world


async def _told(world: World, person: Person, *kinds: Kind) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    store = MongoNoticeStore(world.database)
    await store.insert([Notice(new_id(), person.id, kind, "break_glass", new_id(), at) for kind in kinds])


async def _page(
    world: World, person: Person | None, path: str, form: dict[str, str] | None = None
) -> tuple[int, str, str]:
    headers = {"Cookie": f"amanah_session={person.token}"} if person else {}
    if form is not None:
        headers["Origin"] = world.server.url
    async with world.session.request(
        "GET" if form is None else "POST", world.server.url + path, data=form, headers=headers, allow_redirects=False
    ) as response:
        return response.status, await response.text(), response.headers.get("Location", "")


async def test_a_break_glass_wakes_the_devices_of_its_person(place: World, service: PushService) -> None:
    """An empty, signed request; the notice itself is read here, counted, and marked."""
    customer, agent = await place.person("customer", "Uji"), await place.person("agent", "Uji")
    talk = await customer.conversation("Struk")
    added = await customer.post("/me/push", {"endpoint": f"{service.origin}/hp"})
    assert added.status == 201
    key = (await customer.get("/me/push")).data["public_key"]
    socket = await customer.socket()
    other = await place.person("agent", "Uji")
    await other.take(talk)
    opened = await agent.post(
        f"/conversations/{talk}/break-glass", {"reason": "Cek gangguan", "purpose": "technical", "minutes": 5}
    )
    assert opened.status == 201
    news = await socket.until_heard("notify:new")
    assert (news["unread"], news["notification"]["kind"], news["notification"]["read"]) == (
        1,
        "break_glass_opened",
        False,
    )
    await service.count(1)
    assert service.pushed[0].body == b""
    assert claims_of(service.pushed[0].headers["Authorization"], key)["aud"] == service.origin
    page = (await customer.get("/me/notifications")).data
    assert page["unread"] == 1
    notice_id = page["items"][0]["id"]
    led = await customer.post(f"/me/notifications/{notice_id}/open")
    assert led.data["path"] == "/akun#access"
    assert (await socket.until_heard("notify:read"))["unread"] == 0
    assert (await customer.get("/me/notifications")).data["items"][0]["read"] is True
    for path in (f"/me/notifications/{notice_id}/open", f"/me/notifications/{notice_id}/read"):
        assert (await agent.post(path)).code == "not_found"
    removed = await customer.call("DELETE", f"/me/push/{added.data['device']['id']}")
    assert removed.status == 200


async def test_only_push_services_are_taken(place: World) -> None:
    """Nothing inside, nothing unknown; the refusal names the field and not what was sent."""
    person = await place.person("customer", "Uji")
    for endpoint in ("https://127.0.0.1/a", "http://169.254.169.254/latest", "https://penipu.example/a"):
        refused = await person.post("/me/push", {"endpoint": endpoint})
        assert refused.reasons == {"endpoint": "not_a_push_service"}
        assert endpoint.encode() not in refused.body


async def test_how_one_is_told_is_chosen(place: World) -> None:
    """Kind by kind, by API and by form; of who looked one is always told."""
    person = await place.person("customer", "Uji")
    choices = {item["kind"]: item for item in (await person.get("/me/notification-choices")).data["choices"]}
    assert choices["forum_reply"] == {
        "kind": "forum_reply",
        "section": "forum",
        "in_app": True,
        "mail": "daily",
        "push": False,
        "locked": False,
    }
    assert choices["break_glass_opened"]["locked"] is True
    body = {"kind": "forum_reply", "mail": "weekly", "push": True}
    changed = await person.call("PUT", "/me/notification-choices", body)
    assert {**choices["forum_reply"], "mail": "weekly", "push": True} in changed.data["choices"]
    refused = await person.call("PUT", "/me/notification-choices", {"kind": "break_glass_opened", "mail": "off"})
    assert refused.reasons == {"kind": "always_told"}
    status, page, _ = await _page(place, person, "/pemberitahuan/atur")
    assert status == 200
    names = re.findall(r'name="(mail\.[a-z_]+)"', page)
    assert "mail.moderation_waiting" not in names
    status, page, _ = await _page(
        place, person, "/pemberitahuan/atur", {**dict.fromkeys(names, "off"), "mail.break_glass_opened": "immediate"}
    )
    assert (status, "Tersimpan." in page) == (200, True)
    after = {item["kind"]: item for item in (await person.get("/me/notification-choices")).data["choices"]}
    assert after["forum_reply"] == {
        "kind": "forum_reply",
        "section": "forum",
        "in_app": False,
        "mail": "off",
        "push": False,
        "locked": False,
    }
    assert after["break_glass_opened"]["mail"] == "immediate"


async def test_one_chooses_among_what_concerns_one(place: World) -> None:
    """Customers are asked nothing about the work of staff; the page shows the headings of the API, in its order."""
    for role, concerned in (("customer", False), ("agent", True)):
        person = await place.person(role, "Uji")
        choices = (await person.get("/me/notification-choices")).data["choices"]
        sections = [choice["section"] for choice in choices]
        assert ("work" in sections) is concerned
        assert [choice["section"] for choice in choices if choice["kind"] == "webhook_disabled"] == ["work"] * concerned
        _, page, _ = await _page(place, person, "/pemberitahuan/atur")
        assert re.findall(r'name="mail\.([a-z_]+)"', page) == [choice["kind"] for choice in choices]
        assert page.count('<details class="fold">') == len(set(sections))
        assert ("Pekerjaan petugas" in page) is concerned


async def test_notices_are_read_on_a_page(place: World) -> None:
    """In both languages, without JavaScript; each leads where it belongs; all are marked with one button."""
    person = await place.person("customer", "Uji")
    assert (await _page(place, None, "/pemberitahuan"))[2].startswith("/masuk?next=")
    await _told(place, person, Kind.FORUM_MENTION, Kind.BREAK_GLASS_ENDED)
    _, page, _ = await _page(place, person, "/pemberitahuan")
    assert "Anda disebut dalam sebuah tulisan" in page
    assert page.count("topic-unread") == 2
    (first, *_) = re.findall(r'href="(/pemberitahuan/[0-9a-v]{24})"', page)
    status, _, location = await _page(place, person, first)
    assert (status, location) == (303, "/desk")
    _, page, _ = await _page(place, person, "/pemberitahuan?lang=en")
    assert page.count("topic-unread") == 1
    assert "You were mentioned in a post" in page
    await place.database["notice_desks"].update_one({"_id": person.id}, {"$set": {"unread": 1}}, upsert=True)
    status, _, location = await _page(place, person, "/pemberitahuan/dibaca", {})
    assert (status, location) == (303, "/pemberitahuan")
    _, page, _ = await _page(place, person, "/pemberitahuan")
    assert "topic-unread" not in page


async def test_stopping_letters_of_news_withdraws_the_consent(place: World) -> None:
    """With one request and nobody signed in: who is told of news is who agrees to `marketing`."""
    ring = await ring_of(place.database, place.masters)
    person = await place.person("customer", "Uji")
    agreed = {"purpose": "marketing", "granted": True}
    assert (await person.call("PUT", "/me/consents", agreed)).status == 200
    token = StopTokens(ring.derive("notices/unsubscribe")).token(Stop(person.id, Kind.PRODUCT_NEWS))
    _, page, _ = await _page(place, None, f"/berhenti-berlangganan?t={token}")
    assert "<form" in page
    async with place.session.post(
        f"{place.server.url}/berhenti-berlangganan?t={token}", data={"List-Unsubscribe": "One-Click"}
    ) as response:
        assert response.status == 200
    choices = await place.database["choices"].find({"account_id": person.id, "purpose": "marketing"}).to_list(None)
    assert [choice["granted"] for choice in sorted(choices, key=lambda one: one["number"])] == [True, False]


async def test_a_mail_program_stops_letters_with_one_request(place: World) -> None:
    """RFC 8058: neither cookie nor origin, in both languages; looking at the page stops nothing."""
    ring = await ring_of(place.database, place.masters)
    for path, what in (("/berhenti-berlangganan", Pace.DAILY), ("/unsubscribe", Kind.FORUM_TOPIC)):
        person = await place.person("customer", "Uji")
        token = StopTokens(ring.derive("notices/unsubscribe")).token(Stop(person.id, what))
        status, page, _ = await _page(place, None, f"{path}?t={token}")
        assert status == 200
        assert "<form" in page
        choices = {
            item["kind"]: item["mail"] for item in (await person.get("/me/notification-choices")).data["choices"]
        }
        assert (choices["forum_mention"], choices["forum_topic"]) == ("daily", "weekly")
        async with place.session.post(
            f"{place.server.url}{path}?t={token}", data={"List-Unsubscribe": "One-Click"}
        ) as response:
            assert (response.status, await response.text()) == (200, "OK")
        after = {item["kind"]: item["mail"] for item in (await person.get("/me/notification-choices")).data["choices"]}
        stopped = {kind for kind in choices if choices[kind] != after[kind]}
        expected = (
            {kind for kind, mail in choices.items() if mail == "daily"} if what is Pace.DAILY else {"forum_topic"}
        )
        assert stopped == expected
        forged = token[:-1] + ("y" if token.endswith("x") else "x")
        async with place.session.post(f"{place.server.url}{path}?t={forged}") as response:
            assert response.status == 400
        status, _, location = await _page(place, None, f"{path}?t={token}", {"page": "1"})
        assert (status, location) == (303, f"{path}?t={token}&selesai=1")
        assert '<form method="post" action="/unsub' not in (await _page(place, None, location))[1]


async def test_a_profile_is_a_page_and_a_form(place: World) -> None:
    """Everybody reads it; its owner changes it there, and a refusal keeps what was typed, escaped."""
    person = await place.person("customer", "Nama Asli")
    handle = (await person.get("/me/profile")).data["profile"]["person"]["handle"]
    status, page, _ = await _page(place, None, f"/forum/u/{handle}")
    assert (status, handle in page, "Nama Asli" in page, "/forum/profil" in page) == (200, True, False, False)
    assert (await _page(place, None, f"/forum/u/{handle.upper()}"))[0] == 301
    assert (await _page(place, None, "/forum/u/tidak-ada-1000"))[0] == 404
    assert "/forum/profil" in (await _page(place, person, f"/forum/u/{handle}"))[1]
    typed = {"handle": "admin-toko", "bio": "<b>halo</b> semua"}
    status, page, _ = await _page(place, person, "/forum/profil", typed)
    assert status == 400
    assert "&lt;b&gt;halo" in page
    assert "<b>halo" not in page
    wish = f"bambu-riang{person.id[-4:]}"
    status, _, location = await _page(place, person, "/forum/profil", {"handle": wish, "bio": "Hubungi 0812-5550-1234"})
    assert (status, location) == (303, f"/forum/u/{wish}")
    _, page, _ = await _page(place, None, location)
    assert "hidden-value" in page
    assert "5550-1234" not in page


def test_templates_are_there(source_root: Path) -> None:
    """The pages above are made of them."""
    folder = source_root / "server/web/templates"
    assert {path.name for path in (folder / "notices").glob("*.html")} == {"list.html", "choices.html", "stop.html"}
