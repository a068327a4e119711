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

from server.audit.actions import require_declared
from server.audit.anchor import AnchorFile
from server.audit.model import (
    EMPTY,
    Anchor,
    AuditEntry,
    Block,
    Head,
    VerificationReport,
    check_block,
    content_digest,
    content_key,
    content_of,
    entry_of,
    is_genuine,
    seal_anchor,
    seal_block,
)
from server.audit.promises import PromiseBook
from server.audit.records import Promise, is_genuine_cut
from server.audit.verification import VerifiedStore, verify
from server.kernel.errors import Unavailable
from server.kernel.text import RedactedText

logger = logging.getLogger(__name__)

_MOST_ENTRIES = 512
_WINDOW = 50
_PAUSE_SECONDS = 0.1
_ANCHOR_SECONDS = 1.0


class AuditStore(VerifiedStore, Protocol):
    """Where the trail is kept; `audit.store` says what each does."""

    async def insert(self, block: Block) -> bool:
        """Store a block; False when its number is taken."""
        ...

    async def advance_anchor(self, anchor: Anchor) -> None:
        """Move the anchor forward."""
        ...

    async def insert_promise(self, promise: Promise) -> None: ...
    async def promises(self) -> Sequence[Promise]: ...
    async def remove_promises(self, ids: Sequence[str]) -> None: ...


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
        self._content_key = content_key(key)
        self._watcher: Callable[[Block], None] | None = None
        self._promises = PromiseBook(self, store, clock)

    @property
    def promises(self) -> PromiseBook:
        """For changes that have to be in the trail also when the process ends, or the store fails, in between."""
        return self._promises

    @property
    def length(self) -> int:
        """How many blocks this process knows of; 0 before it has looked."""
        return self._last_known.number

    def watch(self, watcher: Callable[[Block], None]) -> None:
        """Be shown the blocks that this process stores or reads at the end of the trail, in order, some twice."""
        self._watcher = watcher

    def content_digest(self, identity: str, text: RedactedText, shown: str = "") -> str:
        """Digest of a stored text, to be the last object of the entry that tells of it.

        `amanah audit verify --content` works it out again from what is stored. Of several entries that tell of the
        same text the newest one counts.

        Args:
            identity: id of what the text belongs to; the object before the digest.
            text: as it is stored.
            shown: what is stored beside it of how it is shown; see `content_of`.
        """
        return content_digest(self._content_key, identity, content_of(text.value, shown))

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Append entries, in order and next to each other.

        What several callers append at once goes into one block.

        Raises:
            ValueError: an action is not declared in `audit.actions`.
            Unavailable: the store does not answer. The entries may have been stored all the same; appending them
                again then makes them appear twice.
        """
        for entry in entries:
            require_declared(entry.action)
        if not entries:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting(), name="audit-writer")
        await done

    async def lines_since(self, at: int) -> set[str]:
        """Give the lines of all blocks made at or after a moment, milliseconds since 1970.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._find_head()
        found: set[str] = set()
        top = self._last_known.number
        while top > 0:
            window = [block for block in await self._store.blocks(max(1, top - _WINDOW + 1), top) if block is not None]
            late = [block for block in window if block.at >= at]
            found.update(line for block in late for line in block.lines)
            if len(late) < len(window) or not window:
                break
            top -= _WINDOW
        return found

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
        await self._promises.close()
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
        doubtful: list[Block] = []
        while True:
            block: Block | None = None
            try:
                if self._head is None:
                    await self._find_head()
                    if await self._is_stored(doubtful):
                        self._stored(None)
                        return
                block = seal_block(self._key, self._head or EMPTY, entries, self._clock())
                stored = await self._store.insert(block)
            except Unavailable:
                self._head = None
                # It may have been stored all the same, and may even appear later.
                if block is not None:
                    doubtful.append(block)
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            if stored:
                self._stored(block)
                return
            self._head = None

    def _stored(self, block: Block | None) -> None:
        """The end of the trail has moved; None when the block was seen while it was looked for."""
        if block is not None:
            self._head = self._last_known = block.head
            self._show(block)
        if not self._may_anchor:
            return
        self._write_file(self._last_known)
        if self._anchoring is None or self._anchoring.done():
            self._anchoring = asyncio.create_task(self._follow(), name="audit-anchor")

    def _show(self, block: Block) -> None:
        if self._watcher is not None:
            self._watcher(block)

    async def _is_stored(self, doubtful: Sequence[Block]) -> bool:
        for number in {block.number for block in doubtful}:
            found = {other.mac for other in await self._store.blocks(number, number) if other is not None}
            if found & {block.mac for block in doubtful}:
                return True
        return False

    async def _find_head(self) -> None:
        """Read on from the last block known, at first from the anchor."""
        first_time = self._anchored is None
        if first_time:
            await self._look_at_anchors()
        head = self._last_known
        while found := await self._store.blocks(head.number + 1, head.number + _WINDOW):
            for block in found:
                if block is not None and check_block(self._key, head, block) is None:
                    self._show(block)
                else:
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
        cut = await self._store.last_cut()
        if cut is not None and is_genuine_cut(self._key, cut):
            self._last_known = cut.head
        elif cut is not None:
            self._may_anchor = False
        removed = self._last_known.number
        for anchor in sorted(genuine, key=lambda anchor: -anchor.number):
            if anchor.number <= removed:
                break
            found = await self._store.blocks(anchor.number, anchor.number)
            block = found[0] if found else None
            if block is not None and block.mac == anchor.mac:
                self._last_known = block.head
                break
            self._may_anchor = False
        missing = len(genuine) < len(anchors)
        if missing and (removed or await self._store.blocks(1, 1)):
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
