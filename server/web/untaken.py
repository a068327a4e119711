"""Ends connections whose other side takes nothing of what it asked for.

Each holds its answer in memory, a file of many megabytes perhaps, and nothing else ends it: such a client is alive.
Must not know what is asked for.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from aiohttp import web

logger = logging.getLogger("amanah.http")

_EVERY_S: Final = 60.0
"""A slow line is no reason: between two looks some bytes get through. nginx waits as long (`send_timeout`)."""


class Untaken:
    """Looks at connections now and then.

    Args:
        connections: gives those that are open.
    """

    def __init__(self, connections: Callable[[], Sequence[web.RequestHandler]]) -> None:
        self._connections = connections
        self._left: dict[web.RequestHandler, int] = {}

    def look(self) -> int:
        """End those that have an answer waiting and took no byte of it since the last look; give how many."""
        left: dict[web.RequestHandler, int] = {}
        ended = 0
        for connection in self._connections():
            transport = connection.transport
            if transport is None or not connection.writing_paused:
                continue
            waiting = transport.get_write_buffer_size()
            if self._left.get(connection) == waiting:
                transport.abort()
                ended += 1
            else:
                left[connection] = waiting
        self._left = left
        return ended

    async def go_on(self) -> None:
        """Look for as long as this is not cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            ended = self.look()
            if ended:
                logger.info("connections ended whose other side took no answer: %d", ended)
