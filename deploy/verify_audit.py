#!/usr/bin/env python3
"""Checks an audit trail from outside, without the server, its store, its keys or any of its code.

You need: this file, Python 3.11 with the package `cryptography`, the public key of the trail (`amanah audit key`, one
line, handed to you when you began), the checkpoints that you were given since (`audit.checkpoints`, or the answers of
`/api/v1/audit/checkpoint`), and an export of the trail (`amanah audit export FILE`) or a proof (`amanah audit prove`).

    python verify_audit.py --key KEY --checkpoints FILE [FILE ...] [--export FILE] [--proof FILE ...]

What is checked:
1. Each checkpoint is signed with the key (Ed25519). Two of the same size say the same; a later one is not smaller.
2. In the export, blocks and entries are numbered without gaps, each block names the one before it, and the Merkle root
   of its entries is the one it states.
3. The Merkle tree over the blocks has, at the size of each checkpoint, the very root that was signed then. So nothing
   that a checkpoint covers was changed, removed, inserted or moved since, and each is the beginning of the next.
4. Blocks that were removed under the retention rule are told by a signed record; one hash of each is left, which keeps
   every earlier checkpoint checkable.
5. A proof shows, without the export, that one entry is in the trail of a checkpoint, or that the trail of one
   checkpoint is the beginning of another's.

What can't be checked: entries after the newest checkpoint that you have (their number is told), and whether something
was ever put into the trail at all. The hashing is that of RFC 9162, section 2.1, the notes those of
c2sp.org/signed-note.

It prints what it found and ends with 0 when all of it fits, with 1 and the first place that does not otherwise.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EXPORT_FORMAT = "amanah-audit-export-1"
PROOF_FORMAT = "amanah-audit-proof-1"
NUMBERS = ("number", "first", "count", "at")
TEXTS = ("prev", "mac", "root")
"""What is hashed of a block, in this order."""

HEX_32 = re.compile(r"[0-9a-f]{64}")
CHECKPOINT = re.compile(
    r"(?P<origin>\S+)\n(?P<size>[0-9]+)\n(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"entries (?P<entries>[0-9]+)\ntime (?P<time>\S+)\n"
)
CUT = re.compile(
    r"(?P<origin>\S+)/cut\n(?P<size>[0-9]+)\n(?P<root>[A-Za-z0-9+/]{43}=)\nblocks (?P<first>[0-9]+)-(?P<last>[0-9]+)\n"
    r"entries (?P<first_entry>[0-9]+)-(?P<last_entry>[0-9]+)\nreason (?P<reason>[a-z_]+)\ntime (?P<time>\S+)\n"
)


class DoesNotFit(Exception):
    """Something is not as it must be. Its text says where and what."""


# --- Merkle trees, RFC 9162 section 2.1 ------------------------------------------------------------------------------


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows by one leaf at a time. Keeps the roots of its complete subtrees, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf."""
        self.size += 1
        complete = self.size
        while complete % 2 == 0:
            leaf = node_hash(self.peaks.pop(), leaf)
            complete //= 2
        self.peaks.append(leaf)

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_from_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a leaf and its siblings lead to (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise DoesNotFit("the proof is about a place that the tree does not have")
    place, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise DoesNotFit("the proof is too long")
        if place % 2 == 1 or place == last:
            root = node_hash(sibling, root)
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            root = node_hash(root, sibling)
        place, last = place // 2, last // 2
    if last != 0:
        raise DoesNotFit("the proof is too short")
    return root


def check_consistency(earlier: int, later: int, earlier_root: bytes, later_root: bytes, path: list[bytes]) -> None:
    """Whether a tree is the beginning of a larger one (RFC 9162, section 2.1.4.2)."""
    if not 0 < earlier <= later:
        raise DoesNotFit("the proof of growth goes from a larger tree to a smaller one")
    if earlier == later:
        if path or earlier_root != later_root:
            raise DoesNotFit("two trees of the same size differ")
        return
    steps = ([earlier_root] if earlier & (earlier - 1) == 0 else []) + path
    if not steps:
        raise DoesNotFit("the proof of growth is too short")
    place, last = earlier - 1, later - 1
    while place % 2 == 1:
        place, last = place // 2, last // 2
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise DoesNotFit("the proof of growth is too long")
        if place % 2 == 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            after = node_hash(after, step)
        place, last = place // 2, last // 2
    if last != 0 or before != earlier_root or after != later_root:
        raise DoesNotFit("the later trail does not begin as the earlier one: it was rewritten")


# --- what is signed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says: how many blocks, their root, how many entries, when."""

    size: int
    root: bytes
    entries: int
    time: str


@dataclass(frozen=True)
class Cut:
    """What a cut says: the blocks and entries that were removed, why and when, and the root up to there."""

    size: int
    root: bytes
    first: int
    first_entry: int
    last_entry: int
    reason: str
    time: str


class Key:
    """The public key of a trail, as `amanah audit key` prints it: NAME+ID+KEY."""

    def __init__(self, text: str) -> None:
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            data = base64.b64decode(encoded, validate=True)
            self._id = bytes.fromhex(key_id)
            self._key = Ed25519PublicKey.from_public_bytes(data[1:])
        except ValueError:
            raise DoesNotFit("this is not a public key as `amanah audit key` prints it") from None
        self.name = name
        if data[:1] != b"\x01" or self._id != hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]:
            raise DoesNotFit("the public key and its id do not belong together")

    def checkpoint(self, note: str) -> Checkpoint:
        """Open a checkpoint."""
        found = self._open(note, CHECKPOINT)
        return Checkpoint(int(found["size"]), base64.b64decode(found["root"]), int(found["entries"]), found["time"])

    def cut(self, note: str) -> Cut:
        """Open the record of a cut."""
        found = self._open(note, CUT)
        if found["last"] != found["size"]:
            raise DoesNotFit("the record of a cut contradicts itself")
        numbers = (int(found["first"]), int(found["first_entry"]), int(found["last_entry"]))
        return Cut(int(found["size"]), base64.b64decode(found["root"]), *numbers, found["reason"], found["time"])

    def _open(self, note: str, form: "re.Pattern[str]") -> dict[str, str]:
        text, _, signed = note.partition("\n\n")
        text += "\n"
        words = signed.split()
        found = form.fullmatch(text)
        if found is None or len(words) != 3 or words[0] != "—" or found["origin"] != self.name:
            raise DoesNotFit("this is not a signed statement about this trail")
        try:
            sealed = base64.b64decode(words[2], validate=True)
            if words[1] != self.name or sealed[:4] != self._id or base64.b64encode(sealed).decode() != words[2]:
                raise DoesNotFit("it is signed with another key")
            self._key.verify(sealed[4:], text.encode())
        except (ValueError, InvalidSignature):
            raise DoesNotFit("the signature does not fit") from None
        return found.groupdict()


def notes_in(text: str) -> list[str]:
    """The signed notes of a file, one behind another: each ends with its signature's line."""
    notes: list[str] = []
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.strip() or lines:
            lines.append(line)
        if line.startswith("— "):
            notes.append("".join(lines))
            lines = []
    if lines:
        notes.append("".join(lines))
    return notes


def read_checkpoints(key: Key, notes: list[tuple[str, str]]) -> dict[int, Checkpoint]:
    """Open checkpoints and compare them with each other.

    Args:
        key: they have to be signed with.
        notes: (where it comes from, the note).

    Returns:
        By size, in rising order.
    """
    found: dict[int, Checkpoint] = {}
    for where, note in notes:
        try:
            checkpoint = key.checkpoint(note)
        except DoesNotFit as problem:
            raise DoesNotFit(f"{where}: {problem}") from None
        same = found.setdefault(checkpoint.size, checkpoint)
        if (same.root, same.entries) != (checkpoint.root, checkpoint.entries):
            raise DoesNotFit(f"{where}: two checkpoints of {checkpoint.size} blocks differ: the trail was rewritten")
    ordered = dict(sorted(found.items()))
    before: Checkpoint | None = None
    for checkpoint in ordered.values():
        if before is not None and (checkpoint.time < before.time or checkpoint.entries <= before.entries):
            raise DoesNotFit(
                f"the checkpoint of {checkpoint.time} has {checkpoint.size} blocks, that of {before.time} has "
                f"{before.size}: the trail was rewritten"
            )
        before = checkpoint
    return ordered


# --- the export ------------------------------------------------------------------------------------------------------


@dataclass
class ExportCheck:
    """Reads an export line by line.

    Attributes:
        tree: over the blocks so far.
        entry: number of the last entry.
        mac: of the last block, which the next one names; None where the blocks before were removed.
        fitted: how many blocks the last checkpoint or cut that fitted covers.
        removed: the cuts so far.
    """

    key: Key
    checkpoints: dict[int, Checkpoint]
    tree: Tree = field(default_factory=Tree)
    entry: int = 0
    mac: str | None = "0" * 64
    fitted: int = 0
    removed: list[Cut] = field(default_factory=list)
    _awaited: Cut | None = None
    _block: dict[str, object] | None = None
    _lines: list[bytes] = field(default_factory=list)
    _begun: bool = False
    _ended: bool = False

    def take(self, line: str) -> None:
        """Check the next line."""
        try:
            item = json.loads(line)
        except ValueError:
            raise DoesNotFit("it is not JSON") from None
        kind = next(iter(item), None) if isinstance(item, dict) else None
        if self._ended or (kind == "format") == self._begun:
            raise DoesNotFit("it stands in the wrong place")
        handlers = {
            "format": self._header,
            "cut": self._cut,
            "removed": self._hashes,
            "block": self._border,
            "entry": self._entry,
            "end": self._end,
        }
        if kind not in handlers:
            raise DoesNotFit("it is none of the lines of an export, or a damaged block")
        handlers[kind](item)

    def finish(self) -> None:
        """Check that the export is whole."""
        if not self._ended:
            raise DoesNotFit("the export has no end: it was cut off")
        for size, checkpoint in self.checkpoints.items():
            if size > self.tree.size:
                raise DoesNotFit(
                    f"the export ends with block {self.tree.size}, entry {self.entry}; the checkpoint of "
                    f"{checkpoint.time} has seen {size} blocks and {checkpoint.entries} entries"
                )

    def _header(self, item: dict[str, object]) -> None:
        if item.get("format") != EXPORT_FORMAT or item.get("origin") != self.key.name:
            raise DoesNotFit("it is not an export of this trail")
        self._begun = True

    def _cut(self, item: dict[str, object]) -> None:
        self._complete()
        cut = self.key.cut(str(item["cut"]))
        if self._awaited is not None or self.tree.size != self._removed_blocks():
            raise DoesNotFit("the record of a cut stands in the wrong place")
        if (cut.first, cut.first_entry) != (self.tree.size + 1, self.entry + 1):
            raise DoesNotFit(f"a record of blocks {self.tree.size + 1} to {cut.first - 1} that were removed is missing")
        self._awaited = cut

    def _removed_blocks(self) -> int:
        return self.removed[-1].size if self.removed else 0

    def _hashes(self, item: dict[str, object]) -> None:
        cut, hashes = self._awaited, item["removed"]
        if cut is None or not isinstance(hashes, list) or not all(_is_hash(one) for one in hashes):
            raise DoesNotFit("hashes of removed blocks stand in the wrong place")
        for one in hashes:
            self._append(bytes.fromhex(str(one)), None)
        if self.tree.size == cut.size:
            checkpoint = self.checkpoints.get(cut.size)
            if self.tree.root() != cut.root or (checkpoint is not None and checkpoint.entries != cut.last_entry):
                raise DoesNotFit(f"the hashes of removed blocks are not those that were signed at {cut.time}")
            self.entry, self.mac, self.fitted, self._awaited = cut.last_entry, None, cut.size, None
            self.removed.append(cut)

    def _border(self, item: dict[str, object]) -> None:
        self._complete()
        block = item["block"]
        if self._awaited is not None:
            raise DoesNotFit("hashes of removed blocks are missing")
        if not isinstance(block, dict) or any(type(block.get(name)) is not int for name in NUMBERS):
            raise DoesNotFit("a block is damaged")
        if block["number"] != self.tree.size + 1:
            raise DoesNotFit(f"block {self.tree.size + 1} with entry {self.entry + 1} is missing")
        if block["first"] != self.entry + 1 or block["count"] < 1:
            raise DoesNotFit(f"block {block['number']} does not begin with entry {self.entry + 1}")
        if self.mac is not None and block.get("prev") != self.mac:
            raise DoesNotFit(f"block {block['number']} does not follow the one before it")
        if not all(_is_hash(block.get(name)) for name in TEXTS):
            raise DoesNotFit(f"block {block['number']} is damaged")
        self._block, self._lines = block, []

    def _entry(self, item: dict[str, object]) -> None:
        if self._block is None or item.get("entry") != self.entry + 1 or not isinstance(item.get("line"), str):
            raise DoesNotFit(f"entry {self.entry + 1} is missing")
        self._lines.append(str(item["line"]).encode("utf-8", "surrogatepass"))
        self.entry += 1

    def _end(self, item: dict[str, object]) -> None:
        self._complete()
        if self._awaited is not None:
            raise DoesNotFit("hashes of removed blocks are missing")
        if item["end"] != {"blocks": self.tree.size, "entries": self.entry}:
            raise DoesNotFit(f"the export says that it ends elsewhere than with entry {self.entry}")
        self._ended = True

    def _complete(self) -> None:
        """The block whose entries were read is complete: put it into the tree."""
        block = self._block
        if block is None:
            return
        self._block = None
        if len(self._lines) != block["count"]:
            raise DoesNotFit(f"block {block['number']} has {len(self._lines)} entries instead of {block['count']}")
        lines = Tree()
        for line in self._lines:
            lines.append(leaf_hash(line))
        if lines.root().hex() != block["root"]:
            raise DoesNotFit(
                f"an entry of block {block['number']}, entries {block['first']} to {self.entry}, was changed or moved"
            )
        self.mac = str(block["mac"])
        self._append(block_leaf(block), self.entry)

    def _append(self, leaf: bytes, entry: int | None) -> None:
        self.tree.append(leaf)
        checkpoint = self.checkpoints.get(self.tree.size)
        if checkpoint is None:
            return
        if checkpoint.root != self.tree.root() or (entry is not None and checkpoint.entries != entry):
            blocks = f"blocks {self.fitted + 1} to {self.tree.size}"
            raise DoesNotFit(f"something in {blocks} is not as it was signed at {checkpoint.time}")
        self.fitted = self.tree.size


def block_leaf(block: dict[str, object]) -> bytes:
    """Hash of a block as a leaf of the trail's tree."""
    numbers = ",".join(str(block[name]) for name in NUMBERS)
    texts = ",".join(f'"{block[name]}"' for name in TEXTS)
    return leaf_hash(f"[{numbers},{texts}]".encode())


def check_export(key: Key, checkpoints: dict[int, Checkpoint], lines: list[str]) -> ExportCheck:
    """Check an export against checkpoints."""
    check = ExportCheck(key, checkpoints)
    for number, line in enumerate(lines, 1):
        try:
            check.take(line)
        except DoesNotFit as problem:
            raise DoesNotFit(f"line {number} of the export: {problem}") from None
        except (KeyError, TypeError, ValueError):
            raise DoesNotFit(f"line {number} of the export is damaged") from None
    check.finish()
    return check


# --- proofs ----------------------------------------------------------------------------------------------------------


def check_proof(key: Key, checkpoints: dict[int, Checkpoint], proof: dict[str, object]) -> str:
    """Check a proof; say what it shows."""
    if proof.get("format") != PROOF_FORMAT:
        raise DoesNotFit("this is not a proof")
    signed = key.checkpoint(str(proof["checkpoint"]))
    read_together(checkpoints, signed)
    if proof.get("kind") == "growth":
        earlier = checkpoints.get(int(str(proof["from"])))
        if earlier is None:
            raise DoesNotFit(f"you have no checkpoint of {proof['from']} blocks to compare with")
        if signed.size != proof["to"]:
            raise DoesNotFit("the proof is about another checkpoint than the one in it")
        check_consistency(earlier.size, signed.size, earlier.root, signed.root, _path(proof["path"]))
        begun = f"the trail of {earlier.time} ({earlier.size} blocks)"
        return f"{begun} is the beginning of that of {signed.time} ({signed.size} blocks)"
    block, number = proof["block"], int(str(proof["entry"]))
    if proof.get("kind") != "entry" or not isinstance(block, dict):
        raise DoesNotFit("this is a proof of an unknown kind")
    line = leaf_hash(str(proof["line"]).encode("utf-8", "surrogatepass"))
    if not all(_is_hash(block.get(name)) for name in TEXTS) or any(
        type(block.get(name)) is not int for name in NUMBERS
    ):
        raise DoesNotFit("the block in the proof is damaged")
    root = root_from_inclusion(line, number - block["first"], block["count"], _path(proof["path"]))
    if root.hex() != block["root"]:
        raise DoesNotFit(f"the line is not entry {number} of block {block['number']}")
    if (
        root_from_inclusion(block_leaf(block), int(block["number"]) - 1, signed.size, _path(proof["block_path"]))
        != signed.root
    ):
        raise DoesNotFit(f"block {block['number']} is not in the trail that was signed at {signed.time}")
    return f"entry {number} is in the trail of {signed.time}: {proof['line']}"


def read_together(checkpoints: dict[int, Checkpoint], signed: Checkpoint) -> None:
    """Compare the checkpoint in a proof with those at hand."""
    same = checkpoints.get(signed.size)
    if same is not None and same.root != signed.root:
        raise DoesNotFit(f"two checkpoints of {signed.size} blocks differ: the trail was rewritten")


def _path(value: object) -> list[bytes]:
    if not isinstance(value, list) or not all(_is_hash(one) for one in value):
        raise DoesNotFit("the proof is damaged")
    return [bytes.fromhex(one) for one in value]


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and HEX_32.fullmatch(value) is not None


# --- the command -----------------------------------------------------------------------------------------------------


def _read(path: Path) -> str:
    """The text of a file. The answer of `/api/v1/audit/checkpoint` gives its note."""
    text = path.read_bytes().decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        try:
            return str(json.loads(text)["data"]["note"])
        except (KeyError, TypeError, ValueError):
            raise DoesNotFit(f"{path.name}: no checkpoint is in it") from None
    return text


def run(options: argparse.Namespace) -> None:
    """Check everything that was given and print what was found."""
    key = Key(options.key)
    notes = [
        (f"{path.name}, checkpoint {number}", note)
        for path in options.checkpoints
        for number, note in enumerate(notes_in(_read(path)), 1)
    ]
    checkpoints = read_checkpoints(key, notes)
    if not checkpoints:
        raise DoesNotFit("there is no checkpoint in what you gave")
    first, last = (list(checkpoints.values())[index] for index in (0, -1))
    print(f"{len(checkpoints)} checkpoints are signed with {key.name}, from {first.time} to {last.time}")
    for path in options.proof:
        try:
            proof = json.loads(path.read_bytes())
            print(check_proof(key, checkpoints, proof))
        except DoesNotFit as problem:
            raise DoesNotFit(f"{path.name}: {problem}") from None
        except (KeyError, TypeError, ValueError):
            raise DoesNotFit(f"{path.name} is damaged") from None
    if options.export is not None:
        lines = options.export.read_bytes().decode("utf-8", "replace").splitlines()
        check = check_export(key, checkpoints, lines)
        for cut in check.removed:
            print(
                f"entries {cut.first_entry} to {cut.last_entry} were removed ({cut.reason}), "
                f"cut signed at {cut.time}; what is left of them fits"
            )
        print(f"the export has {check.entry} entries in {check.tree.size} blocks; {last.entries} are covered")
        if check.entry > last.entries:
            print(f"entries {last.entries + 1} to {check.entry} are newer than your newest checkpoint: not checked yet")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; give the exit status."""
    parser = argparse.ArgumentParser(description="Checks an Amanah audit trail from outside.")
    parser.add_argument("--key", required=True, help="the public key, as `amanah audit key` prints it")
    parser.add_argument("--checkpoints", required=True, nargs="+", type=Path, help="files with checkpoints you hold")
    parser.add_argument("--export", type=Path, help="an export of the trail")
    parser.add_argument("--proof", nargs="*", default=[], type=Path, help="files with proofs")
    try:
        run(parser.parse_args(arguments))
    except DoesNotFit as problem:
        print(f"DOES NOT FIT: {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"a file can't be read: {error.strerror}", file=sys.stderr)
        return 1
    print("all of it fits")
    return 0


if __name__ == "__main__":
    sys.exit(main())
