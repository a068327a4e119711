"""Files at addresses of their own. A browser that is led there finds a picture or a download, and nothing to run."""

import re
from typing import Final
from urllib.parse import quote

from aiohttp import web

from server.files.links import Link, moment
from server.files.model import StoredFile
from server.files.showing import FileViews
from server.kernel.errors import NotFound
from server.kernel.ports import Limiter
from server.web.requests import Origins

_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""`cross-origin`, because the widget shows images within pages of others; the address itself is the permission."""

_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_PLAIN: Final = re.compile(r"[^A-Za-z0-9 ._()-]")


class FilePages:
    """Files.

    Args:
        views: shows them.
        origins: tells networks.
        limiter: rate limits.
    """

    def __init__(self, views: FileViews, origins: Origins, limiter: Limiter) -> None:
        self._views = views
        self._origins = origins
        self._limiter = limiter

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(r"/api/v1/attachments/{id:[a-z0-9]{1,64}}", self._whole)
        app.router.add_get(r"/api/v1/attachments/{id:[a-z0-9]{1,64}}/thumbnail", self._small)

    async def _whole(self, request: web.Request) -> web.Response:
        return await self._file(request, small=False)

    async def _small(self, request: web.Request) -> web.Response:
        return await self._file(request, small=True)

    async def _file(self, request: web.Request, *, small: bool) -> web.Response:
        await self._limiter.spend("file_view_network", self._origins.network(request))
        query = request.query
        if not _SECONDS.fullmatch(query.get("until", "")):
            raise NotFound
        link = Link(
            file_id=request.match_info["id"],
            circle_id="",
            account_id=query.get("account", ""),
            session_id=query.get("session", ""),
            until=moment(int(query["until"])),
            small=small,
        )
        return file_response(*await self._views.open(link, query.get("signature", "")))


def file_response(file: StoredFile, content: bytes) -> web.Response:
    """Give a file to a browser: a picture to show, anything else to be kept, and nothing to run."""
    is_picture = file.picture is not None
    kind = "inline" if is_picture else "attachment"
    media_type = "image/webp" if is_picture else file.media_type
    charset = "utf-8" if media_type.startswith("text/") else None
    headers = {**_HEADERS, "Content-Disposition": f"{kind}; {_named(file.name.value)}"}
    return web.Response(body=content, content_type=media_type, charset=charset, headers=headers)


def _named(name: str) -> str:
    """A file's name in a header, for programs old and new (RFC 6266)."""
    return f"filename=\"{_PLAIN.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"
