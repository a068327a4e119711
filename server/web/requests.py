"""What a request says of itself: who sends it, from which network, in which language. Trusts no header by itself."""

import asyncio
import ipaddress
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from aiohttp import web

from server.kernel.actor import Actor
from server.kernel.caller import MAX_AGENT, Caller
from server.kernel.errors import NotAuthenticated, NotPermitted
from server.web.catalogue import preferred

SESSION_COOKIE = "amanah_session"
LOCALE_COOKIE = "amanah_locale"
_BROWSER_COOKIE = "amanah_browser"
"""Ties what is begun and ended in several requests to the browser that began it."""

_SHOWN = "amanah.shown_by_cookie"
_BROWSER_S = 600
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PATIENCE_S = 30.0
"""How long a client may take to send what it has begun, or keep a connection on which nothing is asked."""

T = TypeVar("T")


class Authenticator(Protocol):
    """Turns a session token into an actor."""

    async def authenticate(self, token: str) -> Actor:
        """Say who holds a token, and count it as a use of the session; raises `NotAuthenticated`."""
        ...

    async def is_signed_in(self, token: str) -> bool:
        """Say whether a token is still good. No use of the session."""
        ...


class Observer(Protocol):
    """Takes note of who uses a session from where."""

    def observe(self, actor: Actor, caller: Caller) -> None:
        """Take note; never waits."""
        ...


class Devices(Protocol):
    """Knows browsers again."""

    def read(self, request: web.Request, *, secure: bool) -> str:
        """Give the id of the browser, or an empty one."""
        ...


@dataclass(frozen=True, slots=True)
class Origins:
    """Which origins are ours.

    Attributes:
        public_url: the address that browsers use, or empty to take the request's own host.
        trusted_proxies: how many proxies in front are ours.
    """

    public_url: str
    trusted_proxies: int

    def own(self, request: web.Request) -> str:
        """Give our origin as the browser sees it."""
        if self.public_url:
            parts = urlsplit(self.public_url)
            return f"{parts.scheme}://{parts.netloc}"
        scheme = request.scheme
        if self.trusted_proxies:
            scheme = request.headers.get("X-Forwarded-Proto", scheme)
        return f"{scheme}://{request.host}"

    def is_secure(self, request: web.Request) -> bool:
        """Whether the browser reached us over TLS."""
        return self.own(request).startswith("https:")

    def network(self, request: web.Request) -> str:
        """Give the caller's network: the IPv4 address or the IPv6 /64, for limits."""
        parsed = self._address(request)
        if parsed is None:
            return "unknown"
        if isinstance(parsed, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((parsed, 64), strict=False))
        return str(parsed)

    def address(self, request: web.Request) -> str:
        """Give the caller's full address, or an empty one."""
        parsed = self._address(request)
        return "" if parsed is None else str(parsed)

    def _address(self, request: web.Request) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """`X-Forwarded-For` counts from the right, one entry for each proxy that is ours."""
        address = request.remote or ""
        if self.trusted_proxies:
            # All lines of the header: some proxies add a line of their own below the one that a client made up.
            lines = ",".join(request.headers.getall("X-Forwarded-For", []))
            chain = [part.strip() for part in lines.split(",") if part.strip()]
            if len(chain) >= self.trusted_proxies:
                address = chain[-self.trusted_proxies]
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return None
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
            # How a dual-stack listener writes an IPv4 address; as a /64 all of them would be one network.
            return parsed.ipv4_mapped
        return parsed


async def patiently(reading: Awaitable[T]) -> T:
    """Read a body, of a client that sends it within a reasonable time.

    Raises:
        HTTPRequestTimeout: it did not.
    """
    try:
        return await asyncio.wait_for(reading, PATIENCE_S)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None


def cookie_name(name: str, *, secure: bool) -> str:
    """Give the name under which a cookie is set and read.

    Over TLS with the prefix that browsers take from this very host over TLS only (RFC 6265bis, 4.1.3): a neighbouring
    host, or somebody on the way, can't slip a session of theirs in.
    """
    return f"__Host-{name}" if secure else name


def caller_of(request: web.Request, origins: Origins, devices: Devices) -> Caller:
    """Say where a request comes from."""
    return Caller(
        network=origins.network(request),
        address=origins.address(request),
        # Surrogates stand for bytes that are no text; a store takes text only.
        agent=request.headers.get("User-Agent", "")[:MAX_AGENT].encode("utf-8", "replace").decode(),
        device=devices.read(request, secure=origins.is_secure(request)),
    )


async def actor_of(request: web.Request, accounts: Authenticator, origins: Origins) -> Actor | None:
    """Find out who sends a request: the bearer token before the cookie.

    With the cookie, a call that changes something must come from our own origin.

    Raises:
        NotAuthenticated: there is a token and it is not good.
        NotPermitted: the cookie came with a foreign or no origin.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return await accounts.authenticate(token.strip())
    if scheme:
        raise NotAuthenticated
    cookie = request.cookies.get(cookie_name(SESSION_COOKIE, secure=origins.is_secure(request)))
    if not cookie:
        return None
    if request.method not in _SAFE_METHODS and request.headers.get("Origin") != origins.own(request):
        raise NotPermitted
    actor = await accounts.authenticate(cookie)
    note_cookie(request, cookie, actor)
    return actor


def note_cookie(request: web.Request, token: str, actor: Actor) -> None:
    """Keep with a request that a session was shown by cookie, for `web.renewal`."""
    request[_SHOWN] = (token, actor)


def shown_by_cookie(request: web.Request) -> tuple[str, Actor] | None:
    """Give the token and the actor, where a good session was shown by cookie."""
    shown: tuple[str, Actor] | None = request.get(_SHOWN)
    return shown


def set_session_cookie(response: web.StreamResponse, token: str, lasts_s: int | None, *, secure: bool) -> None:
    """Give this browser a session's token; None for as long as the browser runs."""
    name = cookie_name(SESSION_COOKIE, secure=secure)
    response.set_cookie(name, token, max_age=lasts_s, path="/", httponly=True, samesite="Lax", secure=secure)


def set_browser_cookie(response: web.StreamResponse, key: str, *, secure: bool) -> None:
    """Give this browser a key for some minutes. Lax: a way back from another site must bring it along."""
    name = cookie_name(_BROWSER_COOKIE, secure=secure)
    response.set_cookie(name, key, max_age=_BROWSER_S, path="/", httponly=True, samesite="Lax", secure=secure)


def read_browser_cookie(request: web.Request, *, secure: bool) -> str:
    """Give this browser's key, or an empty one."""
    return request.cookies.get(cookie_name(_BROWSER_COOKIE, secure=secure), "")


def locale_of(request: web.Request, default: str) -> str:
    """Choose the language: `?lang=`, the cookie, the header, the default."""
    for chosen in (request.query.get("lang"), request.cookies.get(LOCALE_COOKIE)):
        if chosen in {"id", "en"}:
            return chosen
    return preferred(request.headers.get("Accept-Language", ""), default)
