"""Which pages of other sites may send feedback: the origins that may embed the chat, without credentials."""

import pytest

from server.web.embedding import PATHS, cross_origin
from tests.harness.people import World

_SHOP = "https://toko.example"
_PATH = "/api/v1/feedback"


@pytest.mark.parametrize("setting", [_SHOP, f"https://lain.example {_SHOP}", "*"])
def test_a_site_of_the_setting_may_read_the_answer(setting: str) -> None:
    """Its own origin comes back, never credentials; what may be sent is said to who asks before."""
    assert cross_origin("POST", _PATH, _SHOP, setting) == {"Access-Control-Allow-Origin": _SHOP, "Vary": "Origin"}
    asked = cross_origin("OPTIONS", _PATH, _SHOP, setting)
    assert asked["Access-Control-Allow-Methods"] == "POST"
    assert asked["Access-Control-Allow-Headers"] == "content-type"
    assert "Access-Control-Allow-Credentials" not in asked


@pytest.mark.parametrize(
    "origin", ["https://lain.example", "https://toko.example.jahat.example", "null", "", "http://toko.example"]
)
def test_no_other_may(origin: str) -> None:
    """Also none that looks like it."""
    for method in ("POST", "OPTIONS"):
        assert cross_origin(method, _PATH, origin, _SHOP) == {"Vary": "Origin"}


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/feedback/abc", "/api/v1/feedback/", "/saran/baru", "/"])
def test_nothing_else_is_open(path: str) -> None:
    """Whatever the setting."""
    assert cross_origin("OPTIONS", path, _SHOP, "*") == {}


async def test_where_no_site_is_named_none_may_ask(world: World) -> None:
    """The preflight is answered without the header that browsers look for, and so is what they send."""
    for path in sorted(PATHS):
        headers = {"Origin": _SHOP, "Access-Control-Request-Method": "POST"}
        asked = await world.http.call("OPTIONS", path, headers=headers)
        assert asked.status == 204
        assert "Access-Control-Allow-Origin" not in asked.headers
        sent = await world.http.call("POST", path, {}, headers={"Origin": _SHOP})
        assert "Access-Control-Allow-Origin" not in sent.headers
        assert sent.headers["Vary"] == "Origin"


async def test_the_form_is_there_for_other_sites(world: World) -> None:
    """Small, and allowed to be used elsewhere."""
    script = await world.http.call("GET", "/feedback.js")
    assert script.status == 200
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "javascript" in script.headers["Content-Type"]
