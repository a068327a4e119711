"""Who may read what, as staff meet it: the queue's rows, taking, handing on, reading by way of exception, review."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")

_EXCEPTION = "Buka sebagai pengecualian"


def _picture(page: Page, name: str, folder: Path) -> None:
    path = folder / f"{name}.png"
    page.screenshot(path=path)
    assert path.stat().st_size > 10_000


def _signed_in(new_page: NewPage, server: Server, role: str, path: str = "/desk") -> Desk:
    page = new_page()
    page.goto(path)
    desk = Desk(page)
    desk.sign_in(*server.sign_ins[role])
    return desk


def _break_glass(page: Page) -> None:
    page.get_by_role("button", name=_EXCEPTION).click()
    dialog = page.get_by_role("dialog", name=_EXCEPTION)
    dialog.get_by_label("Untuk keperluan").select_option("complaint")
    dialog.get_by_label("Alasan").fill("Keluhan tentang jawaban, pelanggan minta ditelepon di 0812-5550-1234")
    dialog.get_by_label("Selama").select_option("5")
    dialog.get_by_role("button", name="Buka dan catat").click()
    expect(dialog).to_have_count(0)


def test_the_queue_shows_subject_and_waiting_until_somebody_takes_it(
    widget: Widget, desk: Desk, tmp_path: Path
) -> None:
    widget.agree()
    widget.say("Printer rusak sejak pagi")
    row = desk.queued(widget.conversation_id)
    expect(row).to_contain_text("menunggu")
    row.click()
    pane = desk.page.locator(".pane")
    expect(pane).to_contain_text("Belum ada yang memegang percakapan ini")
    expect(desk.page.get_by_role("log")).to_have_count(0)
    assert "Printer" not in desk.page.content()
    assert widget.name not in desk.page.content()
    _picture(desk.page, "row", tmp_path)
    pane.get_by_role("button", name="Ambil").click()
    expect(desk.messages).to_have_text(["Printer rusak sejak pagi"])
    expect(pane.locator("h2")).to_contain_text(widget.name)
    _picture(desk.page, "taken", tmp_path)
    desk.more("Kembalikan ke antrean")
    expect(desk.messages).to_have_count(0)
    assert "Printer" not in desk.page.content()


def test_a_conversation_is_handed_to_a_colleague(widget: Widget, desk: Desk, tmp_path: Path) -> None:
    widget.agree()
    widget.say("Mohon bantuannya")
    desk.take(widget)
    pane = desk.page.locator(".pane")
    desk.more("Ajak rekan")
    dialog = desk.page.get_by_role("dialog", name="Ajak rekan")
    desk.colleague("Yosef (Dukungan)")
    _picture(desk.page, "bring-in", tmp_path)
    dialog.get_by_role("button", name="Ajak rekan").click()
    expect(pane.get_by_role("list", name="Ikut serta")).to_contain_text("Yosef")
    pane.get_by_role("button", name="Lepas Yosef").click()
    expect(pane.get_by_role("list", name="Ikut serta")).to_have_count(0)
    pane.get_by_role("button", name="Tugaskan ke rekan").click()
    desk.colleague("Yosef (Dukungan)")
    desk.page.get_by_role("dialog").get_by_role("button", name="Tugaskan ke rekan").click()
    expect(pane).to_contain_text("dipegang Yosef")
    expect(desk.messages).to_have_count(0)
    assert "Mohon bantuannya" not in desk.page.content()


def test_reading_by_exception_is_counted_down_ended_and_reviewed(
    widget: Widget, desk: Desk, new_page: NewPage, server: Server, tmp_path: Path
) -> None:
    widget.agree()
    widget.say("Jawabannya tidak sopan")
    desk.take(widget)
    officer = _signed_in(new_page, server, "privacy_officer")
    expect(officer.page.get_by_role("heading", name=_EXCEPTION.replace("Buka", "Dibuka"))).to_be_visible()

    admin = _signed_in(new_page, server, "admin", f"/desk/c/{widget.conversation_id}")
    expect(admin.page.locator(".pane")).to_contain_text("dipegang Rani")
    _break_glass(admin.page)
    expect(admin.messages).to_have_text(["Jawabannya tidak sopan"])
    expect(admin.composer).to_have_count(0)
    banner = admin.page.locator(".glass")
    expect(banner).to_contain_text("Anda membaca sebagai pengecualian (keluhan)")
    expect(banner.locator(".glass-clock")).to_have_text(re.compile(r"^[0-4]:\d\d$"))
    _picture(admin.page, "glass", tmp_path)
    admin.page.reload()
    expect(admin.messages).to_have_text(["Jawabannya tidak sopan"])
    widget.say("Halo?")
    expect(admin.messages).to_have_count(2)

    review = officer.page.locator(".review").first
    expect(review).to_contain_text("Admin · keluhan")
    expect(review.locator(".chip")).to_have_text(["nomor telepon 1 disembunyikan"])

    banner.get_by_role("button", name="Akhiri sekarang").click()
    expect(admin.messages).to_have_count(0)
    assert "tidak sopan" not in admin.page.content()

    review.get_by_label("Catatan (boleh kosong)").fill("Sesuai prosedur")
    review.get_by_role("button", name="Wajar", exact=True).click()
    expect(review).to_contain_text("Wajar menurut Wahyu (Privasi): Sesuai prosedur")
    _picture(officer.page, "review", tmp_path)
