"""Pages, headers, and what operators look at."""

import re

import pytest

from tests.harness.people import World

_PAGES = (
    *("/", "/widget", "/desk", "/desk/conversations/abc", "/akun", "/account"),
    *("/?lang=en", "/widget?lang=en", "/desk?lang=en"),
)


@pytest.mark.parametrize("path", _PAGES)
async def test_pages_are_strict(world: World, path: str) -> None:
    """No inline script or style, no foreign source, no sniffing; framed by nobody but the widget by ourselves."""
    page = await world.http.call("GET", path)
    assert page.status == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    frame = "'self'" if path.startswith("/widget") else "'none'"
    assert policy.endswith(f"frame-ancestors {frame}")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    html = page.body.decode()
    assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|style=|javascript:", html)
    assert f'<html lang="{"en" if "lang=en" in path or path == "/account" else "id"}">' in html


@pytest.mark.parametrize("path", ["/", "/widget", "/desk", "/akun"])
async def test_every_file_of_a_page_is_there(world: World, path: str) -> None:
    """Scripts, styles and preloads answer."""
    html = (await world.http.call("GET", path)).body.decode()
    files = re.findall(r'(?:src|href)="(/[^"?]+)"', html)
    assert any(file.startswith("/assets/") for file in files)
    for file in files:
        assert (await world.http.call("GET", file)).status == 200, file


async def test_the_language_is_remembered_and_asked_for(world: World) -> None:
    """By choice, else by what the browser speaks; Indonesian first."""
    chosen = await world.http.call("GET", "/?lang=en")
    assert "amanah_locale=en" in chosen.headers["Set-Cookie"]
    for headers, locale in (
        ({"Cookie": "amanah_locale=en", "Accept-Language": "id"}, "en"),
        ({"Accept-Language": "en-GB"}, "en"),
        ({"Accept-Language": "fr"}, "id"),
        ({"Cookie": "amanah_locale=xx"}, "id"),
        ({}, "id"),
    ):
        page = await world.http.call("GET", "/", headers=headers)
        assert page.headers["Content-Language"] == locale
    refusal = await world.http.call("GET", "/api/v1/me", headers={"Accept-Language": "en"})
    assert refusal.error["message"] == "Please sign in first."


@pytest.mark.parametrize("path", ["/nothing", "/assets/nothing.js", "/assets/../server.py", "/api/v1/nothing", "/api"])
async def test_what_is_not_there(world: World, path: str) -> None:
    """One answer, in the envelope, with headers."""
    answer = await world.http.call("GET", path)
    assert (answer.status, answer.code) == (404, "not_found")
    assert answer.headers["X-Request-ID"] == answer.error["request_id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_methods_that_are_not_there(world: World) -> None:
    """405 in the envelope."""
    for method, path in (("DELETE", "/"), ("PUT", "/api/v1/me"), ("PATCH", "/api/v1/visitors"), ("POST", "/healthz")):
        answer = await world.http.call(method, path)
        assert (answer.status, answer.reasons) == (405, {"method": "not_allowed"})


async def test_operators_see_that_it_works(world: World) -> None:
    """Alive, ready, and figures without anybody in them."""
    customer = await world.person("customer", "Ratna")
    talk = await customer.conversation()
    await customer.send(talk, "halo")
    await world.http.get("/nowhere/ratna-0812")
    proxied = await world.http.call("GET", "/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert (proxied.status, proxied.code) == (403, "not_permitted")
    assert (await world.http.get("/healthz")).data == {"status": "alive"}
    assert (await world.http.get("/readyz")).data == {"store": "ready", "redactor": "ready"}
    metrics = await world.http.get("/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = metrics.body.decode()
    assert 'route="/api/v1/conversations/{id}/messages"' in text
    assert 'amanah_redactor{what="texts"}' in text
    for word in (talk, customer.id, "Ratna", "ratna-0812", "nowhere"):
        assert word not in text
