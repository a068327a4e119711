"""Images as files at addresses of their own. A browser that is led there finds a picture and nothing to run."""

from typing import Final

from aiohttp import web

from server.attachments.model import PATH
from server.attachments.service import Attachments
from server.kernel.actor import Actor
from server.kernel.errors import NotAuthenticated, NotFound
from server.web.requests import Authenticator, Origins, actor_of

_PUBLIC: Final = "public, max-age=86400, immutable"
"""A day: the address stands for this very content, but what is taken away is to be gone everywhere soon."""

_PRIVATE: Final = "private, no-store"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}


class AttachmentPages:
    """Images.

    Args:
        attachments: has them.
        sessions: knows who is signed in, for images that not everybody may see.
        origins: which origins are ours.
    """

    def __init__(self, attachments: Attachments, sessions: Authenticator, origins: Origins) -> None:
        self._attachments = attachments
        self._sessions = sessions
        self._origins = origins

    def attach(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_get(r"/lampiran/{name:[a-z-]{32,34}\.webp}", self._image)

    async def _image(self, request: web.Request) -> web.Response:
        found = PATH.fullmatch(request.match_info["name"])
        if found is None:
            raise NotFound
        actor = await self._actor(request)
        await self._attachments.find(found["id"], actor)
        tag = f'"{request.match_info["name"]}"'
        # Whoever is signed in may see what others no longer may: that is not for caches.
        public = actor is None
        headers = {**_HEADERS, "Cache-Control": _PUBLIC if public else _PRIVATE}
        if public:
            headers["ETag"] = tag
            if request.headers.get("If-None-Match") == tag:
                return web.Response(status=304, headers=headers)
        _, body = await self._attachments.view(found["id"], small=bool(found["small"]), actor=actor)
        return web.Response(body=body, content_type="image/webp", headers=headers)

    async def _actor(self, request: web.Request) -> Actor | None:
        try:
            actor = await actor_of(request, self._sessions, self._origins)
        except NotAuthenticated:
            # A session that has ended: they see what everybody sees.
            return None
        return None if actor is None or actor.owes_factor else actor
