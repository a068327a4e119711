"""The promises page and the privacy officer's desk in Chromium, on a phone and on a desktop; axe on every page."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage, Server

pytestmark = pytest.mark.xdist_group("e2e")

_AXE = (Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js").read_text()
_LOOKS = [{"width": 1366}, {"width": 360, "height": 740, "dark": True, "touch": True}]


def _faults(page: Page) -> list[str]:
    """What axe finds wrong, and content that is wider than the window."""
    page.evaluate(_AXE)
    results = page.evaluate("axe.run(document)")
    faults = [f"{item['id']}: {node['html']}" for item in results["violations"] for node in item["nodes"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append("the page scrolls sideways")
    return faults


def _enter(page: Page, server: Server, role: str, path: str) -> None:
    """Sign in and go on to a page."""
    email, password = server.sign_ins[role]
    page.goto(f"/masuk?next={path}")
    page.get_by_label("Alamat surel").fill(email)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("main").get_by_role("button", name="Masuk").click()
    expect(page).to_have_url(server.url + path)


@pytest.mark.parametrize("look", _LOOKS, ids=["desktop", "phone-dark"])
def test_a_reader_finds_the_promises_and_how_to_check_them(new_page: NewPage, look: dict[str, int | bool]) -> None:
    """From the first page to a promise, what keeps it and the steps; in both languages."""
    page = new_page(**look)
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Lihat semua janji kami").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Janji kami")
    promise = page.locator("#K1")
    expect(promise).to_contain_text("Yang Anda titipkan tetap utuh")
    promise.get_by_text("Periksa sendiri").click()
    expect(promise.get_by_role("listitem").first).to_be_visible()
    assert _faults(page) == []
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Unduh program pemeriksa.").click()
    assert fetched.value.suggested_filename == "verify_audit.py"
    page.goto("/promises?lang=en")
    page.goto("/janji?lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Our promises")
    assert _faults(page) == []


@pytest.mark.parametrize("look", _LOOKS, ids=["desktop", "phone-dark"])
def test_an_officer_looks_round_the_desk(new_page: NewPage, server: Server, look: dict[str, int | bool]) -> None:
    page = new_page(**look)
    _enter(page, server, "privacy_officer", "/petugas")
    expect(page.get_by_role("heading", level=1)).to_have_text("Meja petugas privasi")
    for name, heading in (
        ("Pembukaan", "Pembukaan untuk ditinjau"),
        ("Catatan pemrosesan", "Catatan kegiatan pemrosesan"),
        ("Penilaian dampak", "Penilaian dampak pelindungan data"),
    ):
        assert _faults(page) == []
        page.get_by_role("navigation", name="Bagian meja").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert _faults(page) == []
