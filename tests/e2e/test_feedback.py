"""Feedback in Chromium: a complaint from writing to rating, a suggestion to the changelog, codes, the embedded form."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Foreign, NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults, held_back, picture
from tests.e2e.screens import drawn
from tests.harness.documents import pdf
from tests.harness.images import png

pytestmark = pytest.mark.xdist_group("e2e")

_KNOWN = "Warna lain untuk antrean anak"
_HEAVIEST = 60 * 1024


def test_the_board_is_light(new_page: NewPage) -> None:
    """Everything that the first look fetches, as it goes over the wire."""
    page = new_page(width=360, height=740, touch=True)
    session = page.context.new_cdp_session(page)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.send("Network.enable")
    page.goto("/saran", wait_until="networkidle")
    expect(page.locator(".idea").first).to_be_visible()
    assert len(sizes) >= 5
    assert sum(sizes) <= _HEAVIEST


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", ["id", "en"])
def test_everybody_can_use_it(new_page: NewPage, look: Look, language: str) -> None:
    """Axe finds nothing on what is public."""
    page = new_page(**look)
    page.goto(f"/saran?lang={language}")
    for name in ("board", "item", "give", "code", "roadmap", "changes", "filtered"):
        if name == "item":
            page.get_by_role("link", name=_KNOWN, exact=True).click()
        elif name != "board":
            paths = {"give": "baru", "code": "kode", "roadmap": "peta", "changes": "perubahan"}
            page.goto(f"/saran/{paths[name]}" if name in paths else "/saran?status=planned&urut=baru&cari=antrean")
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", language)
        picture(page, f"feedback-{name}-{language}-{look['width']}")
        assert faults(page) == [], name


def _keys(page: Page) -> None:
    """Wait until the page has been told of keys: it is there before its script is."""
    expect(page.locator("[data-keys-open]")).to_have_js_property("hidden", value=False)


@pytest.mark.parametrize("look", LOOKS)
def test_a_complaint_from_writing_to_rating(new_page: NewPage, server: Server, look: Look) -> None:
    """The customer writes, an agent answers with the keyboard, the customer takes it up again and rates it."""
    customer, agent = new_page(**look), new_page(**look)
    title = f"Mesin kasir lebar {look['width']} mati tiap sore"
    enter(customer, server.sign_ins["customer"], "/saran/baru?jenis=complaint")
    customer.get_by_label("Judul").fill(title)
    customer.get_by_label("Ceritakan").fill("Mati sejak Senin. Hubungi 0812-5550-1234 kalau perlu.")
    expect(customer.locator("[data-preview]")).to_contain_text("nomor telepon")
    customer.get_by_label("Tentang bidang apa?").select_option(label="Kasir")
    picture(customer, f"feedback-giving-{look['width']}")
    assert faults(customer) == []
    customer.get_by_role("button", name="Kirim masukan").click()
    expect(customer.get_by_role("heading", name=title)).to_be_visible()
    expect(customer.locator(".prose .hidden-value").first).to_have_text("nomor telepon 1")
    expect(customer.get_by_text("Hanya pengirim dan petugas")).to_be_visible()
    item = customer.url.split("?")[0]
    number = item.removeprefix(server.url).split("/")[2]

    enter(agent, server.sign_ins["agent"], "/triase?daftar=open")
    row = agent.locator(".case", has_text=title)
    expect(row).to_contain_text("Keluhan")
    picture(agent, f"feedback-inbox-{look['width']}")
    assert faults(agent) == []
    agent.keyboard.press("?")
    expect(agent.get_by_role("dialog")).to_be_visible()
    assert faults(agent) == []
    agent.keyboard.press("Escape")
    for _ in range(agent.locator(".case").count()):
        agent.keyboard.press("j")
        if row.locator("h2 a").evaluate("link => link === document.activeElement"):
            break
    agent.keyboard.press("o")
    expect(agent).to_have_url(re.compile(f"/triase/{number}$"))
    _keys(agent)
    agent.keyboard.press("m")
    expect(agent.get_by_role("status").filter(has_text="Tersimpan")).to_be_visible()
    _keys(agent)
    agent.keyboard.press("r")
    expect(agent.get_by_label("Tulisan")).to_be_focused()
    agent.keyboard.type("Pelanggan lama, mohon didahulukan.")
    agent.get_by_role("button", name="Simpan catatan").click()
    expect(agent.locator(".note")).to_contain_text("mohon didahulukan")
    agent.get_by_label("Jawaban siap pakai").select_option(label="Sedang kami periksa")
    expect(agent.get_by_label("Tulisan")).to_have_value(re.compile("Sedang|memeriksanya"))
    agent.get_by_role("button", name="Jawaban resmi").click()
    expect(agent.locator(".official")).to_contain_text("memeriksanya")
    picture(agent, f"feedback-case-{look['width']}")
    assert faults(agent) == []

    customer.goto(item)
    expect(customer.locator(".official")).to_contain_text("memeriksanya")
    expect(customer.locator("main")).not_to_contain_text("didahulukan")
    customer.get_by_label("Apa yang belum beres?").fill("Masih mati setiap sore.")
    picture(customer, f"feedback-answered-{look['width']}")
    assert faults(customer) == []
    customer.get_by_role("button", name="Buka kembali").click()
    expect(customer.get_by_text("Masukan dibuka kembali.")).to_be_visible()
    expect(customer.locator("article", has_text="Masih mati setiap sore.")).to_be_visible()

    agent.goto(f"/triase/{number}")
    expect(agent.locator("article", has_text="Masih mati setiap sore.")).to_be_visible()
    agent.get_by_label("Ubah keadaan ke").select_option(label="Sedang dikerjakan")
    agent.locator("form", has=agent.get_by_label("Ubah keadaan ke")).get_by_role("button").click()
    expect(agent.locator(".title-line")).to_contain_text("Sedang dikerjakan")
    agent.get_by_label("Ubah keadaan ke").select_option(label="Terselesaikan")
    agent.locator("form", has=agent.get_by_label("Ubah keadaan ke")).get_by_role("button").click()
    expect(agent.locator(".title-line")).to_contain_text("Terselesaikan")

    customer.goto("/saran/saya")
    customer.locator("li", has_text=title).get_by_role("link", name="Nilai penanganannya").click()
    customer.get_by_label("4, baik").check()
    customer.get_by_label("Catatan Anda").fill("Akhirnya beres.")
    customer.get_by_role("button", name="Kirim penilaian").click()
    expect(customer.get_by_text("Dinilai 4 dari 5")).to_be_visible()
    expect(customer.get_by_role("button", name="Buka kembali")).to_have_count(0)
    assert faults(customer) == []


@pytest.mark.parametrize("look", LOOKS)
def test_a_suggestion_from_duplicate_hint_to_changelog(new_page: NewPage, server: Server, look: Look) -> None:
    """What is there already is offered, a new one is given and voted for, and what was changed is told to everybody."""
    customer, agent, reader = new_page(**look), new_page(**look), new_page(**look)
    # Nothing like each other: what is alike is asked about before it is sent.
    title = "Musik pelan di ruang tunggu" if look["width"] == 360 else "Papan menu untuk jendela toko"
    news = f"Sudah ada, lebar {look['width']}."
    enter(customer, server.sign_ins["customer"], "/saran/saya")
    # On a slow line it is typed before there is anything that looks for what is like it, and that keeps it.
    with held_back(customer, "**/feedback-*.js"):
        customer.goto("/saran/baru", wait_until="commit")
        customer.get_by_label("Judul").fill("Warna lain antrean anak di layar")
    hint = customer.locator("[data-like-list]")
    expect(hint).to_contain_text(_KNOWN)
    picture(customer, f"feedback-similar-{look['width']}")
    assert faults(customer) == []
    hint.get_by_role("link", name="Dukung yang ini saja").first.click()
    expect(customer.get_by_role("heading", name=_KNOWN)).to_be_visible()
    customer.goto("/saran/baru")
    expect(customer.get_by_label("Judul")).to_have_value("Warna lain antrean anak di layar")
    customer.get_by_label("Judul").fill(title)
    customer.get_by_label("Ceritakan").fill("Supaya orang yang lewat dan yang menunggu merasa diterima.")
    customer.get_by_role("button", name="Kirim masukan").click()
    expect(customer.get_by_role("heading", name=title)).to_be_visible()
    vote = customer.locator("button.vote")
    count = vote.locator("[data-count]")
    before = int(count.inner_text())
    vote.click()
    expect(vote).to_have_attribute("aria-pressed", "true")
    expect(count).to_have_text(str(before + 1))
    customer.reload()
    expect(vote).to_have_attribute("aria-pressed", "true")
    item = customer.url.split("?")[0]

    enter(agent, server.sign_ins["agent"], "/triase?daftar=open&jenis=suggestion")
    agent.locator(".case", has_text=title).get_by_role("link", name=title).click()
    for state in ("Direncanakan", "Sedang dikerjakan", "Terselesaikan"):
        agent.get_by_label("Ubah keadaan ke").select_option(label=state)
        agent.locator("form", has=agent.get_by_label("Ubah keadaan ke")).get_by_role("button").click()
        expect(agent.locator(".title-line")).to_contain_text(state)
    agent.get_by_label("Tulisan").fill(news)
    agent.get_by_role("button", name="Umumkan perubahan").click()
    expect(agent.locator(".official")).to_contain_text(news)

    reader.goto("/saran/perubahan")
    entry = reader.locator(".changes li", has_text=title)
    expect(entry).to_contain_text(news)
    picture(reader, f"feedback-changelog-{look['width']}")
    assert faults(reader) == []
    entry.get_by_role("link", name=title).click()
    expect(reader).to_have_url(item)
    expect(reader.get_by_role("heading", name="Yang kami ubah")).to_be_visible()
    reader.goto("/saran/peta")
    expect(reader.locator(".road-part", has_text="Selesai")).to_contain_text(title)


def test_without_javascript_and_without_an_account(browser: Browser, server: Server) -> None:
    """On a phone, in English: what is like it is shown first; the code leads back, and the sender writes with it."""
    context = browser.new_context(
        base_url=server.url, viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="en-GB"
    )
    page = context.new_page()
    page.goto("/saran")
    page.get_by_role("main").get_by_role("link", name="Give feedback").first.click()
    page.get_by_label("Title").fill("Warna antrean anak")
    page.get_by_label("Tell us more").fill("Mohon warna lain untuk antrean anak.")
    page.get_by_role("button", name="Send feedback").click()
    expect(page.get_by_role("link", name=_KNOWN)).to_be_visible()
    expect(page.get_by_label("Tell us more")).to_have_value("Mohon warna lain untuk antrean anak.")

    page.goto("/saran/baru?jenis=complaint")
    page.get_by_label("Title").fill("Struk terlambat keluar")
    page.get_by_label("Tell us more").fill("Struk baru keluar setelah pembeli pergi.")
    page.get_by_role("button", name="Send feedback").click()
    code = page.locator("[data-code]").inner_text()
    page.get_by_role("link", name="Open with the code").click()
    page.get_by_label("Code").fill("ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code").fill(code.lower())
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="Struk terlambat keluar")).to_be_visible()
    page.get_by_label("Your text").fill("Terjadi lagi pagi ini.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article", has_text="Terjadi lagi pagi ini.")).to_be_visible()
    assert code not in page.url

    staff = context.new_page()
    email, password = server.sign_ins["agent"]
    staff.goto("/masuk?next=/triase")
    staff.get_by_label("E-mail address").fill(email)
    staff.get_by_label("Password").fill(password)
    staff.get_by_role("main").get_by_role("button", name="Sign in").click()
    staff.goto("/triase?daftar=open&jenis=complaint")
    row = staff.locator(".case", has_text="Struk terlambat keluar")
    row.get_by_role("checkbox").check()
    staff.get_by_label("With those chosen").select_option(label="Assign to me")
    staff.get_by_role("button", name="Do it").click()
    expect(staff.get_by_text("Done: 1 item.")).to_be_visible()
    staff.goto("/triase?daftar=mine")
    expect(staff.locator(".case", has_text="Struk terlambat keluar")).to_be_visible()
    staff.locator("summary", has_text="Saved views").click()
    staff.get_by_label("Save these filters as").fill("Keluhan saya")
    staff.get_by_role("button", name="Save").click()
    expect(staff.get_by_role("link", name="Keluhan saya")).to_be_visible()
    context.close()


@pytest.mark.parametrize("look", LOOKS)
def test_files_from_sender_to_agent_and_back(new_page: NewPage, server: Server, look: Look, tmp_path: Path) -> None:
    """A picture that anybody may see and a paper that is sealed; staff say what for; no reader of the board is told."""
    image, paper = tmp_path / "layar kasir.png", tmp_path / "scan KTP.pdf"
    image.write_bytes(png(320, 200))
    paper.write_bytes(pdf("Jendela aplikasi tertutup sendiri."))
    # So unlike each other and all that is there that nothing similar is offered first.
    title = "Kertas printer selalu tersangkut" if look["width"] == 360 else "Monitor berkedip hijau"
    customer, agent = new_page(**look), new_page(**look)
    enter(customer, server.sign_ins["customer"], "/saran/baru")
    customer.get_by_label("Judul").fill(title)
    customer.get_by_label("Ceritakan").fill("Garisnya terlihat di berkas.")
    customer.locator("summary", has_text="Lampirkan berkas").click()
    for file in (image, paper):
        customer.locator("#file").set_input_files(file)
        customer.get_by_role("button", name="Lampirkan dan lanjut menulis").click()
        expect(customer.locator(".file", has_text=file.stem)).to_be_visible()
    expect(customer.get_by_label("Ceritakan")).to_have_value("Garisnya terlihat di berkas.")
    expect(customer.locator(".file", has_text=paper.stem)).to_contain_text("tersegel")
    picture(customer, f"feedback-files-giving-{look['width']}")
    assert faults(customer) == []
    customer.get_by_role("button", name="Kirim masukan").click()
    expect(customer.get_by_role("heading", name=title)).to_be_visible()
    drawn(customer.locator(".file img"))
    expect(customer.get_by_text("Berkas ini tidak tampil untuk umum.")).to_be_visible()
    picture(customer, f"feedback-files-item-{look['width']}")
    assert faults(customer) == []
    item = customer.url.split("?")[0]
    number = item.removeprefix(server.url).split("/")[2]
    reader = new_page(**look)
    reader.goto(item)
    expect(reader.get_by_role("heading", name=title)).to_be_visible()
    expect(reader.locator(".file")).to_have_count(0)

    enter(agent, server.sign_ins["agent"], f"/triase/{number}")
    sealed = agent.locator(".file", has_text=paper.stem)
    sealed.get_by_label("Untuk apa").select_option(label="menangani keluhan")
    sealed.get_by_label("Alasan").fill("Memeriksa keluhan ini")
    picture(agent, f"feedback-files-case-{look['width']}")
    assert faults(agent) == []
    with agent.expect_download() as download:
        sealed.get_by_role("button", name="Buka segel").click()
    assert download.value.suggested_filename.endswith(".pdf")
    agent.locator("#text").fill("Terima kasih, panduannya terlampir.")
    agent.locator("summary", has_text="Lampirkan berkas").click()
    agent.locator("#file").set_input_files({"name": "panduan.pdf", "mimeType": "application/pdf", "buffer": pdf()})
    agent.get_by_role("button", name="Kirim ke pengirim").click()
    expect(agent.locator(".file", has_text="panduan")).to_be_visible()
    customer.goto(item)
    expect(customer.locator(".post .file", has_text="panduan")).to_be_visible()


_PAGE = """<!doctype html>
<html lang="id"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Toko Orang Lain</title>
<style>* {{ color: red !important; font-size: 40px !important }} button, input {{ display: none !important }}</style>
<script src="{url}/feedback.js" defer data-locale="{language}" data-color="#7a1f5c"></script></head>
<body><main><h1>Toko Orang Lain</h1><p><a href="#" data-amanah-feedback="complaint">Keluhan?</a></p></main>
</body></html>
"""


@pytest.mark.parametrize("look", LOOKS)
def test_the_form_on_a_foreign_page(new_page: NewPage, server: Server, foreign: Foreign, look: Look) -> None:
    """The page's style does not reach it; what was typed stays on errors; of the address goes what says where."""
    (foreign.folder / "toko.html").write_text(_PAGE.format(url=server.url, language="id"))
    page = new_page(**look)
    page.goto(f"{foreign.url}/toko.html?pelanggan=0812-5550-1234#bagian")
    launcher = page.get_by_role("button", name="Beri masukan")
    expect(launcher).to_have_css("background-color", "rgb(122, 31, 92)")
    launcher.click()
    expect(page.get_by_label("Judul")).to_be_focused()
    page.get_by_label("Judul").fill("Warna lain antrean anak")
    expect(page.get_by_role("link", name="Dukung yang ini saja").first).to_be_visible()
    expect(page.get_by_label(f"Sertakan alamat halaman ini: {foreign.url}/toko.html", exact=True)).to_be_checked()
    picture(page, f"feedback-embedded-{look['width']}")
    assert faults(page) == []
    page.get_by_role("button", name="Tutup").click()
    page.get_by_role("link", name="Keluhan?").click()
    expect(page.get_by_label("Keluhan")).to_be_checked()
    page.get_by_role("button", name="Kirim").click()
    expect(page.get_by_text("Mohon diisi.")).to_be_visible()
    title = f"Toko lebar {look['width']} tutup terlalu awal"
    page.get_by_label("Judul").fill(title)
    page.get_by_label("Ceritakan").fill("Jam empat sudah tutup.")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Lampirkan berkas di halaman lengkap").click()
    whole = opened.value
    expect(whole.get_by_label("Judul")).to_have_value(title)
    expect(whole.get_by_label("Ceritakan")).to_have_value("Jam empat sudah tutup.")
    expect(whole.get_by_label("Keluhan", exact=False).first).to_be_checked()
    assert "#" not in whole.url
    assert title not in whole.url
    whole.close()
    page.context.set_offline(True)
    page.get_by_role("button", name="Kirim").click()
    expect(page.get_by_text("Tidak tersambung")).to_be_visible()
    expect(page.get_by_label("Ceritakan")).to_have_value("Jam empat sudah tutup.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Kirim").click()
    expect(page.get_by_role("heading", name="Terima kasih")).to_be_visible()
    code = page.locator("output").inner_text()
    picture(page, f"feedback-embedded-sent-{look['width']}")
    assert faults(page) == []

    page.goto(server.url + "/saran/kode")
    page.get_by_label("Kode").fill(code)
    page.get_by_role("button", name="Buka").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    agent = new_page()
    enter(agent, server.sign_ins["agent"], "/triase?daftar=open")
    agent.get_by_role("link", name=title).click()
    expect(agent.get_by_text(f"{foreign.url.rsplit(':', 1)[0]}/toko.html")).to_be_visible()


def test_a_site_that_was_not_allowed_cannot_send(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    """The browser does not let it, and what was typed stays; in the other language."""
    (foreign.folder / "lain.html").write_text(_PAGE.format(url=server.url, language="en"))
    page = new_page()
    # The same machine under its number instead of its name is another origin, and not on the list.
    page.goto(foreign.url.replace("localhost", "127.0.0.1") + "/lain.html")
    page.get_by_role("button", name="Give feedback").click()
    page.get_by_label("Criticism").check()
    page.get_by_label("Title").fill("Kursi tunggu")
    page.get_by_label("Tell us more").fill("Kursinya sedikit.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Kursi tunggu")
