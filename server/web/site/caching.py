"""Finished pages for readers who are not signed in, in memory, by what they show.

Knows no capability: whoever changes something says the names of what changed, and every page that shows it is gone.
"""

import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.kernel.ports import Clock

_MOST_BYTES = 64 * 1024 * 1024
_MOST_DROPS = 20_000
ALONE_S = 60.0
"""Where there is one server: what no event tells of, a changed avatar for one, is seen after so long."""

BESIDE_OTHERS_S = 5.0
"""Where there may be others: of what they change no event tells here, a post that was hidden for one."""

_KEPT_LEVEL = 5
"""Half the time of level 9 for two per cent more bytes, on pages of 40 KB."""

_PASSING_LEVEL = 2
"""Half the time of level 5 for twelve per cent more bytes: for pages that one reader gets once."""

_RAW = -zlib.MAX_WBITS
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""RFC 1952, 2.3: deflate, no flags, no time, system unknown."""

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A page as it is sent.

    Attributes:
        plain: the page.
        packed: the same, gzipped.
        tag: entity tag (RFC 9110, 8.8.3), with quotes. Weak, for both codings have it.
        headers: to be sent with it.
        status: HTTP status.
    """

    plain: bytes
    packed: bytes
    tag: str
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of pages that is the same in many of them.

    Attributes:
        plain: as it stands in a page.
        packed: the same, deflated, so that other deflated pieces may come before and after it (RFC 1951).
        digest: of it.
    """

    plain: bytes
    packed: bytes
    digest: bytes


def piece_of(html: str) -> Piece:
    """Make a piece ready to be put into pages."""
    plain = html.encode()
    return Piece(plain, _deflated(plain, _KEPT_LEVEL, zlib.Z_FULL_FLUSH), _digest([plain]))


def body_of(
    page: str,
    headers: Iterable[tuple[str, str]] = (),
    status: int = 200,
    *,
    piece: Piece | None = None,
    mark: str = "",
    passing: bool = False,
) -> Body:
    """Make a page ready to be sent.

    Args:
        page: HTML.
        headers: to be sent with it.
        status: HTTP status.
        piece: what stands in the place of the mark.
        mark: where; must be in the page once.
        passing: whether it is for one reader only, and not kept.
    """
    level = _PASSING_LEVEL if passing else _KEPT_LEVEL
    before, found, after = page.partition(mark) if piece is not None else (page, "", "")
    if piece is None or not found:
        plain = page.encode()
        packed = _deflated(plain, level, zlib.Z_FINISH)
        digest = _digest([plain])
    else:
        head, tail = before.encode(), after.encode()
        plain = b"".join((head, piece.plain, tail))
        packed = _deflated(head, level, zlib.Z_FULL_FLUSH) + piece.packed + _deflated(tail, level, zlib.Z_FINISH)
        digest = _digest([head, piece.digest, tail])
    ending = zlib.crc32(plain).to_bytes(4, "little") + (len(plain) & 0xFFFFFFFF).to_bytes(4, "little")
    return Body(plain, _GZIP_HEAD + packed + ending, f'W/"{digest.hex()}"', tuple(headers), status)


def _deflated(plain: bytes, level: int, ending: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, _RAW)
    return packer.compress(plain) + packer.flush(ending)


def _digest(parts: Sequence[bytes]) -> bytes:
    """Of all parts, each with its length, so that no two pages share one by where they are cut."""
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


class PageCache:
    """Pages by address and language.

    Args:
        clock: the time.
        most_bytes: how much memory the pages may take; the longest unused go first.
        lasts_s: for how long a page of which nobody said that it has changed is taken for as it would be made now.
    """

    def __init__(self, clock: Clock, most_bytes: int = _MOST_BYTES, lasts_s: float = ALONE_S) -> None:
        self._clock = clock
        self._lasts_s = lasts_s
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, tuple[Body, frozenset[str], float]] = OrderedDict()
        self._showing: dict[str, set[Key]] = {}
        self._bytes = 0
        self._serial = 0
        self._dropped: OrderedDict[str, int] = OrderedDict()
        self._forgotten = 0

    def begin(self) -> int:
        """Say that a page is about to be made; `put` wants the answer."""
        return self._serial

    def find(self, key: Key) -> Body | None:
        """Give a page that is still as it would be made now."""
        found = self._kept.get(key)
        if found is None:
            return None
        if self._clock().timestamp() - found[2] > self._lasts_s:
            self._remove(key)
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Key, body: Body, shows: frozenset[str], begun: int) -> None:
        """Keep a page, unless something that it shows has changed while it was made.

        Args:
            key: its address and language.
            body: the page.
            shows: names of what is seen on it.
            begun: what `begin` gave before anything for it was read.
        """
        if begun < self._forgotten or any(self._dropped.get(name, 0) > begun for name in shows):
            return
        self._remove(key)
        self._kept[key] = (body, shows, self._clock().timestamp())
        self._bytes += _size(body)
        for name in shows:
            self._showing.setdefault(name, set()).add(key)
        while self._bytes > self._most_bytes:
            self._remove(next(iter(self._kept)))

    def drop(self, names: Iterable[str]) -> None:
        """Forget all pages that show one of these, also those that are being made."""
        self._serial += 1
        for name in names:
            self._dropped[name] = self._serial
            self._dropped.move_to_end(name)
            for key in tuple(self._showing.get(name, ())):
                self._remove(key)
        while len(self._dropped) > _MOST_DROPS:
            _, self._forgotten = self._dropped.popitem(last=False)

    def clear(self) -> None:
        """Forget all pages, also those that are being made."""
        self._serial += 1
        self._forgotten = self._serial
        for key in tuple(self._kept):
            self._remove(key)

    def _remove(self, key: Key) -> None:
        found = self._kept.pop(key, None)
        if found is None:
            return
        body, shows, _ = found
        self._bytes -= _size(body)
        for name in shows:
            keys = self._showing[name]
            keys.discard(key)
            if not keys:
                del self._showing[name]


def _size(body: Body) -> int:
    return len(body.plain) + len(body.packed)
