"""Signing checkpoints: what the trail was at a moment, for outsiders to keep. Knows the store as a Protocol only.

A checkpoint is signed only over a trail that continues the one of the checkpoint before. Whoever holds an earlier one
finds out when a later one does not contain it.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from server.audit.anchor import AnchorFile
from server.audit.checkpoint_file import CheckpointFile
from server.audit.merkle import Tree
from server.audit.model import EMPTY, Block, Head, VerificationReport, check_block, leaf_of, milliseconds
from server.audit.note import NoteInvalid, Signer, TreeHead
from server.audit.records import Checkpoint, Cut
from server.audit.service import AuditStore, AuditTrail
from server.audit.verification import Observer, verify

logger = logging.getLogger(__name__)

_WINDOW = 50
_MOST_BLOCKS = 10_000
"""Between two checkpoints, so that a cut never has to remove many more at once."""


class CheckpointStore(AuditStore, Protocol):
    """Where checkpoints are kept; `audit.store` says what each does."""

    async def last_checkpoint(self) -> Checkpoint | None: ...
    async def insert_checkpoint(self, checkpoint: Checkpoint) -> bool: ...


class TrailContradicted(Exception):
    """The trail is not the one that was signed before, or does not hold together. Nothing was signed or removed.

    Args:
        why: in a few fixed words.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Checkpoints:
    """The checkpoints of one trail.

    Args:
        store: where they are kept.
        key: of the trail.
        signer: signs them.
        file: where they are kept a second time; None where the store is all there is.
        clock: the present moment, aware.
    """

    def __init__(
        self,
        store: CheckpointStore,
        key: bytes,
        signer: Signer,
        *,
        file: Path | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._key = key
        self._signer = signer
        self._file = CheckpointFile(file) if file else None
        self._clock = clock
        self._head = EMPTY
        self._tree: Tree | None = None
        self._newest: Checkpoint | None = None
        self._making = asyncio.Lock()

    @property
    def signer(self) -> Signer:
        """What signs them; its public half checks them."""
        return self._signer

    @property
    def newest(self) -> Checkpoint | None:
        """The newest that this process knows of."""
        return self._newest

    def follow(self, trail: AuditTrail) -> None:
        """Take over the blocks that a trail shows, so that they need not be read again."""
        trail.watch(self._take)

    async def refresh(self) -> Checkpoint | None:
        """Read the newest checkpoint, whoever made it.

        Raises:
            Unavailable: the store does not answer.
        """
        found = await self._store.last_checkpoint()
        if found is not None and (self._newest is None or found.number > self._newest.number):
            self._newest = found
        return self._newest

    async def make(self) -> Checkpoint | None:
        """Sign the trail as it is, unless nothing was appended since the last checkpoint.

        Returns:
            The newest checkpoint; None while the trail is empty.

        Raises:
            TrailContradicted: see there.
            Unavailable: the store does not answer.
        """
        async with self._making:
            while True:
                notes = self._file.read() if self._file is not None else None
                last = await self._store.last_checkpoint()
                if len(notes or ()) > (last.number if last else 0):
                    raise TrailContradicted("the checkpoint file has seen more checkpoints than the store has")
                tree = await self._begun(last)
                complete = await self._advance(tree)
                if self._head.number > (last.size if last else 0):
                    made = self._signed(tree, last)
                    if not await self._store.insert_checkpoint(made):
                        # Another process was quicker: from what it has signed.
                        self._tree = None
                        continue
                    last = made
                self._newest = last
                if last is not None:
                    await self._follow_file(last, notes)
                if complete:
                    return last

    async def renew_file(self) -> None:
        """Write the file: the end of a restore into a folder without one, when the trail was found to fit.

        Raises:
            OSError: the file can't be written.
        """
        last = await self._store.last_checkpoint()
        if self._file is not None and last is not None:
            # A restore that was killed may have begun to write it.
            await self._append(len(self._file.read() or ()), last.number)

    async def verify(self, anchor_file: Path | None, observer: Observer | None = None) -> VerificationReport:
        """Check the whole trail with everything that belongs to it."""
        return await verify(
            self._store,
            self._key,
            verifier=self._signer,
            anchor_file=AnchorFile(anchor_file) if anchor_file else None,
            checkpoint_file=self._file,
            observer=observer,
        )

    def _take(self, block: Block) -> None:
        if self._tree is not None and block.number == self._head.number + 1 and block.prev == self._head.mac:
            self._tree.append(leaf_of(block))
            self._head = block.head

    async def _begun(self, last: Checkpoint | None) -> Tree:
        """The tree to go on from; what this process has followed, where nobody else has signed more."""
        if self._tree is not None and (last is None or last.size <= self._tree.size):
            return self._tree
        if last is None:
            self._head, self._tree = EMPTY, Tree()
            return self._tree
        try:
            signed = self._signer.tree_head(last.note)
            tree = last.tree()
        except (NoteInvalid, ValueError):
            raise TrailContradicted("the last checkpoint is not genuine") from None
        if signed.size != last.size or signed.root != tree.root():
            raise TrailContradicted("the last checkpoint was changed")
        cut = await self._store.last_cut()
        if not await self._is_there(last, cut):
            raise TrailContradicted("the trail is not the one that the last checkpoint signed")
        self._head, self._tree = Head(last.size, last.mac, signed.entries), tree
        return tree

    async def _is_there(self, last: Checkpoint, cut: Cut | None) -> bool:
        if cut is not None and cut.through == last.size:
            return cut.mac == last.mac
        found = await self._store.blocks(last.size, last.size)
        return any(block is not None and block.mac == last.mac for block in found)

    async def _advance(self, tree: Tree) -> bool:
        """Read on to the end of the trail; False when there is more than one checkpoint takes."""
        until = self._head.number + _MOST_BLOCKS
        while found := await self._store.blocks(self._head.number + 1, min(self._head.number + _WINDOW, until)):
            for block in found:
                if block is not None and block.number <= self._head.number:
                    # Appended by this very process, and shown, while it was read.
                    continue
                if block is None or check_block(self._key, self._head, block) is not None:
                    self._tree = None
                    raise TrailContradicted("the trail is damaged")
                tree.append(leaf_of(block))
                self._head = block.head
            if self._head.number >= until:
                return False
        return True

    def _signed(self, tree: Tree, last: Checkpoint | None) -> Checkpoint:
        before = self._signer.tree_head(last.note).at if last is not None else 0
        at = max(milliseconds(self._clock()), before)
        note = self._signer.checkpoint(TreeHead(tree.size, tree.root(), self._head.entries, at))
        number = last.number + 1 if last is not None else 1
        return Checkpoint(number, note, tree.size, self._head.mac, tree.peaks)

    async def _follow_file(self, last: Checkpoint, notes: Sequence[str] | None) -> None:
        """Bring the file up to the store. One that lost what it had is left as it is, for `verify` to report."""
        if self._file is None:
            return
        there = len(notes or ())
        if there == 0 and last.number > 1:
            logger.error("the audit checkpoint file is missing; run `amanah audit verify`")
            return
        if notes and [item.note for item in await self._store.checkpoints(there, there)] != [notes[-1]]:
            logger.error("the audit checkpoint file does not fit the store; run `amanah audit verify`")
            return
        try:
            await self._append(there, last.number)
        except OSError as error:
            logger.warning("the audit checkpoint file can't be written: %s", type(error).__name__)

    async def _append(self, there: int, upto: int) -> None:
        while self._file is not None and there < upto:
            found = await self._store.checkpoints(there + 1, min(there + _WINDOW, upto))
            if not found or not self._file.append(there, [item.note for item in found]):
                return
            there += len(found)
