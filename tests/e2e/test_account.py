"""The page of one's own account, as people meet it: in, secured, looked through, and out."""

import re
from base64 import b32decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from pymongo import MongoClient

from server.factors.model import code_of, step_of
from server.storage.embedded import running_store_url
from tests.e2e.conftest import NewPage, Server, named_server
from tests.e2e.looking import LOOKS, Look, authenticator, enter, faults, picture
from tests.e2e.screens import PASSWORD, Account, Desk

pytestmark = pytest.mark.xdist_group("e2e")

_SECTIONS = ("profile", "security", "devices", "notices", "access", "consents")
_CALL = """async ([method, path, body]) => {
    const answer = await fetch("/api/v1" + path, {
        method, credentials: "same-origin",
        headers: { "Content-Type": "application/json" },
        body: body === null ? undefined : JSON.stringify(body),
    });
    return await answer.json();
}"""

_UNPAINTED = """
    const held = [], { setTimeout } = window;
    window.requestAnimationFrame = (work) => held.push(work);
    window.setTimeout = (work, wait = 0, ...rest) => (wait > 100 ? setTimeout(work, wait, ...rest) : held.push(work));
    window.paint = () => { while (held.length) held.shift()(performance.now()); };
"""
"""A page that is not painted, until it says so itself: what waits for the next frame waits."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the server."""
    return tmp_path_factory.mktemp("account")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """A server with a name, which passkeys need."""
    with named_server(folder) as running:
        yield running


def _faults(page: Page, name: str) -> list[str]:
    """What is wrong with a page, by its name; with a picture of it."""
    picture(page, name)
    return [f"{name} {fault}" for fault in faults(page)]


def _grow_old(server: Server, folder: Path) -> None:
    """Make every session as old as if nobody had proved anything for a day, and have the server read them again."""
    url = running_store_url(folder)
    assert url is not None
    client: MongoClient[dict[str, Any]] = MongoClient(url)
    with client as store:
        long_ago = datetime.now(UTC) - timedelta(days=1)
        assert store["amanah"]["sessions"].update_many({}, {"$set": {"fresh_at": long_ago}}).modified_count > 0
    server.stop()
    server.start()


def test_registering_and_coming_back(new_page: NewPage) -> None:
    page = new_page()
    account = Account(page)
    account.open()
    page.get_by_role("button", name="Belum punya akun? Daftar").click()
    page.get_by_label("Nama tampilan").fill("Toko Contoh")
    page.get_by_label("Surel").fill("orang@contoh.example")
    page.get_by_label("Kata sandi").fill("kopi")
    expect(page.locator(".hint").filter(has_text="Masih kurang 6 huruf")).to_be_visible()
    page.get_by_role("button", name="Daftar", exact=True).click()
    expect(page.locator(".reason")).to_have_text("Terlalu pendek.")
    expect(page.get_by_label("Kata sandi")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Surel")).to_have_value("orang@contoh.example")
    page.get_by_label("Kata sandi").fill("password123")
    page.get_by_role("button", name="Daftar", exact=True).click()
    expect(page.locator(".reason")).to_have_text("Terlalu banyak orang memakai kata sandi ini.")

    email = account.register()
    page.reload()
    expect(page.locator(".account-main")).to_contain_text(email)
    page.get_by_role("button", name="Keluar").click()
    account.enter(email, "bukan kata sandinya")
    expect(account.refusal).to_have_text("Surel atau kata sandi salah.")
    expect(page.get_by_label("Surel")).to_have_value(email)
    page.get_by_role("button", name="Lupa kata sandi?").click()
    expect(page.get_by_label("Surel")).to_have_value(email)
    page.get_by_role("button", name="Kirim tautan").click()
    expect(page.locator(".reason")).to_contain_text("tidak mengirim surel")
    page.get_by_role("button", name="Kembali ke halaman masuk").click()
    account.enter(email, PASSWORD)
    expect(page.locator(".account-main")).to_contain_text(email)


def test_an_app_and_its_recovery_codes(new_page: NewPage) -> None:
    page = new_page()
    account = Account(page)
    email = account.register()
    secret, recovery = account.set_up_app()
    assert len(set(recovery)) == 10
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh").click()
    assert set(recovery) <= set(Path(download.value.path()).read_text().splitlines())
    page.get_by_role("button", name="Sudah saya simpan").click()
    expect(page.get_by_text("Kode pemulihan yang belum dipakai: 10.")).to_be_visible()
    page.get_by_role("button", name="Keluar").click()

    account.enter(email, PASSWORD)
    expect(page.get_by_role("heading", name="Kode kedua")).to_be_focused()
    page.get_by_label("Kode", exact=True).fill("000000")
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(account.refusal).to_contain_text("tidak cocok")
    page.get_by_label("Kode", exact=True).fill(code_of(secret, step_of(datetime.now(UTC)) + 1))
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page.locator(".account-main")).to_be_visible()
    page.get_by_role("button", name="Keluar").click()
    account.enter(email, PASSWORD)
    page.get_by_label("Kode", exact=True).fill(recovery[0].lower())
    page.get_by_role("button", name="Masuk", exact=True).click()
    # Going on at once would leave the page before the server has answered.
    expect(page.locator(".account-main")).to_be_visible()
    account.open("security")
    expect(page.get_by_text("Kode pemulihan yang belum dipakai: 9.")).to_be_visible()

    remove = page.get_by_role("button", name="Hapus aplikasi")
    remove.click()
    expect(page.get_by_role("button", name="Batal")).to_be_focused()
    page.keyboard.press("Escape")
    expect(remove).to_be_focused()
    remove.click()
    page.get_by_role("button", name="Ya, hapus aplikasi").click()
    expect(page.get_by_role("button", name="Pasang aplikasi")).to_be_visible()


def test_a_passkey_is_added_used_renamed_and_removed(new_page: NewPage) -> None:
    page = new_page()
    authenticator(page)
    account = Account(page)
    email = account.register()
    account.open("security")
    page.get_by_label("Tersimpan di").select_option("Komputer")
    page.get_by_role("button", name="Tambah kunci sandi").click()
    expect(account.rows).to_contain_text(["Komputer"])
    page.get_by_role("button", name="Keluar").click()
    page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    expect(page.locator(".account-main")).to_be_visible()
    account.open("profile")
    expect(page.locator(".account-main")).to_contain_text(email)
    account.open("security")
    account.rows.get_by_label("Tersimpan di").select_option("Tablet")
    expect(account.rows.locator("strong")).to_have_text("Tablet")
    account.rows.get_by_role("button", name="Hapus kunci sandi").click()
    page.get_by_role("button", name="Ya, hapus kunci sandi").click()
    expect(page.get_by_text("Belum ada kunci sandi.")).to_be_visible()
    # The button that had the focus is gone with its row.
    expect(page.locator("#new-passkey-kind")).to_be_focused()


def test_another_device_is_signed_out_at_once(new_page: NewPage) -> None:
    page = new_page()
    account = Account(page)
    email = account.register()
    other = new_page(width=360, height=740, touch=True)
    Account(other).sign_in(email, PASSWORD)
    account.open("devices")
    expect(account.rows.filter(has_text="perangkat ini").first).to_be_visible()
    end = page.get_by_role("button", name=re.compile("^Akhiri sesi: "))
    expect(end).to_have_count(1)
    end.click()
    expect(page.locator(".done")).to_contain_text("Sesi diakhiri")
    expect(end).to_have_count(0)
    expect(page.locator(".account-main :focus")).to_have_count(1)
    expect(other.get_by_text("Sesi Anda di perangkat ini sudah diakhiri")).to_be_visible()
    expect(other.get_by_label("Kata sandi")).to_be_visible()
    visit = account.rows.filter(has=page.get_by_text("Yang kami simpan lengkap")).first
    visit.get_by_text("Yang kami simpan lengkap").click()
    expect(visit).to_contain_text("127.0.0.1")


def test_what_was_begun_goes_on_after_the_proof(new_page: NewPage, server: Server, folder: Path) -> None:
    page = new_page()
    account = Account(page)
    email = account.register()
    secret, _ = account.set_up_app()
    page.get_by_role("button", name="Sudah saya simpan").click()
    _grow_old(server, folder)
    account.open("profile")
    page.get_by_label("Kata sandi baru").fill("payung biru di halte lama")
    change = page.get_by_role("button", name="Ganti kata sandi")
    change.click()
    dialog = page.get_by_role("dialog", name="Pastikan ini Anda")
    expect(dialog.get_by_label("Kata sandi")).to_be_focused()
    assert _faults(page, "step-up") == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(change).to_be_focused()
    expect(account.refusal).to_have_count(0)
    expect(page.get_by_label("Kata sandi baru")).to_have_value("payung biru di halte lama")

    change.click()
    dialog.get_by_label("Kata sandi").fill("salah sekali ini")
    dialog.get_by_label("Kode").fill("000000")
    dialog.get_by_role("button", name="Lanjutkan").click()
    expect(dialog.get_by_role("alert")).to_have_text("Kata sandi atau kode salah.")
    dialog.get_by_label("Kata sandi").fill(PASSWORD)
    dialog.get_by_label("Kode").fill(code_of(secret, step_of(datetime.now(UTC)) + 1))
    dialog.get_by_role("button", name="Lanjutkan").click()
    expect(page.get_by_role("status").filter(has_text="Kata sandi sudah diganti")).to_be_visible()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Keluar").click()
    account.enter(email, PASSWORD)
    expect(account.refusal).to_have_text("Surel atau kata sandi salah.")


def test_the_person_sees_who_looked_and_is_told_of_break_glass(new_page: NewPage, server: Server) -> None:
    page = new_page()
    account = Account(page)
    account.sign_in(*_demo(server, "kantor"))
    account.open("access")
    expect(page.get_by_text("Tidak seorang pun membuka percakapan Anda sebagai pengecualian")).to_be_visible()
    expect(page.get_by_text("Belum ada yang melihat data Anda")).to_be_visible()
    talks = page.evaluate(_CALL, ["GET", "/conversations?status=open", None])["data"]["items"]

    agent = new_page()
    agent.goto("/desk")
    Desk(agent).sign_in(*_demo(server, "rani"))
    glass = {"reason": "Pelanggan menelepon, rekan sedang cuti.", "purpose": "cover", "minutes": 5}
    opened = agent.evaluate(_CALL, ["POST", f"/conversations/{talks[0]['id']}/break-glass", glass])
    assert opened["ok"], opened
    notice = account.rows.filter(has_text="Percakapan Anda dibuka sebagai pengecualian")
    expect(notice).to_contain_text("Ganti rekening pembayaran")

    colleague = new_page()
    colleague.goto("/desk")
    desk = Desk(colleague)
    desk.sign_in(*_demo(server, "yosef"))
    desk.open("CV Tirta Abadi")
    page.reload()
    look = account.rows.filter(has_text="Membaca percakapan").filter(has_text="Yosef (Dukungan)")
    expect(look).to_contain_text("Ganti rekening pembayaran")
    expect(look).to_contain_text("Untuk: menjawab Anda")
    assert _faults(page, "looks") == []


def test_consents_are_off_and_taken_back_as_they_are_given(new_page: NewPage) -> None:
    page = new_page()
    account = Account(page)
    account.register()
    account.open("consents")
    switches = page.get_by_role("switch")
    expect(switches).to_have_count(3)
    for switch in switches.all():
        expect(switch).not_to_be_checked()
    research = page.get_by_role("switch", name="Penelitian dan perbaikan")
    research.focus()
    page.keyboard.press("Space")
    expect(research).to_be_checked()
    expect(page.locator(".done")).to_have_text("Persetujuan dicatat.")
    page.reload()
    expect(research).to_be_checked()
    page.context.set_offline(True)
    research.click()
    expect(account.refusal).to_have_text("Tidak ada koneksi ke server.")
    expect(research).to_be_checked()
    page.context.set_offline(False)
    research.click()
    expect(research).not_to_be_checked()
    expect(page.locator(".done")).to_have_text("Persetujuan dicabut.")


def test_a_switch_does_not_go_back_to_what_was_asked_before_it_moved(new_page: NewPage) -> None:
    page = new_page()
    account = Account(page)
    account.register()
    account.open("consents")
    research = page.get_by_role("switch", name="Penelitian dan perbaikan")
    expect(research).not_to_be_checked()
    before = page.request.get("/api/v1/me/consents").text()
    late: list[Route] = []
    page.route(
        "**/me/consents", lambda route: late.append(route) if route.request.method == "GET" else route.continue_()
    )
    # The line is lost and comes back, and all is asked for again.
    page.evaluate("dispatchEvent(new Event('offline'))")
    with page.expect_request("**/me/consents"):
        page.evaluate("dispatchEvent(new Event('online'))")
    research.click()
    expect(page.locator(".done")).to_have_text("Persetujuan dicatat.")
    late.pop().fulfill(body=before, content_type="application/json")
    page.unroute_all()
    research.click()
    expect(page.locator(".done")).to_have_text("Persetujuan dicabut.")


def test_who_is_quicker_than_a_frame_is_not_held_up(new_page: NewPage) -> None:
    """What is done at the next frame comes too late to take the focus from a field, or to hear of another section."""
    page = new_page()
    page.add_init_script(_UNPAINTED)
    page.goto("/akun")
    page.get_by_role("button", name="Belum punya akun? Daftar").click()
    name = page.get_by_label("Nama tampilan")
    name.focus()
    page.evaluate("paint()")
    expect(name).to_be_focused()
    account = Account(page)
    account.register()
    account.open("security")
    expect(page.get_by_role("button", name="Pasang aplikasi")).to_be_visible()
    kind = page.locator("#new-passkey-kind")
    kind.focus()
    page.evaluate("paint()")
    expect(kind).to_be_focused()


@pytest.mark.parametrize("path", ["/akun", "/account"])
def test_the_head_of_staff_takes_two_lines_of_a_phone(new_page: NewPage, server: Server, path: str) -> None:
    page = new_page(width=360, height=740, touch=True)
    enter(page, server.sign_ins["agent"], path)
    head = page.locator(".account-top")
    expect(head.get_by_role("link")).to_have_count(3)
    middles = "all => new Set(all.map(one => Math.round(one.getBoundingClientRect().top + one.offsetHeight / 2))).size"
    assert head.locator("a").evaluate_all(middles) == 1
    assert head.locator("h1, button").evaluate_all(middles) == 1


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("path", "title"), [("/akun", "Akun saya"), ("/account", "My account")])
def test_everybody_can_use_every_section(new_page: NewPage, look: Look, path: str, title: str) -> None:
    page = new_page(**look)
    name = f"{path[1:]}-{look['width']}"
    page.goto("/?lang=" + ("id" if path == "/akun" else "en"))
    page.get_by_role("link", name=title).click()
    expect(page.locator(".door-card")).to_be_visible()
    assert _faults(page, f"{name}-door") == []
    page.locator(".door-ways button").first.click()
    expect(page.locator("#field-display_name")).to_be_visible()
    assert _faults(page, f"{name}-register") == []
    page.locator("#field-display_name").fill("Toko Contoh")
    page.locator("#field-email").fill(f"orang-{token_hex(6)}@contoh.example")
    page.locator("#field-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    for section in (*_SECTIONS[1:], _SECTIONS[0]):
        page.locator(f'.sections a[href="#{section}"]').click()
        expect(page.locator(".account-main > h2")).to_be_focused()
        expect(page.locator(".account-main .panel").first).to_be_visible()
        expect(page.get_by_text(re.compile("Memuat…|Loading…"))).to_have_count(0)
        assert _faults(page, f"{name}-{section}") == []
    page.locator('.sections a[href="#security"]').click()
    page.locator(".account-main .button-main").click()
    expect(page.locator(".qr")).to_be_visible()
    assert _faults(page, f"{name}-enrol") == []
    secret = b32decode(re.sub(r"\s", "", page.locator(".secret").inner_text()))
    page.locator("#enrol-code").fill(code_of(secret, step_of(datetime.now(UTC))))
    page.keyboard.press("Enter")
    expect(page.locator(".codes")).to_be_visible()
    assert _faults(page, f"{name}-codes") == []


def _demo(server: Server, key: str) -> tuple[str, str]:
    """The sign-in of somebody of the demo."""
    found = re.search(rf"(?m)^\s*\w+\s+({key}@\S+)\s+(\S+)\s*$", "".join(server.log))
    assert found
    return found[1], found[2]
