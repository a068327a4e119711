"""What every TCP proxy between a client and the server under test has in common: it listens, carries, ends."""

import asyncio
from abc import ABC, abstractmethod


class Proxy(ABC):
    """A TCP proxy on the loopback interface.

    Args:
        port: of the server.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop(self) -> None:
        """End everything."""
        assert self._server is not None
        self._server.close()
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._server.wait_closed()

    @abstractmethod
    async def carry(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Carry one connection until it ends; afterwards both ends are broken off without a goodbye."""

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        ends = [writer]
        try:
            far = await asyncio.open_connection("127.0.0.1", self._target)
            ends.append(far[1])
            await self.carry((reader, writer), far)
        except OSError:
            # The server is not there at the moment.
            pass
        finally:
            for end in ends:
                end.transport.abort()
