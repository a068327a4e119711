"""A ZIP that is made while it is sent: no piece of it is kept, in memory or on a disk. Pure but for what it is given.

Entries are written one after the other with their sizes behind them (APPNOTE.TXT 4.4.4, bit 3), which a stream needs.
Of each entry the length and the SHA-256 are remembered, for the manifest.
"""

import hashlib
import re
import unicodedata
import zipfile
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_PATH: Final = re.compile(r"(?:[a-z0-9][a-z0-9_-]*/)*[a-zA-Z0-9][a-zA-Z0-9._-]*", re.ASCII)
_LONGEST_PATH: Final = 200
_LONGEST_PART: Final = 60
_DEEPEST: Final = 3
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_WINDOW: Final = 64 * 1024


def safe_path(path: str, taken: Collection[str]) -> str:
    """Give a path that every system can unpack, as like the given one as can be, and none of those that are taken."""
    parts = [_UNSAFE.sub("-", _plain(part)).strip("-._") or "x" for part in path.split("/")]
    *folders, name = [part[:_LONGEST_PART] for part in parts[:_DEEPEST]]
    folders = [folder.lower().replace(".", "-") for folder in folders]
    stem, dot, ending = name.rpartition(".")
    whole, number = "/".join([*folders, name]), 1
    while whole in taken:
        number += 1
        again = f"{stem or name}-{number}{dot}{ending if stem else ''}"
        whole = "/".join([*folders, again])
    return whole


def _plain(part: str) -> str:
    return unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode()


class _Outlet:
    """What was written and not yet sent. Can't be sought in, so that `zipfile` writes a stream.

    It is no file that somebody closes: an archive whose reader went away ends as quietly as one that was read.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is to be given back."""

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive.

    Attributes:
        path: in it.
        length: bytes, unpacked.
        sha256: of these, in hexadecimal.
    """

    path: str
    length: int
    sha256: str


class Archive:
    """One archive.

    Args:
        made_at: what stands in it as the time of every file.
    """

    def __init__(self, made_at: datetime) -> None:
        self._outlet = _Outlet()
        self._zip = zipfile.ZipFile(self._outlet, "w")
        self._time = made_at.timetuple()[:6]
        self.entries: list[Entry] = []
        self.paths: set[str] = set()

    def add(self, path: str, content: bytes) -> Iterator[bytes]:
        """Add a file that is at hand; gives what can be sent.

        Raises:
            ValueError: there is such a path, or it is none.
        """
        digest = hashlib.sha256(content)
        with self._zip.open(self._info(path, zipfile.ZIP_DEFLATED), "w") as file:
            for first in range(0, len(content), _WINDOW):
                file.write(content[first : first + _WINDOW])
                yield self._outlet.take()
        self.entries.append(Entry(path, len(content), digest.hexdigest()))
        yield self._outlet.take()

    async def stream(self, path: str, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Add a file as it comes; gives what can be sent. It is stored as it is: such files are packed already.

        Raises:
            ValueError: see `add`.
        """
        digest, length = hashlib.sha256(), 0
        with self._zip.open(self._info(path, zipfile.ZIP_STORED), "w", force_zip64=True) as file:
            async for piece in content:
                digest.update(piece)
                length += len(piece)
                file.write(piece)
                yield self._outlet.take()
        self.entries.append(Entry(path, length, digest.hexdigest()))
        yield self._outlet.take()

    def close(self) -> bytes:
        """Give the end of the archive."""
        self._zip.close()
        return self._outlet.take()

    def _info(self, path: str, method: int) -> zipfile.ZipInfo:
        if not _PATH.fullmatch(path) or len(path) > _LONGEST_PATH or path in self.paths:
            raise ValueError("not a path of an export, or one that is there")
        self.paths.add(path)
        info = zipfile.ZipInfo(path, self._time)
        info.compress_type = method
        info.external_attr = 0o600 << 16
        return info
