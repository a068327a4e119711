"""Talks to push services over HTTPS: an empty request, signed for this server (VAPID, RFC 8292). Follows no redirect,
and connects to no address inside a network of ours. Logs nothing of a device.
"""

from datetime import datetime, timedelta
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode

from server.kernel.ports import Clock
from server.notices.push import Outcome
from server.outside import Outside

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-5, NIST SP 800-186): private keys are below it."""

_KEPT_S: Final = 24 * 3600
_SIGNED_FOR: Final = timedelta(hours=12)
_MOST_SIGNED: Final = 256
_TIMEOUT_S: Final = 15.0


class VapidKey:
    """The key by which push services know this server again.

    Args:
        material: 32 secret bytes, derived for this purpose; the same give the same key.
    """

    def __init__(self, material: bytes) -> None:
        scalar = int.from_bytes(material, "big") % (_ORDER - 1) + 1
        self._private = ec.derive_private_key(scalar, ec.SECP256R1())
        self._vapid = Vapid02(self._private)

    def __repr__(self) -> str:
        return "<VapidKey>"

    @property
    def public(self) -> str:
        """The public key as browsers take it: the uncompressed point, base64url."""
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return str(b64urlencode(point))

    def authorization(self, audience: str, contact: str, until: datetime) -> str:
        """Sign for a push service.

        Args:
            audience: its origin.
            contact: where its operator can reach ours, `mailto:` or `https:`.
            until: how long the signature counts.
        """
        claims = {"aud": audience, "sub": contact, "exp": int(until.timestamp())}
        return str(self._vapid.sign(claims)["Authorization"])


class PushClient:
    """Fills `notices.push.Waker`. A context manager.

    Args:
        key: signs.
        contact: of the operator.
        clock: the time.
        trusted: hosts that the operator vouches for.
    """

    def __init__(self, key: VapidKey, contact: str, clock: Clock, trusted: frozenset[str]) -> None:
        self._key = key
        self._contact = contact
        self._clock = clock
        self._trusted = trusted
        self._signed: dict[str, tuple[str, datetime]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "PushClient":
        """Open connections when they are needed."""
        connector = Outside(self._trusted).connector(limit=16)
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close them."""
        if self._session is not None:
            await self._session.close()

    async def wake(self, endpoint: str) -> Outcome:
        """See `notices.push.Waker`."""
        if self._session is None:
            return Outcome.LATER
        headers = {
            "Authorization": self._authorization(endpoint),
            "TTL": str(_KEPT_S),
            "Urgency": "normal",
            # Of several that wait for a device that is off, one is enough.
            "Topic": "amanah",
        }
        try:
            async with self._session.post(endpoint, data=b"", headers=headers, allow_redirects=False) as response:
                if response.status in {404, 410}:
                    return Outcome.GONE
                return Outcome.TAKEN if 200 <= response.status < 300 else Outcome.LATER
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Outcome.LATER

    def _authorization(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        audience = f"{parts.scheme}://{parts.netloc}"
        now = self._clock()
        known = self._signed.get(audience)
        if known is None or known[1] <= now:
            if len(self._signed) >= _MOST_SIGNED:
                # Addresses come from browsers: of names below a push service there may be any number.
                self._signed.clear()
            until = now + _SIGNED_FOR
            self._signed[audience] = known = (
                self._key.authorization(audience, self._contact, until),
                now + _SIGNED_FOR / 2,
            )
        return known[0]
