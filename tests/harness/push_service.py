"""A push service on the loopback interface: takes what it is sent, and answers what it is told to."""

import base64
from dataclasses import dataclass, field

import orjson
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.harness.process import eventually


@dataclass(frozen=True, slots=True)
class Pushed:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(slots=True)
class PushService:
    """The service. `start` before use, `stop` at the end."""

    pushed: list[Pushed] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    port: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_post("/{rest:.*}", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Listen no longer."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def origin(self) -> str:
        """The setting for it."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, status: int) -> None:
        """Answer requests for a device with a status."""
        self.answers[path] = status

    async def count(self, count: int) -> None:
        """Wait until so many pushes have come."""
        await eventually(lambda: len(self.pushed) >= count, "the pushes have come")

    async def _take(self, request: web.Request) -> web.Response:
        self.pushed.append(Pushed(request.path, dict(request.headers), await request.read()))
        status = self.answers.get(request.path, 201)
        location = {"Location": self.origin + "/elsewhere"} if 300 <= status < 400 else {}
        return web.Response(status=status, headers=location)


def claims_of(authorization: str, public_key: str) -> dict[str, object]:
    """Check a VAPID header (RFC 8292) against a public key; give what it says."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid"
    parts = dict(item.split("=", 1) for item in rest.replace(" ", "").split(","))
    assert parts["k"].rstrip("=") == public_key.rstrip("=")
    signed, _, signature = parts["t"].rpartition(".")
    raw = _decoded(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decoded(public_key))
    point = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(point, signed.encode(), ec.ECDSA(hashes.SHA256()))
    claims = orjson.loads(_decoded(signed.split(".")[1]))
    assert isinstance(claims, dict)
    return claims
