"""Work on somebody's file in a process of its own, few at a time, each under a deadline and held to a size.

What comes back is believed only as far as its form: whoever asked looks at what it is. Must not know what the work is,
nor log what it is done on.
"""

import asyncio
import json
import logging
import sys
from contextlib import suppress
from typing import Any, Final

logger = logging.getLogger("amanah.workers")

_AT_ONCE: Final = 2
_CHUNK: Final = 256 * 1024


class WorkerProcess:
    """Runs a module of ours on one piece of data after another, each in a new process without environment.

    Args:
        module: what is run: it reads the data on standard input, and writes a line of JSON and then bytes.
        deadline_s: seconds that it may take; the process is ended then.
        most_out: bytes that it may write; the process is ended when it writes more.
        at_once: how many run at the same time.
    """

    def __init__(self, module: str, *, deadline_s: float, most_out: int, at_once: int = _AT_ONCE) -> None:
        self._module = module
        self._deadline_s = deadline_s
        self._most_out = most_out
        self._places = asyncio.Semaphore(at_once)

    async def work(self, data: bytes) -> tuple[dict[str, Any], bytes] | None:
        """Give what it says about the data, and the bytes after that.

        Returns:
            None when it said nothing: it was ended, by us or by its limits, or it fell over the data.
        """
        async with self._places:
            output = await self._run(data)
        line, _, rest = output.partition(b"\n")
        try:
            answer = json.loads(line)
        except ValueError:
            return None
        return (answer, rest) if isinstance(answer, dict) else None

    async def _run(self, data: bytes) -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            self._module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._talk(process, data)
        except TimeoutError:
            logger.warning("a file of %d bytes took too long", len(data))
            return b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _talk(self, process: asyncio.subprocess.Process, data: bytes) -> bytes:
        """Write all of it, and read no more than can be meant."""
        writing = asyncio.create_task(_feed(process, data))
        output = bytearray()
        try:
            while process.stdout is not None and (chunk := await process.stdout.read(_CHUNK)):
                output += chunk
                if len(output) > self._most_out:
                    logger.warning("what came of a file of %d bytes was too long", len(data))
                    return b""
            await process.wait()
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
        return bytes(output)


async def _feed(process: asyncio.subprocess.Process, data: bytes) -> None:
    if process.stdin is None:
        return
    # A process that has ended reads no more; what it has said counts.
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(data)
        await process.stdin.drain()
        process.stdin.close()
