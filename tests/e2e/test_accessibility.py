"""Can everybody use it: axe finds nothing, the keyboard is enough, a small phone shows everything."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, faults
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_public_page(new_page: NewPage, look: Look, language: str) -> None:
    page = new_page(**look)
    page.goto(f"/?lang={language}")
    expect(page.locator(".theme-switch")).to_be_visible()
    assert faults(page.main_frame) == []


@pytest.mark.parametrize("look", LOOKS)
def test_the_widget(new_page: NewPage, look: Look) -> None:
    page = new_page(**look)
    page.goto("/widget")
    widget = Widget(page, page.main_frame)
    expect(widget.agree_button).to_be_visible()
    assert faults(page.main_frame) == []

    widget.agree()
    widget.composer.fill("Saya Ratna Wulandari, nomor 0812-5550-1234, lihat https://contoh.id/panduan")
    widget.frame.get_by_role("button", name="Kirim").click()
    expect(widget.chips).to_have_count(2)
    widget.composer.fill("Nomor lain 0857-5550-4321")
    expect(widget.marks).to_have_count(1)
    assert faults(page.main_frame) == []

    page.context.set_offline(True)
    expect(widget.banner).to_contain_text("luring")
    widget.frame.get_by_role("button", name="Kirim").click()
    expect(widget.waiting).to_have_count(1)
    assert faults(page.main_frame) == []
    page.context.set_offline(False)
    expect(widget.waiting).to_have_count(0)

    widget.frame.get_by_role("button", name="Menu").click()
    assert faults(page.main_frame) == []
    widget.frame.get_by_role("button", name="Masuk atau daftar").click()
    expect(page.get_by_role("heading", name="Masuk")).to_be_visible()
    assert faults(page.main_frame) == []


@pytest.mark.parametrize("look", LOOKS)
def test_the_desk(new_page: NewPage, server: Server, look: Look) -> None:
    page = new_page(**look)
    page.goto("/desk")
    expect(page.get_by_label("Surel")).to_be_visible()
    assert faults(page.main_frame) == []
    desk = Desk(page)
    desk.sign_in(*server.sign_ins["agent"])
    expect(desk.rows.first).to_be_visible()
    assert faults(page.main_frame) == []
    desk.open("Klinik Sehat Bersama")
    desk.composer.fill("Baik, kami hubungi 0812-5550-1234")
    expect(page.locator(".mirror mark")).to_have_count(1)
    assert faults(page.main_frame) == []


def test_a_visitor_needs_only_the_keyboard(widget: Widget) -> None:
    page = widget.page
    # The page puts the focus where one begins, once it is drawn; a key before that would be undone by it.
    expect(widget.frame.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(widget.agree_button).to_be_focused()
    page.keyboard.press("Enter")
    expect(widget.composer).to_be_focused()
    page.keyboard.type("baris satu")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("baris dua")
    page.keyboard.press("Enter")
    expect(widget.messages).to_have_text(["baris satu\nbaris dua"])
    expect(widget.composer).to_be_focused()

    menu = widget.frame.get_by_role("button", name="Menu")
    menu.focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(widget.frame.get_by_role("button", name="Percakapan sebelumnya")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(menu).to_have_attribute("aria-expanded", "false")


def test_an_agent_needs_only_the_keyboard(new_page: NewPage, server: Server, widget: Widget) -> None:
    widget.agree()
    widget.say("Halo")
    page = new_page()
    page.goto("/desk")
    email, password = server.sign_ins["agent"]
    expect(page.get_by_label("Surel")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Surel")).to_be_focused()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Kata sandi")).to_be_focused()
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    desk = Desk(page)
    row = desk.queued(widget.conversation_id)
    expect(row).to_be_visible()

    for _ in range(desk.rows.count()):
        page.evaluate("window.before = document.activeElement")
        page.keyboard.press("j")
        page.wait_for_function(
            "() => document.activeElement !== before && document.activeElement.matches('.conversation')"
        )
        if row.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#conversation")).to_be_focused()
    page.keyboard.press("a")
    expect(desk.notice).to_contain_text("ditugaskan kepada Anda")
    page.keyboard.press("r")
    expect(desk.composer).to_be_focused()
    page.keyboard.type("Selamat pagi")
    page.keyboard.press("Enter")
    expect(desk.messages).to_have_text(["Halo", "Selamat pagi"])

    page.keyboard.press("Escape")
    expect(row).to_be_focused()
    page.keyboard.press("?")
    help_dialog = page.get_by_role("dialog", name="Pintasan papan ketik")
    expect(help_dialog).to_be_visible()
    assert faults(page.main_frame) == []
    page.keyboard.press("Escape")
    expect(help_dialog).to_have_count(0)

    page.keyboard.press("Enter")
    expect(desk.composer).to_be_focused()
    page.locator("#conversation").focus()
    page.keyboard.press("e")
    expect(desk.notice).to_contain_text("Percakapan ditutup")


def test_skip_links_lead_past_the_header(widget: Widget) -> None:
    widget.agree()
    skip = widget.frame.get_by_role("link", name="Langsung ke kotak pesan")
    skip.focus()
    expect(skip).to_be_in_viewport()
    widget.page.keyboard.press("Enter")
    expect(widget.composer).to_be_focused()


@pytest.mark.parametrize("look", LOOKS)
def test_correcting_what_is_hidden(new_page: NewPage, look: Look) -> None:
    page = new_page(**look)
    page.goto("/widget")
    widget = Widget(page, page.main_frame)
    widget.agree()
    widget.composer.fill("titip ke jendela, nomor 0812-5550-1234")
    widget.frame.get_by_role("button", name="Kirim").click()
    expect(widget.chips).to_have_count(1)
    page.get_by_role("button", name="Periksa penyamaran pesan ini").click()
    dialog = page.get_by_role("dialog", name="Periksa penyamaran")
    dialog.get_by_role("button", name="jendela").click()
    assert faults(page.main_frame) == []
    dialog.get_by_role("button", name="Ini bukan data pribadi").click()
    dialog.get_by_role("button", name="Sembunyikan", exact=True).click()
    expect(dialog.get_by_text("Sudah disembunyikan")).to_be_visible()
    assert faults(page.main_frame) == []


@pytest.mark.parametrize("look", LOOKS)
def test_the_signals_about_the_redaction(new_page: NewPage, server: Server, look: Look) -> None:
    page = new_page(**look)
    page.goto("/desk")
    Desk(page).sign_in(*server.sign_ins["privacy_officer"])
    page.get_by_role("button", name="Sinyal penyamaran").click()
    signals = page.get_by_role("dialog", name="Sinyal tentang penyamaran")
    expect(signals.get_by_role("status")).to_contain_text("seharusnya disembunyikan")
    assert faults(page.main_frame) == []
