"""Identity providers: a real one (npm's oidc-provider, a process of its own), and one that says whatever it is told.

The second is an attacker's: it answers with tokens that no honest provider makes.
"""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web
from joserfc.jwk import RSAKey

from tests.harness.process import PATIENCE_S

_FOLDER = Path(__file__).parent / "provider"
CLIENT_ID = "amanah"
CLIENT_SECRET = "invented: +/% secret"


def signing_key(kid: str) -> dict[str, Any]:
    """Make a key pair as JWK, its private half included."""
    key = RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}, private=True)
    return dict(key.as_dict(private=True))


def node() -> str:
    """Node.js: the machine's own or the one in the virtual environment (`scripts/node`)."""
    shipped = Path(__file__).resolve().parents[2] / ".venv" / "node-bin" / "node"
    return shutil.which("node") or str(shipped)


class RealProvider:
    """npm's oidc-provider on the loopback interface.

    Args:
        port: where it listens.
        redirect: where it sends people back to.
        people: subject -> claims.
    """

    def __init__(self, port: int, redirect: str, people: Mapping[str, Mapping[str, Any]]) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self._settings = {
            "port": port,
            "client": {"id": CLIENT_ID, "secret": CLIENT_SECRET, "redirect": redirect},
            "people": people,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, keys: Sequence[Mapping[str, Any]]) -> None:
        """Start it with these keys and wait until it listens."""
        self._process = await asyncio.create_subprocess_exec(
            node(),
            "provider.mjs",
            cwd=_FOLDER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({**self._settings, "keys": list(keys)}).encode() + b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_S)
        assert line == b"ready\n", "the provider did not start: `make test` installs it"

    async def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


@dataclass
class Browser:
    """Somebody's browser, with cookies of its own."""

    http: aiohttp.ClientSession
    server: str

    async def leave(self, *, again: bool = False) -> str:
        """Begin to sign in at the provider; give the address that the browser is sent to."""
        answer = await self.http.get(
            f"{self.server}/sign-in/provider{'?again=1' if again else ''}", allow_redirects=False
        )
        assert answer.status == 303, answer.status
        return answer.headers["Location"]

    async def enter(self, address: str, subject: str, *, amr: str = "") -> str:
        """Enter at the real provider; give the address that it sends the browser back to."""
        answer = await self.http.get(address, allow_redirects=False)
        for _ in range(6):
            place = _absolute(address, answer.headers.get("Location", ""))
            if place.startswith(self.server):
                return place
            if "/enter/" in place:
                form = {"subject": subject, **({"amr": amr} if amr else {})}
                answer = await self.http.post(place, data=form, allow_redirects=False)
            else:
                assert re.match(r"http://127\.0\.0\.1:", place), f"{answer.status} leads nowhere"
                answer = await self.http.get(place, allow_redirects=False)
        raise AssertionError("the provider sends the browser round and round")

    async def come_back(self, address: str) -> str:
        """Follow the way back; give the path that the server sends the browser to."""
        answer = await self.http.get(address, allow_redirects=False)
        assert answer.status == 303, answer.status
        return answer.headers["Location"]

    async def sign_in(self, subject: str, *, amr: str = "", again: bool = False) -> str:
        """All of it."""
        return await self.come_back(await self.enter(await self.leave(again=again), subject, amr=amr))

    async def get(self, path: str) -> dict[str, Any]:
        """Ask the server, with the cookies."""
        async with self.http.get(self.server + path) as answer:
            body: dict[str, Any] = await answer.json()
            return body

    async def post(self, path: str, data: Mapping[str, Any], *, method: str = "POST") -> dict[str, Any]:
        """Tell the server, with the cookies and the origin."""
        own = {"Origin": self.server}
        async with self.http.request(method, self.server + path, json=data, headers=own) as answer:
            body: dict[str, Any] = await answer.json()
            return body


@asynccontextmanager
async def browser(server: str) -> AsyncIterator[Browser]:
    """A fresh one."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Browser(http, server)


@dataclass
class Rogue:
    """A provider whose tokens are whatever a test puts into `answer`.

    Attributes:
        issuer: what it calls itself.
        token: the next ID token.
        nonces: state -> nonce of those who were sent to it.
        jwks: the keys it shows.
        discovery: what it says of itself beside the usual.
    """

    issuer: str = ""
    token: str = ""
    jwks: list[dict[str, Any]] = field(default_factory=list)
    discovery: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    redeemed: list[dict[str, str]] = field(default_factory=list)
    key_requests: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Rogue"]:
        """Serve on the loopback interface."""
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discover)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        app.router.add_get("/userinfo", self._userinfo)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _discover(self, _: web.Request) -> web.Response:
        usual = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return web.json_response({**usual, **self.discovery})

    async def _keys(self, _: web.Request) -> web.Response:
        self.key_requests += 1
        return web.json_response({"keys": self.jwks})

    async def _token(self, request: web.Request) -> web.Response:
        self.redeemed.append({name: str(value) for name, value in (await request.post()).items()})
        return web.json_response({"id_token": self.token, "access_token": "invented", "token_type": "Bearer"})

    async def _userinfo(self, _: web.Request) -> web.Response:
        return web.json_response(self.userinfo)


def sent(address: str) -> dict[str, str]:
    """What stands in the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def _absolute(base: str, place: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}{place}" if place.startswith("/") else place
