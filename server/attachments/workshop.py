"""Has images remade in processes of their own, few at a time and each under a deadline."""

import asyncio
import json
import logging
import sys
from typing import Any, Final

from server.attachments.model import Picture
from server.attachments.remaking import is_bare
from server.kernel.errors import InvalidInput

logger = logging.getLogger("amanah.attachments")

DEADLINE_S: Final = 30.0
_AT_ONCE: Final = 2
_REASONS: Final = frozenset({"not_an_image", "too_large"})


class Workshop:
    """Remakes images.

    Args:
        deadline_s: seconds that one image may take; the process is ended then.
    """

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def remake(self, data: bytes) -> tuple[Picture, Picture]:
        """Give the whole and the small form of an image.

        Raises:
            InvalidInput: it is none that can be taken; `fields` says why.
        """
        async with self._places:
            output = await self._run(data)
        line, _, rest = output.partition(b"\n")
        try:
            answer: dict[str, Any] = json.loads(line)
            forms = answer.get("forms") or []
        except ValueError:
            # It was ended, by us or by its limits, or it fell over the image.
            raise _refused("too_complex") from None
        if not forms:
            reason = str(answer.get("reason"))
            raise _refused(reason if reason in _REASONS else "not_an_image")
        pictures: list[Picture] = []
        for width, height, length in forms:
            picture = Picture(rest[:length], int(width), int(height))
            rest = rest[length:]
            if not is_bare(picture.data):
                raise _refused("not_an_image")
            pictures.append(picture)
        return pictures[0], pictures[1]

    async def _run(self, data: bytes) -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "server.attachments.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(data), self._deadline_s)
        except TimeoutError:
            logger.warning("an image of %d bytes took too long", len(data))
            return b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return output


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(fields={"image": reason})
