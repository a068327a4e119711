"""Moderation in Chromium, on a phone and on a desktop: reported, hidden, decided, appealed; axe on every page of it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults, sideways

pytestmark = pytest.mark.xdist_group("e2e")

_TOPIC = "Daftar periksa tutup kasir yang kami pakai tiap malam"


@pytest.mark.parametrize("look", LOOKS)
def test_from_a_report_to_an_appeal(new_page: NewPage, server: Server, look: Look) -> None:
    """Three people, each with a browser; every page of it can be used by everybody."""
    author, helper, moderator = new_page(**look), new_page(**look), new_page(**look)
    # Its category: other suites begin many topics in theirs, and this one leaves the first page.
    author.goto("/forum/k/kiat")
    path = str(author.get_by_role("link", name=_TOPIC).get_attribute("href"))
    text = f"Lacinya kami kunci dari luar, lebar {look['width']}."
    enter(author, server.sign_ins["customer"], path)
    author.get_by_label("Balasan Anda").fill(text)
    author.get_by_role("button", name="Kirim balasan").click()
    post = author.locator("article", has_text=text)
    expect(post).to_be_visible()
    place = str(post.get_attribute("id")).removeprefix("p")
    number = path.split("/")[3]

    enter(helper, server.sign_ins["agent"], f"/forum/t/{number}/p/{place}/lapor")
    assert faults(helper) == []
    helper.get_by_label("Di luar topik").check()
    helper.get_by_role("main").get_by_role("button", name="Laporkan").click()
    expect(helper.get_by_role("status").filter(has_text="sudah diterima")).to_be_visible()
    helper.goto(path)
    expect(helper.locator("article", has_text=text)).to_have_count(0)

    enter(moderator, server.sign_ins["moderator"], "/moderasi")
    assert faults(moderator) == []
    titled = moderator.locator("li", has_text="Printer struk bekas, harga miring")
    assert "harga miring\n" in titled.locator(".as-written").inner_text()
    row = moderator.locator("li", has_text=text)
    row.get_by_role("link", name="Periksa").focus()
    moderator.keyboard.press("o")
    expect(moderator.get_by_role("heading", name="Mengapa ada di sini")).to_be_visible()
    item = moderator.url
    assert faults(moderator) == []
    moderator.get_by_role("button", name="Ambil").click()
    expect(moderator.get_by_text("Anda yang sedang memeriksanya")).to_be_visible()
    moderator.get_by_label("Sembunyikan").check()
    moderator.get_by_label("Alasan untuk penulis").select_option(label="Di luar topik")
    moderator.get_by_label("Catatan untuk penulis").fill("Mohon di topik tentang laci.")
    moderator.get_by_role("button", name="Putuskan").click()
    expect(moderator).to_have_url(server.url + "/moderasi")

    author.goto("/moderasi/saya")
    mine = author.locator("li", has_text="Mohon di topik tentang laci.").first
    expect(mine).to_contain_text("Di luar topik")
    assert faults(author) == []
    mine.get_by_label("Mengapa keputusan ini keliru?").fill("Laci bagian dari tutup kasir.")
    mine.get_by_role("button", name="Ajukan banding").click()
    expect(author.locator("li", has_text="Laci bagian dari tutup kasir.").first).to_contain_text("Banding")

    moderator.goto(item)
    expect(moderator.get_by_text("Ini urusan Anda sendiri")).to_be_visible()
    assert faults(moderator) == []
    for public in ("/moderasi/statistik", "/moderasi/kata"):
        moderator.goto(public)
        expect(moderator.locator("h1")).to_be_visible()
        assert faults(moderator) == [], public
        assert sideways(moderator, "nav.tabs") == [], public
