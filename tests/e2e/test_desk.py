"""An agent's day at the desk: views, notes, ready answers, labels, snoozing, many at once, search, colleagues."""

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, faults, never
from tests.e2e.screens import NOTICE_MS, Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")

_TYPES_MS = 4_000
"""How long after the last key somebody is said to type."""
_TYPED_MS = 6_020
"""How long that is believed of a colleague who says no more."""


def _as(new_page: NewPage, server: Server, role: str, path: str = "/desk", **look: int | bool) -> Desk:
    page = new_page(**look)
    page.goto(path)
    desk = Desk(page)
    desk.sign_in(*server.sign_ins[role])
    return desk


def _choose(page: Page, menu: str, item: str, role: str = "menuitemradio") -> None:
    page.locator(menu).click()
    page.get_by_role(role, name=item, exact=True).click()


def test_a_note_is_for_colleagues_and_never_reaches_the_customer(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("Laporan kosong")
    page = desk.page
    # The list of its notes is made before there is one, and comes after it.
    held: list[Route] = []
    page.route("**/notes", lambda route: held.append(route), times=1)
    with page.expect_request("**/notes"):
        desk.take(widget)
    made_before = held[0].fetch()
    desk.composer.fill("Sedang kami periksa")
    page.get_by_role("button", name="Catatan petugas").click()
    note = page.get_by_role("textbox", name="Tulis catatan untuk rekan")
    expect(note).to_be_focused()
    expect(note).to_have_value("")
    expect(page.get_by_text("Pelanggan tidak melihat ini")).to_be_visible()
    note.fill("Sudah dua kali minggu ini, teleponnya 0812-5550-1234")
    note.press("Enter")
    expect(note).to_have_value("")
    held[0].fulfill(response=made_before)
    row = page.locator(".note-row")
    expect(row).to_contain_text("Sudah dua kali minggu ini")
    expect(row.locator(".chip")).to_have_count(1)
    page.get_by_role("button", name="Balasan").click()
    expect(desk.composer).to_have_value("Sedang kami periksa")
    desk.composer.press("Enter")
    expect(widget.messages).to_have_text(["Laporan kosong", "Sedang kami periksa"])
    assert "dua kali minggu ini" not in widget.page.content()
    page.reload()
    expect(page.locator(".note-row")).to_contain_text("Sudah dua kali minggu ini")


def test_a_slash_puts_a_ready_answer_in(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("Halo")
    desk.take(widget)
    desk.composer.press_sequentially("Baik. /rin")
    option = desk.page.get_by_role("option", name=re.compile("Minta rincian"))
    expect(option).to_have_attribute("aria-selected", "true")
    desk.composer.press("Enter")
    expect(desk.composer).to_have_value(re.compile(r"^Baik\. Boleh kami tahu langkah terakhir"))
    expect(desk.messages).to_have_text(["Halo"])
    desk.composer.press("Enter")
    expect(widget.messages).to_have_count(2)


def test_labels_priority_and_snooze_move_a_conversation(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("Struk kosong")
    desk.take(widget)
    page = desk.page
    row = desk.row(widget.name)
    _choose(page, "#case-priority", "Mendesak")
    expect(row).to_contain_text("Mendesak")
    _choose(page, "#case-labels", "Kasir", "menuitemcheckbox")
    expect(row).to_contain_text("Kasir")
    page.keyboard.press("Escape")
    expect(page.locator("#case-labels")).to_be_focused()

    _choose(page, "#narrow-label", "Kasir")
    expect(row).to_be_visible()
    _choose(page, "#narrow-label", "Pelatihan")
    expect(row).to_have_count(0)
    _choose(page, "#narrow-label", "Semua")

    _choose(page, "#case-snooze", "Besok pagi (08.00)", "menuitem")
    expect(row).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Ditunda")).click()
    expect(row).to_be_visible()
    widget.say("Masih kosong")
    page.get_by_role("button", name=re.compile("^Semua terbuka")).click()
    expect(row).to_contain_text("menunggu")


def test_many_are_closed_at_once_and_opened_again(new_page: NewPage, desk: Desk) -> None:
    names = []
    for text in ("Pertanyaan pertama", "Pertanyaan kedua"):
        page = new_page()
        page.goto("/widget")
        widget = Widget(page, page.main_frame)
        widget.agree()
        widget.say(text)
        desk.take(widget)
        names.append(widget.name)
    page = desk.page
    never(page, NOTICE_MS)
    page.locator("#conversation").focus()
    for name in names:
        desk.row(name).focus()
        page.keyboard.press("x")
    bar = page.get_by_role("toolbar")
    expect(bar).to_contain_text("2 dipilih")
    bar.get_by_role("button", name="Tutup", exact=True).click()
    expect(desk.notice).to_contain_text("2 percakapan diubah")
    for name in names:
        expect(desk.row(name)).to_have_count(0)
    desk.notice.get_by_role("button", name="Buka lagi").click()
    for name in names:
        expect(desk.row(name)).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_no_row_moves_when_the_first_is_ticked(new_page: NewPage, server: Server, look: Look) -> None:
    desk = _as(new_page, server, "agent", **look)
    page = desk.page
    rows = page.locator("li.row")
    expect(rows.nth(2)).to_be_visible()
    expect(page.locator("#narrow-label")).to_be_visible()
    top = "row => row.getBoundingClientRect().top"
    before = rows.nth(2).evaluate(top)
    rows.nth(2).get_by_role("checkbox").check()
    bar = page.get_by_role("toolbar")
    expect(bar).to_contain_text("1 dipilih")
    assert rows.nth(2).evaluate(top) == before
    assert faults(page) == []
    bar.get_by_role("button", name="Batal pilih").click()
    expect(bar).to_have_count(0)
    # The button that had the focus is gone.
    expect(page.locator("#conversations")).to_be_focused()
    assert rows.nth(2).evaluate(top) == before


def test_a_colleague_who_looks_and_types_is_seen(widget: Widget, desk: Desk, new_page: NewPage, server: Server) -> None:
    widget.agree()
    widget.say("Mohon bantuannya")
    desk.take(widget)
    desk.more("Ajak rekan")
    desk.colleague("Yosef (Dukungan)")
    desk.page.get_by_role("dialog").get_by_role("button", name="Ajak rekan").click()
    expect(desk.page.get_by_role("list", name="Ikut serta")).to_contain_text("Yosef")

    page = new_page()
    page.goto(f"/desk/c/{widget.conversation_id}")
    colleague = Desk(page)
    colleague.sign_in(*_yosef(server))
    # Before its messages are there nobody is told who types.
    colleague.shown(widget.name)
    never(page, _TYPES_MS)
    never(desk.page, _TYPED_MS)
    notice = desk.page.locator(".collision")
    expect(notice).to_contain_text("Yosef (Dukungan) juga melihat percakapan ini")
    desk.composer.fill("Saya coba")
    colleague.composer.press_sequentially("Sudah saya perbaiki")
    expect(notice).to_contain_text("Yosef (Dukungan) sedang mengetik jawaban")
    colleague.composer.press("Enter")
    expect(notice).to_contain_text("Yosef (Dukungan) baru saja menjawab")
    expect(desk.composer).to_have_value("Saya coba")


def _yosef(server: Server) -> tuple[str, str]:
    line = next(line for line in server.log if "yosef@" in line)
    _, email, password = line.split()
    return email, password


def test_what_may_be_read_is_found(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("Cetakan kuitansi miring")
    desk.take(widget)
    page = desk.page
    page.locator("#conversation").focus()
    page.keyboard.press("/")
    words = page.get_by_role("searchbox", name="Kata")
    expect(words).to_be_focused()
    hit = page.locator(".hit").filter(has_text=widget.name)
    # What was asked for first is still on its way: who asks anew means the new words.
    held: list[Route] = []
    page.route("**/desk/search?*", lambda route: held.append(route), times=1)
    with page.expect_request("**/desk/search?*"):
        words.fill("yang lain")
        words.press("Enter")
    words.fill("kuitansi")
    # The index follows what is written by some seconds; asking again is what a person would do.
    until = time.monotonic() + 60
    while hit.count() == 0 and time.monotonic() < until:
        with page.expect_response(re.compile("/desk/search")):
            words.press("Enter")
    expect(hit.first).to_be_visible()
    with page.expect_response("**/desk/search?*"):
        held[0].continue_()
    hit.get_by_role("link").first.click()
    expect(desk.messages).to_have_text(["Cetakan kuitansi miring"])


def test_keys_open_views_and_the_sheet(desk: Desk) -> None:
    page = desk.page
    page.keyboard.press("2")
    expect(page.get_by_role("heading", name="Milik saya")).to_be_visible()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Pintasan papan ketik")
    expect(sheet.get_by_role("heading", name="Percakapan")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    page.keyboard.press("8")
    expect(page.get_by_role("heading", name="Ditutup")).to_be_visible()


def test_what_is_looked_at_is_kept_as_a_view(desk: Desk) -> None:
    page = desk.page
    expect(page.locator("#narrow-label")).to_be_visible()
    _choose(page, "#narrow-label", "Klinik")
    page.get_by_role("button", name="Simpan tampilan ini").click()
    page.get_by_label("Nama", exact=True).fill("Urusan klinik")
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.get_by_role("heading", name="Urusan klinik")).to_be_visible()
    expect(desk.rows.first).to_contain_text("Klinik")
    never(page, NOTICE_MS)
    view = page.get_by_role("button", name=re.compile("^Urusan klinik"))
    drop = page.get_by_role("button", name="Hapus tampilan Urusan klinik")
    drop.click()
    expect(view).to_have_count(0)
    expect(page.locator("#desk-views button:focus")).to_have_count(1)
    page.get_by_role("button", name="Kembalikan").click()
    view.click()
    expect(page.get_by_role("heading", name="Urusan klinik")).to_be_visible()
    expect(desk.rows.first).to_contain_text("Klinik")
    page.get_by_role("button", name="Ubah tampilan Urusan klinik").click()
    expect(page.get_by_label("Nama", exact=True)).to_have_value("Urusan klinik")
    page.get_by_label("Nama", exact=True).fill("Klinik dan apotek")
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.get_by_role("heading", name="Klinik dan apotek")).to_be_visible()
    expect(desk.rows.first).to_contain_text("Klinik")
    expect(view).to_have_count(0)
    page.get_by_role("button", name="Hapus tampilan Klinik dan apotek").click()
    expect(page.get_by_role("button", name=re.compile("^Klinik dan apotek"))).to_have_count(0)


def test_an_administrator_makes_a_label_that_agents_have(new_page: NewPage, server: Server, desk: Desk) -> None:
    admin = _as(new_page, server, "admin", "/desk/settings")
    page = admin.page
    page.get_by_role("button", name="Label", exact=True).click()
    page.get_by_role("button", name="Label baru").click()
    page.get_by_label("Nama", exact=True).fill("Purnajual")
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.locator(".thing").filter(has_text="Purnajual")).to_be_visible()
    desk.page.reload()
    desk.page.locator("#narrow-label").click()
    expect(desk.page.get_by_role("menuitemradio", name="Purnajual")).to_be_visible()


def test_what_colleagues_share_is_removed_after_a_question(desk: Desk) -> None:
    page = desk.page
    page.goto("/desk/settings")
    page.get_by_role("button", name="Jawaban baru").click()
    page.get_by_label("Singkatan").fill("sebentar")
    page.get_by_label("Judul").fill("Mohon tunggu")
    page.get_by_label("Teks").fill("Kami periksa dulu.")
    page.get_by_role("button", name="Simpan", exact=True).click()
    page.get_by_role("button", name="Makro", exact=True).click()
    page.get_by_role("button", name="Makro baru").click()
    page.get_by_label("Nama", exact=True).fill("Minta sabar")
    page.get_by_label("Langkah 1", exact=True).select_option(label="Kirim jawaban")
    page.get_by_label("Pilihan langkah 1").select_option(label="Mohon tunggu")
    page.get_by_role("button", name="Simpan", exact=True).click()
    macro = page.locator(".thing").filter(has_text="Minta sabar")
    expect(macro).to_contain_text("Kirim jawaban: Mohon tunggu")
    page.get_by_role("button", name="Jawaban siap pakai").click()
    answer = page.locator(".thing").filter(has_text="Mohon tunggu")
    question = page.get_by_role("dialog", name='Hapus "Mohon tunggu"?')
    answer.get_by_role("button", name="Hapus").click()
    expect(question).to_contain_text("Makro yang mengirimnya akan berhenti di langkah itu: Minta sabar")
    question.get_by_role("button", name="Batal").click()
    expect(question).to_have_count(0)
    expect(answer).to_be_visible()
    answer.get_by_role("button", name="Hapus").click()
    question.get_by_role("button", name="Hapus").click()
    expect(answer).to_have_count(0)
    expect(question).to_have_count(0)
    # What had the focus is gone: its neighbour has it.
    expect(page.locator(".thing button:focus")).to_have_text(re.compile("^Hapus"))

    page.get_by_role("button", name="Makro", exact=True).click()
    expect(macro).to_contain_text("jawaban yang sudah dihapus")
    page.get_by_role("button", name="Makro baru").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Tambah langkah").click()
    dialog.get_by_role("button", name="Hapus").last.click()
    expect(dialog.locator(".step")).to_have_count(1)
    expect(dialog.locator(".step select:focus")).to_have_count(1)


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_of_the_desk_is_for_everybody(new_page: NewPage, server: Server, look: Look) -> None:
    desk = _as(new_page, server, "agent", **look)
    page = desk.page
    expect(desk.rows.first).to_be_visible()
    expect(page.locator("#own-menu.self-available")).to_be_attached()
    assert faults(page) == []
    desk.open("Klinik Sehat Bersama")
    expect(page.locator(".note-row").first).to_be_visible()
    assert faults(page) == []
    page.locator("#case-labels").click()
    expect(page.get_by_role("menu")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Catatan petugas").click()
    expect(page.get_by_role("textbox", name="Tulis catatan untuk rekan")).to_be_visible()
    assert faults(page) == []
    for path, heading in (("search", "Cari"), ("figures", "Angka"), ("settings", "Pengaturan")):
        page.goto(f"/desk/{path}")
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        if path == "figures":
            expect(page.get_by_role("img", name="Jam tersibuk")).to_be_visible()
        assert faults(page) == []


def test_a_phone_leaves_room_for_the_conversation(new_page: NewPage, server: Server, widget: Widget) -> None:
    """The tick lies beside the subject; the head has three lines, and what is done stands in its menu."""
    widget.agree()
    widget.say("Pesanan saya belum datang juga padahal sudah lama saya menunggu")
    desk = _as(new_page, server, "agent", width=360, height=740, touch=True)
    page = desk.page
    desk.take(widget)
    page.get_by_role("button", name="Kembali").click()
    row = page.locator("li.row").filter(has=desk.queued(widget.conversation_id))
    expect(row).to_be_visible()
    tick, words = row.locator(".row-tick").bounding_box(), row.locator(".row-head").bounding_box()
    assert tick is not None
    assert words is not None
    assert tick["x"] + tick["width"] <= words["x"]

    desk.queued(widget.conversation_id).click()
    expect(page.locator("#case-priority")).to_be_visible()
    tools = page.locator(".case-tools").evaluate("tools => [tools.offsetHeight, tools.children[0].offsetHeight]")
    assert tools[0] == tools[1]
    expect(page.locator(".pane-actions > .button")).to_have_count(0)
    desk.more("Tutup percakapan")
    expect(page.locator(".pane .closed")).to_be_visible()
