"""What a customer does in a conversation: several subjects, answers, edits, deletions, reactions, files, a rating."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage
from tests.e2e.looking import LOOKS, Look, faults
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")


def _menu(widget: Widget, number: int) -> None:
    # It closes when the server has answered, which may be after what it did is seen.
    expect(widget.frame.locator(".message-menu")).to_have_count(0)
    widget.frame.locator(".message.stored").nth(number).get_by_role("button", name="Balas, beri reaksi").click()


def test_a_message_is_answered_edited_reacted_to_and_deleted(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("pesanan saya belum datang")
    desk.take(widget)
    desk.say("Boleh kami tahu kapan dipesan?")
    expect(widget.messages).to_have_count(2)

    _menu(widget, 1)
    widget.frame.get_by_role("button", name="Beri reaksi 👍").click()
    expect(widget.frame.locator(".reaction")).to_have_text("👍 1")
    expect(widget.frame.locator(".reaction")).to_have_attribute("aria-pressed", "true")
    assert faults(widget.frame) == []

    _menu(widget, 1)
    widget.frame.get_by_role("button", name="Balas", exact=True).click()
    expect(widget.frame.locator(".strip")).to_contain_text("Membalas")
    widget.frame.get_by_role("button", name="Batal").click()
    expect(widget.frame.locator(".strip")).to_have_count(0)
    expect(widget.composer).to_be_focused()

    _menu(widget, 1)
    widget.frame.get_by_role("button", name="Balas", exact=True).click()
    expect(widget.frame.locator(".strip")).to_contain_text("Membalas")
    widget.say("kemarin sore")
    expect(widget.frame.locator(".quote")).to_contain_text("Boleh kami tahu")

    widget.composer.fill("dan juga")
    _menu(widget, 2)
    widget.frame.get_by_role("button", name="Ubah pesan").click()
    expect(widget.composer).to_have_value("kemarin sore")
    widget.send("kemarin **pagi**")
    expect(widget.messages.nth(2)).to_have_text("kemarin pagi")
    expect(widget.frame.locator(".message.stored strong").last).to_have_text("pagi")
    expect(widget.frame.locator(".message.stored").nth(2)).to_contain_text("diubah")
    expect(widget.composer).to_have_value("dan juga")

    _menu(widget, 0)
    widget.frame.get_by_role("button", name="Hapus").click()
    assert faults(widget.frame) == []
    widget.frame.locator(".menu-asks").get_by_role("button", name="Hapus").click()
    expect(widget.messages.nth(0)).to_have_text("Pesan ini dihapus.")
    # The button that had the focus is gone.
    expect(widget.log).to_be_focused()
    expect(desk.page.get_by_text("pesanan saya belum datang")).to_have_count(0)


def test_the_writer_sees_that_it_arrived_and_was_read(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("sudah sampai?")
    expect(widget.frame.locator(".status")).to_have_text("Terkirim")
    desk.take(widget)
    expect(widget.frame.locator(".status")).to_have_text("Dibaca")


@pytest.mark.parametrize("look", LOOKS)
def test_a_file_goes_with_a_message(new_page: NewPage, look: Look) -> None:
    page = new_page(**look)
    page.goto("/widget")
    widget = Widget(page, page.main_frame)
    widget.agree()
    content = b"daftar barang\nberas 5 kg\ngula 2 kg\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "daftar.txt", "mimeType": "text/plain", "buffer": content}
    )
    expect(page.locator(".upload")).to_contain_text("daftar.txt")
    expect(page.locator(".upload progress")).to_have_count(0)
    assert faults(page.main_frame) == []
    page.get_by_role("button", name="Kirim").click()
    expect(page.locator(".file-name")).to_have_text("daftar.txt")
    expect(page.locator(".upload")).to_have_count(0)
    assert faults(page.main_frame) == []


def test_a_file_that_is_not_taken_says_why_and_can_be_let_go(widget: Widget) -> None:
    widget.agree()
    widget.say("halo")
    page = widget.page
    program = {"name": "program.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00" + b"\x00" * 200}
    page.locator("input[type=file]").set_input_files(program)
    expect(page.locator(".upload-error")).to_be_visible()
    page.get_by_role("button", name="Lepas program.exe").click()
    expect(page.locator(".upload")).to_have_count(0)
    # The button that had the focus is gone.
    expect(page.locator(".composer :focus")).to_have_count(1)
    widget.say("tetap terkirim")


@pytest.mark.parametrize("look", LOOKS)
def test_a_closed_conversation_is_rated_and_another_begun(new_page: NewPage, desk: Desk, look: Look) -> None:
    page = new_page(**look)
    page.goto("/widget")
    widget = Widget(page, page.main_frame)
    widget.agree()
    widget.say("terima kasih")
    desk.take(widget)
    desk.page.locator("#conversation").focus()
    desk.page.keyboard.press("e")
    expect(page.get_by_text("Bagaimana bantuan kami?")).to_be_visible()
    page.get_by_role("button", name="5 dari 5").click()
    assert faults(page.main_frame) == []
    page.get_by_role("button", name="Kirim penilaian").click()
    expect(page.get_by_text("Terima kasih atas penilaian Anda: 5 dari 5.")).to_be_visible()

    first = widget.conversation_id
    page.get_by_role("button", name="Mulai percakapan baru").click()
    expect(widget.messages).to_have_count(0)
    widget.say("pertanyaan lain")
    assert widget.conversation_id != first
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Percakapan sebelumnya").click()
    expect(page.locator(".history li")).to_have_count(2)
    assert faults(page.main_frame) == []
    page.locator(".history li").last.get_by_role("button").first.click()
    expect(widget.messages).to_have_text(["terima kasih"])


def test_a_line_that_carries_nothing_back_is_found_out_when_the_chat_comes_to_the_front(widget: Widget) -> None:
    """A server that takes what it is told and says nothing, as after a phone's sleep: the line is made anew."""
    page = widget.page
    page.add_init_script(
        """(() => {
            const lines = [];
            const Real = WebSocket;
            window.WebSocket = class extends Real {
                constructor(...given) { super(...given); lines.push(this); }
            };
            window.deafen = () => { for (const line of lines) line.onmessage = () => {}; };
            window.countLines = () => lines.length;
        })()"""
    )
    page.reload()
    widget.agree()
    widget.say("halo")
    before = page.evaluate("countLines()")
    page.evaluate("deafen()")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function(f"() => countLines() > {before}")
    widget.say("masih di sini")
    expect(widget.messages).to_have_text(["halo", "masih di sini"])


def test_the_oldest_of_many_conversations_is_found(widget: Widget) -> None:
    widget.agree()
    widget.say("yang pertama")
    widget.frame.evaluate(
        """async () => {
            const token = localStorage.getItem("amanah.token");
            const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
            const post = async (path, body) => {
                const said = { method: "POST", headers, body: JSON.stringify(body) };
                return (await fetch("/api/v1/conversations" + path, said)).json();
            };
            for (let number = 0; number < 20; number++) {
                const { conversation } = (await post("", {})).data;
                await post(`/${conversation.id}/messages`, { client_message_id: `later-${number}`, text: "yang lain" });
            }
        }"""
    )
    widget.page.reload()
    expect(widget.messages).to_have_text(["yang lain"])
    widget.frame.get_by_role("button", name="Menu").click()
    widget.frame.get_by_role("button", name="Percakapan sebelumnya").click()
    rows = widget.frame.locator(".history li")
    expect(rows).to_have_count(20)
    widget.frame.get_by_role("button", name="Muat yang lebih lama").click()
    expect(rows).to_have_count(21)
    expect(widget.frame.get_by_role("button", name="Muat yang lebih lama")).to_have_count(0)
    rows.last.get_by_role("button").first.click()
    expect(widget.messages).to_have_text(["yang pertama"])
