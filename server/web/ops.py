"""For operators: alive, ready, metrics, and the API document."""

from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from server.web.metrics import CONTENT_TYPE, Metrics


def routes(
    *,
    is_store_ready: Callable[[], Awaitable[bool]],
    is_redactor_ready: Callable[[], bool],
    metrics: Metrics,
    refresh: Callable[[], None],
    api: bytes,
) -> list[web.RouteDef]:
    """Give the routes.

    Args:
        is_store_ready: asks the store for a sign of life.
        is_redactor_ready: whether the redactor has a worker.
        metrics: what is shown.
        refresh: brings gauges up to date before they are shown.
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

    async def show_metrics(_: web.Request) -> web.Response:
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


def _json(data: object, status: int) -> web.Response:
    return web.Response(
        body=orjson.dumps(data), status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
