"""Sends deliveries over HTTPS to addresses that administrators chose, through the guard of `server.outside`.

Follows no redirection, reads nothing of an answer but its head, waits for ten seconds at most. Logs no address.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Final

import aiohttp

from server.outside import LeadsInside, Outside
from server.webhooks.model import Answer, Outcome

_TIMEOUT_S: Final = 10.0
_CONNECT_S: Final = 5.0
_LONGEST_WAIT_S: Final = 24 * 3600
_AT_ONCE: Final = 8


class HookClient:
    """Fills `webhooks.delivering.Sender`. A context manager.

    Args:
        outside: where connections may lead.
    """

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "HookClient":
        """Open connections when they are needed."""
        self._session = aiohttp.ClientSession(
            connector=self._outside.connector(limit=_AT_ONCE),
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S, connect=_CONNECT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close them."""
        if self._session is not None:
            await self._session.close()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """See `webhooks.delivering.Sender`."""
        if self._session is None:
            return Answer(Outcome.UNREACHABLE)
        said = {**headers, "Content-Type": "application/json", "User-Agent": "Amanah-Webhooks/1"}
        try:
            async with self._session.post(url, data=body, headers=said, allow_redirects=False) as response:
                # What it says beside its head is never read: the connection is closed with it.
                response.close()
                return _answer(response.status, response.headers.get("Retry-After", ""))
        except TimeoutError:
            return Answer(Outcome.TOO_SLOW)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(Outcome.LEADS_INSIDE if _is_inside(error) else Outcome.UNREACHABLE)


def _answer(status: int, retry_after: str) -> Answer:
    if 200 <= status < 300:
        return Answer(Outcome.TAKEN, status)
    if status == 410:
        return Answer(Outcome.GONE, status)
    known = retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= 6
    wait = timedelta(seconds=min(int(retry_after), _LONGEST_WAIT_S)) if known else timedelta(0)
    return Answer(Outcome.REFUSED, status, wait)


def _is_inside(error: BaseException) -> bool:
    """Whether the guard is what stopped it; the client library wraps what it hears."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, LeadsInside) or isinstance(getattr(seen, "os_error", None), LeadsInside):
            return True
        seen = seen.__cause__
    return False
