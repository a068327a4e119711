"""A line to the server that holds traffic back, in one direction or both, for as long as a test wants: delay, a network
that drops one direction, sleep. Nothing waits for time to pass.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from tests.harness.proxy import Proxy


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


class HeldLine(Proxy):
    """A proxy that holds traffic back.

    Args:
        port: of the server on the loopback interface.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._ends: set[asyncio.StreamWriter] = set()
        self.up = Direction()
        self.down = Direction()

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

    async def carry(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Carry what is not held."""
        ends = {near[1], far[1]}
        self._ends |= ends
        # One end is gone, or the line was broken by a test, which waits for nothing but the end of this.
        with suppress(OSError, ExceptionGroup, asyncio.CancelledError):
            try:
                async with asyncio.TaskGroup() as pumps:
                    pumps.create_task(self._pump(near[0], far[1], self.up))
                    pumps.create_task(self._pump(far[0], near[1], self.down))
            finally:
                self._ends -= ends

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
