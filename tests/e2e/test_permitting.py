"""Consent and permission in Chromium: given and taken back; signed, shown, revoked, gone. On a desktop and a phone."""

import secrets
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


def _enter(page: Page, server: Server, role: str, path: str) -> str:
    """Sign in and go on to a page; give the password."""
    email, password = server.sign_ins[role]
    page.goto(f"/masuk?next={path}")
    page.get_by_label("Alamat surel").fill(email)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("main").get_by_role("button", name="Masuk").click()
    expect(page).to_have_url(server.url + path)
    return password


@pytest.mark.parametrize("look", _LOOKS, ids=["desktop", "phone-dark"])
def test_consent_is_given_and_taken_back(new_page: NewPage, server: Server, look: dict[str, int | bool]) -> None:
    """One tap each, in the same place; the receipt says what was shown."""
    page = new_page(**look)
    _enter(page, server, "customer", "/privasi/persetujuan")
    research = page.get_by_role("region", name="Penelitian dan perbaikan")
    expect(research.get_by_role("status")).to_be_visible()
    assert _faults(page) == []
    research.get_by_role("button", name="Ya, boleh").click()
    expect(research.get_by_role("status")).to_contain_text("Anda berkata ya")
    expect(research.get_by_role("button", name="Ya, boleh")).to_have_attribute("aria-pressed", "true")
    research.get_by_role("button", name="Tidak").click()
    expect(research.get_by_role("status")).to_contain_text("Anda berkata tidak")
    research.get_by_role("status").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tanda terima")
    expect(page.locator("pre").first).to_contain_text('"granted":false')
    assert _faults(page) == []


@pytest.mark.parametrize("look", _LOOKS, ids=["desktop", "phone-dark"])
def test_a_testimonial_lives_as_long_as_its_permission(
    new_page: NewPage, server: Server, look: dict[str, int | bool]
) -> None:
    """Asked by an agent, signed by its writer, published by a moderator, seen by anybody, revoked, gone."""
    writer, agent, second, reader = (new_page(**look) for _ in range(4))
    password = _enter(writer, server, "customer", "/privasi/izin")
    text = f"Kasirnya cepat dan mudah dipakai, kata tim {secrets.choice(('gudang', 'dapur', 'toko'))} kami."
    given = writer.request.post(
        "/api/v1/feedback",
        data={"client_id": secrets.token_hex(12), "kind": "impression", "title": "Kesan kami", "text": text},
        headers={"Origin": server.url},
    ).json()["data"]["feedback"]
    _enter(agent, server, "agent", "/petugas/izin")
    agent.get_by_label("Nomor kesan").fill(str(given["number"]))
    agent.get_by_role("button", name="Minta izin").click()
    expect(agent.get_by_role("heading", level=1)).to_contain_text("Menunggu jawaban")
    permission = agent.url.rpartition("/")[2]
    writer.goto(f"/privasi/izin/{permission}")
    expect(writer.locator("#text")).to_contain_text(text)
    assert _faults(writer) == []
    writer.get_by_label("Ketik nama Anda").fill("Pemilik Contoh")
    writer.get_by_label("Kata sandi Anda").fill(password)
    writer.get_by_role("button", name="Tanda tangani").click()
    expect(writer.get_by_role("heading", level=1)).to_contain_text("Ditandatangani")
    _enter(second, server, "moderator", f"/petugas/izin/{permission}")
    assert _faults(second) == []
    second.get_by_role("button", name="Terbitkan").click()
    expect(second.get_by_role("button", name="Turunkan")).to_be_visible()
    reader.goto("/kata-mereka")
    shown = reader.get_by_role("listitem").filter(has_text=text)
    before = shown.count()
    assert before >= 1
    assert _faults(reader) == []
    writer.get_by_role("button", name="Cabut izin").click()
    expect(writer.get_by_role("heading", level=1)).to_contain_text("Dicabut")
    reader.reload()
    expect(reader.get_by_role("listitem").filter(has_text=text)).to_have_count(before - 1)
