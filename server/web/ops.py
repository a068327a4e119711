"""For operators: alive, ready, metrics, and the API document."""

import hmac
from collections.abc import Awaitable, Callable
from ipaddress import ip_address, ip_network

import orjson
from aiohttp import web

from server.kernel.errors import NotPermitted
from server.web.metrics import CONTENT_TYPE, Metrics
from server.web.requests import Origins


def routes(
    *,
    is_store_ready: Callable[[], Awaitable[bool]],
    is_redactor_ready: Callable[[], bool],
    metrics: Metrics,
    refresh: Callable[[], None],
    may_read_metrics: Callable[[web.Request], bool],
    api: bytes,
) -> list[web.RouteDef]:
    """Give the routes.

    Args:
        is_store_ready: asks the store for a sign of life.
        is_redactor_ready: whether the redactor has a worker.
        metrics: what is shown.
        refresh: brings gauges up to date before they are shown.
        may_read_metrics: whether a request comes from an operator: what is counted tells how a company is doing.
        api: the OpenAPI document, encoded.
    """

    async def healthz(_: web.Request) -> web.Response:
        return _json({"ok": True, "data": {"status": "alive"}}, 200)

    async def readyz(_: web.Request) -> web.Response:
        parts = {"store": await is_store_ready(), "redactor": is_redactor_ready()}
        ready = all(parts.values())
        return _json(
            {"ok": ready, "data": {name: "ready" if up else "down" for name, up in parts.items()}},
            200 if ready else 503,
        )

    async def show_metrics(request: web.Request) -> web.Response:
        if not may_read_metrics(request):
            raise NotPermitted
        refresh()
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})

    async def show_api(_: web.Request) -> web.Response:
        return web.Response(body=api, content_type="application/json")

    return [
        web.get("/healthz", healthz),
        web.get("/readyz", readyz),
        web.get("/metrics", show_metrics),
        web.get("/api/openapi.json", show_api),
    ]


class MetricsDoor:
    """Who may read the metrics: who comes from certain networks, or shows a token.

    Args:
        networks: space-separated, in CIDR notation.
        token: that a bearer shows; empty for none.
        origins: where requests come from.
    """

    def __init__(self, networks: str, token: str, origins: Origins) -> None:
        self._networks = [ip_network(network) for network in networks.split()]
        self._token = token
        self._origins = origins

    def __call__(self, request: web.Request) -> bool:
        """Say whether this request may."""
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._token:
            return hmac.compare_digest(shown.strip().encode("utf-8", "replace"), self._token.encode())
        if "X-Forwarded-For" in request.headers and not self._origins.trusted_proxies:
            # It came through a proxy that is not told of: where it comes from is not known.
            return False
        address = self._origins.address(request)
        return bool(address) and any(ip_address(address) in network for network in self._networks)


def _json(data: object, status: int) -> web.Response:
    return web.Response(
        body=orjson.dumps(data), status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
