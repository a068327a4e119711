"""An administrator makes a sealed form in the settings, changes it and takes it out of use; what was sent stays."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import enter, faults
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")


def test_a_form_is_made_sent_changed_and_put_away(
    new_page: NewPage, server: Server, widget: Widget, desk: Desk
) -> None:
    page = new_page(width=390, height=844)
    enter(page, server.sign_ins["admin"], "/desk/settings")
    page.get_by_role("button", name="Formulir tersegel").click()
    # Where no shop is set, the form that asks for a location says why it can't be sent.
    expect(page.locator(".thing").filter(has_text="Ongkos kirim dari lokasi")).to_contain_text("belum bisa dikirim")
    page.get_by_role("button", name="Formulir baru").click()
    dialog = page.get_by_role("dialog")
    for label, words in {
        "Judul": ("Ukuran seragam", "Uniform size"),
        "Penjelasan bagi pelanggan": ("Untuk menjahit seragam.", "To sew the uniform."),
        "Kalimat persetujuan yang dicentang": ("Saya setuju.", "I agree."),
        "Nama isian": ("Ukuran", "Size"),
    }.items():
        dialog.get_by_label(f"{label} (Indonesia)").fill(words[0])
        dialog.get_by_label(f"{label} (Inggris)").fill(words[1])
    dialog.get_by_label("Jenis").select_option(label="pilihan")
    for number, words in enumerate((("Kecil", "Small"), ("Besar", "Large")), 1):
        dialog.get_by_label(f"Pilihan {number} (Indonesia)").fill(words[0])
        dialog.get_by_label(f"Pilihan {number} (Inggris)").fill(words[1])
    dialog.get_by_role("button", name="Tambah isian").click()
    second = dialog.get_by_role("group", name="Isian 2")
    second.get_by_label("Nama isian (Indonesia)").fill("Nama pada seragam")
    second.get_by_label("Nama isian (Inggris)").fill("Name on the uniform")
    second.get_by_label("Dihapus setelah (hari)").fill("7")
    second.get_by_role("button", name="Naikkan").click()
    first = dialog.get_by_role("group", name="Isian 1")
    expect(first.get_by_label("Nama isian (Indonesia)")).to_have_value("Nama pada seragam")
    assert faults(page) == []
    dialog.get_by_role("button", name="Simpan").click()
    made = page.locator(".thing").filter(has_text="Ukuran seragam")
    expect(made).to_contain_text("2 isian")

    widget.agree()
    widget.say("Saya mau pesan seragam")
    desk.take(widget)
    offer = desk.page.get_by_role("button", name="Kirim formulir tersegel")
    offer.click()
    desk.page.get_by_role("menuitem", name="Ukuran seragam").click()
    sent = widget.frame.get_by_role("group", name="Ukuran seragam")
    expect(sent.get_by_label("Ukuran", exact=True)).to_contain_text("Besar")

    made.get_by_role("button", name="Ubah").click()
    dialog.get_by_label("Judul (Indonesia)").fill("Ukuran baju kerja")
    dialog.get_by_label("Tidak dipakai lagi").check()
    dialog.get_by_role("button", name="Simpan").click()
    expect(page.locator(".thing").filter(has_text="Ukuran baju kerja")).to_contain_text("tidak dipakai lagi")
    desk.page.reload()
    offer.click()
    expect(desk.page.get_by_role("menuitem", name="Alamat pengiriman")).to_be_visible()
    expect(desk.page.get_by_role("menuitem", name="Ukuran")).to_have_count(0)
    widget.page.reload()
    expect(sent.get_by_label("Ukuran", exact=True)).to_contain_text("Besar")
