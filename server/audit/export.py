"""The trail for outsiders: an export of all lines, and proofs about single entries and about growth. Changes nothing.

The export is JSON Lines: a header; for each cut its signed note and the hashes of what was removed; then each block's
border and behind it its entries; a last line with the sums. Lines of entries are as they were stored: ids, counts and
names of actions. Nothing is checked here: `deploy/verify_audit.py` does that, without our code.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from server.audit.checkpoints import TrailContradicted
from server.audit.merkle import consistency_path, inclusion_path, leaf_hashes, root_of
from server.audit.model import EMPTY, Block, block_root, stored_bytes
from server.audit.note import Signer
from server.audit.records import Checkpoint, Cut
from server.audit.verification import VerifiedStore
from server.kernel.errors import NotFound

FORMAT: Final = "amanah-audit-export-1"
PROOF: Final = "amanah-audit-proof-1"
_WINDOW = 50
_HASHES_A_LINE = 1_000


class ExportStore(VerifiedStore, Protocol):
    """What is read; `audit.store` says what each does."""

    async def leaves(self, first: int, last: int) -> Sequence[bytes]: ...
    async def last_checkpoint(self) -> Checkpoint | None: ...


def header_lines(origin: str) -> Iterator[bytes]:
    """How an export begins."""
    yield _line({"format": FORMAT, "origin": origin})


def cut_lines(cut: Cut) -> Iterator[bytes]:
    """A cut in an export."""
    yield _line({"cut": cut.note})
    hashes = [leaf.hex() for leaf in cut.hashes()]
    for start in range(0, len(hashes), _HASHES_A_LINE):
        yield _line({"removed": hashes[start : start + _HASHES_A_LINE]})


def block_lines(block: Block) -> Iterator[bytes]:
    """A block in an export."""
    yield _line({"block": header_of(block)})
    for number, line in enumerate(block.lines, block.first):
        yield _line({"entry": number, "line": line})


def end_lines(blocks: int, entries: int) -> Iterator[bytes]:
    """How an export ends: the numbers of the last block and the last entry."""
    yield _line({"end": {"blocks": blocks, "entries": entries}})


def header_of(block: Block) -> dict[str, Any]:
    """What is hashed of a block, by name."""
    return {
        "number": block.number,
        "first": block.first,
        "count": len(block.lines),
        "at": block.at,
        "prev": block.prev,
        "mac": block.mac,
        "root": block.root or block_root(block),
    }


async def export(store: ExportStore, origin: str) -> AsyncIterator[bytes]:
    """Give the export of a trail, line by line. Others may append meanwhile.

    Args:
        store: where the trail is kept.
        origin: name of the trail in what is signed.

    Raises:
        Unavailable: the store does not answer.
    """
    anchor = await store.anchor()
    head = EMPTY
    for line in header_lines(origin):
        yield line
    number = 0
    while found := await store.cuts(number + 1, number + 1):
        number, head = number + 1, found[0].head
        for line in cut_lines(found[0]):
            yield line
    blocks, entries, read = head.number, head.entries, head.number
    while True:
        window = await store.blocks(read + 1, read + _WINDOW)
        if not window and read >= (anchor.number if anchor is not None else 0):
            break
        read += _WINDOW
        for block in window:
            if block is None:
                yield _line({"damaged": True})
                continue
            blocks, entries = block.number, block.head.entries
            for line in block_lines(block):
                yield line
    for line in end_lines(blocks, entries):
        yield line


async def prove_entry(store: ExportStore, signer: Signer, entry: int) -> Mapping[str, Any]:
    """Prove that an entry is in the trail that the newest checkpoint signed.

    Raises:
        NotFound: there is no such entry in it, or it was removed under the retention rule.
        TrailContradicted: the trail is not what was signed.
        Unavailable: the store does not answer.
    """
    checkpoint, leaves = await _signed_leaves(store, signer)
    block = await _block_of(store, entry, checkpoint.size)
    lines = leaf_hashes(map(stored_bytes, block.lines))
    index = entry - block.first
    return {
        "format": PROOF,
        "kind": "entry",
        "entry": entry,
        "line": block.lines[index],
        "path": [item.hex() for item in inclusion_path(lines, index)],
        "block": header_of(block),
        "block_path": [item.hex() for item in inclusion_path(leaves, block.number - 1)],
        "checkpoint": checkpoint.note,
    }


async def prove_growth(store: ExportStore, signer: Signer, earlier: int, later: int | None) -> Mapping[str, Any]:
    """Prove that the trail of a checkpoint is the beginning of that of a later one.

    Args:
        store: where the trail is kept.
        signer: of the checkpoints.
        earlier: how many blocks the earlier one has.
        later: how many the later one has; None for the newest.

    Raises:
        NotFound: there is no such checkpoint.
        TrailContradicted: the trail is not what was signed.
        Unavailable: the store does not answer.
    """
    newest, leaves = await _signed_leaves(store, signer)
    last = newest if later is None else await _checkpoint_of_size(store, later, newest)
    if not 0 < earlier <= last.size:
        raise NotFound
    return {
        "format": PROOF,
        "kind": "growth",
        "from": earlier,
        "to": last.size,
        "path": [item.hex() for item in consistency_path(leaves[: last.size], earlier)],
        "checkpoint": last.note,
    }


async def _signed_leaves(store: ExportStore, signer: Signer) -> tuple[Checkpoint, list[bytes]]:
    """The newest checkpoint, and the leaves of its tree."""
    checkpoint = await store.last_checkpoint()
    if checkpoint is None:
        raise NotFound
    leaves: list[bytes] = []
    number = 0
    while found := await store.cuts(number + 1, number + 1):
        number += 1
        leaves += found[0].hashes()
    while len(leaves) < checkpoint.size:
        window = await store.leaves(len(leaves) + 1, min(len(leaves) + _WINDOW, checkpoint.size))
        if not window:
            break
        leaves += window
    if root_of(leaves) != signer.tree_head(checkpoint.note).root:
        raise TrailContradicted("the trail is not the one that the newest checkpoint signed")
    return checkpoint, leaves


async def _block_of(store: ExportStore, entry: int, size: int) -> Block:
    """The block with an entry, found by halving."""
    cut = await store.last_cut()
    low, high = cut.through if cut is not None else 0, size + 1
    while high - low > 1:
        middle = (low + high) // 2
        found = await store.blocks(middle, middle)
        if not found or found[0] is None:
            raise TrailContradicted("a block is missing or damaged")
        if found[0].first <= entry <= found[0].head.entries:
            return found[0]
        low, high = (middle, high) if found[0].first <= entry else (low, middle)
    raise NotFound


async def _checkpoint_of_size(store: ExportStore, size: int, newest: Checkpoint) -> Checkpoint:
    low, high = 0, newest.number + 1
    while high - low > 1:
        middle = (low + high) // 2
        found = await store.checkpoints(middle, middle)
        if found and found[0].size == size:
            return found[0]
        low, high = (middle, high) if found and found[0].size < size else (low, middle)
    raise NotFound


def _line(item: Mapping[str, Any]) -> bytes:
    # Not orjson: it refuses half characters, which somebody may have put into the store.
    return json.dumps(item, separators=(",", ":")).encode() + b"\n"
