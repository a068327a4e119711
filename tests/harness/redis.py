"""A Redis server of a test's own, on a socket in its folder; nothing of it is replaced."""

import asyncio
import shutil
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.harness.process import eventually


class RedisServer:
    """`redis-server`, which can be ended and started again.

    Args:
        folder: where its socket lies; it keeps nothing else.
    """

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start, and wait until it answers."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.fail("tests of shared limits need Redis: `apt-get install redis-server`")
        settings = ("--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no")
        self._process = await asyncio.create_subprocess_exec(
            program, *settings, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )

        async def is_up() -> bool:
            async with Redis.from_url(self.url) as client:
                try:
                    return bool(await client.ping())
                except (RedisError, OSError):
                    return False

        await eventually(is_up, "redis answers")

    async def end(self) -> None:
        """Kill it; what it knew is gone."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None
            self.socket.unlink(missing_ok=True)
