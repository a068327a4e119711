"""The device cookie: by it a browser is known again at the next sign-in. It opens nothing and names nobody.

Signed, so that nobody can make one up: whoever has one that is genuine signed in here from that browser before.
"""

import hashlib
import hmac
import re

from aiohttp import web

from server.web.requests import cookie_name

_NAME = "amanah_device"
_FORM = re.compile(r"([a-z0-9]{16,32})\.([0-9a-f]{32})")
_AGE_S = 400 * 24 * 3600
"""The longest that browsers keep a cookie (RFC 6265bis, 5.5)."""


class DeviceCookies:
    """Reads and sets device cookies.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def read(self, request: web.Request, *, secure: bool) -> str:
        """Give the id in a genuine cookie, or an empty one."""
        found = _FORM.fullmatch(request.cookies.get(cookie_name(_NAME, secure=secure), ""))
        if found is None or not hmac.compare_digest(found[2], self._mac(found[1])):
            return ""
        return found[1]

    def set(self, response: web.StreamResponse, device: str, *, secure: bool) -> None:
        """Let the browser be known again."""
        response.set_cookie(
            cookie_name(_NAME, secure=secure),
            f"{device}.{self._mac(device)}",
            max_age=_AGE_S,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=secure,
        )

    def _mac(self, device: str) -> str:
        return hmac.new(self._key, device.encode(), hashlib.sha256).hexdigest()[:32]
