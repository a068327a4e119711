"""Entries, blocks, their hashing and the check of a chain. Pure.

The trail is a chain of blocks, numbered from 1 without gaps; a block holds one or more entries, numbered from 1 without
gaps over the whole trail. With `H(tag, part, ...)` for HMAC-SHA-256 under the trail's key of the parts, each preceded
by its length in bytes as four bytes, big-endian (so that no two lists of parts give the same bytes), and integers in
decimal:

- line of an entry: `[action, actor, [object, ...], {count: n, ...}, at]` as JSON in UTF-8 without spaces, keys sorted,
  `at` in milliseconds since 1970. The line is what is stored, so nothing has to be encoded again to be checked.
- link of an entry: `H("entry", link before, line)`, the first one's link before being the block's `prev`; of each link
  the first 16 bytes are stored. The first stored link that does not fit tells which entry was touched.
- root of a block: of the Merkle tree (RFC 9162) over its lines. Blocks made before there were roots have none stored.
- mac of a block: `H("block", number, prev, first, count, at, last link, root)`, without the root where none is stored;
  `prev` is the mac of the block before, and 64 zeros in block 1.
- leaf of a block, in the Merkle tree over all blocks: `[number, first, count, at, prev, mac, root]` as JSON without
  spaces. Checkpoints (`audit.note`) sign that tree, so that it can be checked without the key.
- digest of a stored text: the first 16 bytes of the HMAC, under a key of its own, of the id's length in decimal, a
  colon, the id and the text. It is an object of the entry that tells of the text; the id is in it so that equal texts
  have different digests.
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

from server.audit.merkle import leaf_hash, leaf_hashes, root_of

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
        root: of the Merkle tree over the lines, in hexadecimal; empty in a block made before there were roots.
    """

    number: int
    prev: str
    first: int
    at: int
    lines: tuple[str, ...]
    links: tuple[str, ...]
    mac: str
    root: str = ""

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
        entries: that fit, from the first on; those removed under the retention rule are counted.
        blocks: that fit, from the first on; likewise.
        first_broken: number of the first entry that does not fit or is missing, None when all is well.
        reason: what is wrong there, None when all is well. Without content.
        removed_entries: how many of the first entries were removed under the retention rule.
        removed_blocks: how many of the first blocks.
        checkpoints: how many signed checkpoints fit.
    """

    ok: bool
    entries: int
    blocks: int
    first_broken: int | None = None
    reason: str | None = None
    removed_entries: int = 0
    removed_blocks: int = 0
    checkpoints: int = 0


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
    root = root_of(leaf_hashes(lines)).hex()
    mac = _block_mac(key, number, head.mac, first, at_ms, links, root)
    short = tuple(link[:_LINK_DIGITS] for link in links)
    return Block(number, head.mac, first, at_ms, tuple(line.decode() for line in lines), short, mac, root)


def block_root(block: Block) -> str:
    """Root of the Merkle tree over a block's lines, worked out from them."""
    return root_of(leaf_hashes(map(stored_bytes, block.lines))).hex()


def leaf_of(block: Block) -> bytes:
    """Hash of a block as a leaf of the tree over all blocks. Of a block that was checked, or whose root is stored."""
    return header_leaf(
        block.number, block.first, len(block.lines), block.at, block.prev, block.mac, block.root or block_root(block)
    )


def header_leaf(number: int, first: int, count: int, at: int, prev: str, mac: str, root: str) -> bytes:
    """The same from the parts of a block that are hashed."""
    return leaf_hash(f'[{number},{first},{count},{at},"{prev}","{mac}","{root}"]'.encode("utf-8", "surrogatepass"))


def seal_anchor(key: bytes, head: Head) -> Anchor:
    """Make the witness of a head."""
    return Anchor(head.number, head.mac, keyed(key, b"anchor", b"%d" % head.number, head.mac.encode()))


def is_genuine(key: bytes, anchor: Anchor) -> bool:
    """Whether an anchor was made with the key."""
    expected = keyed(key, b"anchor", b"%d" % anchor.number, stored_bytes(anchor.mac))
    return hmac.compare_digest(expected.encode(), stored_bytes(anchor.seal))


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
    links = _links(key, block.prev, [stored_bytes(line) for line in block.lines])
    for position, link in enumerate(links):
        if position >= len(block.links) or link[:_LINK_DIGITS] != block.links[position]:
            return expected + position, f"an entry of block {block.number} was changed, removed, inserted or moved"
    if len(block.links) != len(links) or block.mac != _block_mac(
        key, block.number, block.prev, block.first, block.at, links, block.root
    ):
        return expected + len(links), f"the end of block {block.number} was changed or removed"
    if block.root and block.root != block_root(block):
        return expected, f"the root of block {block.number} does not fit its entries"
    return None


def content_key(key: bytes) -> bytes:
    """The key of the digests of stored texts, from the trail's."""
    return bytes.fromhex(keyed(key, b"content key"))


def content_of(text: str, shown: str = "") -> str:
    """What a digest is made of: the text, and how it is shown where that is stored too."""
    return f"{text}\0{shown}" if shown else text


def content_digest(key: bytes, identity: str, text: str) -> str:
    """Digest of a stored text, under the content key: 32 hexadecimal digits, fit to be an object of an entry."""
    parts = (identity.encode(), stored_bytes(text))
    message = b"%d:%b%b" % (len(parts[0]), *parts)
    return hmac.digest(key, message, "sha256").hex()[:_LINK_DIGITS]


def _links(key: bytes, prev: str, lines: Sequence[bytes]) -> list[str]:
    links: list[str] = []
    before = stored_bytes(prev)
    for line in lines:
        links.append(keyed(key, b"entry", before, line))
        before = links[-1].encode()
    return links


def _block_mac(key: bytes, number: int, prev: str, first: int, at: int, links: Sequence[str], root: str) -> str:
    numbers = (b"%d" % first, b"%d" % len(links), b"%d" % at)
    rooted = (stored_bytes(root),) if root else ()
    return keyed(key, b"block", b"%d" % number, stored_bytes(prev), *numbers, links[-1].encode(), *rooted)


def keyed(key: bytes, *parts: bytes) -> str:
    """`H` of parts, in hexadecimal."""
    return hmac.digest(key, b"".join(len(part).to_bytes(4, "big") + part for part in parts), "sha256").hex()


def stored_bytes(text: str) -> bytes:
    """For what was read from the store, which need not be what was written."""
    return text.encode("utf-8", "surrogatepass")
