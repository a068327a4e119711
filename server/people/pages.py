"""Pictures of people as files, and the page of somebody, for whom scripts and search engines are not needed."""

from hashlib import sha256

from aiohttp import web

from server.people.avatar import avatar_svg
from server.people.service import People

_KEPT = "public, max-age=86400"
"""A day: a handle that was given up shows its picture for so long at most."""


class PicturePages:
    """Pictures.

    Args:
        people: knows whose handle it is.
    """

    def __init__(self, people: People) -> None:
        self._people = people

    def attach(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_get("/forum/u/{handle:[A-Za-z0-9-]{1,64}}/avatar.svg", self._picture)

    async def _picture(self, request: web.Request) -> web.Response:
        account_id = await self._people.find(request.match_info["handle"])
        if account_id is None:
            raise web.HTTPNotFound
        body = avatar_svg(account_id).encode()
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        headers = {"Cache-Control": _KEPT, "ETag": tag}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="image/svg+xml", charset="utf-8", headers=headers)
