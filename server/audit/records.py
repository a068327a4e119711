"""What is kept beside the chain: checkpoints, cuts, legal holds, promises. Pure."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from server.audit.merkle import HASH_BYTES, Tree
from server.audit.model import Head, keyed, stored_bytes

REASON: Final = re.compile(r"[a-z][a-z_]{0,31}")
"""Form of a reason: a code, no sentence, so that it can't hold content."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed checkpoint with what is needed to go on from it.

    Attributes:
        number: from 1 without gaps.
        note: what is signed, see `audit.note`.
        size: how many blocks the trail had; as in the note.
        mac: of the last of them.
        peaks: of the tree over them.
    """

    number: int
    note: str
    size: int
    mac: str
    peaks: tuple[bytes, ...]

    def tree(self) -> Tree:
        """The tree over the blocks.

        Raises:
            ValueError: the peaks are none of a tree of that size.
        """
        return Tree(self.size, self.peaks)


@dataclass(frozen=True, slots=True)
class Cut:
    """Blocks that were removed, and what is kept of them: one hash each, so that every checkpoint can still be checked.

    Attributes:
        number: from 1 without gaps.
        note: what is signed, see `audit.note`.
        first: number of the first block removed.
        through: number of the last one.
        entries: number of the last entry removed.
        mac: of the last block, which the first block that stayed names.
        leaves: hashes of the removed blocks as leaves, one behind another.
        seal: `H("cut", number, first, through, entries, note, mac, SHA-256 of the leaves)`.
    """

    number: int
    note: str
    first: int
    through: int
    entries: int
    mac: str
    leaves: bytes
    seal: str

    @property
    def head(self) -> Head:
        """Where the chain that stayed begins."""
        return Head(self.through, self.mac, self.entries)

    def hashes(self) -> list[bytes]:
        """The leaves one by one."""
        return [self.leaves[start : start + HASH_BYTES] for start in range(0, len(self.leaves), HASH_BYTES)]


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: while one stands, nothing is cut.

    Attributes:
        number: from 1 without gaps.
        reason: a code.
        set_at: when it began, milliseconds since 1970.
        released_at: when it ended, None while it stands.
        seal: `H("hold", number, reason, set_at, released_at)`.
    """

    number: int
    reason: str
    set_at: int
    released_at: int | None
    seal: str

    @property
    def stands(self) -> bool:
        """Whether it has not been released."""
        return self.released_at is None


@dataclass(frozen=True, slots=True)
class Promise:
    """Entries about a change that is being made, stored before it, so that they come into the trail whatever happens.

    Attributes:
        id: random.
        lines: of the entries.
        at: when it was given, milliseconds since 1970.
    """

    id: str
    lines: tuple[str, ...]
    at: int


def seal_of_cut(key: bytes, cut: Cut) -> str:
    """Seal of a cut under the trail's key; the one it bears is not looked at."""
    numbers = (b"%d" % cut.number, b"%d" % cut.first, b"%d" % cut.through, b"%d" % cut.entries)
    digest = hashlib.sha256(cut.leaves).digest()
    return keyed(key, b"cut", *numbers, stored_bytes(cut.note), stored_bytes(cut.mac), digest)


def is_genuine_cut(key: bytes, cut: Cut) -> bool:
    """Whether a cut was made with the key and covers as many blocks as it says."""
    whole = len(cut.leaves) == HASH_BYTES * (cut.through - cut.first + 1) > 0
    return whole and cut.seal == seal_of_cut(key, cut)


def seal_of_hold(key: bytes, number: int, reason: str, set_at: int, released_at: int | None) -> str:
    """Seal a hold under the trail's key."""
    released = b"" if released_at is None else b"%d" % released_at
    return keyed(key, b"hold", b"%d" % number, stored_bytes(reason), b"%d" % set_at, released)


def is_genuine_hold(key: bytes, hold: Hold) -> bool:
    """Whether a hold was made with the key."""
    return hold.seal == seal_of_hold(key, hold.number, hold.reason, hold.set_at, hold.released_at)


def tree_after(cuts: Sequence[Cut]) -> Tree:
    """The tree over all removed blocks."""
    tree = Tree()
    for cut in cuts:
        for leaf in cut.hashes():
            tree.append(leaf)
    return tree
