"""A desk with much to do: where one was is kept, what a colleague took first is said, and what many at once came to."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import never, picture
from tests.e2e.screens import NOTICE_MS, Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")

_HOLD_TAKING = """() => {
  const real = window.fetch;
  const held = new Promise((go) => { window.letGo = go; });
  window.fetch = async (...call) => {
    if (String(call[0]).endsWith("/assign")) await held;
    return real(...call);
  };
}"""


def _agreed(new_page: NewPage) -> Widget:
    page = new_page()
    page.goto("/widget")
    widget = Widget(page, page.main_frame)
    widget.agree()
    return widget


def _visitor(new_page: NewPage, text: str) -> Widget:
    widget = _agreed(new_page)
    widget.say(text)
    return widget


def test_a_long_log_makes_the_page_no_longer(widget: Widget, desk: Desk) -> None:
    widget.agree()
    for part in ("pertama", "kedua", "ketiga"):
        widget.say("\n".join([f"Bagian {part}", *["baris"] * 25]))
    desk.take(widget)
    expect(desk.messages).to_have_count(3)
    assert desk.page.evaluate("document.documentElement.scrollHeight === innerHeight")
    desk.page.set_viewport_size({"width": 360, "height": 740})
    desk.page.get_by_role("log").evaluate("(log) => log.scrollTo(0, 0)")
    jump = desk.page.get_by_role("button", name="Ke pesan terbaru")
    expect(jump).to_be_visible()
    wide = jump.evaluate("(button) => [button.scrollWidth, button.parentElement.clientWidth, button.offsetHeight]")
    assert wide[0] < wide[1]
    assert wide[2] < 44


def test_the_place_in_the_list_is_kept_when_its_row_has_left(new_page: NewPage, desk: Desk) -> None:
    first, second = (_visitor(new_page, text) for text in ("Yang pertama", "Yang kedua"))
    for visitor in (first, second):
        desk.take(visitor)
    page = desk.page
    page.get_by_role("button", name=re.compile("^Menunggu saya")).click()
    desk.open(first.name)
    desk.say("Sudah kami jawab")
    expect(desk.row(first.name)).to_have_count(0)
    desk.composer.press("Escape")
    expect(desk.row(second.name)).to_be_focused()


def test_rows_hold_still_under_a_pointer_while_others_write(new_page: NewPage, desk: Desk) -> None:
    """Who aims at a row hits it, whatever was said elsewhere between the press and the release."""
    above, aimed_at = (_visitor(new_page, text) for text in ("Di atas", "Yang dituju"))
    newcomer = _agreed(new_page)
    for visitor in (aimed_at, above):
        desk.take(visitor)
        desk.say("Sudah kami jawab")
        expect(desk.row(visitor.name)).not_to_contain_text("menunggu")
    page, row = desk.page, desk.row(aimed_at.name)
    row.hover()
    page.mouse.down()
    for visitor in (aimed_at, newcomer):
        visitor.say("Ada yang baru")
    # It waits, and so stands above the other from now on; its words are new, its place is not.
    expect(row).to_contain_text("menunggu")
    expect(page.locator(".list-waiting")).to_have_text("1 baru")
    expect(desk.queued(newcomer.conversation_id)).to_have_count(0)
    picture(page, "list-held")
    page.mouse.up()
    expect(page.locator(".pane h2")).to_contain_text(aimed_at.name)
    page.mouse.move(1000, 300)
    expect(desk.queued(newcomer.conversation_id)).to_be_visible()
    expect(page.locator(".list-waiting")).to_have_count(0)
    shown = desk.rows.evaluate_all("rows => rows.map(row => row.dataset.conversation)")
    places = [shown.index(visitor.conversation_id) for visitor in (aimed_at, newcomer, above)]
    assert places == sorted(places)


def test_who_was_faster_is_said(widget: Widget, desk: Desk, new_page: NewPage, server: Server) -> None:
    widget.agree()
    widget.say("Siapa cepat?")
    page = new_page()
    page.goto(f"/desk/c/{widget.conversation_id}")
    colleague = Desk(page)
    line = next(line for line in server.log if "yosef@" in line)
    colleague.sign_in(*line.split()[1:])
    page.evaluate(_HOLD_TAKING)
    page.locator(".pane").get_by_role("button", name="Ambil").click()
    desk.take(widget)
    page.evaluate("letGo()")
    expect(colleague.notice).to_contain_text("Rani (Dukungan) sudah lebih dulu mengambilnya")


def test_many_that_nobody_has_are_not_closed_and_it_is_said_why(new_page: NewPage, desk: Desk) -> None:
    waiting = [_visitor(new_page, text) for text in ("Belum diambil satu", "Belum diambil dua")]
    page = desk.page
    page.get_by_role("button", name=re.compile("^Antrean")).click()
    for visitor in waiting:
        desk.queued(visitor.conversation_id).focus()
        page.keyboard.press("x")
    bar = page.get_by_role("toolbar")
    bar.get_by_role("button", name="Tutup", exact=True).click()
    expect(desk.notice).to_contain_text("0 diubah, 2 tidak: yang tidak Anda pegang perlu diambil dulu")
    expect(bar).to_contain_text("2 dipilih")


def test_what_was_split_off_is_merged_again(widget: Widget, desk: Desk) -> None:
    widget.agree()
    for text in ("Kursi patah", "Lampu mati"):
        widget.say(text)
    desk.take(widget)
    dialog = desk.page.get_by_role("dialog")
    desk.more("Gabungkan")
    expect(dialog).to_contain_text("Tidak ada percakapan lain yang terbuka dari pelanggan ini")
    dialog.get_by_role("button", name="Batal").click()
    desk.more("Pisahkan")
    dialog.get_by_label("Judul percakapan baru").fill("Lampu di dapur")
    never(desk.page, NOTICE_MS)
    dialog.get_by_role("button", name="Pisahkan").click()
    desk.notice.get_by_role("button", name="Buka yang baru").click()
    expect(desk.page.locator(".pane-subject")).to_contain_text("Lampu di dapur")
    desk.more("Gabungkan")
    expect(dialog.get_by_label("Digabung ke").locator("option")).to_have_count(1)
    dialog.get_by_role("button", name="Gabungkan").click()
    expect(desk.messages).to_have_text(["Kursi patah", "Lampu mati", "Lampu mati"])
