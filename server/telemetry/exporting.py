"""Where spans go: lines of JSON in a file, or a collector that takes OTLP over HTTP. Both written here: the protocol is
small, and the usual library brings instrumentation that reads addresses and statements.

Must not be given anything that `spans.clean` has not seen.
"""

import asyncio
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import aiohttp
import orjson

from server.telemetry.spans import Span, otlp

logger = logging.getLogger("amanah.traces")

_SERVICE: Final = "amanah"
_PATIENCE_S: Final = 5.0
_PRIVATE_FILE: Final = 0o600
_MOST_BYTES: Final = 64 * 1024 * 1024
_OK: Final = range(200, 300)


class FileExporter:
    """Appends a line for each span, in the shape of OTLP; one older file is kept beside the newest.

    Args:
        path: of the file.
        version: of this server.
        most: bytes after which a new file is begun.
    """

    def __init__(self, path: Path, version: str, most: int = _MOST_BYTES) -> None:
        self._path = path
        self._version = version
        self._most = most

    async def export(self, spans: Sequence[Span]) -> bool:
        """See `tracing.Exporter`."""
        lines = b"".join(orjson.dumps(otlp([span], _SERVICE, self._version)) + b"\n" for span in spans)
        try:
            await asyncio.to_thread(self._append, lines)
        except OSError as error:
            logger.warning("traces can't be written: %s", type(error).__name__)
            return False
        return True

    async def close(self) -> None:
        """See `tracing.Exporter`."""

    def _append(self, lines: bytes) -> None:
        if self._path.exists() and self._path.stat().st_size + len(lines) > self._most:
            self._path.replace(self._path.with_suffix(".1.jsonl"))
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
        with os.fdopen(descriptor, "ab") as file:
            file.write(lines)


class CollectorExporter:
    """Posts spans to a collector of the operator's (`OTLP/HTTP`, JSON).

    Args:
        address: of its traces, `http://collector:4318/v1/traces`.
        version: of this server.
    """

    def __init__(self, address: str, version: str) -> None:
        self._address = address
        self._version = version
        self._session: aiohttp.ClientSession | None = None

    async def export(self, spans: Sequence[Span]) -> bool:
        """See `tracing.Exporter`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_PATIENCE_S), cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )
        body = orjson.dumps(otlp(list(spans), _SERVICE, self._version))
        headers = {"Content-Type": "application/json", "User-Agent": "Amanah-Traces/1"}
        try:
            async with self._session.post(self._address, data=body, headers=headers, allow_redirects=False) as answer:
                answer.close()
                taken = answer.status in _OK
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            logger.warning("the collector of traces does not answer: %s", type(error).__name__)
            return False
        if not taken:
            logger.warning("the collector of traces refuses: %d", answer.status)
        return taken

    async def close(self) -> None:
        """See `tracing.Exporter`."""
        if self._session is not None:
            await self._session.close()
