"""Appending to the trail and checking it. Knows the store as a Protocol only.

There is one writer at a time per process; several processes are kept in line by the number of the next block, of which
the store takes one only.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from server.audit.anchor import AnchorFile
from server.audit.model import (
    EMPTY,
    Anchor,
    AuditEntry,
    Block,
    Head,
    VerificationReport,
    check_block,
    entry_of,
    is_genuine,
    seal_anchor,
    seal_block,
)
from server.kernel.errors import Unavailable

logger = logging.getLogger(__name__)

_MOST_ENTRIES = 512
_WINDOW = 50
_PAUSE_SECONDS = 0.1
_ANCHOR_SECONDS = 1.0


class AuditStore(Protocol):
    """Where blocks and the anchor are kept; `audit.store` says what each does."""

    async def insert(self, block: Block) -> bool:
        """Store a block; False when its number is taken."""
        ...

    async def blocks(self, first: int, last: int) -> Sequence[Block | None]:
        """Read a window of numbers."""
        ...

    async def anchor(self) -> Anchor | None:
        """Read the anchor."""
        ...

    async def advance_anchor(self, anchor: Anchor) -> None:
        """Move the anchor forward."""
        ...


class AuditTrail:
    """The trail of one database.

    After each block the anchor file is rewritten; the anchor in the store follows within a second, so that a block
    costs one command. An anchor that contradicts the chain is left as it is, and `verify` goes on reporting it.

    Args:
        store: where it is kept.
        key: 32 bytes, in no store.
        anchor_file: a second anchor out of the store's reach; None where the store is another machine's.
        patience_s: seconds for which an outage of the store is waited out before `append` fails.
        clock: the present moment, aware.
    """

    def __init__(
        self,
        store: AuditStore,
        key: bytes,
        *,
        anchor_file: Path | None = None,
        patience_s: float = 5.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._key = key
        self._file = AnchorFile(anchor_file) if anchor_file else None
        self._patience_s = patience_s
        self._clock = clock
        self._head: Head | None = None
        self._last_known = EMPTY
        self._anchored: int | None = None
        self._may_anchor = True
        self._waiting: list[tuple[Sequence[AuditEntry], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._anchoring: asyncio.Task[None] | None = None

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Append entries, in order and next to each other.

        What several callers append at once goes into one block.

        Raises:
            Unavailable: the store does not answer. The entries may have been stored all the same; appending them
                again then makes them appear twice.
        """
        if not entries:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting(), name="audit-writer")
        await done

    async def recent(self, seconds: float) -> list[AuditEntry]:
        """Give the entries of the last seconds before the trail's end, however long ago that was; oldest first.

        Raises:
            Unavailable: the store does not answer.
        """
        if self._head is None:
            await self._find_head()
        top = self._last_known.number
        newest: int | None = None
        found: list[AuditEntry] = []
        while top > 0:
            window = [block for block in await self._store.blocks(max(1, top - _WINDOW + 1), top) if block is not None]
            if not window:
                break
            newest = newest if newest is not None else window[-1].at
            late = [block for block in window if block.at >= newest - seconds * 1000]
            found = [entry_of(line) for block in late for line in block.lines] + found
            if len(late) < len(window):
                break
            top -= _WINDOW
        return found

    async def verify(self) -> VerificationReport:
        """Check the whole trail."""
        return await verify(self._store, self._key, anchor_file=self._file)

    async def renew_anchor_file(self) -> VerificationReport:
        """Check the whole trail and, when all of it fits, write the anchor file if there is none: the end of a restore.

        For nothing else: that the file is missing beside a trail which has always been here is a finding of `verify`.

        Raises:
            OSError: the file can't be written.
        """
        if self._file is None or self._file.read() is not None:
            return await self.verify()
        report = await verify(self._store, self._key)
        if report.ok and await self._store.anchor() is not None:
            found = await self._store.blocks(report.blocks, report.blocks) if report.blocks else []
            heads = [block.head for block in found if block is not None]
            self._file.write(seal_anchor(self._key, heads[0] if heads else EMPTY))
        return report

    async def close(self) -> None:
        """Wait for what is being appended and bring the anchors up to the chain. Harmless when nothing was appended."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)
        if self._anchoring is not None:
            self._anchoring.cancel()
            await asyncio.gather(self._anchoring, return_exceptions=True)
        try:
            await self._advance_anchor()
        except Unavailable:
            logger.warning("the audit anchor in the store stays behind the trail")
        if self._file is not None:
            self._file.close()

    async def _write_waiting(self) -> None:
        while self._waiting:
            taken = self._take()
            try:
                await self._write([entry for entries, _ in taken for entry in entries])
            except Exception as error:
                for _, done in taken:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in taken:
                    if not done.done():
                        done.set_result(None)

    def _take(self) -> list[tuple[Sequence[AuditEntry], "asyncio.Future[None]"]]:
        """As many as fit into a block, at least one."""
        size = fitting = 0
        for entries, _ in self._waiting:
            size += len(entries)
            if fitting and size > _MOST_ENTRIES:
                break
            fitting += 1
        taken, self._waiting = self._waiting[:fitting], self._waiting[fitting:]
        return taken

    async def _write(self, entries: Sequence[AuditEntry]) -> None:
        """Store one block; through a short outage, and behind whatever other processes store meanwhile."""
        until = time.monotonic() + self._patience_s
        doubtful: Block | None = None
        while True:
            try:
                if self._head is None:
                    await self._find_head()
                    if doubtful is not None and await self._is_stored(doubtful):
                        self._stored(self._last_known)
                        return
                head = self._head or EMPTY
                doubtful = seal_block(self._key, head, entries, self._clock())
                stored = await self._store.insert(doubtful)
            except Unavailable:
                self._head = None
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            if stored:
                self._stored(doubtful.head)
                return
            self._head = None

    def _stored(self, head: Head) -> None:
        self._head = self._last_known = head
        if not self._may_anchor:
            return
        self._write_file(head)
        if self._anchoring is None or self._anchoring.done():
            self._anchoring = asyncio.create_task(self._follow(), name="audit-anchor")

    async def _is_stored(self, block: Block) -> bool:
        found = await self._store.blocks(block.number, block.number)
        return any(other is not None and other.mac == block.mac for other in found)

    async def _find_head(self) -> None:
        """Read on from the last block known, at first from the anchor."""
        first_time = self._anchored is None
        if first_time:
            await self._look_at_anchors()
        head = self._last_known
        while found := await self._store.blocks(head.number + 1, head.number + _WINDOW):
            for block in found:
                if block is None or check_block(self._key, head, block) is not None:
                    logger.error("the audit trail is damaged near block %d; run `amanah audit verify`", head.number + 1)
                    self._may_anchor = False
                head = block.head if block is not None else Head(head.number + 1, head.mac, head.entries)
        self._head = self._last_known = head
        if first_time and head.number == 0 and self._may_anchor:
            # Before the first block, so that a chain without an anchor can only be one that was robbed of it.
            await self._store.advance_anchor(seal_anchor(self._key, EMPTY))
            self._write_file(EMPTY)

    async def _look_at_anchors(self) -> None:
        """Start where the anchor says, if the chain says the same. Otherwise never move the anchors again."""
        anchors = [await self._store.anchor()]
        if self._file is not None:
            anchors.append(self._file.read())
        genuine = [anchor for anchor in anchors if anchor is not None and is_genuine(self._key, anchor)]
        for anchor in sorted(genuine, key=lambda anchor: -anchor.number):
            found = await self._store.blocks(anchor.number, anchor.number) if anchor.number else [None]
            block = found[0] if found else None
            if block is not None and block.mac == anchor.mac:
                self._last_known = block.head
                break
            if anchor.number:
                self._may_anchor = False
        missing = len(genuine) < len(anchors)
        if missing and await self._store.blocks(1, 1):
            self._may_anchor = False
        if not self._may_anchor:
            logger.error("the audit trail does not fit its anchor; run `amanah audit verify`")
        self._anchored = self._last_known.number

    def _write_file(self, head: Head) -> None:
        if self._file is None:
            return
        try:
            self._file.write(seal_anchor(self._key, head))
        except OSError as error:
            logger.warning("the audit anchor file can't be written: %s", type(error).__name__)

    async def _follow(self) -> None:
        """Bring the anchor in the store up to the chain, at most once a second."""
        while self._behind():
            try:
                await self._advance_anchor()
            except Unavailable:
                logger.warning("the audit anchor in the store stays behind the trail for now")
            await asyncio.sleep(_ANCHOR_SECONDS)

    def _behind(self) -> bool:
        return self._may_anchor and self._anchored is not None and self._anchored < self._last_known.number

    async def _advance_anchor(self) -> None:
        if self._behind():
            head = self._last_known
            await self._store.advance_anchor(seal_anchor(self._key, head))
            self._anchored = head.number


async def verify(store: AuditStore, key: bytes, *, anchor_file: AnchorFile | None = None) -> VerificationReport:
    """Check a trail from its first block to its last, and its end against the anchors. Others may append meanwhile.

    Args:
        store: where it is kept.
        key: of the trail.
        anchor_file: the second anchor, where there is one.
    """
    # Read first: the chain can only be longer than an anchor that was read before it.
    anchors = {"the anchor in the store": await store.anchor()}
    if anchor_file is not None:
        anchors["the anchor file"] = anchor_file.read()
    genuine = {name: anchor for name, anchor in anchors.items() if anchor is not None and is_genuine(key, anchor)}
    head = EMPTY
    while found := await store.blocks(head.number + 1, head.number + _WINDOW):
        for block in found:
            if block is None:
                return _broken(head, head.entries + 1, f"block {head.number + 1} does not have the form of one")
            wrong = check_block(key, head, block)
            if wrong is not None:
                return _broken(head, *wrong)
            for name, witness in genuine.items():
                if witness.number == block.number and witness.mac != block.mac:
                    return _broken(head, block.first, f"{name} and block {block.number} contradict each other")
            head = block.head
    for name, anchor in anchors.items():
        fault = _fault(key, name, anchor, head)
        if fault is not None:
            return _broken(head, head.entries + 1, fault)
    return VerificationReport(True, head.entries, head.number)


def _broken(head: Head, entry: int, reason: str) -> VerificationReport:
    """All up to the head is well, the entry is not, nor may those between them be."""
    return VerificationReport(False, head.entries, head.number, entry, reason)


def _fault(key: bytes, name: str, anchor: Anchor | None, head: Head) -> str | None:
    if anchor is None:
        return f"{name} is missing" if head.number else None
    if not is_genuine(key, anchor):
        return f"{name} was changed"
    if anchor.number > head.number:
        return f"the trail ends at block {head.number}, but {name} has seen block {anchor.number}"
    return None
