"""Entries, blocks, their hashing and the check of a chain. Pure.

The trail is a chain of blocks, numbered from 1 without gaps; a block holds one or more entries, numbered from 1 without
gaps over the whole trail. With `H(tag, part, ...)` for HMAC-SHA-256 under the trail's key of the parts, each preceded
by its length in bytes as four bytes, big-endian (so that no two lists of parts give the same bytes), and integers in
decimal:

- line of an entry: `[action, actor, [object, ...], {count: n, ...}, at]` as JSON in UTF-8 without spaces, keys sorted,
  `at` in milliseconds since 1970. The line is what is stored, so nothing has to be encoded again to be checked.
- link of an entry: `H("entry", link before, line)`, the first one's link before being the block's `prev`; of each link
  the first 16 bytes are stored. The first stored link that does not fit tells which entry was touched.
- mac of a block: `H("block", number, prev, first, count, at, last link)`; `prev` is the mac of the block before, and
  64 zeros in block 1.
- anchor: number and mac of a late block, with `H("anchor", number, mac)`. It is kept apart from the chain, so a chain
  that lost its end is found out.

Nothing of this may hold content: ids, counts and names of actions only, and the constructor sees to it.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import orjson

ORIGIN: Final = "0" * 64
"""`prev` of the first block."""

_ACTION: Final = re.compile(r"[a-z][a-z_]{0,31}(?::[a-z][a-z_]{0,31}){2}")
_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_COUNT: Final = re.compile(r"[a-z][a-z_]{0,31}")
_LINK_DIGITS: Final = 32
_MOST_OBJECTS: Final = 64
_MOST_COUNTS: Final = 16
_BIGGEST_COUNT: Final = 2**53
_NO_COUNTS: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that was done.

    Attributes:
        action: `source:subject:action` in lower case, `chat:message:posted`.
        actor_id: opaque id of the account that did it, or a fixed word for the system itself.
        objects: opaque ids of what it was done to.
        at: when, aware; kept in whole milliseconds.
        counts: named whole numbers.
    """

    action: str
    actor_id: str
    objects: Sequence[str]
    at: datetime
    counts: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)

    def __post_init__(self) -> None:
        """Refuse whatever could be content. The messages name the attribute, never its value."""
        if not _ACTION.fullmatch(self.action):
            raise ValueError("the action is not of the form source:subject:action")
        if not _ID.fullmatch(self.actor_id):
            raise ValueError("the actor is not an id")
        if len(self.objects) > _MOST_OBJECTS or not all(map(_ID.fullmatch, self.objects)):
            raise ValueError("the objects are not ids")
        if len(self.counts) > _MOST_COUNTS or not all(map(_COUNT.fullmatch, self.counts)):
            raise ValueError("the counts have no proper names")
        if not all(type(value) is int and abs(value) < _BIGGEST_COUNT for value in self.counts.values()):
            raise ValueError("the counts are not whole numbers")
        if self.at.tzinfo is None:
            raise ValueError("the time has no zone")

    def line(self) -> bytes:
        """The form that is hashed and stored."""
        parts = [self.action, self.actor_id, list(self.objects), dict(self.counts), milliseconds(self.at)]
        return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)


def entry_of(line: str) -> AuditEntry:
    """Give the entry of a stored line.

    Raises:
        ValueError: it is not the line of an entry.
    """
    try:
        action, actor_id, objects, counts, at = orjson.loads(line)
        return AuditEntry(action, actor_id, tuple(objects), datetime.fromtimestamp(at / 1000, UTC), counts)
    except TypeError:
        raise ValueError("this is not the line of an entry") from None


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: number and mac of its last block, and how many entries it has."""

    number: int
    mac: str
    entries: int


EMPTY: Final = Head(0, ORIGIN, 0)
"""The head of a chain without blocks."""


@dataclass(frozen=True, slots=True)
class Block:
    """Entries that were stored together.

    Attributes:
        number: of the block.
        prev: mac of the block before.
        first: number of its first entry.
        at: when it was made, milliseconds since 1970.
        lines: the entries.
        links: one a line.
        mac: over all of it.
    """

    number: int
    prev: str
    first: int
    at: int
    lines: tuple[str, ...]
    links: tuple[str, ...]
    mac: str

    @property
    def head(self) -> Head:
        """The head of the chain that ends with it."""
        return Head(self.number, self.mac, self.first + len(self.lines) - 1)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A witness of how far the chain had come."""

    number: int
    mac: str
    seal: str


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What a check of the whole trail found.

    Attributes:
        ok: whether everything fits.
        entries: that fit, from the first on.
        blocks: that fit, from the first on.
        first_broken: number of the first entry that does not fit or is missing, None when all is well.
        reason: what is wrong there, None when all is well. Without content.
    """

    ok: bool
    entries: int
    blocks: int
    first_broken: int | None = None
    reason: str | None = None


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def seal_block(key: bytes, head: Head, entries: Sequence[AuditEntry], at: datetime) -> Block:
    """Make the block that follows a head.

    Args:
        key: of the trail.
        head: the end of the chain.
        entries: at least one.
        at: the present moment.
    """
    number, first, at_ms = head.number + 1, head.entries + 1, milliseconds(at)
    lines = [entry.line() for entry in entries]
    links = _links(key, head.mac, lines)
    mac = _block_mac(key, number, head.mac, first, at_ms, links)
    short = tuple(link[:_LINK_DIGITS] for link in links)
    return Block(number, head.mac, first, at_ms, tuple(line.decode() for line in lines), short, mac)


def seal_anchor(key: bytes, head: Head) -> Anchor:
    """Make the witness of a head."""
    return Anchor(head.number, head.mac, _keyed(key, b"anchor", b"%d" % head.number, head.mac.encode()))


def is_genuine(key: bytes, anchor: Anchor) -> bool:
    """Whether an anchor was made with the key."""
    expected = _keyed(key, b"anchor", b"%d" % anchor.number, _bytes(anchor.mac))
    return hmac.compare_digest(expected.encode(), _bytes(anchor.seal))


def check_block(key: bytes, head: Head, block: Block) -> tuple[int, str] | None:
    """Whether a block follows a head.

    Returns:
        None when it does; else the number of the first entry that does not fit, and why.
    """
    expected = head.entries + 1
    if block.number != head.number + 1:
        return expected, f"block {head.number + 1} is missing"
    if block.prev != head.mac or block.first != expected:
        return expected, f"block {block.number} does not follow the one before it"
    if not block.lines:
        return expected, f"block {block.number} is empty"
    links = _links(key, block.prev, [_bytes(line) for line in block.lines])
    for position, link in enumerate(links):
        if position >= len(block.links) or link[:_LINK_DIGITS] != block.links[position]:
            return expected + position, f"an entry of block {block.number} was changed, removed, inserted or moved"
    if len(block.links) != len(links) or block.mac != _block_mac(
        key, block.number, block.prev, block.first, block.at, links
    ):
        return expected + len(links), f"the end of block {block.number} was changed or removed"
    return None


def _links(key: bytes, prev: str, lines: Sequence[bytes]) -> list[str]:
    links: list[str] = []
    before = _bytes(prev)
    for line in lines:
        links.append(_keyed(key, b"entry", before, line))
        before = links[-1].encode()
    return links


def _block_mac(key: bytes, number: int, prev: str, first: int, at: int, links: Sequence[str]) -> str:
    numbers = (b"%d" % first, b"%d" % len(links), b"%d" % at)
    return _keyed(key, b"block", b"%d" % number, _bytes(prev), *numbers, links[-1].encode())


def _keyed(key: bytes, *parts: bytes) -> str:
    return hmac.digest(key, b"".join(len(part).to_bytes(4, "big") + part for part in parts), "sha256").hex()


def _bytes(text: str) -> bytes:
    """For what was read from the store, which need not be what was written."""
    return text.encode("utf-8", "surrogatepass")
