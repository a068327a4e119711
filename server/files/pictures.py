"""Takes out of pictures within documents what is no pixel: places, cameras, names, comments. Pure.

The pixels themselves are not touched: a document refers to its pictures by size, and printing wants them as they are.
Pictures that come alone are made anew instead (`attachments.remaking`).
"""

from typing import Final

_JPEG_START: Final = b"\xff\xd8"
_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_LEFT_OUT: Final = frozenset({*range(0xE1, 0xF0), 0xFE}) - {0xE2, 0xEE}
"""APP1 (EXIF, XMP) to APP15 and comments, but for APP2 (colour profile) and APP14 (how colours are to be read)."""

_SCAN, _END = 0xDA, 0xD9
_KEPT_CHUNKS: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
)


def stripped(data: bytes) -> bytes | None:
    """Give a JPEG or PNG with nothing but its pixels; None where it is neither, or broken."""
    if data.startswith(_JPEG_START):
        return _jpeg(data)
    return _png(data) if data.startswith(_PNG_START) else None


def _jpeg(data: bytes) -> bytes | None:
    out = bytearray(_JPEG_START)
    position = 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            return None
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if marker == _SCAN:
            # Nothing but coded pixels from here on, up to the end; what stands behind the end is another file.
            end = data.rfind(b"\xff\xd9")
            return bytes(out + data[position : end + 2]) if end > position else bytes(out + data[position:])
        if length < 2 or marker == _END:
            return None
        if marker not in _LEFT_OUT:
            out += data[position : position + 2 + length]
        position += 2 + length
    return None


def _png(data: bytes) -> bytes | None:
    out = bytearray(_PNG_START)
    position = len(_PNG_START)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        end = position + 12 + length
        if end > len(data):
            return None
        if kind in _KEPT_CHUNKS:
            out += data[position:end]
        position = end
        if kind == b"IEND":
            return bytes(out)
    return None


def size_of(data: bytes) -> tuple[int, int] | None:
    """Say how large a JPEG or PNG is, in pixels; None where it can't be told."""
    if data.startswith(_PNG_START) and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    position = 2
    while data.startswith(_JPEG_START) and position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height = int.from_bytes(data[position + 5 : position + 7], "big")
            return int.from_bytes(data[position + 7 : position + 9], "big"), height
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


MARK: Final = 300
"""Pixels. A picture that is smaller on either side is a letterhead, an icon, a line: no paper can be read in it."""


def is_unread(data: bytes) -> bool:
    """Whether a picture may show what the gate can't read."""
    size = size_of(data)
    return size is None or min(size) >= MARK
