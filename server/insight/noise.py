"""Has noise put on tables in a process of its own, one at a time. Knows no table's meaning."""

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from typing import Any, Final

from server.insight.protection import Rules
from server.kernel.errors import Unavailable

logger = logging.getLogger("amanah.insight")

DEADLINE_S: Final = 60.0


class Noise:
    """Draws noise with OpenDP.

    Args:
        deadline_s: seconds that one table may take; the process is ended then.
    """

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._place = asyncio.Semaphore(1)

    async def on(self, counts: Mapping[str, int], rules: Rules) -> dict[str, int]:
        """Give a table's counts with noise.

        Raises:
            Unavailable: none could be drawn, or it would have cost more than it may.
        """
        asked = {"counts": list(counts.values()), "most": rules.most, "epsilon": rules.epsilon}
        async with self._place:
            output = await self._run(json.dumps(asked).encode())
        try:
            answer: dict[str, Any] = json.loads(output)
        except ValueError:
            raise Unavailable from None
        drawn = answer["counts"]
        if len(drawn) != len(counts) or answer["epsilon"] > rules.epsilon:
            logger.error("noise for %d counts was not as asked for", len(counts))
            raise Unavailable
        return dict(zip(counts, map(int, drawn), strict=True))

    async def _run(self, question: bytes) -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "server.insight.noise_worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            async with asyncio.timeout(self._deadline_s):
                output, _ = await process.communicate(question)
        except TimeoutError:
            logger.warning("noise took too long")
            return b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return output
