"""Somebody erases their account in Chromium: reads what goes, says that they are sure, and gets the proof; without a
word of JavaScript too.
"""

import time
from collections.abc import Iterator
from secrets import token_hex

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import NewPage, Server, named_server
from tests.e2e.looking import faults

pytestmark = pytest.mark.xdist_group("e2e")

_PASSWORD = "lemari besi biru"
_ERASE = "/privasi/hapus"
_ERASED_S = 120.0
"""It is done in the background: how many times one has asked until then says nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that gives no days to take it back."""
    with named_server(tmp_path_factory.mktemp("erasing"), {"AMANAH_ERASURE_DAYS": "0"}) as running:
        yield running


def _register(page: Page) -> str:
    """Get an account, and go on to the page of erasing; give the address."""
    email = f"orang-{token_hex(6)}@contoh.example"
    page.goto(f"/daftar?next={_ERASE}")
    page.get_by_label("Nama tampilan").fill("Toko Contoh")
    page.get_by_label("Alamat surel").fill(email)
    page.get_by_label("Kata sandi").fill(_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Buat akun").click()
    page.wait_for_url(f"**{_ERASE}")
    return email


def _erase(page: Page) -> str:
    """Say that one is sure; give the secret."""
    expect(page.get_by_role("rowheader", name="Akun", exact=False).first).to_be_visible()
    page.get_by_role("checkbox").check()
    page.get_by_role("main").get_by_role("button", name="Hapus akun saya").click()
    expect(page.get_by_role("heading", name="Permintaan penghapusan diterima")).to_be_visible()
    return page.locator("output").inner_text()


def _proof(page: Page, secret: str) -> None:
    """Ask until it is done: each asking is one press."""
    done = page.get_by_role("heading", name="Penghapusan selesai")
    page.get_by_role("link", name="Bukti penghapusan").click()

    def ask() -> None:
        page.get_by_label("Kode bukti").fill(secret)
        page.get_by_role("button", name="Tampilkan bukti").click()

    ask()
    until = time.monotonic() + _ERASED_S
    while not done.is_visible() and time.monotonic() < until:
        ask()
    expect(done).to_be_visible()
    expect(page.locator("pre")).to_contain_text("amanah erasure proof 1")


def _is_gone(page: Page, email: str) -> None:
    page.goto("/masuk")
    page.get_by_label("Alamat surel").fill(email)
    page.get_by_label("Kata sandi").fill(_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize(
    "look", [{}, {"width": 360, "height": 740, "dark": True, "touch": True}], ids=["desktop", "phone"]
)
def test_an_account_is_erased(new_page: NewPage, look: dict[str, int | bool]) -> None:
    page = new_page(**look)
    email = _register(page)
    assert faults(page) == []
    secret = _erase(page)
    assert faults(page) == []
    _proof(page, secret)
    assert faults(page) == []
    _is_gone(page, email)


def test_an_account_is_erased_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url, java_script_enabled=False, locale="id-ID")
    page = context.new_page()
    email = _register(page)
    _proof(page, _erase(page))
    _is_gone(page, email)
    context.close()
