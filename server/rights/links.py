"""Links to a request of somebody without an account: the only way to it, in letters to the address they gave. Pure.

The link is computed from the request's id with a key, so that every letter can hold it and the store need not.
"""

import base64
import hashlib
import hmac
import re
from typing import Final

_TOKEN: Final = re.compile(r"(?P<id>[0-9a-v]{24})(?P<mac>[A-Za-z0-9_-]{32})", re.ASCII)
_MAC_BYTES: Final = 24


class RequestLinks:
    """Makes and reads the tokens.

    Args:
        key: for nothing else.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<RequestLinks>"

    def token(self, request_id: str) -> str:
        """Give the token of a request: 56 characters, safe in addresses."""
        return request_id + self._mac(request_id)

    def read(self, token: str) -> str | None:
        """Give the request of a token; None where it is none of ours."""
        found = _TOKEN.fullmatch(token)
        if found is None or not hmac.compare_digest(found["mac"], self._mac(found["id"])):
            return None
        return found["id"]

    def _mac(self, request_id: str) -> str:
        digest = hmac.new(self._key, request_id.encode(), hashlib.sha256).digest()[:_MAC_BYTES]
        return base64.urlsafe_b64encode(digest).decode()
