"""Trails without a store: blocks, checkpoints and cuts as the server makes them, and both ways of checking them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from server.audit.export import block_lines, cut_lines, end_lines, header_lines
from server.audit.merkle import Tree
from server.audit.model import EMPTY, AuditEntry, Block, Head, VerificationReport, leaf_of, seal_anchor, seal_block
from server.audit.note import Removal, Signer, TreeHead
from server.audit.records import Checkpoint, Cut, seal_of_cut
from server.audit.verification import Misfit, TrailCheck, Witnesses
from tests.harness.auditor import auditor

KEY = bytes(range(32))
SIGNER = Signer(bytes(range(1, 33)))
NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
_MS = 1_795_348_800_000


def entry(number: int, action: str = "chat:message:posted") -> AuditEntry:
    """An entry like no other."""
    return AuditEntry(action, "a1", ("c1", f"m{number}"), NOW, {"seq": number})


@dataclass
class Trail:
    """A trail with what belongs to it.

    Attributes:
        blocks: that are there.
        checkpoints: that were signed.
        cuts: of what is not there any more.
        head: the last anchor's.
    """

    blocks: list[Block] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    head: Head = EMPTY

    def append(self, groups: Iterable[Sequence[AuditEntry]]) -> "Trail":
        """Append a block for each group."""
        for group in groups:
            self.blocks.append(seal_block(KEY, self.head, group, NOW))
            self.head = self.blocks[-1].head
        return self

    def sign(self) -> "Trail":
        """Make a checkpoint."""
        tree, number = self.tree(self.head.number), len(self.checkpoints) + 1
        note = SIGNER.checkpoint(TreeHead(tree.size, tree.root(), self.head.entries, _MS + number))
        self.checkpoints.append(Checkpoint(number, note, tree.size, self.head.mac, tree.peaks))
        return self

    def cut(self, size: int) -> "Trail":
        """Remove the blocks up to a number."""
        removed = [block for block in self.blocks if block.number <= size]
        tree, first, last = self.tree(size), removed[0], removed[-1]
        removal = Removal(
            size, tree.root(), first.number, first.first, last.head.entries, "retention", _MS + len(self.checkpoints)
        )
        leaves = b"".join(leaf_of(block) for block in removed)
        cut = Cut(len(self.cuts) + 1, SIGNER.cut(removal), first.number, size, last.head.entries, last.mac, leaves, "")
        self.cuts.append(replace(cut, seal=seal_of_cut(KEY, cut)))
        self.blocks = [block for block in self.blocks if block.number > size]
        return self

    def tree(self, size: int) -> Tree:
        """The tree over the first blocks."""
        tree = Tree()
        for leaf in [leaf for cut in self.cuts for leaf in cut.hashes()] + [leaf_of(block) for block in self.blocks]:
            if tree.size < size:
                tree.append(leaf)
        return tree

    def check(self, blocks: Sequence[Block | None] | None = None, **changes: object) -> VerificationReport:
        """Check with the key, as `amanah audit verify` does.

        Args:
            blocks: in place of those that are there.
            changes: of the witnesses.
        """
        witnesses = Witnesses(
            anchors={"the anchor": seal_anchor(KEY, self.head)},
            cuts=self.cuts,
            checkpoints=self.checkpoints,
            notes=[item.note for item in self.checkpoints],
            settled=len(self.checkpoints),
        )
        check = TrailCheck(KEY, replace(witnesses, **changes), SIGNER)  # type: ignore[arg-type]  # any field of it
        try:
            check.begin()
            for block in self.blocks if blocks is None else blocks:
                check.take(block)
            return check.end()
        except Misfit as misfit:
            return check.broken(misfit)

    def export(self, blocks: Sequence[Block] | None = None, *, end: Head | None = None) -> list[str]:
        """The lines of an export."""
        found = self.blocks if blocks is None else blocks
        last = end or (found[-1].head if found else self.cuts[-1].head if self.cuts else EMPTY)
        parts = [header_lines(SIGNER.origin)]
        parts += [cut_lines(cut) for cut in self.cuts]
        parts += [block_lines(block) for block in found]
        parts += [end_lines(last.number, last.entries)]
        return [line.decode().rstrip("\n") for part in parts for line in part]

    def check_outside(self, lines: Sequence[str] | None = None, notes: Sequence[str] | None = None) -> str | None:
        """Check without the key, as an outsider does: what does not fit, None when all does."""
        outside = auditor()
        given = [item.note for item in self.checkpoints] if notes is None else notes
        try:
            key = outside.Key(SIGNER.described)
            checkpoints = outside.read_checkpoints(key, [(f"checkpoint {n}", note) for n, note in enumerate(given, 1)])
            outside.check_export(key, checkpoints, list(self.export() if lines is None else lines))
        except outside.DoesNotFit as problem:
            return str(problem)
        return None
