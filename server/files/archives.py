"""Opens and packs ZIP archives, as office documents are; refuses those that were made to overwhelm or to mislead.

Runs in the worker's process only. No I/O.
"""

import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from server.files.model import MIB, Refused

_MOST_PARTS: Final = 3_000
_MOST_RATIO: Final = 120
"""Times. Tables full of the same shrink by some thirty; what shrinks by more was made to (zip bombs: a thousand)."""

_SMALL: Final = MIB
_ENCRYPTED: Final = 0x1
_PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)


class Budget:
    """How much may still be unpacked, of an archive and of those within it together.

    Args:
        bytes_left: of content.
    """

    def __init__(self, bytes_left: int = 64 * MIB) -> None:
        self._left = bytes_left
        self._parts = _MOST_PARTS

    def spend(self, size: int) -> None:
        """Take a part into account.

        Raises:
            Refused: it is too much.
        """
        self._left -= size
        self._parts -= 1
        if self._left < 0 or self._parts < 0:
            raise Refused("file_too_complex")

    @property
    def left(self) -> int:
        """Bytes that are left."""
        return self._left


def unpack(data: bytes, budget: Budget) -> dict[str, bytes]:
    """Give the parts of an archive by name, in their order.

    Raises:
        Refused: it is encrypted, broken, too much, or its names lead elsewhere.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries, len(data))
            return {entry.filename: _content(archive, entry, budget) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError):
        raise Refused("file_damaged") from None
    except RuntimeError:
        raise Refused("file_encrypted") from None


def _check(entries: list[zipfile.ZipInfo], length: int) -> None:
    if len(entries) > _MOST_PARTS:
        raise Refused("file_too_complex")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Refused("file_encrypted")
    # Two parts of one name are read differently by different programs; parts that share bytes are how bombs are made.
    if len({entry.filename.lower() for entry in entries}) != len(entries):
        raise Refused("file_damaged")
    if sum(entry.compress_size for entry in entries) > length:
        raise Refused("file_too_complex")
    for entry in entries:
        name = entry.filename
        if name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/") or ":" in name:
            raise Refused("file_damaged")
        if entry.compress_type not in _PACKED:
            raise Refused("file_not_allowed")


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> bytes:
    """Unpack a part; what it says of its own size is not believed."""
    most = min(budget.left, max(_SMALL, entry.compress_size * _MOST_RATIO))
    with archive.open(entry) as part:
        content = part.read(most + 1)
    if len(content) > most:
        raise Refused("file_too_complex")
    budget.spend(len(content))
    return content


def pack(parts: Mapping[str, bytes], stored: str = "") -> bytes:
    """Pack an archive: no times, no comments, nothing between its parts.

    Args:
        parts: in their order.
        stored: name of the one part that is not compressed.
    """
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()
