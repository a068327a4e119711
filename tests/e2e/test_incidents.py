"""Incidents and retention in Chromium: a drill from report to lessons, a hold, in both languages; axe, phones."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults, picture, sideways

pytestmark = pytest.mark.xdist_group("e2e")

_HOME = "/petugas/insiden"


def _unfold(page: Page) -> None:
    """Open everything that can be, so that it is looked at too."""
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")


def _send(page: Page, section: str, button: str) -> None:
    """Send a form of the incident that is open, and see it taken."""
    page.locator(f"section[aria-labelledby={section}]").get_by_role("button", name=button, exact=True).click()
    expect(page).to_have_url(re.compile(r"/petugas/insiden/[0-9a-v]{24}#[a-z]+$"))
    expect(page.get_by_role("alert")).to_have_count(0)
    _unfold(page)


@pytest.mark.parametrize("look", LOOKS)
def test_a_drill_goes_its_way(new_page: NewPage, server: Server, look: Look) -> None:
    """Refused, it keeps what was typed; taken, each step shows; in English it reads as well."""
    page = new_page(**look)
    name = f"Latihan di layar {look['width']}"
    enter(page, server.sign_ins["privacy_officer"], _HOME)
    assert faults(page) == []
    picture(page, f"incidents-{look['width']}")
    page.get_by_label("Judul singkat").fill(name)
    page.get_by_label("Apa yang terjadi").fill("Kami berlatih kehilangan sebuah ponsel kantor.")
    page.get_by_label("Jenis").select_option("loss")
    page.get_by_label("Tingkat").select_option("low")
    page.get_by_label("Ini latihan").check()
    page.locator("[name=discovered_at]").fill("2039-01-01T08:00")
    page.get_by_role("button", name="Catat").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Judul singkat")).to_have_value(name)
    expect(page.get_by_label("Jenis")).to_have_value("loss")
    expect(page.get_by_label("Ini latihan")).to_be_checked()
    assert faults(page) == []
    page.locator("[name=discovered_at]").fill("")
    page.get_by_role("button", name="Catat").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    _unfold(page)
    assert faults(page) == []

    page.get_by_label("berkas", exact=True).check()
    page.get_by_label("Apakah orang harus dikabari?").select_option("yes")
    _send(page, "assess", "Simpan")
    page.locator("#text").fill("Ponsel itu dikunci dari jauh.")
    _send(page, "write", "Simpan")
    page.get_by_label("Dicari menurut").select_option("people")
    page.get_by_label("Orang-orangnya").fill(server.sign_ins["customer"][0])
    _send(page, "search", "Cari dan tambahkan")
    _send(page, "tell", "Kabari (latihan)")
    expect(page.locator("section[aria-labelledby=search]")).to_contain_text("1 orang")
    assert faults(page) == []
    picture(page, f"incident-{look['width']}")
    page.goto(f"{_HOME}?lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Incidents")
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    _unfold(page)
    assert faults(page) == []
    page.goto(f"{_HOME}?lang=id")


@pytest.mark.parametrize("look", LOOKS)
def test_the_rules_say_whose_hold_they_obey(new_page: NewPage, server: Server, look: Look) -> None:
    """The table of rules, a count, and what there is to hold, on the page of retention; one's own page of incidents."""
    page = new_page(**look)
    enter(page, server.sign_ins["privacy_officer"], "/petugas/retensi")
    page.get_by_role("button", name="Hitung saja").click()
    expect(page.get_by_role("status").first).to_be_visible()
    _unfold(page)
    rules = page.locator("section[aria-labelledby=h-rules]")
    expect(rules).to_contain_text("Keluhan yang selesai ditangani")
    expect(rules).to_contain_text("dipatuhi")
    assert faults(page) == []
    picture(page, f"retention-{look['width']}")
    page.goto("/petugas/retensi?lang=en")
    _unfold(page)
    expect(page.locator("section[aria-labelledby=h-rules]")).to_contain_text("obeyed")
    assert faults(page) == []
    assert sideways(page, ".chart-table") == []
    page.goto("/petugas/persetujuan")
    assert sideways(page, ".chart-table") == []
    assert faults(page) == []
    page.goto("/insiden?lang=id")
    assert faults(page) == []
