"""Tells what a file is by its content. What it is called, and what a client says of it, is not asked. Pure."""

import re
from typing import Final

from server.files.model import Family

_IMAGES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_SNIFFED: Final = 2048
"""Bytes that browsers and viewers look at to tell what they have before them (WHATWG MIME Sniffing: 1,445)."""

_OTHERS: Final = re.compile(
    r"<(?:!doctype|!--|\?xml|\?php|html|head|body|script|svg|iframe|object|embed|style|title|table|a |img|math|meta)"
    r"|%PDF-|%!PS|\AMZ|\A#!|\{\\rtf",
    re.IGNORECASE,
)
"""What pages, programs and other documents begin with: a text that begins so is meant to be taken for one."""

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_CONTROL_BYTES: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKS: Final = frozenset({b"\xff\xfe", b"\xfe\xff"})
"""Byte order marks of UTF-16."""

_FOREIGN_MOST: Final = 0.2


def family_of(data: bytes) -> Family | None:
    """Say what a file is; None for what is not taken. A text is read to its end for that."""
    marked = marked_family_of(data)
    if marked is not None:
        return marked
    return Family.TEXT if text_of(data) is not None else None


def marked_family_of(data: bytes) -> Family | None:
    """Say what a file is whose first bytes tell; None for texts and what is not taken."""
    if data.startswith(_IMAGES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return Family.IMAGE
    if data.startswith(b"%PDF-"):
        return Family.PDF
    if data.startswith(b"PK\x03\x04"):
        return Family.OFFICE
    return None


def may_be_text(data: bytes) -> bool:
    """Whether a file begins as a text may; at the cost of a look."""
    return data[:2] in _MARKS or not _CONTROL_BYTES.search(data[:_SNIFFED])


def text_of(data: bytes) -> str | None:
    """Read a file as text, with line feeds; None where it is none, or begins like something else.

    UTF-8, UTF-16 with a byte order mark, or Windows-1252, which spreadsheets still write.
    """
    text = _decoded(data)
    if text is None or _CONTROLS.search(text) or not text.strip():
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return None if _OTHERS.search(text[:_SNIFFED]) else text


def _decoded(data: bytes) -> str | None:
    try:
        if data[:2] in _MARKS:
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return text if foreign <= _FOREIGN_MOST * len(text) else None
