"""Staff ask a customer whether feedback may be made of their conversation; only a yes gives it, and in private."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import faults
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")

_TITLE = "Bungkus yang lebih mudah dibuka"
_TEXT = "Bungkus kursi susah dibuka tanpa gunting."


def _ask(desk: Desk, title: str, kind: str) -> None:
    """Ask as staff do, in the dialog."""
    desk.more("Jadikan masukan")
    dialog = desk.page.get_by_role("dialog")
    dialog.get_by_label("Jenis").select_option(label=kind)
    dialog.get_by_label("Judul").fill(title)
    dialog.get_by_label("Isi").fill(_TEXT)
    dialog.get_by_role("button", name="Tanya pelanggan").click()
    expect(dialog).to_have_count(0)


def _given(widget: Widget) -> list[dict[str, Any]]:
    """What this visitor has given to the feedback board."""
    found = widget.frame.evaluate(
        """async () => {
            const headers = { Authorization: `Bearer ${localStorage.getItem("amanah.token")}` };
            const ask = async (path) => (await (await fetch(`/api/v1${path}`, { headers })).json()).data;
            const { items } = await ask("/conversations");
            const { ask: asked } = await ask(`/conversations/${items[0].id}/feedback-ask`);
            if (!asked?.feedback_id) return [];
            return [(await ask(`/feedback/${asked.feedback_id}`)).feedback];
        }"""
    )
    return list(found)


def test_a_yes_makes_a_private_item_of_it(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("bungkusnya susah dibuka")
    desk.take(widget)
    _ask(desk, _TITLE, "Saran")

    card = widget.frame.get_by_role("group", name="Boleh kami catat ini sebagai saran dari Anda?")
    expect(card).to_contain_text(_TITLE)
    expect(card).to_contain_text(_TEXT)
    expect(card).to_contain_text("hanya Anda dan petugas yang membacanya")
    assert _given(widget) == []
    assert faults(widget.frame) == []
    card.get_by_role("button", name="Ya, boleh").click()
    outcome = card.get_by_text("Terima kasih, sudah dicatat sebagai saran Anda.")
    expect(outcome).to_be_focused()
    expect(card.get_by_role("button")).to_have_count(0)
    [item] = _given(widget)
    assert (item["title"], item["visibility"], item["kind"]) == (_TITLE, "private", "suggestion")
    assert faults(widget.frame) == []

    widget.page.reload()
    expect(card).to_contain_text("sudah dicatat")


def test_a_no_makes_nothing_and_the_desk_is_told(new_page: NewPage, server: Server, desk: Desk) -> None:
    """On a phone, in English; a praise, which the board calls an impression."""
    page = new_page(width=360, height=740, dark=True, touch=True)
    page.goto("/widget?locale=en")
    widget = Widget(page, page.main_frame)
    widget.composer = page.get_by_role("textbox", name="Write a message")
    page.get_by_role("button", name="Agree and start").click()
    widget.say("the chair is a joy, tell me more at 0812-5550-1234")
    desk.take(widget)
    _ask(desk, "A joy to sit on", "Kesan")

    card = page.get_by_role("group", name="May we note this down as praise from you?")
    expect(card.get_by_role("button", name="Yes, you may")).to_be_in_viewport(ratio=1)
    assert page.locator(".log").evaluate("log => log.scrollWidth <= log.clientWidth")
    assert faults(page.main_frame) == []
    card.get_by_role("button", name="No, please don't").click()
    expect(card).to_contain_text("Not noted down, as you wished.")
    assert _given(widget) == []
    desk.more("Jadikan masukan")
    expect(desk.page.get_by_role("dialog")).to_contain_text("A joy to sit on")
