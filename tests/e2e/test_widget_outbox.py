"""What a visitor wrote and the server does not have: it outlives the tab, sealed, and goes out once."""

import os
import re
import signal
import time
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import PATIENCE_MS, NewPage, Server
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")

_SECRET = "nomor saya 0812-5550-1234"

_ON_DISK = """async () => {
    const open = (name) => new Promise((done, failed) => {
        const asked = indexedDB.open(name);
        asked.onsuccess = () => done(asked.result);
        asked.onerror = failed;
    });
    const all = (store) => new Promise((done) => {
        const asked = store.getAll();
        asked.onsuccess = () => done(asked.result);
    });
    const database = await open("amanah");
    const rows = await all(database.transaction("waiting").objectStore("waiting"));
    const keys = await all(database.transaction("keys").objectStore("keys"));
    const bytes = (part) => String.fromCharCode(...new Uint8Array(part.buffer ?? part));
    database.close();
    return {
        rows: rows.length,
        text: rows.map((row) => JSON.stringify(row) + bytes(row.data) + bytes(row.iv)).join(""),
        claims: rows.map((row) => row.claimedUntil ?? 0),
        extractable: keys.map((key) => key.extractable),
        locals: JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie,
    };
}"""


def _on_disk(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(_ON_DISK)
    return found


def _another_tab(context: BrowserContext) -> Widget:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/widget")
    return Widget(page, page.main_frame)


def _without_sync(page: Page) -> None:
    """From here on the page asks nobody to send for it, as in a browser without Background Sync.

    Asked, the worker tries at a moment of its own, and what it is just trying to send can not be taken back.
    """
    page.evaluate("() => { delete ServiceWorkerRegistration.prototype.sync; }")


def _waits_on_disk(page: Page, rows: int) -> None:
    page.wait_for_function(f"async () => (await ({_ON_DISK})()).rows === {rows}")


def test_nothing_rests_in_the_browser_before_the_visitor_writes(widget: Widget) -> None:
    expect(widget.agree_button).to_be_visible()
    kept = "async () => [localStorage.length, document.cookie, (await indexedDB.databases()).length, "
    kept += "(await navigator.serviceWorker.getRegistrations()).length]"
    assert widget.page.evaluate(kept) == [0, "", 0, 0]


def test_what_waits_is_sealed_on_disk_and_erased_when_acknowledged(widget: Widget) -> None:
    widget.agree()
    widget.say("halo")
    widget.page.context.set_offline(True)
    expect(widget.banner).to_contain_text("Anda sedang luring")
    widget.send(_SECRET)
    _waits_on_disk(widget.page, 1)
    found = _on_disk(widget.page)
    assert "0812" not in found["text"] + found["locals"]
    assert "nomor saya" not in found["text"] + found["locals"]
    assert found["extractable"] == [False]
    widget.page.context.set_offline(False)
    expect(widget.messages).to_have_count(2)
    _waits_on_disk(widget.page, 0)


def _hang(page: Page, store: str) -> None:
    """Keep others from reading and writing a part of the disk until the page is `released`."""
    # Nothing goes on beside this transaction, and it does not end by itself.
    page.evaluate(
        """(name) => new Promise((done) => {
            const asked = indexedDB.open("amanah");
            asked.onsuccess = () => {
                const store = asked.result.transaction(name, "readwrite").objectStore(name);
                const hold = () => {
                    if (window.released) return asked.result.close();
                    store.get("nobody").onsuccess = hold;
                };
                hold();
                done();
            };
        })""",
        store,
    )


def test_a_disk_that_hangs_keeps_nothing_from_being_sent(widget: Widget) -> None:
    widget.agree()
    widget.say("halo")
    _waits_on_disk(widget.page, 0)
    _hang(widget.page, "waiting")
    widget.say("tetap terkirim")
    widget.page.evaluate("window.released = true")
    # What comes to lie there after all has been acknowledged: it does not stay.
    widget.say("lagi")
    _waits_on_disk(widget.page, 0)


def test_a_tab_that_was_put_to_sleep_keeps_nothing_from_being_sent(widget: Widget) -> None:
    """Phones stop a tab in the middle of what it does; whose turn it is to send, it keeps."""
    widget.agree()
    widget.say("halo")
    _waits_on_disk(widget.page, 0)
    asleep = _another_tab(widget.page.context)
    expect(asleep.messages).to_have_text(["halo"])
    asleep.page.evaluate(
        "() => new Promise((held) => {"
        " void navigator.locks.request('amanah.outbox', () => new Promise(() => held(null))); })"
    )
    widget.page.clock.install()
    widget.send("satu")
    waiting = "async () => (await navigator.locks.query()).pending.some(({ name }) => name === 'amanah.outbox')"
    asleep.page.wait_for_function(waiting)
    expect(widget.waiting).to_have_count(1)
    widget.page.clock.fast_forward(20_000)
    expect(widget.messages).to_have_text(["halo", "satu"])
    expect(widget.waiting).to_have_count(0)


def test_a_tab_opened_again_sends_what_a_closed_one_left(widget: Widget) -> None:
    widget.agree()
    widget.say("halo")
    context = widget.page.context
    context.set_offline(True)
    expect(widget.banner).to_contain_text("Anda sedang luring")
    widget.send("satu")
    widget.send("dua")
    _waits_on_disk(widget.page, 2)
    # Cut off, the worker can't send either; the tab goes, and nobody asks whether it may.
    widget.page.close(run_before_unload=False)
    context.set_offline(False)
    again = _another_tab(context)
    expect(again.messages).to_have_text(["halo", "satu", "dua"])
    expect(again.waiting).to_have_count(0)
    _waits_on_disk(again.page, 0)


@pytest.mark.parametrize("part", ["keys", "waiting"])
def test_what_a_disk_gives_late_is_sent_all_the_same(widget: Widget, part: str) -> None:
    """The key or the words: a tab does not wait long for them, and takes them up when they come."""
    widget.agree()
    widget.say("halo")
    context = widget.page.context
    _without_sync(widget.page)
    context.set_offline(True)
    expect(widget.banner).to_contain_text("Anda sedang luring")
    widget.send("satu")
    _waits_on_disk(widget.page, 1)
    widget.page.close(run_before_unload=False)
    context.set_offline(False)
    bystander = context.new_page()
    bystander.goto("/favicon.ico")
    _hang(bystander, part)
    again = _another_tab(context)
    expect(again.messages).to_have_text(["halo"])
    bystander.evaluate("window.released = true")
    expect(again.messages).to_have_text(["halo", "satu"])
    _waits_on_disk(again.page, 0)


def test_two_tabs_show_and_send_the_same_words_once(widget: Widget) -> None:
    widget.agree()
    widget.say("halo")
    context = widget.page.context
    other = _another_tab(context)
    expect(other.messages).to_have_text(["halo"])
    context.set_offline(True)
    for tab in (widget, other):
        expect(tab.banner).to_contain_text("Anda sedang luring")
    widget.send("dari tab pertama")
    expect(other.waiting.locator(".body")).to_have_text(["dari tab pertama"])
    other.send("dari tab kedua")
    expect(widget.waiting.locator(".body")).to_have_text(["dari tab pertama", "dari tab kedua"])
    context.set_offline(False)
    for tab in (widget, other):
        expect(tab.messages).to_have_text(["halo", "dari tab pertama", "dari tab kedua"])
        expect(tab.waiting).to_have_count(0)


def test_the_first_words_of_two_tabs_begin_one_conversation(widget: Widget) -> None:
    widget.agree()
    context = widget.page.context
    other = _another_tab(context)
    expect(other.composer).to_be_visible()
    context.set_offline(True)
    expect(widget.banner).to_contain_text("Anda sedang luring")
    widget.send("pesan pertama")
    expect(other.waiting.locator(".body")).to_have_text(["pesan pertama"])
    other.send("pesan kedua")
    _waits_on_disk(widget.page, 2)
    context.set_offline(False)
    for tab in (widget, other):
        expect(tab.messages).to_have_text(["pesan pertama", "pesan kedua"])
    assert other.conversation_id == widget.conversation_id


def test_a_conversation_that_another_tab_has_begun_shows_once_it_is_answered(widget: Widget, desk: Desk) -> None:
    widget.agree()
    page = widget.page.context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    # This tab hears nothing of what others write.
    page.add_init_script("delete window.BroadcastChannel")
    page.goto("/widget")
    other = Widget(page, page.main_frame)
    expect(other.composer).to_be_visible()
    other.composer.fill("sambil menulis")
    widget.say("halo dari tab pertama")
    desk.take(widget)
    desk.say("Halo, ada yang bisa kami bantu?")
    expect(other.messages).to_have_text(["halo dari tab pertama", "Halo, ada yang bisa kami bantu?"])
    expect(other.composer).to_have_value("sambil menulis")
    expect(page.get_by_text("di percakapan lain")).to_have_count(0)
    other.composer.press("Enter")
    expect(widget.messages).to_have_count(3)


def test_what_is_taken_back_is_gone_from_the_disk_and_from_the_other_tab(widget: Widget) -> None:
    widget.agree()
    widget.say("halo")
    other = _another_tab(widget.page.context)
    expect(other.messages).to_have_text(["halo"])
    for tab in (widget, other):
        _without_sync(tab.page)
    widget.page.context.set_offline(True)
    expect(widget.banner).to_contain_text("Anda sedang luring")
    expect(other.banner).to_contain_text("Anda sedang luring")
    widget.send("salah ketik")
    expect(other.waiting).to_have_count(1)
    widget.waiting.get_by_role("button", name="Ubah").click()
    expect(widget.composer).to_have_value("salah ketik")
    expect(other.waiting).to_have_count(0)
    _waits_on_disk(widget.page, 0)
    widget.page.context.set_offline(False)


def _wake_worker(context: BrowserContext, bystander: Page, server: Server) -> None:
    """Have the browser tell the worker that there is a connection, from a page that is not the widget."""
    bystander.set_default_timeout(PATIENCE_MS)
    tools = context.new_cdp_session(bystander)
    registrations: list[dict[str, Any]] = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    tools.send("ServiceWorker.enable")
    bystander.wait_for_function("async () => (await navigator.serviceWorker.getRegistrations()).length > 0")

    def found() -> set[str]:
        return {one["registrationId"] for one in registrations if one["scopeURL"].endswith("/widget")}

    # The tools read them from a disk of their own accord, and tell when they have.
    until = time.monotonic() + PATIENCE_MS / 1_000
    while not found() and time.monotonic() < until:
        bystander.evaluate("0")
    [registration] = found()
    tools.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": server.url,
            "registrationId": registration,
            "tag": "amanah-outbox",
            "lastChance": False,
        },
    )


_WORKER_RUNS = "async () => (await navigator.serviceWorker.getRegistrations()).some((one) => one.active)"


def test_the_service_worker_sends_when_no_tab_is_open(new_page: NewPage, server: Server) -> None:
    page = new_page()
    page.goto("/widget")
    widget = Widget(page, page.main_frame)
    widget.agree()
    widget.say("sebelum")
    context = page.context
    page.wait_for_function(_WORKER_RUNS)
    server.kill()
    expect(widget.banner).to_contain_text("Anda sedang luring")
    widget.send("sesudah")
    _waits_on_disk(page, 1)
    # A page of the same origin that is not the widget, from which the browser's own tools reach the worker.
    bystander = context.new_page()
    page.close(run_before_unload=False)
    server.start()
    bystander.goto("/favicon.ico")
    _wake_worker(context, bystander, server)
    _waits_on_disk(bystander, 0)
    again = _another_tab(context)
    expect(again.messages).to_have_text(["sebelum", "sesudah"])


def test_what_the_worker_is_sending_can_not_be_taken_back(new_page: NewPage, server: Server) -> None:
    """The writer is told so, and the message arrives: once, and not in the composer too."""
    page = new_page()
    page.goto("/widget")
    widget = Widget(page, page.main_frame)
    widget.agree()
    widget.say("sebelum")
    context = page.context
    page.wait_for_function(_WORKER_RUNS)
    bystander = context.new_page()
    bystander.goto("/favicon.ico")
    # A server that takes calls and answers none, as long as it stands still.
    os.kill(server.process_id, signal.SIGSTOP)
    try:
        page.evaluate("window.dispatchEvent(new Event('offline'))")
        expect(widget.banner).to_contain_text("Anda sedang luring")
        widget.send("sesudah")
        _waits_on_disk(page, 1)
        _wake_worker(context, bystander, server)
        claimed = f"async () => (await ({_ON_DISK})()).claims.some((until) => until > Date.now())"
        page.wait_for_function(claimed)
        widget.waiting.get_by_role("button", name="Ubah").click()
        expect(widget.waiting).to_contain_text("sedang dikirim, jadi tidak bisa diambil lagi")
        expect(widget.composer).to_have_value("")
    finally:
        os.kill(server.process_id, signal.SIGCONT)
    expect(widget.messages).to_have_text(["sebelum", "sesudah"], timeout=60_000)
    expect(widget.waiting).to_have_count(0)
    expect(widget.composer).to_have_value("")
    _waits_on_disk(page, 0)


def test_what_was_taken_back_is_not_sent_by_the_worker(new_page: NewPage, server: Server) -> None:
    page = new_page()
    page.goto("/widget")
    widget = Widget(page, page.main_frame)
    widget.agree()
    widget.say("sebelum")
    context = page.context
    page.wait_for_function(_WORKER_RUNS)
    bystander = context.new_page()
    bystander.goto("/favicon.ico")
    _without_sync(page)
    server.kill()
    expect(widget.banner).to_contain_text("Anda sedang luring")
    widget.send("sesudah")
    _waits_on_disk(page, 1)
    widget.waiting.get_by_role("button", name="Ubah").click()
    expect(widget.composer).to_have_value("sesudah")
    _waits_on_disk(page, 0)
    server.start()
    _wake_worker(context, bystander, server)
    widget.reconnect()
    expect(widget.banner).to_have_text("")
    widget.composer.fill("yang lain")
    widget.composer.press("Enter")
    expect(widget.messages).to_have_text(["sebelum", "yang lain"])


def test_withdrawing_consent_leaves_no_words_on_the_disk(widget: Widget) -> None:
    widget.agree()
    widget.say("halo")
    page = widget.page
    # From here on pages come, and live connections do not.
    page.route("**/socket.io/**", lambda route: route.abort())
    page.route_web_socket(re.compile("socket.io"), lambda line: line.close())
    page.reload()
    expect(widget.banner).to_contain_text("Anda sedang luring")
    widget.send(_SECRET)
    _waits_on_disk(page, 1)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Cabut persetujuan").click()
    expect(widget.agree_button).to_be_visible()
    _waits_on_disk(page, 0)
