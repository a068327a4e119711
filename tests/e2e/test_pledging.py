"""The promises page and the privacy officer's desk in Chromium, on a phone and on a desktop; axe on every page."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults

pytestmark = pytest.mark.xdist_group("e2e")


@pytest.mark.parametrize("look", LOOKS)
def test_a_reader_finds_the_promises_and_how_to_check_them(new_page: NewPage, look: Look) -> None:
    """From the first page to a promise, what keeps it and the steps; in both languages."""
    page = new_page(**look)
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Lihat semua janji kami").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Janji kami")
    promise = page.locator("#K1")
    expect(promise).to_contain_text("Yang Anda titipkan tetap utuh")
    promise.get_by_text("Periksa sendiri").click()
    expect(promise.get_by_role("listitem").first).to_be_visible()
    assert faults(page) == []
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Unduh program pemeriksa.").click()
    assert fetched.value.suggested_filename == "verify_audit.py"
    page.goto("/promises?lang=en")
    page.goto("/janji?lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Our promises")
    assert faults(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_an_officer_looks_round_the_desk(new_page: NewPage, server: Server, look: Look) -> None:
    page = new_page(**look)
    enter(page, server.sign_ins["privacy_officer"], "/petugas")
    expect(page.get_by_role("heading", level=1)).to_have_text("Meja petugas privasi")
    for name, heading in (
        ("Pembukaan", "Pembukaan untuk ditinjau"),
        ("Catatan pemrosesan", "Catatan kegiatan pemrosesan"),
        ("Penilaian dampak", "Penilaian dampak pelindungan data"),
    ):
        assert faults(page) == []
        page.get_by_role("navigation", name="Bagian meja").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert faults(page) == []
