"""The check of one's settings and its taps in Chromium, and what officers see of an erasure. In both languages."""

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults, picture

pytestmark = pytest.mark.xdist_group("e2e")

_PASSWORD = "lemari besi biru"


def _register(page: Page, path: str) -> tuple[str, str]:
    """Get an account and arrive at a path; give how to sign in."""
    email = f"orang-{secrets.token_hex(6)}@contoh.example"
    page.goto(f"/daftar?next={path}")
    page.get_by_label("Nama tampilan").fill("Toko Contoh")
    page.get_by_label("Alamat surel").fill(email)
    page.get_by_label("Kata sandi").fill(_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Buat akun").click()
    page.wait_for_url(f"**{path}")
    return email, _PASSWORD


@pytest.mark.parametrize("look", LOOKS)
def test_settings_are_checked_and_mended_by_one_tap(new_page: NewPage, look: Look) -> None:
    """What should be mended stands first; another device is signed out by a tap on this one."""
    page, other = new_page(**look), new_page()
    who = _register(page, "/privasi/pemeriksaan")
    first = page.get_by_role("region").first
    expect(first).to_contain_text("Perbaiki")
    assert faults(page) == []
    enter(other, who, "/privasi")
    page.reload()
    sessions = page.get_by_role("region", name="Perangkat yang masuk")
    expect(sessions).to_contain_text("Sesi lain yang masih terbuka: 1.")
    picture(page, f"pemeriksaan-{look['width']}")
    sessions.get_by_role("button", name="Akhiri sesi lain").click()
    expect(page.get_by_role("status").filter(has_text="Sudah dirapikan.")).to_be_visible()
    expect(sessions).to_contain_text("Hanya sesi ini.")
    other.goto("/privasi/hapus")
    expect(other).to_have_url(re.compile("/masuk"))
    page.goto("/privasi/pemeriksaan?lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check my settings")
    assert faults(page) == []
    picture(page, f"pemeriksaan-en-{look['width']}")
    page.goto("/privasi?lang=id")
    assert faults(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_an_officer_sees_an_erasure_that_waits(new_page: NewPage, server: Server, look: Look) -> None:
    """Its number is what the person was told; what goes and stays is there, and no name."""
    person, officer = new_page(**look), new_page(**look)
    _register(person, "/privasi/hapus")
    person.get_by_role("checkbox").check()
    person.get_by_role("main").get_by_role("button", name="Hapus akun saya").click()
    reference = person.locator("code").first.inner_text()
    enter(officer, server.sign_ins["privacy_officer"], "/petugas")
    assert faults(officer) == []
    picture(officer, f"petugas-{look['width']}")
    officer.get_by_role("navigation", name="Bagian meja").get_by_role("link", name="Penghapusan").click()
    waiting = officer.get_by_role("listitem").filter(has_text=reference)
    expect(waiting).to_contain_text("Orangnya masih bisa membatalkan")
    assert faults(officer) == []
    picture(officer, f"penghapusan-{look['width']}")
    waiting.get_by_role("link").click()
    expect(officer.get_by_role("rowheader", name="Akun", exact=False).first).to_be_visible()
    assert faults(officer) == []
    picture(officer, f"penghapusan-satu-{look['width']}")
    officer.goto(f"/petugas/penghapusan/{reference}?lang=en")
    expect(officer.get_by_role("main")).to_contain_text("What it waits for")
    assert faults(officer) == []
    picture(officer, f"penghapusan-satu-en-{look['width']}")
