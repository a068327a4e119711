"""Checking a whole trail with its key: chain, anchors, checkpoints, cuts and legal holds. Changes nothing.

What an outsider can check without the key is `deploy/verify_audit.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import orjson

from server.audit.anchor import AnchorFile
from server.audit.checkpoint_file import CheckpointFile
from server.audit.merkle import Tree
from server.audit.model import (
    EMPTY,
    Anchor,
    Block,
    Head,
    VerificationReport,
    check_block,
    is_genuine,
    leaf_of,
    stored_bytes,
)
from server.audit.note import NoteInvalid, Removal, TreeHead, Verifier
from server.audit.records import Checkpoint, Cut, Hold, is_genuine_cut, is_genuine_hold

_WINDOW = 50
_HOLD = b'["audit:hold:'
_SET = "audit:hold:set"


class VerifiedStore(Protocol):
    """What is read; `audit.store` says what each does."""

    async def blocks(self, first: int, last: int) -> Sequence[Block | None]: ...
    async def anchor(self) -> Anchor | None: ...
    async def checkpoints(self, first: int, last: int) -> Sequence[Checkpoint]: ...
    async def cuts(self, first: int, last: int) -> Sequence[Cut]: ...
    async def last_cut(self) -> Cut | None: ...
    async def holds(self) -> Sequence[Hold]: ...


class Observer(Protocol):
    """Looks at the blocks of a trail while it is checked."""

    def begin(self) -> None:
        """The trail is read from its beginning."""
        ...

    async def take(self, block: Block) -> None:
        """A block that fits."""
        ...


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What the chain is compared with, all of it read before the chain.

    Attributes:
        anchors: by what they are called; None for one that is missing.
        cuts: all, in order.
        checkpoints: all in the store, in order.
        notes: in the checkpoint file; None where there is none.
        settled: how many checkpoints were in the store before the file was read; None where no file belongs to it.
        holds: all.
    """

    anchors: Mapping[str, Anchor | None] = field(default_factory=dict)
    cuts: Sequence[Cut] = ()
    checkpoints: Sequence[Checkpoint] = ()
    notes: Sequence[str] | None = None
    settled: int | None = None
    holds: Sequence[Hold] = ()


class Misfit(Exception):
    """Something does not fit.

    Args:
        entry: number of the first entry that does not fit or is missing.
        reason: why, without content.
    """

    def __init__(self, entry: int, reason: str) -> None:
        super().__init__(reason)
        self.entry = entry
        self.reason = reason


class TrailCheck:
    """One check of one trail, block by block. Pure.

    Args:
        key: of the trail.
        witnesses: what it is compared with.
        verifier: of what was signed; None to leave signatures unchecked.
    """

    def __init__(self, key: bytes, witnesses: Witnesses, verifier: Verifier | None) -> None:
        self._key = key
        self._seen = witnesses
        self._verifier = verifier
        self._genuine = {
            name: anchor for name, anchor in witnesses.anchors.items() if anchor is not None and is_genuine(key, anchor)
        }
        self._due: dict[int, tuple[Checkpoint, TreeHead | None]] = {}
        self._tree = Tree()
        self._hold_entries: dict[tuple[str, int], int] = {}
        self.head: Head = EMPTY

    def begin(self) -> None:
        """Look at what was signed, and take over what was removed.

        Raises:
            Misfit: something of it does not fit.
        """
        self._read_checkpoints()
        self._read_file()
        for position, cut in enumerate(self._seen.cuts, 1):
            if cut.number != position or cut.first != self.head.number + 1 or not is_genuine_cut(self._key, cut):
                raise Misfit(self.head.entries + 1, f"cut {position} was changed or is missing")
            removal = self._opened_cut(cut)
            first_entry = self.head.entries + 1
            for number, leaf in enumerate(cut.hashes(), cut.first):
                self._tree.append(leaf)
                self._compare_root(number, first_entry)
            if removal is not None and removal.root != self._tree.root():
                raise Misfit(first_entry, f"what cut {position} keeps of the removed blocks is not what was signed")
            due = self._due.get(cut.through)
            if due is not None and due[0].mac != cut.mac:
                raise Misfit(first_entry, f"checkpoint {due[0].number} and cut {position} contradict each other")
            self.head = cut.head

    def take(self, block: Block | None) -> None:
        """Check the next block.

        Raises:
            Misfit: it does not fit.
        """
        if block is None:
            raise Misfit(self.head.entries + 1, f"block {self.head.number + 1} does not have the form of one")
        wrong = check_block(self._key, self.head, block)
        if wrong is not None:
            raise Misfit(*wrong)
        for name, witness in self._genuine.items():
            if witness.number == block.number and witness.mac != block.mac:
                raise Misfit(block.first, f"{name} and block {block.number} contradict each other")
        self._tree.append(leaf_of(block))
        self._compare_root(block.number, block.first)
        due = self._due.get(block.number)
        if due is not None and due[0].mac != block.mac:
            raise Misfit(block.first, f"checkpoint {due[0].number} and block {block.number} contradict each other")
        if due is not None and due[1] is not None and due[1].entries != block.head.entries:
            raise Misfit(block.first, f"checkpoint {due[0].number} counts other entries")
        for position, line in enumerate(block.lines):
            if line.startswith(_HOLD.decode()):
                self._note_hold(line, block.first + position)
        self.head = block.head

    def end(self, holds: Sequence[Hold] = ()) -> VerificationReport:
        """Check that nothing is missing at the end.

        Args:
            holds: all of them again, read after the chain.

        Raises:
            Misfit: something is.
        """
        missing = self.head.entries + 1
        for name, anchor in self._seen.anchors.items():
            fault = _fault(self._key, name, anchor, self.head)
            if fault is not None:
                raise Misfit(missing, fault)
        for size, (checkpoint, _) in self._due.items():
            if size > self.head.number:
                reason = (
                    f"the trail ends at block {self.head.number}, but checkpoint {checkpoint.number} has seen {size}"
                )
                raise Misfit(missing, reason)
        self._check_holds(holds)
        removed = self._seen.cuts[-1].head if self._seen.cuts else EMPTY
        return VerificationReport(
            True,
            self.head.entries,
            self.head.number,
            removed_entries=removed.entries,
            removed_blocks=removed.number,
            checkpoints=len(self._due),
        )

    def broken(self, misfit: Misfit) -> VerificationReport:
        """All up to the head is well, the entry is not, nor may those between them be."""
        return VerificationReport(False, self.head.entries, self.head.number, misfit.entry, misfit.reason)

    def _read_checkpoints(self) -> None:
        size = 0
        for position, checkpoint in enumerate(self._seen.checkpoints, 1):
            if checkpoint.number != position or checkpoint.size <= size:
                raise Misfit(1, f"checkpoint {position} was changed or is missing")
            size = checkpoint.size
            signed: TreeHead | None = None
            if self._verifier is not None:
                try:
                    signed = self._verifier.tree_head(checkpoint.note)
                except NoteInvalid as error:
                    raise Misfit(1, f"checkpoint {position} is not genuine: {error}") from None
                if signed.size != size:
                    raise Misfit(1, f"checkpoint {position} was changed")
            self._due[size] = checkpoint, signed

    def _read_file(self) -> None:
        if self._seen.settled is None:
            return
        notes = self._seen.notes
        if notes is None:
            if self._seen.settled:
                raise Misfit(1, "the checkpoint file is missing")
            return
        for position, note in enumerate(notes, 1):
            if position > len(self._seen.checkpoints):
                raise Misfit(1, f"checkpoint {position} is in the checkpoint file, but not in the store")
            if note != self._seen.checkpoints[position - 1].note:
                raise Misfit(1, f"checkpoint {position} is not the same in the checkpoint file and in the store")
        # A process that is killed leaves the file one behind until the next checkpoint is made.
        if len(notes) < self._seen.settled - 1:
            raise Misfit(1, f"checkpoint {len(notes) + 1} and later ones are missing in the checkpoint file")

    def _opened_cut(self, cut: Cut) -> Removal | None:
        if self._verifier is None:
            return None
        try:
            removal = self._verifier.removal(cut.note)
        except NoteInvalid as error:
            raise Misfit(self.head.entries + 1, f"cut {cut.number} is not genuine: {error}") from None
        said = (removal.first, removal.size, removal.first_entry, removal.entries)
        if said != (cut.first, cut.through, self.head.entries + 1, cut.entries):
            raise Misfit(self.head.entries + 1, f"cut {cut.number} was changed")
        return removal

    def _compare_root(self, number: int, entry: int) -> None:
        checkpoint, signed = self._due.get(number, (None, None))
        if checkpoint is None:
            return
        if signed is not None and signed.root != self._tree.root():
            raise Misfit(
                entry, f"the trail up to block {number} is not the one that checkpoint {checkpoint.number} signed"
            )
        if checkpoint.peaks != self._tree.peaks:
            raise Misfit(entry, f"checkpoint {checkpoint.number} was changed")

    def _note_hold(self, line: str, entry: int) -> None:
        action, _, objects, _, _ = orjson.loads(stored_bytes(line))
        self._hold_entries[action, int(objects[0])] = entry

    def _check_holds(self, holds: Sequence[Hold]) -> None:
        known = {hold.number: hold for hold in holds}
        for hold in (*self._seen.holds, *holds):
            if not is_genuine_hold(self._key, hold):
                raise Misfit(self.head.entries + 1, "a legal hold was changed")
        for (action, number), entry in self._hold_entries.items():
            if action == _SET and number not in known:
                raise Misfit(entry, f"legal hold {number} is missing")
        set_here = {number for action, number in self._hold_entries if action == _SET}
        released_here = {number for action, number in self._hold_entries if action != _SET}
        for hold in self._seen.holds:
            if not hold.stands and hold.number in set_here - released_here:
                raise Misfit(self._hold_entries[_SET, hold.number], f"legal hold {hold.number} was released unseen")


async def verify(
    store: VerifiedStore,
    key: bytes,
    *,
    verifier: Verifier | None = None,
    anchor_file: AnchorFile | None = None,
    checkpoint_file: CheckpointFile | None = None,
    observer: Observer | None = None,
) -> VerificationReport:
    """Check a trail from its first block to its last, and its end against the anchors. Others may append meanwhile.

    Args:
        store: where it is kept.
        key: of the trail.
        verifier: of the signatures; None to leave them unchecked.
        anchor_file: the second anchor, where there is one.
        checkpoint_file: where the checkpoints are kept a second time.
        observer: is shown every block that fits.
    """
    while True:
        witnesses = await _witnesses(store, anchor_file, checkpoint_file)
        report = await _walk(store, TrailCheck(key, witnesses, verifier), observer)
        if report.ok:
            return report
        last = await store.last_cut()
        if last is None or last.number <= len(witnesses.cuts):
            return report
        # Blocks were cut while they were read: from the new beginning.


async def _walk(store: VerifiedStore, check: TrailCheck, observer: Observer | None) -> VerificationReport:
    if observer is not None:
        observer.begin()
    try:
        check.begin()
        while found := await store.blocks(check.head.number + 1, check.head.number + _WINDOW):
            for block in found:
                check.take(block)
                if observer is not None and block is not None:
                    await observer.take(block)
        return check.end(await store.holds())
    except Misfit as misfit:
        return check.broken(misfit)


async def _witnesses(
    store: VerifiedStore, anchor_file: AnchorFile | None, checkpoint_file: CheckpointFile | None
) -> Witnesses:
    """Read everything that the chain is compared with: the chain can only be longer than what was read before it."""
    holds = await store.holds()
    checkpoints = await _all_checkpoints(store, [])
    settled = len(checkpoints) if checkpoint_file is not None else None
    notes = checkpoint_file.read() if checkpoint_file is not None else None
    # Again, for the file follows the store.
    checkpoints = await _all_checkpoints(store, checkpoints)
    anchors = {"the anchor in the store": await store.anchor()}
    if anchor_file is not None:
        anchors["the anchor file"] = anchor_file.read()
    cuts: list[Cut] = []
    while found := await store.cuts(len(cuts) + 1, len(cuts) + _WINDOW):
        cuts.extend(found)
    return Witnesses(anchors, cuts, checkpoints, notes, settled, holds)


async def _all_checkpoints(store: VerifiedStore, known: Sequence[Checkpoint]) -> list[Checkpoint]:
    found = list(known)
    while more := await store.checkpoints(len(found) + 1, len(found) + _WINDOW):
        found.extend(more)
    return found


def _fault(key: bytes, name: str, anchor: Anchor | None, head: Head) -> str | None:
    if anchor is None:
        return f"{name} is missing" if head.number else None
    if not is_genuine(key, anchor):
        return f"{name} was changed"
    if anchor.number > head.number:
        return f"the trail ends at block {head.number}, but {name} has seen block {anchor.number}"
    return None
