"""Has files looked at by ClamAV, where the operator runs one: the daemon's INSTREAM command over TCP or a local socket.

It fails closed: where one is configured, a file that it did not call clean is not taken. Must not log a file's content
or name.
"""

import asyncio
import logging
from typing import Final
from urllib.parse import urlsplit

from server.files.model import Refused
from server.kernel.errors import Unavailable

logger = logging.getLogger("amanah.files")

_DEADLINE_S: Final = 30.0
_CHUNK: Final = 128 * 1024
_MOST_ANSWER: Final = 4_096
_PORT: Final = 3310
_AT_ONCE: Final = 4


class ClamScanner:
    """Asks a ClamAV daemon.

    Args:
        url: `tcp://HOST:PORT` or `unix:///path/of/the/socket`.
        deadline_s: seconds that a file may take, waiting for others included.

    Raises:
        ValueError: the address is neither.
    """

    def __init__(self, url: str, deadline_s: float = _DEADLINE_S) -> None:
        parts = urlsplit(url)
        if (parts.scheme, bool(parts.hostname), bool(parts.path)) not in {
            ("tcp", True, False),
            ("unix", False, True),
        }:
            raise ValueError("not an address of a scanner")
        self._host, self._path = parts.hostname, parts.path
        self._port = parts.port or _PORT
        self._deadline_s = deadline_s
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def require_clean(self, data: bytes) -> None:
        """Insist that a file is clean.

        Raises:
            Refused: it is `file_infected`.
            Unavailable: nobody said that it is clean.
        """
        try:
            # Waiting for a place counts too: behind a daemon that hangs, files would queue up in memory.
            async with asyncio.timeout(self._deadline_s), self._places:
                answer = await self._ask(data)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            logger.error("the scanner did not answer: %s", type(error).__name__)
            raise Unavailable from None
        if answer == b"stream: OK":
            return
        if answer.endswith(b" FOUND"):
            logger.warning("the scanner refused a file of %d bytes", len(data))
            raise Refused("file_infected")
        logger.error("the scanner gave an answer that says nothing, of %d bytes", len(answer))
        raise Unavailable

    async def _ask(self, data: bytes) -> bytes:
        """Send a file in pieces, each behind its length in four bytes, and one without length as the end."""
        if self._host:
            opening = asyncio.open_connection(self._host, self._port, limit=_MOST_ANSWER)
        else:
            opening = asyncio.open_unix_connection(self._path, limit=_MOST_ANSWER)
        reader, writer = await opening
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(data), _CHUNK):
                piece = data[start : start + _CHUNK]
                writer.write(len(piece).to_bytes(4, "big") + piece)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0")).removesuffix(b"\0")
        finally:
            writer.close()
