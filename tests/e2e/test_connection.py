"""Lines that break, redactors that hang, servers that die: nothing written is lost, nothing is there twice."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Server
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")


def _children(process_id: int) -> list[int]:
    """Process ids of all that descend from a process."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process_id:
            found += [int(entry.name), *_children(int(entry.name))]
    return found


def _redactor_workers(server: Server) -> list[int]:
    found = []
    for process_id in _children(server.process_id):
        with suppress(OSError):
            if b"nlp.worker" in Path(f"/proc/{process_id}/cmdline").read_bytes():
                found.append(process_id)
    return found


@contextmanager
def _redactor_hanging(server: Server) -> Iterator[None]:
    """Every redactor worker stands still, those too that are started in place of the ones found hanging."""
    stopped: set[int] = set()
    over = threading.Event()

    def stop_all() -> None:
        for worker in set(_redactor_workers(server)) - stopped:
            os.kill(worker, signal.SIGSTOP)
            stopped.add(worker)

    def keep_stopping() -> None:
        while not over.wait(0.02):
            stop_all()

    stop_all()
    assert stopped
    thread = threading.Thread(target=keep_stopping)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for worker in stopped & set(_redactor_workers(server)):
            os.kill(worker, signal.SIGCONT)


def test_what_is_written_offline_waits_and_arrives_once_and_in_order(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("satu")
    desk.take(widget)

    widget.page.context.set_offline(True)
    expect(widget.banner).to_contain_text("Anda sedang luring")
    widget.send("dua")
    widget.send("tiga")
    expect(widget.banner).to_contain_text("2 pesan menunggu")
    expect(widget.frame.locator(".message.outgoing .status")).to_have_text(["Menunggu koneksi"] * 2)

    widget.page.context.set_offline(False)
    expect(widget.messages).to_have_text(["satu", "dua", "tiga"])
    expect(widget.waiting).to_have_count(0)
    expect(widget.banner).to_have_text("")
    expect(desk.messages).to_have_text(["satu", "dua", "tiga"])


def test_what_was_said_meanwhile_is_replayed_in_order(widget: Widget, desk: Desk) -> None:
    widget.agree()
    widget.say("halo")
    desk.take(widget)
    widget.page.context.set_offline(True)
    expect(widget.banner).to_contain_text("Anda sedang luring")
    for text in ("jawaban satu", "jawaban dua", "jawaban tiga"):
        desk.say(text)
    expect(widget.messages).to_have_text(["halo"])
    widget.send("sudah kembali")
    widget.page.context.set_offline(False)
    together = ["halo", "jawaban satu", "jawaban dua", "jawaban tiga", "sudah kembali"]
    expect(widget.messages).to_have_text(together)
    expect(desk.messages).to_have_text(together)


def test_a_message_that_the_redactor_could_not_take_stays_with_its_writer(
    widget: Widget, desk: Desk, server: Server
) -> None:
    widget.agree()
    widget.say("halo")
    desk.take(widget)
    with _redactor_hanging(server):
        widget.send("nomor saya 0812-5550-1234")
        expect(widget.frame.locator(".outgoing-failed")).to_contain_text("Penyaring data pribadi sedang tidak tersedia")
        expect(widget.waiting.locator(".body")).to_have_text("nomor saya 0812-5550-1234")
        widget.frame.get_by_role("button", name="Ubah").click()
        expect(widget.composer).to_have_value("nomor saya 0812-5550-1234")
        expect(widget.waiting).to_have_count(0)
    expect(desk.messages).to_have_text(["halo"])
    widget.composer.press("Enter")
    # A pool that was found hanging starts workers anew, each of which reads its model: as long as that takes.
    expect(widget.chips).to_have_text(["nomor telepon 1 disembunyikan"], timeout=120_000)
    expect(widget.composer).to_have_value("")
    expect(desk.messages).to_have_count(2)


def test_both_go_on_after_the_server_was_killed(widget: Widget, desk: Desk, server: Server) -> None:
    widget.agree()
    widget.say("sebelum")
    desk.take(widget)
    server.kill()
    expect(widget.banner).to_contain_text("Anda sedang luring")
    widget.send("sesudah")
    server.start()
    widget.reconnect()
    expect(widget.messages).to_have_text(["sebelum", "sesudah"])
    expect(desk.messages).to_have_text(["sebelum", "sesudah"])


def test_where_no_websocket_gets_through_the_chat_polls(widget: Widget, desk: Desk) -> None:
    """A proxy that lets nothing through but plain requests."""
    page = widget.page
    page.route_web_socket(re.compile("socket.io"), lambda line: line.close())
    page.reload()
    widget.agree()
    widget.say("lewat jalan lain")
    desk.take(widget)
    desk.say("jawaban")
    expect(widget.messages).to_have_text(["lewat jalan lain", "jawaban"])
    expect(desk.page.locator(".status")).to_have_text("Dibaca")
    page.context.set_offline(True)
    expect(widget.banner).to_contain_text("Anda sedang luring")
    widget.send("menunggu")
    page.context.set_offline(False)
    expect(widget.messages).to_have_text(["lewat jalan lain", "jawaban", "menunggu"])
    expect(desk.messages).to_have_text(["lewat jalan lain", "jawaban", "menunggu"])
