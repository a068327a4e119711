"""Merkle trees as RFC 9162, section 2.1, builds them (the same as RFC 6962): roots, and proofs about them. Pure.

A tree's leaves are hashed with 0x00 before them, its nodes with 0x01, so that no node can be passed off as a leaf.
Checking proofs is not done here: whoever doubts the trail does that without our code (`deploy/verify_audit.py`).
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a node with two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that only grows: keeps the roots of its complete subtrees, not the leaves.

    Args:
        size: how many leaves it has.
        peaks: of an earlier tree of that size, largest subtree first.

    Raises:
        ValueError: a tree of that size has another number of peaks.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if size < 0 or size.bit_count() != len(peaks) or any(len(peak) != HASH_BYTES for peak in peaks):
            raise ValueError("these are not the peaks of a tree of that size")
        self._size = size
        self._peaks = list(peaks)

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, largest first: from them the tree can be continued."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf at the end."""
        self._size += 1
        complete = self._size
        while complete % 2 == 0:
            leaf = node_hash(self._peaks.pop(), leaf)
            complete //= 2
        self._peaks.append(leaf)

    def root(self) -> bytes:
        """The tree's root."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Root of a tree, from the hashes of its leaves: level by level; a last one without a neighbour just goes up."""
    if not leaves:
        return EMPTY_ROOT
    sha256, level = hashlib.sha256, list(leaves)
    while len(level) > 1:
        pairs = range(0, len(level) - 1, 2)
        above = [sha256(b"\x01" + level[left] + level[left + 1]).digest() for left in pairs]
        level = above + level[-1:] if len(level) % 2 else above
    return level[0]


def leaf_hashes(data: Iterable[bytes]) -> list[bytes]:
    """Hashes of many leaves."""
    sha256 = hashlib.sha256
    return [sha256(b"\x00" + item).digest() for item in data]


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Proof that a leaf is in a tree (RFC 9162, section 2.1.3.1): the siblings on the way up.

    Args:
        leaves: hashes of all leaves.
        index: of the leaf, from 0.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise ValueError("there is no such leaf")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return [*inclusion_path(left, index), root_of(right)]
    return [*inclusion_path(right, index - split), root_of(left)]


def consistency_path(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """Proof that a tree began as an earlier one (RFC 9162, section 2.1.4.1).

    Args:
        leaves: hashes of all leaves of the later tree.
        earlier: size of the earlier one, at least 1.

    Raises:
        ValueError: the earlier one is empty or larger.
    """
    if not 0 < earlier <= len(leaves):
        raise ValueError("the earlier tree has to have leaves, and no more than the later one")
    return _subproof(leaves, earlier, whole=True)


def _subproof(leaves: Sequence[bytes], earlier: int, *, whole: bool) -> list[bytes]:
    """`whole` says whether these leaves are all of the earlier tree, whose root the reader knows."""
    if earlier == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if earlier <= split:
        return [*_subproof(left, earlier, whole=whole), root_of(right)]
    return [*_subproof(right, earlier - split, whole=False), root_of(left)]


def _split(size: int) -> int:
    """The largest power of two smaller than the size."""
    return 1 << ((size - 1).bit_length() - 1)
