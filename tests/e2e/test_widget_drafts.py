"""What a visitor was writing and did not send outlives the tab, sealed; nothing stays once it is sent or given up."""

from secrets import token_hex

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.screens import PASSWORD, Widget

pytestmark = pytest.mark.xdist_group("e2e")

_SECRET = "Nomor saya 0812-5550-1234, pesanan kemarin belum juga sampai di rumah"
_KEPT = "() => Object.keys(localStorage).filter((name) => name.startsWith('amanah.draft/'))"


def _another_tab(context: BrowserContext) -> Widget:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/widget")
    return Widget(page, page.main_frame)


def _kept(page: Page, drafts: int) -> list[str]:
    """Wait until so many drafts lie on the disk; give all that lies there."""
    page.wait_for_function(f"() => ({_KEPT})().length === {drafts}")
    found: list[str] = page.evaluate("Object.entries(localStorage).flat()")
    return found


def _gone(widget: Widget) -> BrowserContext:
    """The browser discards the tab, and asks nobody."""
    context = widget.page.context
    widget.page.close(run_before_unload=False)
    return context


def test_a_draft_outlives_its_tab_sealed_and_goes_when_it_is_sent(widget: Widget) -> None:
    widget.agree()
    widget.composer.fill(_SECRET)
    on_disk = " ".join(_kept(widget.page, 1))
    assert "0812" not in on_disk
    assert "pesanan" not in on_disk
    again = _another_tab(_gone(widget))
    expect(again.composer).to_have_value(_SECRET)
    again.composer.press("Enter")
    expect(again.messages).to_have_count(1)
    _kept(again.page, 0)
    third = _another_tab(_gone(again))
    expect(third.messages).to_have_count(1)
    expect(third.composer).to_have_value("")


def test_a_draft_that_comes_back_late_overwrites_nothing(widget: Widget) -> None:
    widget.agree()
    widget.say("Yang pertama")
    widget.composer.fill(_SECRET)
    _kept(widget.page, 1)
    page = _gone(widget).new_page()
    page.set_default_timeout(PATIENCE_MS)
    held: list[Route] = []
    page.route("**/drafts-*.js", lambda route: held.append(route))
    with page.expect_request("**/drafts-*.js"):
        page.goto("/widget")
    again = Widget(page, page.main_frame)
    expect(again.messages).to_have_text(["Yang pertama"])
    again.composer.fill("Halo?")
    expect(again.composer).to_have_value("Halo?")
    held[0].continue_()
    expect(again.composer).to_have_value(f"{_SECRET}\n\nHalo?")


def test_nothing_stays_of_a_draft_once_consent_is_withdrawn(widget: Widget) -> None:
    widget.agree()
    widget.composer.fill(_SECRET)
    _kept(widget.page, 1)
    widget.page.get_by_role("button", name="Menu").click()
    widget.page.get_by_role("button", name="Cabut persetujuan").click()
    expect(widget.agree_button).to_be_visible()
    _kept(widget.page, 0)
    # In the page it waits for its writer, and is kept again once they agree again.
    widget.agree()
    expect(widget.composer).to_have_value(_SECRET)
    _kept(widget.page, 1)


def test_nothing_stays_of_a_draft_once_its_writer_has_signed_out(widget: Widget) -> None:
    page = widget.page
    page.get_by_role("button", name="Masuk atau daftar").click()
    page.get_by_role("button", name="Belum punya akun? Daftar").click()
    page.get_by_label("Nama tampilan").fill("Toko Berkonsep")
    page.get_by_label("Surel").fill(f"konsep-{token_hex(6)}@contoh.example")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Daftar", exact=True).click()
    widget.agree()
    widget.composer.fill(_SECRET)
    _kept(page, 1)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Keluar").click()
    expect(widget.agree_button).to_be_visible()
    _kept(page, 0)
    widget.agree()
    expect(widget.composer).to_have_value("")
