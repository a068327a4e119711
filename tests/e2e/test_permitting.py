"""Consent and permission in Chromium: given and taken back; signed, shown, revoked, gone. On a desktop and a phone."""

import secrets

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults, sideways

pytestmark = pytest.mark.xdist_group("e2e")


@pytest.mark.parametrize("look", LOOKS)
def test_consent_is_given_and_taken_back(new_page: NewPage, server: Server, look: Look) -> None:
    """One tap each, in the same place; the receipt says what was shown."""
    page = new_page(**look)
    enter(page, server.sign_ins["customer"], "/privasi/persetujuan")
    research = page.get_by_role("region", name="Penelitian dan perbaikan")
    expect(research.get_by_role("status")).to_be_visible()
    assert faults(page) == []
    research.get_by_role("button", name="Ya, boleh").click()
    expect(research.get_by_role("status")).to_contain_text("Anda berkata ya")
    expect(research.get_by_role("button", name="Ya, boleh")).to_have_attribute("aria-pressed", "true")
    research.get_by_role("button", name="Tidak").click()
    expect(research.get_by_role("status")).to_contain_text("Anda berkata tidak")
    research.get_by_role("status").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tanda terima")
    expect(page.locator("pre").first).to_contain_text('"granted":false')
    assert faults(page) == []
    # On paper nothing can be moved: what is signed stands there whole.
    page.emulate_media(media="print")
    assert sideways(page, ".chart-table") == []


@pytest.mark.parametrize("look", LOOKS)
def test_a_testimonial_lives_as_long_as_its_permission(new_page: NewPage, server: Server, look: Look) -> None:
    """Asked by an agent, signed by its writer, published by a moderator, seen by anybody, revoked, gone."""
    writer, agent, second, reader = (new_page(**look) for _ in range(4))
    enter(writer, server.sign_ins["customer"], "/privasi/izin")
    text = f"Kasirnya cepat dan mudah dipakai, kata tim {secrets.choice(('gudang', 'dapur', 'toko'))} kami."
    given = writer.request.post(
        "/api/v1/feedback",
        data={"client_id": secrets.token_hex(12), "kind": "impression", "title": "Kesan kami", "text": text},
        headers={"Origin": server.url},
    ).json()["data"]["feedback"]
    enter(agent, server.sign_ins["agent"], "/petugas/izin")
    agent.get_by_label("Nomor kesan").fill(str(given["number"]))
    agent.get_by_role("button", name="Minta izin").click()
    expect(agent.get_by_role("heading", level=1)).to_contain_text("Menunggu jawaban")
    permission = agent.url.rpartition("/")[2]
    writer.goto(f"/privasi/izin/{permission}")
    expect(writer.locator("#text")).to_contain_text(text)
    assert faults(writer) == []
    writer.get_by_label("Ketik nama Anda").fill("Pemilik Contoh")
    writer.get_by_label("Kata sandi Anda").fill(server.sign_ins["customer"][1])
    writer.get_by_role("button", name="Tanda tangani").click()
    expect(writer.get_by_role("heading", level=1)).to_contain_text("Ditandatangani")
    enter(second, server.sign_ins["moderator"], f"/petugas/izin/{permission}")
    assert faults(second) == []
    second.get_by_role("button", name="Terbitkan").click()
    expect(second.get_by_role("button", name="Turunkan")).to_be_visible()
    reader.goto("/kata-mereka")
    shown = reader.get_by_role("listitem").filter(has_text=text)
    before = shown.count()
    assert before >= 1
    assert faults(reader) == []
    writer.get_by_role("button", name="Cabut izin").click()
    expect(writer.get_by_role("heading", level=1)).to_contain_text("Dicabut")
    reader.reload()
    expect(reader.get_by_role("listitem").filter(has_text=text)).to_have_count(before - 1)
