"""A line to the server that holds traffic back, in one direction or both, for as long as a test wants: delay, a network
that drops one direction, sleep. Nothing waits for time to pass.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Direction:
    """One way through the line.

    Attributes:
        open: set while it lets traffic through.
        held: bytes that came in while it did not.
    """

    open: asyncio.Event = field(default_factory=asyncio.Event)
    held: int = 0

    def __post_init__(self) -> None:
        """A new line is a good one."""
        self.open.set()


class HeldLine:
    """A TCP proxy.

    Args:
        port: of the server on the loopback interface.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.StreamWriter] = set()
        self.up = Direction()
        self.down = Direction()

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

    def hold(self, *directions: Direction) -> None:
        """Let nothing through; what comes is kept."""
        for direction in directions:
            direction.held = 0
            direction.open.clear()

    def release(self) -> None:
        """Let everything through, what was kept first."""
        self.up.open.set()
        self.down.open.set()

    async def lose(self) -> None:
        """Break every connection without a goodbye: what was kept is lost. New ones are good."""
        ended = list(self._running)
        for end in list(self._ends):
            end.transport.abort()
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        self.release()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        ends = [writer]
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            ends.append(far_writer)
            self._ends.update(ends)
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, far_writer, self.up))
                pumps.create_task(self._pump(far_reader, writer, self.down))
        except (OSError, ExceptionGroup, asyncio.CancelledError):
            # One end is gone, or the line was broken by a test, which waits for nothing but the end of this.
            pass
        finally:
            for end in ends:
                self._ends.discard(end)
                end.transport.abort()

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        while data := await reader.read(65_536):
            if not direction.open.is_set():
                direction.held += len(data)
                await direction.open.wait()
            writer.write(data)
            with suppress(ConnectionError):
                await writer.drain()
        writer.transport.abort()
