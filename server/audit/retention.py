"""How long the trail is kept: cutting its oldest blocks at a signed border, unless a legal hold stands.

What is cut leaves a signed record and one hash a block, so that every checkpoint ever signed can still be checked.
Knows the store as a Protocol only.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from server.audit.checkpoints import CheckpointStore, TrailContradicted
from server.audit.merkle import Tree
from server.audit.model import EMPTY, AuditEntry, Head, check_block, entry_of, leaf_of, milliseconds
from server.audit.note import NoteInvalid, Removal, Signer, TreeHead
from server.audit.records import (
    REASON,
    Checkpoint,
    Cut,
    Hold,
    is_genuine_cut,
    is_genuine_hold,
    seal_of_cut,
    seal_of_hold,
    tree_after,
)
from server.audit.service import AuditTrail
from server.kernel.errors import Conflict, InvalidInput, NotFound

SYSTEM: Final = "system"
"""The actor of what the server does by itself."""

_WINDOW = 50
_MOST_BLOCKS = 100_000
_ATTEMPTS = 5
_HOLD_SET = '["audit:hold:set"'


class RetentionStore(CheckpointStore, Protocol):
    """Where cuts and holds are kept; `audit.store` says what each does."""

    async def insert_cut(self, cut: Cut) -> bool: ...
    async def remove(self, first: int, last: int) -> None: ...
    async def insert_hold(self, hold: Hold) -> bool: ...
    async def release_hold(self, hold: Hold) -> bool: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be cut now.

    Attributes:
        first: number of the first block.
        last: number of the last one, smaller than `first` when there is nothing to cut.
        first_entry: number of the first entry.
        last_entry: number of the last one.
        holds: numbers of the legal holds that stand; with any, nothing is cut.
    """

    first: int
    last: int
    first_entry: int
    last_entry: int
    holds: tuple[int, ...]

    @property
    def has_effect(self) -> bool:
        """Whether something is to be cut and nothing forbids it."""
        return self.last >= self.first and not self.holds


class Retention:
    """The end of a trail's oldest part.

    Args:
        store: where it is kept.
        trail: takes the entries about it.
        key: of the trail.
        signer: signs the cuts.
        days: how long entries are kept; 0 for ever.
        clock: the present moment, aware.
    """

    def __init__(
        self,
        store: RetentionStore,
        trail: AuditTrail,
        key: bytes,
        signer: Signer,
        *,
        days: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._trail = trail
        self._key = key
        self._signer = signer
        self._days = days
        self._clock = clock

    async def plan(self) -> Plan:
        """Say what would be cut.

        Raises:
            TrailContradicted: what was signed was changed.
            Unavailable: the store does not answer.
        """
        begin = await self._begin()
        border = await self._border(begin)
        standing = tuple(hold.number for hold in await self._store.holds() if not self._is_released(hold))
        if border is None:
            return Plan(begin.number + 1, begin.number, begin.entries + 1, begin.entries, standing)
        signed = self._opened(border)
        return Plan(begin.number + 1, border.size, begin.entries + 1, signed.entries, standing)

    async def cut(self) -> list[Cut]:
        """Cut what is older than it has to be, and finish what a killed process left unfinished.

        Returns:
            The cuts made.

        Raises:
            TrailContradicted: the trail does not fit what was signed. Nothing was cut.
            Unavailable: the store does not answer.
        """
        last = await self._store.last_cut()
        if last is not None and is_genuine_cut(self._key, last):
            await self._clear(last)
        made: list[Cut] = []
        while (await self.plan()).has_effect:
            cut = await self._prepared(await self._border(await self._begin()))
            if cut is None or not (await self.plan()).has_effect or not await self._store.insert_cut(cut):
                break
            removed = {"blocks": cut.through - cut.first + 1, "last_entry": cut.entries}
            await self._append("audit:trail:cut", SYSTEM, "retention", removed)
            await self._clear(cut)
            made.append(cut)
        return made

    async def holds(self) -> Sequence[Hold]:
        """Give all legal holds, in order."""
        return await self._store.holds()

    async def set_hold(self, reason: str, actor_id: str) -> Hold:
        """Begin a legal hold.

        Args:
            reason: a code of lower-case letters and underscores.
            actor_id: who sets it.

        Raises:
            InvalidInput: the reason is no code.
        """
        if not REASON.fullmatch(reason):
            raise InvalidInput(fields={"reason": "not_allowed"})
        for _ in range(_ATTEMPTS):
            number = len(await self._store.holds()) + 1
            at = milliseconds(self._clock())
            hold = Hold(number, reason, at, None, seal_of_hold(self._key, number, reason, at, None))
            if await self._store.insert_hold(hold):
                await self._append("audit:hold:set", actor_id, str(number), {})
                return hold
        raise Conflict

    async def release_hold(self, number: int, actor_id: str) -> Hold:
        """End a legal hold.

        Raises:
            NotFound: there is none of that number that stands.
        """
        for hold in await self._store.holds():
            if hold.number == number and hold.stands:
                at = milliseconds(self._clock())
                seal = seal_of_hold(self._key, number, hold.reason, hold.set_at, at)
                released = replace(hold, released_at=at, seal=seal)
                # The trail first: a release that it does not know of is a finding.
                await self._append("audit:hold:released", actor_id, str(number), {})
                await self._store.release_hold(released)
                return released
        raise NotFound

    def _is_released(self, hold: Hold) -> bool:
        return not hold.stands and is_genuine_hold(self._key, hold)

    async def _begin(self) -> Head:
        """Where the trail begins today."""
        cut = await self._store.last_cut()
        if cut is None:
            return EMPTY
        if not is_genuine_cut(self._key, cut):
            raise TrailContradicted("the last cut was changed")
        return cut.head

    async def _border(self, begin: Head) -> Checkpoint | None:
        """The last checkpoint that is old enough: all blocks that it covers are older still."""
        last = await self._store.last_checkpoint()
        if self._days <= 0 or last is None:
            return None
        before = milliseconds(self._clock() - timedelta(days=self._days))
        low, high = 0, last.number + 1
        found: Checkpoint | None = None
        while high - low > 1:
            middle = (low + high) // 2
            read = await self._store.checkpoints(middle, middle)
            if not read:
                raise TrailContradicted("a checkpoint is missing")
            signed = self._opened(read[0])
            if signed.at < before and signed.size <= begin.number + _MOST_BLOCKS:
                low, found = middle, read[0]
            else:
                high = middle
        return found if found is not None and found.size > begin.number else None

    def _opened(self, checkpoint: Checkpoint) -> TreeHead:
        try:
            return self._signer.tree_head(checkpoint.note)
        except NoteInvalid:
            raise TrailContradicted("a checkpoint is not genuine") from None

    async def _prepared(self, border: Checkpoint | None) -> Cut | None:
        """Read all that is to be removed, check it, and sign what it was."""
        if border is None:
            return None
        cuts = await self._cuts()
        begin = cuts[-1].head if cuts else EMPTY
        tree, head, leaves = tree_after(cuts), begin, []
        released = {str(hold.number) for hold in await self._store.holds() if self._is_released(hold)}
        while head.number < border.size:
            started = time.monotonic()
            found = await self._store.blocks(head.number + 1, min(head.number + _WINDOW, border.size))
            for block in found:
                if block is None or check_block(self._key, head, block) is not None:
                    raise TrailContradicted("the oldest part of the trail is damaged")
                for line in block.lines:
                    if line.startswith(_HOLD_SET) and entry_of(line).objects[0] not in released:
                        raise TrailContradicted("a legal hold is missing")
                leaves.append(leaf_of(block))
                head = block.head
            if not found:
                raise TrailContradicted("blocks are missing in the oldest part of the trail")
            await asyncio.sleep(time.monotonic() - started)
        return self._signed(begin, head, border, tree, leaves, len(cuts) + 1)

    def _signed(
        self, begin: Head, head: Head, border: Checkpoint, tree: Tree, leaves: Sequence[bytes], number: int
    ) -> Cut:
        for leaf in leaves:
            tree.append(leaf)
        if tree.root() != self._opened(border).root:
            raise TrailContradicted("the oldest part of the trail is not the one that was signed")
        at = milliseconds(self._clock())
        removal = Removal(head.number, tree.root(), begin.number + 1, begin.entries + 1, head.entries, "retention", at)
        note = self._signer.cut(removal)
        cut = Cut(number, note, begin.number + 1, head.number, head.entries, head.mac, b"".join(leaves), "")
        return replace(cut, seal=seal_of_cut(self._key, cut))

    async def _cuts(self) -> list[Cut]:
        cuts: list[Cut] = []
        while found := await self._store.cuts(len(cuts) + 1, len(cuts) + _WINDOW):
            cuts.extend(found)
        if not all(is_genuine_cut(self._key, cut) for cut in cuts):
            raise TrailContradicted("a cut was changed")
        return cuts

    async def _clear(self, cut: Cut) -> None:
        """Remove the blocks that a stored cut covers, the last one last: where it is gone, all are."""
        if not await self._store.blocks(cut.through, cut.through):
            return
        for first in range(cut.first, cut.through + 1, _WINDOW):
            started = time.monotonic()
            await self._store.remove(first, min(first + _WINDOW - 1, cut.through))
            await asyncio.sleep(time.monotonic() - started)

    async def _append(self, action: str, actor_id: str, about: str, counts: dict[str, int]) -> None:
        await self._trail.append([AuditEntry(action, actor_id, (about,), self._clock(), counts)])
