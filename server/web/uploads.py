"""A file that comes as a form with parts (`multipart/form-data`, RFC 7578): read when its handler asks for it.

A handler says first whether the caller may send one at all, so that nobody's bytes are read who may not.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from server.kernel.errors import InvalidInput
from server.web.requests import patiently

MEDIA_TYPE: Final = "multipart/form-data"
_DEADLINE_S: Final = 300.0
"""Seconds for all of it: 10 MiB over a slow telephone. A byte now and then would hold a place for hours."""

_MOST_PARTS: Final = 4
_MOST_FIELD: Final = 16
_OVERHEAD: Final = 16 * 1024
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class UploadBody:
    """What such a form holds.

    Attributes:
        most: bytes of its one file, in the part `file`.
        flags: names of parts that say `true` or `false` and may be absent.
    """

    most: int
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """A form that was read.

    Attributes:
        name: what the sender's file is called: typed text, not to be kept, logged or quoted.
        data: the file.
        flags: the names of the flags that say `true`.
    """

    name: str = field(repr=False)
    data: bytes = field(repr=False)
    flags: frozenset[str]


class Upload:
    """A form that was not read yet.

    Args:
        request: that brings it.
        expected: what it is to hold.
    """

    def __init__(self, request: web.Request, expected: UploadBody) -> None:
        self._request = request
        self._expected = expected

    async def receive(self) -> Received:
        """Read it.

        Raises:
            InvalidInput: it is no such form, or has no file.
            HTTPRequestEntityTooLarge, HTTPRequestTimeout: it is too long, or comes too slowly.
        """
        if self._request.content_type != MEDIA_TYPE or not self._request.can_read_body:
            raise InvalidInput(fields={"file": "required"})
        length = self._request.content_length or 0
        if length > self._expected.most + _OVERHEAD:
            raise _too_large(self._expected.most, length)
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await self._read()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        except (ValueError, AssertionError, RuntimeError, HttpProcessingError):
            # How the parser says that a form is broken; it quotes what it read.
            raise InvalidInput(fields={"file": "file_damaged"}) from None

    async def _read(self) -> Received:
        name, data = "", b""
        flags: set[str] = set()
        async for part in self._parts():
            if part.name == "file" and part.filename is not None and not data:
                name = part.filename
                data = await _content(part, self._expected.most)
            elif part.name in self._expected.flags and part.filename is None:
                said = await _content(part, _MOST_FIELD)
                if said not in {b"true", b"false"}:
                    raise InvalidInput(fields={part.name: "malformed"})
                flags |= {part.name} if said == b"true" else set()
            else:
                raise InvalidInput(fields={"file": "file_damaged"})
        if not data:
            raise InvalidInput(fields={"file": "required"})
        return Received(name, data, frozenset(flags))

    async def _parts(self) -> AsyncIterator[BodyPartReader]:
        reader = await self._request.multipart()
        for _ in range(_MOST_PARTS + 1):
            part = await patiently(reader.next())
            if part is None:
                return
            if not isinstance(part, BodyPartReader) or hdrs.CONTENT_ENCODING in part.headers:
                break
            yield part
        raise InvalidInput(fields={"file": "file_damaged"})


async def _content(part: BodyPartReader, most: int) -> bytes:
    data = bytearray()
    while chunk := await patiently(part.read_chunk(_CHUNK)):
        data += chunk
        if len(data) > most:
            raise _too_large(most, len(data))
    return bytes(data)


def _too_large(most: int, size: int) -> web.HTTPRequestEntityTooLarge:
    return web.HTTPRequestEntityTooLarge(max_size=most, actual_size=size)
