"""A customer and an agent talk to each other, each in a browser of their own."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")

TYPED = "Halo, saya Ratna Wulandari, hubungi 0812-5550-1234 ya"
SECRETS = ("Ratna", "Wulandari", "0812", "5550")


def test_what_identifies_is_marked_before_and_hidden_after_sending(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.composer.fill(TYPED)
    expect(widget.marks).to_have_text(["Ratna Wulandari", "0812-5550-1234"])
    expect(widget.preview).to_have_text("2 hal akan disembunyikan: nama, nomor telepon")

    widget.composer.press("Enter")
    expect(widget.messages).to_have_count(1)
    expect(widget.chips).to_have_text(["nama 1 disembunyikan", "nomor telepon 1 disembunyikan"])
    expect(widget.composer).to_have_value("")

    desk.take(widget)
    expect(desk.chips).to_have_text(["nama 1 disembunyikan", "nomor telepon 1 disembunyikan"])
    for page in (widget.page, desk.page):
        shown = page.content()
        assert [secret for secret in SECRETS if secret in shown] == []


def test_the_preview_marks_whole_characters_beside_emoji(widget: Widget) -> None:
    widget.agree()
    widget.composer.fill("🙏🏽😀 nomor saya 0812-5550-1234 😀")
    expect(widget.marks).to_have_text(["0812-5550-1234"])


def test_they_talk_and_see_typing_and_reading(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("Selamat pagi, aplikasinya tidak bisa dibuka")
    expect(widget.frame.locator(".status")).to_have_text("Terkirim")

    queued = desk.queued(widget.conversation_id)
    expect(queued).to_contain_text("menunggu")
    expect(queued).not_to_contain_text(widget.name)
    desk.take(widget)
    row = desk.row(widget.name)
    expect(desk.messages).to_have_text(["Selamat pagi, aplikasinya tidak bisa dibuka"])
    expect(row).not_to_contain_text("belum dibaca")
    expect(widget.frame.locator(".status")).to_have_text("Dibaca")
    expect(widget.frame.locator(".top-note")).to_have_text("Tim dukungan sedang daring")

    desk.composer.press_sequentially("Sejak kapan?")
    expect(widget.frame.locator(".typing")).to_have_text("Sedang mengetik…")
    desk.composer.press("Enter")
    expect(widget.messages).to_have_text(["Selamat pagi, aplikasinya tidak bisa dibuka", "Sejak kapan?"])
    expect(widget.frame.locator(".typing")).to_have_text("")
    expect(row).not_to_contain_text("menunggu")


def test_an_agent_takes_closes_and_reopens_a_conversation(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("Struknya terpotong")
    name = widget.name
    desk.take(widget)
    pane = desk.page.locator(".pane")
    expect(desk.notice).to_contain_text("ditugaskan kepada Anda")
    desk.page.get_by_role("button", name=re.compile("^Milik saya")).click()
    expect(desk.row(name)).to_be_visible()

    pane.get_by_role("button", name="Tutup percakapan").click()
    expect(desk.row(name)).to_have_count(0)
    expect(desk.composer).to_have_count(0)
    expect(widget.frame.get_by_text("Percakapan ini sudah ditutup.")).to_be_visible()

    desk.notice.get_by_role("button", name="Buka lagi").click()
    expect(desk.row(name)).to_be_visible()
    expect(desk.composer).to_be_visible()


def test_a_closed_conversation_opens_again_when_the_customer_writes(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("Terima kasih")
    desk.take(widget)
    desk.page.locator(".pane").get_by_role("button", name="Tutup percakapan").click()
    expect(widget.frame.get_by_text("Percakapan ini sudah ditutup.")).to_be_visible()
    widget.say("Maaf, satu lagi")
    expect(widget.frame.get_by_text("Percakapan ini sudah ditutup.")).to_have_count(0)
    expect(desk.row(widget.name)).to_contain_text("menunggu")


def test_what_somebody_types_is_never_markup_and_links_are_safe(widget: Widget) -> None:
    widget.agree()
    widget.say('<img src=x onerror="alert(1)"> https://contoh.id/panduan javascript:alert(1) ⟦PHONE:1⟧')
    link = widget.log.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("href", "https://contoh.id/panduan")
    expect(link).to_have_attribute("rel", re.compile("noopener.*nofollow"))
    expect(widget.log.locator("img")).to_have_count(0)
    expect(widget.chips).to_have_count(0)


def test_a_text_that_is_too_long_is_kept_and_not_sent(widget: Widget) -> None:
    widget.agree()
    text = "panjang " * 501
    widget.composer.fill(text)
    expect(widget.frame.locator(".count")).to_contain_text("paling banyak 4000")
    widget.composer.press("Enter")
    expect(widget.composer).to_have_value(text)
    expect(widget.waiting).to_have_count(0)


def test_a_visitor_finds_the_conversation_again_after_a_reload(widget: Widget) -> None:
    widget.agree()
    widget.say("Nomor saya 0812-5550-1234")
    widget.page.reload()
    expect(widget.chips).to_have_text(["nomor telepon 1 disembunyikan"])


def test_consent_can_be_withdrawn_where_it_was_given(widget: Widget) -> None:
    widget.agree()
    widget.say("Halo")
    widget.frame.get_by_role("button", name="Menu").click()
    widget.frame.get_by_role("button", name="Cabut persetujuan").click()
    expect(widget.agree_button).to_be_visible()
    widget.agree()
    expect(widget.messages).to_have_text(["Halo"])


def test_a_customer_registers_and_is_told_what_is_wrong(widget: Widget) -> None:
    widget.frame.get_by_role("button", name="Masuk atau daftar").click()
    widget.frame.get_by_role("button", name="Belum punya akun? Daftar").click()
    widget.frame.get_by_label("Nama tampilan").fill("Toko Uji Coba")
    widget.frame.get_by_label("Surel").fill(f"uji-{id(widget)}@contoh.example")
    widget.frame.get_by_label("Kata sandi").fill("pendek")
    widget.frame.get_by_role("button", name="Daftar", exact=True).click()
    expect(widget.frame.get_by_text("Terlalu pendek.")).to_be_visible()
    widget.frame.get_by_label("Kata sandi").fill("sandi yang cukup panjang 7")
    widget.frame.get_by_role("button", name="Daftar", exact=True).click()
    widget.agree()
    widget.say("Halo dari akun saya")


def test_the_desk_refuses_a_wrong_password_and_a_customer(new_page: NewPage, server: Server) -> None:
    page = new_page()
    page.goto("/desk")
    email, password = server.sign_ins["customer"]
    page.get_by_label("Surel").fill(email)
    page.get_by_label("Kata sandi").fill("salah sekali")
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("alert")).to_have_text("Surel atau kata sandi salah.")
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("alert")).to_have_text("Akun ini bukan akun petugas.")


def test_older_messages_are_loaded_above_and_unread_ones_marked(widget: Widget, desk: Desk) -> None:
    widget.agree()
    for number in range(1, 71):
        widget.send(f"baris ke-{number}")
    expect(widget.waiting).to_have_count(0)
    desk.take(widget)
    expect(desk.page.get_by_text("belum dibaca").first).to_be_visible()
    expect(desk.messages.last).to_have_text("baris ke-70")
    desk.page.get_by_role("log").evaluate("log => { log.scrollTop = 0 }")
    expect(desk.messages).to_have_count(70)
    assert desk.messages.all_inner_texts() == [f"baris ke-{number}" for number in range(1, 71)]
