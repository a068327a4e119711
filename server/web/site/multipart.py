"""Forms with a file in them (RFC 7578), read in memory: nothing goes to temporary files, a file's name
is what its sender typed, for the gate.

Takes what browsers send from pages of ours and nothing else: no nesting, no transfer encodings, no character sets. Must
not keep, log or compare what was typed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.helpers import parse_mimetype

from server.kernel.errors import InvalidInput
from server.web.requests import patiently

_BOUNDARY: Final = re.compile(r"[A-Za-z0-9'()+_,./:=?-]{1,70}")
_NAME: Final = re.compile(
    rb'form-data; name="(?P<name>[a-z0-9_]{1,40})"(?P<file>; filename=(?:"(?P<called>[^"\r\n]*)")?)?', re.IGNORECASE
)
_MOST_PARTS: Final = 100
_LONGEST_HEAD: Final = 1_000


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """One field.

    Attributes:
        name: of the field.
        is_file: whether it is a file.
        content: its bytes.
        called: what the sender's file is called: typed text, not to be kept, logged or quoted.
    """

    name: str
    is_file: bool
    content: bytes
    called: str = ""


async def read_parts(request: web.Request, *, kept: int, most: int) -> list[Part]:
    """Read a form.

    Args:
        request: its body is `multipart/form-data`.
        kept: bytes that are kept in memory; what comes after them is read and forgotten, so that whoever may send no
            file gets back what they typed before it.
        most: bytes that are read at all.

    Raises:
        InvalidInput: it is no such form.
        HTTPRequestEntityTooLarge: it is longer.
    """
    boundary = parse_mimetype(request.headers.get("Content-Type", "")).parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise InvalidInput(fields={"body": "malformed"})
    body, length = bytearray(), 0
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=request.content_length or 0)
    while chunk := await patiently(request.content.readany()):
        length += len(chunk)
        if length > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=length)
        body += chunk[: max(0, kept - len(body))]
    return list(parts_of(bytes(body), boundary.encode()))


def parts_of(body: bytes, boundary: bytes) -> Iterator[Part]:
    """Give the fields of a form; what is cut off at its end is no field.

    Raises:
        InvalidInput: it is no such form.
    """
    # As if every boundary came after a line's end.
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, _MOST_PARTS + 1)
    if len(pieces) > _MOST_PARTS + 1 or pieces[0].strip():
        raise InvalidInput(fields={"body": "malformed"})
    for piece in pieces[1:-1]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        found = _NAME.search(head) if head.startswith(b"\r\n") and len(head) <= _LONGEST_HEAD else None
        if not blank or found is None:
            raise InvalidInput(fields={"body": "malformed"})
        called = (found["called"] or b"").decode("utf-8", "replace")
        yield Part(found["name"].decode(), found["file"] is not None, content, called)
