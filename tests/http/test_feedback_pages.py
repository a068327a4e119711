"""Feedback as pages without JavaScript: strict HTML, kept pages made anew, what nobody else gets to see."""

import secrets
from collections.abc import Mapping

from tests.harness.browsing import Tab, faults_of
from tests.harness.people import Person, World

_NEW = "/saran/baru"


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.session, world.server.url, person.token if person else None)


def _fields(title: str, kind: str = "suggestion", **more: str) -> Mapping[str, str]:
    # `seen`: what is like it was shown while typing; the suite's own items are alike.
    return {
        "kind": kind,
        "title": title,
        "text": "Supaya lebih mudah dibaca dari jauh.",
        "client_id": secrets.token_hex(16),
        "seen": "1",
        **more,
    }


async def _given(tab: Tab, title: str, kind: str = "suggestion", **more: str) -> str:
    """Give something as somebody who is signed in; give the item's address."""
    answer = await tab.submit(_NEW, _fields(title, kind, **more))
    assert answer.status == 303
    return answer.headers["Location"].split("?")[0]


async def test_every_page_is_strict_html_in_both_languages(world: World) -> None:
    """Those of everybody, of a sender, of an agent and of an administrator."""
    customer, agent, admin = [await world.person(role) for role in ("customer", "agent", "admin")]
    sender, staff = _tab(world, customer), _tab(world, agent)
    item = await _given(sender, "Jam buka di halaman depan")
    complaint = await _given(sender, "Pesanan datang terlambat", "complaint")
    number = complaint.split("/")[2]
    pages = {
        _tab(world): ("/saran", _NEW, "/saran/kode", "/saran/peta", "/saran/perubahan", item),
        sender: ("/saran", "/saran/saya", complaint, _NEW),
        staff: ("/triase", "/triase?daftar=all&jenis=complaint", f"/triase/{number}", "/triase/atur", item),
        _tab(world, admin): ("/triase/atur",),
    }
    for tab, paths in pages.items():
        for path in paths:
            for language in ("id", "en"):
                # Its HTML is looked at by `open`.
                html = await tab.open(path, language=language)
                assert f'<html lang="{language}">' in html, path
    feed = await _tab(world).get("/saran/feed.atom")
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    assert f'{item}"/>' in feed.body.decode()


async def test_kept_pages_show_what_changed(world: World) -> None:
    """A reader who is not signed in sees a vote, a comment and an answer at once."""
    customer, voter, agent = [await world.person(role) for role in ("customer", "customer", "agent")]
    item = await _given(_tab(world, customer), "Kursi tambahan di ruang tunggu")
    base = "/".join(item.split("/")[:3])
    reader = _tab(world)
    assert "Belum ada komentar." in await reader.open(item)
    await _tab(world, voter).fill(f"{base}/komentar", {"text": "Setuju sekali dengan ini."})
    assert "Setuju sekali dengan ini." in await reader.open(item)
    staff = _tab(world, agent)
    await staff.fill(f"/triase/{base.split('/')[2]}", {"act": "respond", "text": "Kursi sudah kami pesan."})
    shown = await reader.open(item)
    assert "Kursi sudah kami pesan." in shown
    assert "Dijawab" in shown
    await staff.fill(f"/triase/{base.split('/')[2]}", {"act": "note", "text": "Pesan sepuluh buah saja."})
    assert "sepuluh buah" not in await reader.open(item)
    changed = {"act": "publish", "text": "Ruang tunggu punya sepuluh kursi lagi."}
    await staff.fill(f"/triase/{base.split('/')[2]}", changed)
    assert "sepuluh kursi lagi" in await reader.open("/saran/perubahan")


async def test_what_is_private_is_for_its_sender_and_agents(world: World) -> None:
    """Everybody else is told what they would be told of what is not there; the inbox is agents' alone."""
    customer, other, agent, moderator, admin = [
        await world.person(role) for role in ("customer", "customer", "agent", "moderator", "admin")
    ]
    complaint = await _given(_tab(world, customer), "Tagihan dihitung dua kali", "complaint")
    for tab in (_tab(world), _tab(world, other), _tab(world, moderator), _tab(world, admin)):
        assert (await tab.get(complaint)).status == 404
        assert (await tab.get("/saran/999999999")).status == 404
    assert "Tagihan" in await _tab(world, agent).open(complaint)
    assert "tagihan" not in complaint
    for tab in (_tab(world, customer), _tab(world, moderator), _tab(world, admin)):
        assert (await tab.get("/triase")).status == 403
        assert (await tab.submit("/triase", {"act": "take", "number": "1"})).status == 403
    assert (await _tab(world).get("/triase")).headers["Location"].startswith("/masuk")


async def test_somebody_reports_an_item(world: World) -> None:
    """To the moderators, once; whoever is not signed in is sent there first."""
    # Newcomers may not report yet.
    customer, other = (await world.person("customer"), await world.person("agent"))
    item = await _given(_tab(world, customer), "Tanaman di jendela depan")
    address = f"{'/'.join(item.split('/')[:3])}/lapor"
    reporter = _tab(world, other)
    assert address in await reporter.open(item)
    await reporter.open(address)
    assert (await reporter.submit(address, {"note": "Tanpa alasan."})).status == 400
    told = await reporter.submit(address, {"reason": "off_topic", "note": ""})
    assert told.status == 200
    assert 'role="status"' in told.body.decode()
    assert faults_of(told.body.decode()) == []
    assert (await _tab(world).get(address)).headers["Location"].startswith("/masuk")


async def test_a_refused_form_keeps_what_was_typed(world: World) -> None:
    """And what is like a suggestion is shown before it is taken, once."""
    tab = _tab(world, await world.person("customer"))
    await _given(tab, "Lampu parkir yang lebih terang")
    empty = await tab.submit(_NEW, {**_fields("", "criticism"), "text": "Lampunya redup sekali."})
    assert empty.status == 400
    assert "Lampunya redup sekali." in empty.body.decode()
    assert faults_of(empty.body.decode()) == []
    asked = dict(_fields("Lampu parkir yang lebih terang"))
    del asked["seen"]
    alike = await tab.submit(_NEW, asked)
    assert alike.status == 200
    assert "Dukung yang ini saja" in alike.body.decode()
    assert 'name="seen"' in alike.body.decode()
    assert faults_of(alike.body.decode()) == []
    assert alike.headers["Cache-Control"] == "no-store"


async def test_a_code_stands_on_one_answer_only(world: World) -> None:
    """In no address, and on no page that is kept; a wrong one leads to nothing."""
    tab = _tab(world)
    given = await tab.submit(_NEW, _fields("Antrean tidak bergerak", "complaint"))
    assert given.status == 200
    assert given.headers["Cache-Control"] == "no-store"
    html = given.body.decode()
    code = html.split("data-code>")[1].split("<")[0]
    opened = await tab.submit("/saran/kode", {"code": code})
    assert opened.status == 200
    assert "Antrean tidak bergerak" in opened.body.decode()
    assert opened.headers["Cache-Control"] == "no-store"
    assert faults_of(opened.body.decode()) == []
    written = await tab.submit("/saran/kode/komentar", {"code": code, "text": "Sudah satu jam."})
    assert "Sudah satu jam." in written.body.decode()
    wrong = await tab.submit("/saran/kode", {"code": "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ"})
    assert wrong.status == 400
    assert (await tab.submit(_NEW, _fields("Dari halaman lain"), origin="https://lain.example")).status == 403


async def test_the_search_finds_what_is_on_the_board(world: World) -> None:
    """As soon as it is there, on its page and over the API; nothing that is private, for nobody."""
    customer, agent = await world.person("customer"), await world.person("agent")
    sender = _tab(world, customer)
    item = await _given(sender, "Gantungan payung trembesi")
    await _given(sender, "Rak payung trembesi", visibility="private")
    await _given(sender, "Payung trembesi patah", "complaint")
    for tab in (_tab(world), sender, _tab(world, agent)):
        html = await tab.open("/cari?q=payung+trembesi")
        assert f'href="{item}"' in html
        assert "Di papan saran" in html
        assert "Rak payung" not in html
        assert "patah" not in html
    found = await customer.get("/search", q="trembesi")
    assert [hit["path"] for hit in found.data["feedback"]] == [item]
    nearly = await customer.get("/search", q="gantungan trembesi kuningan")
    assert [hit["path"] for hit in nearly.data["feedback"]] == [item]
    assert (await customer.get("/search", q="@siapa-saja trembesi")).data["feedback"] == []
    other = await _given(sender, "Tempat payung trembesi lagi")
    assert f'href="{item}"' in await _tab(world).open(other)
