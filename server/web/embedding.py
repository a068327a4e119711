"""Which pages of other sites may send feedback: those that may embed the chat, without credentials (Fetch, 3.3: CORS).

Neither cookie nor token comes along from there: `Access-Control-Allow-Credentials` is never said, and no header but the
kind of content is allowed. Must not open anything but the few addresses that the embeddable form needs.
"""

from collections.abc import Mapping

from aiohttp import web

PATHS = frozenset({"/api/v1/feedback", "/api/v1/feedback/similar"})
"""What the embeddable form asks."""

_LASTS_S = "600"


def cross_origin(method: str, path: str, origin: str, embed_origins: str) -> Mapping[str, str]:
    """Give the headers that tell a browser whether a page of this origin may read the answer; none, or few, where not.

    Args:
        method: of the request.
        path: likewise.
        origin: of the page that asks; empty where the request does not say.
        embed_origins: the setting; `*` for any.
    """
    if path not in PATHS:
        return {}
    known = embed_origins.split()
    if not origin or ("*" not in known and origin not in known):
        return {"Vary": "Origin"}
    headers = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
    if method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = "POST"
        headers["Access-Control-Allow-Headers"] = "content-type"
        headers["Access-Control-Max-Age"] = _LASTS_S
    return headers


def attach(app: web.Application) -> None:
    """Answer what browsers ask before they send; the middleware adds the headers."""
    for path in sorted(PATHS):
        app.router.add_route("OPTIONS", path, _preflight)


async def _preflight(_: web.Request) -> web.StreamResponse:
    return web.Response(status=204)
