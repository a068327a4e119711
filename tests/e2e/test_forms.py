"""A customer fills in a sealed form, an agent opens a field of it, and the customer sees that and takes it back."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage
from tests.e2e.looking import faults
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")

_VALUES = {
    "Nama penerima": "Wagiyem Contohsari",
    "Nomor telepon penerima": "0813 5550 6612",
    "Alamat: jalan, nomor, RT/RW": "Jl. Kenangawangi No. 417",
    "Kecamatan": "Gamping",
    "Kota atau kabupaten": "Sleman",
    "Kode pos": "55281",
}
_KEPT = "+6281355506612"
_TO_THE_END = """(button) => {
  const log = button.closest(".log");
  log.scrollTop += button.getBoundingClientRect().bottom - log.getBoundingClientRect().bottom;
}"""
"""Moves the log until something in it stands at its lower edge."""


def _send(page: Page, conversation_id: str, template: str) -> None:
    """Send a form as the desk does."""
    status = page.evaluate(
        """async ([id, template]) => (await fetch(`/api/v1/conversations/${id}/forms`, {
            method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ template }),
        })).status""",
        [conversation_id, template],
    )
    assert status == 201


def test_a_form_is_filled_in_opened_and_taken_back(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("Tolong kirim ke rumah")
    desk.take(widget)
    _send(desk.page, widget.conversation_id, "delivery")

    form = widget.frame.get_by_role("group", name="Alamat pengiriman")
    expect(form).to_contain_text("Formulir tersegel")
    expect(form).to_contain_text("Hanya petugas yang menangani percakapan ini")
    for label, value in _VALUES.items():
        form.get_by_label(label).fill(value)
    form.get_by_role("button", name="Segel dan kirim").click()
    expect(form.get_by_text("Centang persetujuan ini dulu")).to_be_visible()
    assert faults(widget.frame) == []
    form.get_by_role("checkbox").check()
    form.get_by_label("Kode pos").fill("12")
    form.get_by_role("button", name="Segel dan kirim").click()
    expect(form.get_by_label("Kode pos")).to_be_focused()
    form.get_by_label("Kode pos").fill("55281")
    form.get_by_role("button", name="Segel dan kirim").click()
    expect(form).to_contain_text("Terisi dan tersegel")

    widget.say("\n".join(["Lewat gang kecil"] * 40))
    expect(desk.messages).to_have_count(3)
    card = desk.page.get_by_role("group", name="Alamat pengiriman")
    expect(desk.page.locator(".message", has=card).locator(".body")).to_be_hidden()
    button = card.get_by_role("button", name="Buka: Nomor telepon penerima")
    button.evaluate(_TO_THE_END)
    button.click()
    expect(card.get_by_role("button", name="Tampilkan")).to_be_in_viewport(ratio=1)
    card.get_by_label("Mengapa perlu dibuka?").fill("Kurir menanyakan nomor")
    assert faults(desk.page.main_frame) == []
    card.get_by_role("button", name="Tampilkan").click()
    expect(card.get_by_text(_KEPT)).to_be_visible()
    card.get_by_role("button", name="Tutup sekarang").click()
    expect(card.get_by_text(_KEPT)).to_have_count(0)

    looks = form.get_by_text("Siapa yang membuka (1)")
    looks.click()
    expect(form).to_contain_text("Kurir menanyakan nomor")
    form.get_by_role("button", name="Tarik kembali").click()
    form.get_by_role("button", name="Ya, hapus").click()
    expect(form).to_contain_text("Ditarik kembali")
    expect(card).to_contain_text("Ditarik kembali")
    for page in (widget.page, desk.page):
        assert _KEPT not in page.content()


def test_a_form_fits_a_phone(new_page: NewPage, desk: Desk) -> None:
    page = new_page(width=360, height=740, dark=True, touch=True)
    page.goto("/widget?locale=en")
    widget = Widget(page, page.main_frame)
    widget.composer = page.get_by_role("textbox", name="Write a message")
    page.get_by_role("button", name="Agree and start").click()
    widget.say("Please send it to my place")
    desk.take(widget)
    _send(desk.page, widget.conversation_id, "clinic")
    form = page.get_by_role("group", name="Clinic registration")
    expect(form.get_by_label("Sex")).to_be_visible()
    # Longer than the screen, it is seen from where it says what for.
    expect(form.get_by_text("What for", exact=True)).to_be_in_viewport()
    assert faults(page.main_frame) == []
