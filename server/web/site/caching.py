"""Finished pages for readers who are not signed in, in memory, by what they show.

Knows no capability: whoever changes something says the names of what changed, and every page that shows it is gone.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from server.kernel.ports import Clock

_MOST_BYTES = 64 * 1024 * 1024
_MOST_DROPS = 20_000
_LASTS_S = 60.0
"""What no event tells of, a changed avatar for one, is seen after so long."""

_GZIP = 5
"""Half the time of level 9 for two per cent more bytes, on pages of 40 KB."""

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


def body_of(page: str, headers: Iterable[tuple[str, str]] = (), status: int = 200) -> Body:
    """Make a page ready to be sent."""
    plain = page.encode()
    digest = hashlib.blake2b(plain, digest_size=12).hexdigest()
    return Body(plain, gzip.compress(plain, _GZIP, mtime=0), f'W/"{digest}"', tuple(headers), status)


class PageCache:
    """Pages by address and language.

    Args:
        clock: the time.
        most_bytes: how much memory the pages may take; the longest unused go first.
    """

    def __init__(self, clock: Clock, most_bytes: int = _MOST_BYTES) -> None:
        self._clock = clock
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
        if self._clock().timestamp() - found[2] > _LASTS_S:
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
