"""Talks to the identity provider: discovery, keys, tokens. Believes no more than the signature; the claims are
`federation.model`'s affair. Logs neither addresses nor anything that was said.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, Key, KeyBase, import_key

from server.federation.model import ALGORITHMS, Client, Distrust, Metadata, metadata_of
from server.kernel.errors import Unavailable
from server.telemetry.tracing import parent_header

_PATIENCE_S = 10.0
_PAUSE_S = 5.0
"""For so long a provider that did not answer is not asked again."""

_LARGEST = 512 * 1024
_KEPT_S = 3600.0
_MOST_ASKED = 6
_ASKED_S = 60.0
"""Keys are asked for again no more often than so many times in so many seconds, whatever tokens come."""

_MOST_KEYS = 64
_PURPOSES = (None, "sig")
_KINDS = frozenset({"RSA", "EC", "OKP"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code became: claims whose signature fits, and the token for the userinfo endpoint."""

    claims: Mapping[str, Any]
    access_token: str

    def __repr__(self) -> str:
        return "<Tokens>"


class ProviderClient:
    """One provider. An async context: it keeps connections.

    Args:
        client: who we are to it.
        steady: a clock for how old what is kept in memory is, in seconds.
    """

    def __init__(self, client: Client, steady: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._steady = steady
        self._metadata: Metadata | None = None
        self._metadata_at = 0.0
        self._down_until = 0.0
        self._keys: list[tuple[Mapping[str, Any], KeyBase]] = []
        self._asked_at: deque[float] = deque(maxlen=_MOST_ASKED)
        self._asking = asyncio.Lock()
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "ProviderClient":
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=_PATIENCE_S), cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def metadata(self) -> Metadata:
        """Give what the provider says of itself; asked for once an hour.

        Raises:
            Unavailable: it does not answer.
            Distrust: what it says can't be taken.
        """
        async with self._asking:
            if self._metadata is None or self._steady() - self._metadata_at >= _KEPT_S:
                if self._steady() < self._down_until:
                    # Else everybody who wants in would wait for their own answer that does not come, one after another.
                    raise Unavailable
                self._metadata = await self._discover()
                self._metadata_at = self._steady()
            return self._metadata

    async def _discover(self) -> Metadata:
        address = self._client.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            return metadata_of(await self._ask("GET", address), self._client.issuer)
        except (Unavailable, Distrust):
            self._down_until = self._steady() + _PAUSE_S
            raise

    async def redeem(self, code: str, verifier: str) -> Tokens:
        """Turn a code into claims. The provider takes a code once.

        Raises:
            Unavailable: it does not answer.
            Distrust: it refuses the code, or the token's signature does not fit.
        """
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_uri,
            "code_verifier": verifier,
        }
        headers = {}
        if not self._client.secret:
            form["client_id"] = self._client.client_id
        elif "client_secret_basic" in metadata.auth_methods or "client_secret_post" not in metadata.auth_methods:
            # RFC 6749, 2.3.1: both are form-encoded before they are put together.
            headers["Authorization"] = aiohttp.encode_basic_auth(
                quote(self._client.client_id, safe=""), quote(self._client.secret, safe="")
            )
        else:
            form |= {"client_id": self._client.client_id, "client_secret": self._client.secret}
        answer = await self._ask("POST", metadata.token_endpoint, form=form, headers=headers)
        if not isinstance(answer, Mapping) or not isinstance(answer.get("id_token"), str):
            raise Distrust("the provider gave no token")
        return Tokens(await self._claims(answer["id_token"]), str(answer.get("access_token", "")))

    async def userinfo(self, access_token: str) -> object:
        """Give what the provider says of the person beside the token, or None where it has no such place.

        Raises:
            Unavailable, Distrust: as above.
        """
        metadata = await self.metadata()
        if not metadata.userinfo_endpoint or not access_token:
            return None
        headers = {"Authorization": f"Bearer {access_token}"}
        return await self._ask("GET", metadata.userinfo_endpoint, headers=headers)

    async def _claims(self, token: str) -> Mapping[str, Any]:
        for attempt in (1, 2):
            await self._learn_keys(anew=attempt == 2)
            try:
                return jwt.decode(token, self._key_for, algorithms=list(ALGORITHMS)).claims
            except _UnknownKey:
                continue
            except (JoseError, ValueError, TypeError, LookupError):
                break
        raise Distrust("the token's signature does not fit")

    def _key_for(self, token: GuestProtocol) -> Key:
        """The key that a token says it was signed with; where it says none, the only one there is."""
        wanted = token.headers().get("kid")
        found = [key for raw, key in self._keys if wanted is None or raw.get("kid") == wanted]
        if len(found) != 1:
            raise _UnknownKey
        key: Any = found[0]
        return key  # type: ignore[no-any-return]  # joserfc names the union of its own key classes

    async def _learn_keys(self, *, anew: bool) -> None:
        """Keys are kept for an hour, and asked for again when a token names one that is not among them (rotation)."""
        metadata = await self.metadata()
        async with self._asking:
            asked, now = self._asked_at, self._steady()
            may_ask = len(asked) < _MOST_ASKED or now - asked[0] >= _ASKED_S
            if not self._keys or now - asked[-1] >= _KEPT_S or (anew and may_ask):
                asked.append(now)
                self._keys = _keys_of(await self._ask("GET", metadata.jwks_uri))

    async def _ask(
        self,
        method: str,
        address: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> object:
        if self._http is None:
            raise Unavailable
        try:
            async with self._http.request(
                method, address, data=form, headers={**parent_header(), **(headers or {})}, allow_redirects=False
            ) as response:
                body = await _body(response)
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise Unavailable from None
        if status >= 500:
            raise Unavailable
        if status != 200:
            raise Distrust("the provider refused")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Distrust("the provider's answer is not JSON") from None


class _UnknownKey(Exception):
    """No key of the provider's has this id."""


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > _LARGEST:
            raise Distrust("the provider's answer is too long")
    return bytes(body)


def _keys_of(document: object) -> list[tuple[Mapping[str, Any], KeyBase]]:
    """The keys that sign; those of kinds that this program does not know are left aside."""
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise Distrust("the provider's keys are not a key set")
    keys: list[tuple[Mapping[str, Any], KeyBase]] = []
    for raw in listed[:_MOST_KEYS]:
        if not isinstance(raw, dict) or raw.get("use") not in _PURPOSES or raw.get("kty") not in _KINDS:
            continue
        try:
            keys.append((raw, import_key(raw)))
        except (JoseError, ValueError, TypeError, LookupError):
            continue
    return keys
