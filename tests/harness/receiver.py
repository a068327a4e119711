"""A program on the loopback interface that receives webhooks: checks signatures as `docs/webhooks.md` shows it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from tests.harness.process import eventually

_PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


def sample() -> Callable[..., bytes]:
    """Give the function that the documentation shows to receivers, so that it can't be wrong."""
    found = re.search(r"```python\n(.*?)```", _PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    names: dict[str, Any] = {}
    exec(compile(found[1], str(_PAGE), "exec"), names)
    verify: Callable[..., bytes] = names["verify"]
    return verify


@dataclass(frozen=True, slots=True)
class Received:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Of the message."""
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        """What it says."""
        found = orjson.loads(self.body)
        assert isinstance(found, dict)
        return found

    def is_signed_by(self, secret: str, *, now: datetime | None = None) -> bool:
        """Whether the documentation's way of checking takes it."""
        try:
            return sample()(secret, self.headers, self.body, now=(now or datetime.now(UTC)).timestamp()) == self.body
        except ValueError:
            return False


@dataclass(slots=True)
class Receiver:
    """The program. `start` before use, `stop` at the end."""

    received: list[Received] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    port: int = 0
    elsewhere: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_post("/hook", self._take)
        app.router.add_route("*", "/elsewhere", self._count)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Listen no longer."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def count(self, count: int) -> None:
        """Wait until so many messages have come."""
        await eventually(lambda: len(self.received) >= count, "the messages have come")

    async def _take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(headers, await request.read()))
        return web.Response(status=self.status, headers=self.headers)

    async def _count(self, _: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response()
