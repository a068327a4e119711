"""Passkeys in forms of the site, in Chromium with its virtual authenticator: under a permission, and where a page asks
whether it is still you. Somebody without one, and a browser without script, sees the password alone.
"""

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import NewPage, Server, named_server
from tests.e2e.looking import LOOKS, Look, authenticator, enter, faults, picture

pytestmark = pytest.mark.xdist_group("e2e")

_PASSWORD = "lemari besi biru"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a name, which passkeys need."""
    with named_server(tmp_path_factory.mktemp("passkeys")) as running:
        yield running


def _member(page: Page, path: str) -> None:
    """Get an account and arrive at a path."""
    page.goto(f"/daftar?next={path}")
    page.get_by_label("Nama tampilan").fill("Toko Contoh")
    page.get_by_label("Alamat surel").fill(f"orang-{secrets.token_hex(6)}@contoh.example")
    page.get_by_label("Kata sandi").fill(_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Buat akun").click()
    page.wait_for_url(f"**{path}")


def _passkey(page: Page) -> None:
    """Give the browser an authenticator, and the account a passkey on it."""
    authenticator(page)
    page.goto("/akun#security")
    page.get_by_role("button", name="Tambah kunci sandi").click()
    expect(page.get_by_role("button", name="Hapus kunci sandi")).to_be_visible()


def _asked(page: Page, agent: Page, server: Server) -> str:
    """Somebody gives an impression, and an agent asks for the permission to show it; give the permission."""
    given = page.request.post(
        "/api/v1/feedback",
        data={
            "client_id": secrets.token_hex(12),
            "kind": "impression",
            "title": "Kesan kami",
            "text": "Kasirnya cepat dan mudah dipakai.",
        },
        headers={"Origin": server.url},
    ).json()["data"]["feedback"]
    enter(agent, server.sign_ins["agent"], "/petugas/izin")
    agent.get_by_label("Nomor kesan").fill(str(given["number"]))
    agent.get_by_role("button", name="Minta izin").click()
    expect(agent.get_by_role("heading", level=1)).to_contain_text("Menunggu jawaban")
    return agent.url.rpartition("/")[2]


@pytest.mark.parametrize("look", LOOKS)
def test_a_permission_is_signed_with_a_passkey_alone(new_page: NewPage, server: Server, look: Look) -> None:
    """The name is asked for first; then the passkey signs, and the document says with what."""
    page, agent = new_page(**look), new_page()
    _member(page, "/privasi/izin")
    permission = _asked(page, agent, server)
    page.goto(f"/privasi/izin/{permission}")
    sign = page.get_by_role("button", name="Tanda tangani dengan kunci sandi")
    expect(page.get_by_label("Kata sandi Anda")).to_be_visible()
    expect(sign).to_be_hidden()
    _passkey(page)
    page.goto(f"/privasi/izin/{permission}")
    expect(sign).to_be_visible()
    assert faults(page) == []
    picture(page, f"izin-kunci-{look['width']}")
    sign.click()
    expect(page.get_by_label("Ketik nama Anda")).to_be_focused()
    page.get_by_label("Ketik nama Anda").fill("Ratna Contoh")
    sign.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ditandatangani")
    expect(page.locator("dl")).to_contain_text("dengan faktor kedua")


def test_a_page_is_told_by_passkey_that_it_is_still_you(new_page: NewPage, server: Server) -> None:
    page = new_page()
    _member(page, "/privasi/hapus")
    _passkey(page)
    page.goto("/masuk/pastikan?next=/privasi/hapus")
    confirm = page.get_by_role("button", name="Pakai kunci sandi")
    expect(confirm).to_be_visible()
    assert faults(page) == []
    picture(page, "pastikan-kunci")
    confirm.click()
    page.wait_for_url(f"{server.url}/privasi/hapus")


def test_without_script_the_password_does(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url, java_script_enabled=False, locale="id-ID")
    page = context.new_page()
    _member(page, "/privasi")
    page.goto("/masuk/pastikan?next=/privasi")
    expect(page.get_by_role("button", name="Pakai kunci sandi")).to_be_hidden()
    page.get_by_label("Kata sandi").fill(_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Lanjut").click()
    page.wait_for_url("**/privasi")
    context.close()
