"""The frame of the public pages, and signing in, out and registering without JavaScript."""

import secrets
from base64 import b32decode
from datetime import UTC, datetime

import pytest

from server.factors.model import code_of, step_of
from tests.harness.browsing import Tab, faults_of
from tests.harness.http import Answer
from tests.harness.people import World

_PASSWORD = "kuda laut biru tua"


def _tab(world: World, token: str | None = None) -> Tab:
    return Tab(world.session, world.server.url, token)


def _form(**changes: str) -> dict[str, str]:
    return {"email": f"orang-{secrets.token_hex(6)}@contoh.example", "password": _PASSWORD, **changes}


@pytest.mark.parametrize("path", ["/masuk", "/daftar", "/masuk?next=%2Fforum%2Ft%2F5", "/masuk?lang=en"])
async def test_pages_are_strict(world: World, path: str) -> None:
    """Valid, without inline scripts, for no search engine, in the language that was asked for."""
    page = await _tab(world).get(path)
    html = page.body.decode()
    assert page.status == 200
    assert faults_of(html) == []
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert f'<html lang="{"en" if "lang=en" in path else "id"}">' in html


async def test_register_sign_out_and_in(world: World) -> None:
    """Without a name, which nobody has to give; back to where one came from."""
    tab = _tab(world)
    form = _form(next="/masuk")
    registered = await tab.submit("/daftar", form)
    assert (registered.status, registered.headers["Location"]) == (303, "/masuk")
    assert (await tab.get("/daftar")).headers["Location"] == "/forum"
    out = await tab.submit("/keluar", {"next": "/masuk"})
    assert (out.status, out.headers["Clear-Site-Data"]) == (303, '"cache"')
    assert "amanah_session" not in tab.cookies
    back = await tab.submit("/masuk", {**form, "next": "/daftar"})
    assert (back.status, back.headers["Location"]) == (303, "/daftar")
    assert "amanah_session" in tab.cookies


async def test_a_refused_form_keeps_what_was_typed_but_never_a_password(world: World) -> None:
    """The message stands beside the field."""
    tab = _tab(world)
    form = _form(email='<b>"orang"@contoh')
    for path in ("/masuk", "/daftar"):
        refused = await tab.submit(path, form)
        html = refused.body.decode()
        assert refused.status in {400, 401}
        assert faults_of(html) == []
        assert 'value="&lt;b&gt;&#34;orang&#34;@contoh"' in html
        assert _PASSWORD not in html
        assert refused.headers["Cache-Control"] == "no-store"
    assert "Ini bukan alamat surel." in html
    weak = await tab.submit("/daftar", _form(password="pendek"))
    assert "Terlalu pendek." in weak.body.decode()
    form = _form()
    assert (await tab.submit("/daftar", form)).status == 303
    assert "Sudah terpakai." in (await _tab(world).submit("/daftar", form)).body.decode()


@pytest.mark.parametrize("path", ["/masuk", "/daftar", "/keluar", "/masuk/kode"])
@pytest.mark.parametrize("origin", [None, "null", "https://elsewhere.example"])
async def test_forms_come_from_our_own_pages(world: World, path: str, origin: str | None) -> None:
    """Nobody signs others in or out from elsewhere."""
    refused = await _tab(world).submit(path, _form(), origin=origin)
    assert refused.status == 403
    assert "Set-Cookie" not in refused.headers


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:1", "", "x"]
)
async def test_nobody_is_led_elsewhere(world: World, elsewhere: str) -> None:
    """`next` is an address of ours."""
    answer = await _tab(world).submit("/daftar", _form(next=elsewhere))
    assert (answer.status, answer.headers["Location"]) == (303, "/forum")


async def _json(world: World, tab: Tab, method: str, path: str, body: object) -> Answer:
    return await world.http.call(method, "/api/v1" + path, body, token=tab.cookies["amanah_session"])


async def test_a_second_factor_is_shown_in_a_second_step(world: World) -> None:
    """The session is closed until the code came; a wrong one is told; a recovery code does."""
    tab = _tab(world)
    form = _form()
    await tab.submit("/daftar", form)
    begun = await _json(world, tab, "POST", "/me/factors/totp", None)
    assert begun.status == 201
    code = code_of(b32decode(begun.data["secret"]), step_of(datetime.now(UTC)))
    done = await _json(world, tab, "POST", "/me/factors/totp/confirm", {"code": code})
    recovery = done.data["recovery_codes"][0]
    await tab.submit("/keluar", {})
    begun_again = await tab.submit("/masuk", {**form, "next": "/daftar"})
    assert begun_again.headers["Location"] == "/masuk/kode?next=%2Fdaftar"
    assert (await _json(world, tab, "GET", "/me", None)).code == "second_factor_required"
    assert (await tab.get("/masuk")).headers["Location"] == "/masuk/kode"
    wrong = await tab.submit("/masuk/kode", {"code": "000000", "next": "/daftar"})
    assert wrong.status == 400
    assert faults_of(wrong.body.decode()) == []
    right = await tab.submit("/masuk/kode", {"code": recovery, "next": "/daftar"})
    assert (right.status, right.headers["Location"]) == (303, "/daftar")
    assert (await _json(world, tab, "GET", "/me", None)).status == 200


async def test_browsers_are_told_of_errors_in_a_page(world: World) -> None:
    """A program gets the envelope; so does whoever asks the API."""
    page = await _tab(world).get("/tidak/ada/<b>")
    assert page.status == 404
    html = page.body.decode()
    assert faults_of(html) == []
    assert "<b>" not in html
    assert page.headers["X-Request-ID"] in html
    assert (await _tab(world).get("/api/v1/nothing")).code == "not_found"
    assert (await world.http.get("/tidak/ada")).code == "not_found"
    english = await _tab(world).get("/tidak/ada", language="en")
    assert "This page does not exist" in english.body.decode()
