"""A plain client of the HTTP interface: sends what it is told, however wrong, and gives back what came."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def envelope(self) -> Any:
        """The whole JSON body."""
        return orjson.loads(self.body)

    @property
    def data(self) -> Any:
        """What a success carries."""
        envelope = self.envelope
        assert self.status < 300, envelope
        assert envelope["ok"] is True
        assert set(envelope) == {"ok", "data"}
        return envelope["data"]

    @property
    def error(self) -> Any:
        """What a refusal carries: exactly the contract's fields."""
        envelope = self.envelope
        assert self.status >= 400
        assert envelope["ok"] is False
        assert set(envelope) == {"ok", "error"}
        assert {"code", "message", "fields", "request_id"} <= set(envelope["error"]) <= _ERROR_FIELDS
        assert envelope["error"]["message"]
        assert b"Traceback" not in self.body
        return envelope["error"]

    @property
    def code(self) -> str:
        """The error's code."""
        return str(self.error["code"])

    @property
    def reasons(self) -> dict[str, str]:
        """Why: field name -> reason."""
        return {name: item["reason"] for name, item in self.error["fields"].items()}


_ERROR_FIELDS = {"code", "message", "fields", "request_id", "retry_after"}


class Http:
    """Requests to one server. Keeps no cookies.

    Args:
        session: with a dummy cookie jar.
        url: of the server.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request; `body` as JSON, or `raw` as it is."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        data = raw if raw is not None else orjson.dumps(body) if body is not None else None
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self.session.request(
            method, self.url + path, data=data, headers=sent, params=params, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, *, token: str | None = None, **params: object) -> Answer:
        """GET with a query string."""
        return await self.call("GET", path, token=token, params={name: str(value) for name, value in params.items()})

    async def post(self, path: str, body: object, *, token: str | None = None) -> Answer:
        """POST of a JSON body."""
        return await self.call("POST", path, body, token=token)
