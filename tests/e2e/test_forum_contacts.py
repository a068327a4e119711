"""A writer's own contact in Chromium: signed while writing, seen by a guest, withdrawn, gone. On desktop and phone."""

import re
import secrets
import time
from base64 import b32decode
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from server.factors.model import code_of, step_of
from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults, picture

pytestmark = pytest.mark.xdist_group("e2e")

_PASSWORD = "lumbung jagung manis 77"
_ARRIVES_S = 60.0
_WORDS = ("timbangan", "etalase", "rak", "freezer", "printer", "laci")


def _call(page: Page, server: Server, method: str, path: str, body: object = None) -> Any:
    answer = page.request.fetch(f"{server.url}/api/v1{path}", method=method, data=body, headers={"Origin": server.url})
    assert answer.ok, (path, answer.status)
    return answer.json()["data"]


def _member(page: Page, server: Server) -> str:
    """Register somebody who is new here, let them in, set an app up; give a code to sign with once."""
    email = f"orang-{secrets.token_hex(6)}@contoh.example"
    _call(page, server, "POST", "/accounts", {"email": email, "password": _PASSWORD, "display_name": "Toko Contoh"})
    enter(page, (email, _PASSWORD), "/privasi/izin")
    begun = _call(page, server, "POST", "/me/factors/totp")
    code = code_of(b32decode(begun["secret"]), step_of(datetime.now(UTC)))
    return str(_call(page, server, "POST", "/me/factors/totp/confirm", {"code": code})["recovery_codes"][0])


def _market(page: Page, server: Server) -> dict[str, Any]:
    items = _call(page, server, "GET", "/forum/categories")["items"]
    return next(item for item in items if item["contact_allowed"])


def _everywhere(page: Page, server: Server, number: int, topic_id: str, word: str) -> list[str]:
    """What programs and guests are told of a topic, one after the other."""
    places = (
        f"/forum/t/{number}",
        f"/forum/t/{number}/kabar?setelah=0",
        f"/forum/t/{number}/feed.atom",
        "/forum/feed.atom",
        f"/api/v1/forum/topics/{topic_id}/posts",
        f"/forum/cari?q={word}",
    )
    return [page.request.get(server.url + place).text() for place in places]


@pytest.mark.parametrize("look", LOOKS)
def test_a_contact_is_shown_from_its_signature_to_its_withdrawal(new_page: NewPage, server: Server, look: Look) -> None:
    """What is typed waits in the browser meanwhile; a moderator looks first, for its writer is new here."""
    writer, moderator, guest = (new_page(**look) for _ in range(3))
    recovery = _member(writer, server)
    market = _market(guest, server)
    phone = f"0812-{secrets.randbelow(9000) + 1000}-{secrets.randbelow(9000) + 1000}"
    word = secrets.choice(_WORDS)
    title = f"Jual {word} nomor {secrets.randbelow(900) + 100}"
    writer.goto(f"/forum/baru?k={market['slug']}")
    writer.get_by_label("Judul").fill(title)
    writer.get_by_label("Tulisan Anda").fill(f"Masih bagus, hubungi {phone} saja.")
    hint = writer.locator("[data-preview]")
    expect(hint).to_contain_text("belum Anda tanda tangani")
    assert faults(writer) == []
    picture(writer, f"contact-hint-{look['width']}")
    hint.get_by_role("link").click()
    writer.get_by_label("Nomor telepon atau alamat surel Anda").fill(phone)
    expect(writer.get_by_label("Kategori")).to_have_value(market["id"])
    assert faults(writer) == []
    writer.get_by_role("button", name="Lanjut ke tanda tangan").click()
    expect(writer.locator("#text")).to_contain_text(phone)
    permission = writer.url
    writer.get_by_label("Ketik nama Anda").fill("Pemilik Contoh")
    writer.get_by_label("Kata sandi Anda").fill(_PASSWORD)
    writer.get_by_label("Kode faktor kedua").fill(recovery)
    assert faults(writer) == []
    writer.get_by_role("button", name="Tanda tangani", exact=True).click()
    expect(writer.get_by_role("heading", level=1)).to_contain_text("Ditandatangani")
    writer.get_by_role("link", name="Kembali ke tulisan Anda").click()
    expect(writer.get_by_label("Tulisan Anda")).to_have_value(f"Masih bagus, hubungi {phone} saja.")
    writer.get_by_label("Tulisan Anda").press("End")
    writer.get_by_label("Tulisan Anda").press_sequentially(" ")
    expect(hint).to_contain_text("Akan tampil")
    writer.get_by_role("button", name="Terbitkan").click()
    expect(writer.locator("article .contact")).to_have_text(phone)
    found = re.search(r"/forum/t/(\d+)", writer.url)
    assert found is not None
    number = int(found[1])
    enter(moderator, server.sign_ins["moderator"], "/moderasi")
    moderator.goto(f"/forum/t/{number}")
    expect(moderator.locator("article .contact")).to_have_text(phone)
    _publish(moderator, server, title)
    guest.goto(f"/forum/t/{number}")
    expect(guest.locator("article .contact")).to_have_text(phone)
    expect(guest.locator(".contact-note")).to_contain_text("diterbitkan oleh penulisnya")
    assert faults(guest) == []
    picture(guest, f"contact-shown-{look['width']}")
    writer.goto(permission)
    writer.get_by_role("button", name="Cabut izin").click()
    expect(writer.get_by_role("heading", level=1)).to_contain_text("Dicabut")
    guest.reload()
    expect(guest.locator("article .hidden-value")).to_have_text("nomor telepon 1")
    expect(guest.locator("article .contact")).to_have_count(0)
    topics = _call(guest, server, "GET", f"/forum/topics?category_id={market['id']}")["items"]
    topic_id = next(item["id"] for item in topics if item["number"] == number)
    for told in _everywhere(guest, server, number, topic_id, word):
        assert phone not in told


def _publish(moderator: Page, server: Server, title: str) -> None:
    """Decide about what waits, which comes to the desk in the background."""
    row = moderator.locator("li", has_text=title)
    until = time.monotonic() + _ARRIVES_S
    moderator.goto("/moderasi")
    while row.count() == 0 and time.monotonic() < until:
        moderator.reload()
    expect(row).to_contain_text("kontak penulisnya sendiri")
    item = str(row.get_by_role("link", name="Periksa").get_attribute("href")).rpartition("/")[2]
    _call(moderator, server, "POST", f"/review/items/{item}/claim", {})
    decision = {"decision": "approve", "category": "other", "note": ""}
    _call(moderator, server, "POST", f"/review/items/{item}/decision", decision)
