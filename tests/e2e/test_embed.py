"""The widget on somebody else's page: one script tag, another origin."""

import gzip

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.conftest import Foreign, NewPage, Server
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")

_PAGE = """<!doctype html>
<html lang="id"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Toko Orang Lain</title>
<style>* {{ color: red !important; font-size: 40px !important }} button {{ display: none !important }}</style>
<script src="{url}/widget.js" defer data-locale="id" data-color="#7a1f5c"></script></head>
<body><h1>Toko Orang Lain</h1><p>Isi halaman.</p></body></html>
"""


@pytest.fixture
def shop(new_page: NewPage, server: Server, foreign: Foreign) -> Page:
    """A page of another site with the loader in it."""
    (foreign.folder / "index.html").write_text(_PAGE.format(url=server.url))
    page = new_page()
    page.goto(foreign.url)
    return page


def _opened(page: Page) -> Widget:
    page.get_by_role("button", name="Buka obrolan dukungan").click()
    frame = page.frame_locator("iframe").owner.element_handle().content_frame()
    assert frame is not None
    return Widget(page, frame)


def test_a_customer_chats_from_a_foreign_page(shop: Page, desk: Desk) -> None:
    widget = _opened(shop)
    widget.agree()
    expect(widget.composer).to_be_focused()
    shop.keyboard.type("Nomor saya 0812-5550-1234")
    shop.keyboard.press("Enter")
    expect(widget.chips).to_have_text(["nomor telepon 1 disembunyikan"])
    desk.take(widget)
    expect(desk.chips).to_have_text(["nomor telepon 1 disembunyikan"])


def test_an_answer_is_announced_on_the_folded_launcher(shop: Page, desk: Desk) -> None:
    widget = _opened(shop)
    widget.agree()
    widget.say("Halo")
    shop.keyboard.press("Escape")
    launcher = shop.get_by_role("button", name="Buka obrolan dukungan")
    expect(launcher).to_be_focused()
    desk.take(widget)
    desk.say("Selamat siang")
    desk.say("Ada yang bisa dibantu?")
    expect(shop.get_by_role("button", name="Buka obrolan dukungan, 2 belum dibaca")).to_be_visible()
    # It has come to the device, which tells that a second later; nobody has read it.
    expect(desk.page.locator(".status")).to_have_text("Sampai")

    launcher.press("Enter")
    expect(widget.messages).to_have_text(["Halo", "Selamat siang", "Ada yang bisa dibantu?"])
    expect(widget.frame.locator(".row-unread")).to_have_text("2 belum dibaca")
    expect(desk.page.locator(".status")).to_have_text("Dibaca")
    expect(shop.get_by_role("button", name="Tutup obrolan dukungan", exact=True)).to_be_visible()


def test_the_foreign_page_neither_styles_nor_reads_the_chat(shop: Page) -> None:
    widget = _opened(shop)
    widget.agree()
    launcher = shop.get_by_role("button", name="Tutup obrolan dukungan")
    expect(launcher).to_have_css("color", "rgb(255, 255, 255)")
    expect(launcher).to_have_css("background-color", "rgb(122, 31, 92)")
    expect(widget.frame.locator(".top")).to_have_css("background-color", "rgb(122, 31, 92)")
    assert shop.locator("iframe").evaluate("frame => frame.contentDocument") is None


def test_messages_of_others_do_not_close_the_chat(shop: Page) -> None:
    widget = _opened(shop)
    widget.agree()
    shop.evaluate("window.postMessage({ type: 'amanah:close' }, '*')")
    widget.say("masih terbuka")
    expect(shop.get_by_role("button", name="Tutup obrolan dukungan")).to_be_visible()


def test_the_conversation_goes_on_on_the_next_page_of_the_site(shop: Page) -> None:
    widget = _opened(shop)
    widget.agree()
    widget.say("Halo")
    shop.reload()
    expect(_opened(shop).messages).to_have_text(["Halo"])


def test_a_site_that_was_not_allowed_cannot_frame_the_chat(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    (foreign.folder / "other.html").write_text(_PAGE.format(url=server.url))
    page = new_page()
    # The same machine under its number instead of its name is another origin, and not on the list.
    page.goto(foreign.url.replace("localhost", "127.0.0.1") + "/other.html")
    with page.expect_event("console", lambda message: "frame-ancestors" in message.text):
        page.get_by_role("button", name="Buka obrolan dukungan").click()


def test_a_question_of_staff_is_announced_on_the_folded_launcher(shop: Page, desk: Desk) -> None:
    """What waits for another answer than words: may feedback be made of it, how was the help."""
    widget = _opened(shop)
    widget.agree()
    widget.say("bungkusnya susah dibuka")
    shop.keyboard.press("Escape")
    desk.take(widget)
    desk.more("Jadikan masukan")
    dialog = desk.page.get_by_role("dialog")
    dialog.get_by_label("Judul").fill("Bungkus yang lebih mudah dibuka")
    dialog.get_by_label("Isi").fill("Bungkus kursi susah dibuka tanpa gunting.")
    dialog.get_by_role("button", name="Tanya pelanggan").click()
    asked = shop.get_by_role("button", name="Buka obrolan dukungan, ada pertanyaan untuk Anda")
    expect(asked).to_have_text("?")
    # Told also when the page is opened anew, for it was not answered.
    shop.reload()
    expect(asked).to_have_text("?")
    asked.click()
    frame = shop.frame_locator("iframe").owner.element_handle().content_frame()
    assert frame is not None
    frame.get_by_role("button", name="Tidak").click()
    expect(frame.get_by_text("Tidak dicatat")).to_be_visible()
    frame.get_by_role("button", name="Tutup obrolan").click()
    folded = shop.get_by_role("button", name="Buka obrolan dukungan", exact=True)
    expect(folded).to_have_text("")

    desk.page.get_by_role("button", name="Tutup percakapan", exact=True).click()
    expect(asked).to_have_text("?")
    asked.click()
    expect(frame.get_by_text("Bagaimana bantuan kami?")).to_be_visible()
    frame.get_by_role("button", name="Tutup obrolan").click()
    expect(folded).to_have_text("")


_MOST = 40_000
"""Bytes, packed with gzip, that a visitor may load until their first message is sent."""


def test_who_writes_one_message_loads_little(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    """Loader, frame, scripts, sheets, words, outbox and service worker: all that came until the message was stored."""
    (foreign.folder / "index.html").write_text(_PAGE.format(url=server.url))
    page = new_page()
    # The worker's own fetches are told to nobody.
    loaded = {f"{server.url}/outbox-worker.js"}
    kinds = {"document", "script", "stylesheet", "font", "image"}

    def keep(request: Request) -> None:
        if request.url.startswith(server.url) and request.resource_type in kinds:
            loaded.add(request.url)

    page.on("request", keep)
    page.goto(foreign.url)
    widget = _opened(page)
    widget.agree()
    widget.say("Halo, saya mau bertanya")
    assert any("/shelf-" in url for url in loaded)
    weights = {url: len(gzip.compress(page.request.get(url).body(), 9)) for url in loaded}
    assert sum(weights.values()) < _MOST, weights


def test_on_a_phone_the_chat_fills_the_page(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    (foreign.folder / "index.html").write_text(_PAGE.format(url=server.url))
    page = new_page(width=360, height=740, touch=True)
    page.goto(foreign.url)
    widget = _opened(page)
    expect(widget.agree_button).to_be_in_viewport()
    assert widget.frame.evaluate("[innerWidth, innerHeight]") == [360, 740]
    widget.frame.get_by_role("button", name="Tutup obrolan").click()
    expect(page.get_by_role("button", name="Buka obrolan dukungan")).to_be_in_viewport()
