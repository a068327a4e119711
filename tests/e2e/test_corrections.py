"""Correcting the redaction in a browser: the writer in the widget, staff at the desk, by pointer, finger and keys; and
what the privacy officer sees of it.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")

_MENU = "Periksa penyamaran pesan ini"


def _dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Periksa penyamaran")


def _menu(page: Page, text: str) -> Locator:
    return page.locator(".message.stored", has_text=text).get_by_role("button", name=_MENU)


def test_the_writer_hides_a_word_and_the_agent_sees_it_at_once(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("tolong titip ke jendela, bilang jendela ya")
    widget.say("sudah ketemu JENDELA?")
    desk.take(widget)
    expect(desk.messages.first).to_contain_text("jendela")

    _menu(widget.page, "tolong titip").click()
    dialog = _dialog(widget.page)
    expect(dialog.get_by_text("Belum ada kata yang dipilih")).to_be_visible()
    dialog.get_by_role("button", name="jendela", exact=False).first.click()
    expect(dialog.get_by_text("Dipilih: jendela,")).to_be_visible()
    expect(dialog.get_by_role("combobox", name=re.compile("^Ini apa"))).to_have_value("PERSON")
    dialog.get_by_role("button", name="Sembunyikan", exact=True).click()
    expect(dialog.get_by_role("status").first).to_contain_text("juga di 1 pesan lain")
    expect(dialog.locator(".correction-words")).not_to_contain_text("jendela")
    dialog.get_by_role("button", name="Tutup").click()
    expect(dialog).to_have_count(0)
    expect(_menu(widget.page, "tolong titip")).to_be_focused()

    for messages in (widget.messages, desk.messages):
        expect(messages.nth(0)).to_have_text(re.compile("^tolong titip ke nama 1 disembunyikan, bilang nama 1"))
        expect(messages.nth(1)).to_have_text(re.compile("^sudah ketemu nama 1"))
    widget.say("iya Jendela itu")
    expect(desk.messages.nth(2)).to_have_text(re.compile("^iya nama 1"))
    for page in (widget.page, desk.page):
        assert "jendela" not in page.locator(".log").inner_text().lower()


def test_an_agent_hides_what_is_selected(widget: Widget, desk: Desk) -> None:
    """A part of a word, beside a placeholder and an emoji, with the kind chosen; the writer's screen follows."""
    widget.agree()
    widget.say("🙏🏽 hp 0812-5550-1234, kode kelapa77x ya")
    desk.take(widget)
    body = desk.messages.first
    expect(body).to_contain_text("kelapa77x")
    body.evaluate(
        """(body) => {
            const text = [...body.childNodes].find((node) => node.data?.includes("kelapa"));
            const start = text.data.indexOf("kelapa");
            document.getSelection().setBaseAndExtent(text, start, text, start + 8);
        }"""
    )
    _menu(desk.page, "kelapa").click()
    dialog = _dialog(desk.page)
    expect(dialog.get_by_text("Dipilih: kelapa77", exact=True)).to_be_visible()
    dialog.get_by_role("combobox", name=re.compile("^Ini apa")).select_option("USERNAME")
    dialog.get_by_role("button", name="Sembunyikan", exact=True).click()
    expect(dialog.get_by_role("status").first).to_contain_text("Sudah disembunyikan")
    desk.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    for chips in (desk.chips, widget.chips):
        expect(chips).to_have_text(["nomor telepon 1 disembunyikan", "nama pengguna 1 disembunyikan"])
    expect(widget.messages.first).to_have_text(re.compile("nama pengguna 1 disembunyikanx ya$"))


def test_the_writer_says_that_something_was_hidden_wrongly(widget: Widget) -> None:
    """It is counted, kindly explained, and the composer is at hand."""
    widget.agree()
    widget.say("hubungi 0812-5550-1234 ya")
    _menu(widget.page, "hubungi").click()
    dialog = _dialog(widget.page)
    dialog.get_by_role("combobox", name=re.compile("^Sebenarnya ini apa")).select_option("product")
    dialog.get_by_role("button", name="Ini bukan data pribadi").click()
    expect(dialog.get_by_text("memang tidak pernah kami simpan")).to_be_visible()
    dialog.get_by_role("button", name="Tulis lagi").click()
    expect(dialog).to_have_count(0)
    expect(widget.composer).to_be_focused()
    expect(widget.chips).to_have_text(["nomor telepon 1 disembunyikan"])


def test_it_can_be_done_with_keys_alone(widget: Widget) -> None:
    widget.agree()
    widget.say("salam dari jendela")
    _menu(widget.page, "salam").focus()
    widget.page.keyboard.press("Enter")
    dialog = _dialog(widget.page)
    word = dialog.get_by_role("button", name="jendela")
    word.focus()
    widget.page.keyboard.press("Space")
    expect(word).to_have_attribute("aria-pressed", "true")
    dialog.get_by_role("button", name="Sembunyikan", exact=True).focus()
    widget.page.keyboard.press("Enter")
    expect(dialog.get_by_role("status").first).to_contain_text("Sudah disembunyikan")
    widget.page.keyboard.press("Escape")
    expect(widget.messages).to_have_text([re.compile("^salam dari nama 1")])


def test_a_reader_who_was_away_learns_of_it(widget: Widget, desk: Desk) -> None:
    """What a screen had from before is replaced when the line is back."""
    widget.agree()
    widget.say("titip ke jendela")
    desk.take(widget)
    expect(desk.messages.first).to_contain_text("jendela")
    desk.page.context.set_offline(True)
    expect(desk.page.locator(".connection-online")).to_have_count(0)
    _menu(widget.page, "titip").click()
    dialog = _dialog(widget.page)
    dialog.get_by_role("button", name="jendela").click()
    dialog.get_by_role("button", name="Sembunyikan", exact=True).click()
    expect(dialog.get_by_role("status").first).to_contain_text("Sudah disembunyikan")
    desk.page.context.set_offline(False)
    expect(desk.messages).to_have_text([re.compile("^titip ke nama 1")])


def test_on_a_phone_words_are_tapped(new_page: NewPage) -> None:
    """Everything can be reached and fits into the width."""
    page = new_page(width=360, height=640, touch=True)
    page.goto("/widget")
    phone = Widget(page, page.main_frame)
    phone.agree()
    phone.composer.fill("rumah saya dekat jendela besar nomor dua")
    phone.frame.locator(".send").tap()
    expect(phone.messages).to_have_count(1)
    _menu(page, "rumah saya").tap()
    dialog = _dialog(page)
    dialog.get_by_role("button", name="jendela").tap()
    dialog.get_by_role("button", name="besar").tap()
    expect(dialog.get_by_text("Dipilih: jendela besar")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = dialog.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    dialog.get_by_role("button", name="Sembunyikan", exact=True).tap()
    expect(dialog.get_by_role("status").first).to_contain_text("Sudah disembunyikan")


def test_the_privacy_officer_sees_what_was_said(widget: Widget, new_page: NewPage, server: Server) -> None:
    """In classes and counts; with nothing of any message."""
    widget.agree()
    widget.say("hubungi 0812-5550-7788 dan jendelaku")
    _menu(widget.page, "hubungi").click()
    dialog = _dialog(widget.page)
    dialog.get_by_role("combobox", name=re.compile("^Sebenarnya ini apa")).select_option("company")
    dialog.get_by_role("button", name="Ini bukan data pribadi").click()
    expect(dialog.get_by_text("memang tidak pernah kami simpan")).to_be_visible()
    dialog.get_by_role("button", name="jendelaku").click()
    dialog.get_by_role("button", name="Sembunyikan", exact=True).click()
    expect(dialog.get_by_role("status").first).to_contain_text("Sudah disembunyikan")

    page = new_page()
    page.goto("/desk")
    Desk(page).sign_in(*server.sign_ins["privacy_officer"])
    page.get_by_role("button", name="Sinyal penyamaran").click()
    signals = page.get_by_role("dialog", name="Sinyal tentang penyamaran")
    expect(signals.get_by_role("row", name=re.compile("keliru disembunyikan nomor telepon nama usaha"))).to_be_visible()
    hidden = "seharusnya disembunyikan nama 1 kata, 9–16 huruf, huruf kecil"
    expect(signals.get_by_role("row", name=re.compile(hidden))).to_be_visible()
    assert "jendelaku" not in page.content()
    signals.get_by_role("button", name="Tutup").click()
    expect(signals).to_have_count(0)
