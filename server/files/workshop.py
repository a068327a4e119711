"""Has files cleaned in processes of their own, few at a time and each under a deadline. Believes them little."""

import asyncio
import json
import logging
import sys
from contextlib import suppress
from typing import Any, Final

from server.attachments.remaking import is_bare
from server.files.kinds import marked_family_of
from server.files.model import ENDINGS, MIB, REASONS, Cleaned, Family, Refused

logger = logging.getLogger("amanah.files")

DEADLINE_S: Final = 40.0
_AT_ONCE: Final = 2
_MOST_OUT: Final = 80 * MIB
_CHUNK: Final = 256 * 1024


class Workshop:
    """Cleans files.

    Args:
        deadline_s: seconds that one file may take; the process is ended then.
    """

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def clean(self, data: bytes) -> Cleaned:
        """Give what is left of a file.

        Raises:
            Refused: it can't be taken.
        """
        async with self._places:
            output = await self._run(data)
        line, _, rest = output.partition(b"\n")
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            # It was ended, by us or by its limits, or it fell over the file.
            raise Refused("file_too_complex") from None
        if "reason" in answer:
            reason = str(answer["reason"])
            raise Refused(reason if reason in REASONS else "file_damaged")
        return _cleaned(answer, rest)

    async def _run(self, data: bytes) -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "server.files.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            async with asyncio.timeout(self._deadline_s):
                return await _talk(process, data)
        except TimeoutError:
            logger.warning("a file of %d bytes took too long", len(data))
            return b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _talk(process: asyncio.subprocess.Process, data: bytes) -> bytes:
    """Write all of it, and read no more than can be meant."""
    writing = asyncio.create_task(_feed(process, data))
    output = bytearray()
    try:
        while process.stdout is not None and (chunk := await process.stdout.read(_CHUNK)):
            output += chunk
            if len(output) > _MOST_OUT:
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


def _cleaned(answer: dict[str, Any], rest: bytes) -> Cleaned:
    try:
        media_type = str(answer["media_type"])
        kept, small, text = (int(length) for length in answer["lengths"])
        picture = answer["picture"]
        cleaned = Cleaned(
            media_type,
            rest[:kept],
            picture=(int(picture[0]), int(picture[1])) if picture else None,
            small=rest[kept : kept + small],
            text=rest[kept + small : kept + small + text].decode("utf-8", "replace"),
            unread=bool(answer["unread"]),
        )
    except (KeyError, TypeError, ValueError, IndexError):
        raise Refused("file_damaged") from None
    if min(kept, small, text) < 0 or kept + small + text != len(rest) or not _is_what_it_says(cleaned):
        raise Refused("file_damaged")
    return cleaned


def _is_what_it_says(cleaned: Cleaned) -> bool:
    """Whether what came back begins like what it is said to be: a worker that was taken over could say anything."""
    if cleaned.media_type not in ENDINGS:
        return False
    if cleaned.media_type == "image/webp":
        return cleaned.picture is not None and is_bare(cleaned.data) and is_bare(cleaned.small)
    if cleaned.media_type.startswith("text/"):
        return not cleaned.data and bool(cleaned.text)
    expected = Family.PDF if cleaned.media_type == "application/pdf" else Family.OFFICE
    return marked_family_of(cleaned.data) is expected
