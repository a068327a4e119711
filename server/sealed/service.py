"""Use cases of the sealed store: seal, show for a purpose, take back, and let nothing outlive its time.

One implementation for whatever keeps what identifies people (promises I1, P3, K3, S3, S5). What can't be written down
is not shown. Must not know what a form or an account is, nor keep a value anywhere but in the store, sealed.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.disclosure import Purpose
from server.kernel.errors import Conflict, NotFound, NotPermitted, Unavailable
from server.kernel.ports import Clock
from server.kernel.private import PrivateValue
from server.kernel.retention import Spared, nothing_held
from server.kernel.text import RawText
from server.sealed.model import Answer, Grant, Record, Reveal, Slot, holdable, may_reveal
from server.sealed.revealing import Revealing, Sight

logger = logging.getLogger("amanah.sealed")

REVEALED: Final = "field:revealed"
"""What the access log calls it."""

_SYSTEM: Final = "system"
_SWEEP_S: Final = 300.0
_TRIES: Final = 5


class SealedStore(Protocol):
    """Keeps records; see `store.MongoSealedStore`."""

    async def find(self, record_id: str) -> Record | None: ...
    async def insert(self, record: Record, values: Mapping[str, PrivateValue]) -> bool: ...
    async def change(self, before: Record, after: Record, values: Mapping[str, PrivateValue]) -> bool: ...
    async def remove(self, record_id: str, revision: int | None = None) -> bool: ...
    async def open(self, record: Record, keys: Collection[str]) -> dict[str, str] | None: ...
    async def due(self, now: datetime) -> list[str]: ...
    async def found_by(self, kind: str, key: str, value: PrivateValue) -> list[str]: ...
    async def of_person(self, person_id: str) -> list[str]: ...


class Circles(Protocol):
    """Knows who is what to whom, at this moment."""

    async def belongs(self, actor: Actor, circle: str) -> bool:
        """Say whether somebody is of a circle; False too for circles that it does not know."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """Values that somebody may look at for a moment. `repr` shows none.

    Attributes:
        values: by key.
        reveal: what was written down of it.
    """

    values: Mapping[str, str] = field(repr=False)
    reveal: Reveal


class Sealed:
    """Sealed records.

    Args:
        store: where they are kept.
        circles: knows who belongs where.
        revealing: what every look needs.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self,
        store: SealedStore,
        circles: Circles,
        revealing: Revealing,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._circles = circles
        self._revealing = revealing
        self._audit = audit
        self._clock = clock
        self._sweeper = Background()

    def start(self, spared: Spared = nothing_held) -> None:
        """Begin to remove what has to be gone; what a crash left over goes first.

        Args:
            spared: says whose stays for a legal hold; it is shown to nobody either.
        """
        self._sweeper.start(self._sweep_now_and_then(spared), name="sealed")

    async def close(self) -> None:
        """End."""
        await self._sweeper.stop()

    # --- sealing ---------------------------------------------------------------------------------------------------

    async def find(self, record_id: str) -> Record | None:
        """Give a record without what has to be gone; None where there is none, or nothing of it is left."""
        record = await self._store.find(record_id)
        now = self._clock()
        if record is None or not record.kept(now):
            return None
        return replace(record.outlived(now), revision=record.revision)

    async def seal(
        self,
        record_id: str,
        *,
        kind: str,
        person_id: str,
        slots: Mapping[str, Slot],
        grants: Sequence[Grant],
        values: Mapping[str, PrivateValue],
    ) -> Record:
        """Seal values, or others in their place; what is not named stays as it is and for as long as it was to stay.

        Args:
            record_id: of what they belong to.
            kind: what that is.
            person_id: under whose key.
            slots: of what is sealed for the first time; one for each value that has none yet.
            grants: who may be shown what, in place of what was granted.
            values: by key, in their normal form.

        Raises:
            NotFound: the person has no key any more.
            Conflict: somebody else changes it all the time.
            Unavailable: it is not known whether they were sealed; do it again.
        """
        for _ in range(_TRIES):
            now = self._clock()
            before = await self._store.find(record_id)
            if before is None:
                chosen = {key: slots[key] for key in values}
                fresh = Record(record_id, kind, person_id, 1, now, now, chosen, tuple(grants))
                if await self._store.insert(fresh, values):
                    return fresh
                continue
            kept = before.outlived(now)
            merged = {**{key: slots[key] for key in values}, **kept.slots}
            after = replace(kept, changed_at=now, slots=merged, grants=tuple(grants))
            if await self._store.change(before, after, values):
                return after
        raise Conflict

    async def hand_over(self, record_id: str, person_id: str) -> None:
        """Seal a record anew under another account of the same person. Safe to repeat.

        Raises:
            NotFound: that account has no key any more.
            Conflict: somebody else changes it all the time.
            Unavailable: it is not known whether it was done; do it again.
        """
        for _ in range(_TRIES):
            before = await self._store.find(record_id)
            if before is None or before.person_id == person_id:
                return
            values = await self._store.open(before, sorted(before.slots))
            if values is None:
                # Their key was destroyed meanwhile: there is nothing to hand over any more.
                return
            after = replace(before, person_id=person_id, revision=before.revision + 1)
            again = {key: PrivateValue(value) for key, value in values.items()}
            if await self._store.change(before, after, again):
                return
        raise Conflict

    async def regrant(self, record_id: str, circle: str, to_circle: str) -> None:
        """Let those of one circle be shown what those of another were, who are no more. Safe to repeat.

        Raises:
            Conflict: somebody else changes it all the time.
            Unavailable: it is not known whether it was done; do it again.
        """
        for _ in range(_TRIES):
            before = await self._store.find(record_id)
            if before is None or all(grant.circle != circle for grant in before.grants):
                return
            grants = tuple(
                replace(grant, circle=to_circle) if grant.circle == circle else grant for grant in before.grants
            )
            after = replace(before, grants=grants, revision=before.revision + 1)
            if await self._store.change(before, after, {}):
                return
        raise Conflict

    async def erase(self, by: str, record_id: str) -> bool:
        """Remove a record with all its values; say whether there was one. For its person: who may, the caller knows.

        Args:
            by: account, for the trail.
            record_id: which.

        Raises:
            Unavailable: it is not known whether it was removed; do it again.
        """
        if await self._store.find(record_id) is None:
            return False
        async with self._audit.promises.around([self._entry("sealed:record:erased", by, record_id)]):
            return await self._store.remove(record_id)

    async def of_person(self, person_id: str) -> Sequence[str]:
        """Give the ids of the records under a person's key."""
        return await self._store.of_person(person_id)

    async def forget(self, record_id: str) -> bool:
        """Remove a record and all that was written beside it, because its person is erased; say whether it was there.

        Raises:
            Unavailable: it is not known whether it was removed; do it again.
        """
        there = await self.erase(_SYSTEM, record_id)
        await self._revealing.forget(record_id)
        return there

    # --- showing ---------------------------------------------------------------------------------------------------

    async def own(self, record_id: str) -> Mapping[str, str]:
        """Give a person their own values, by key; the caller knows that it is them. Nothing where none is left."""
        record = await self.find(record_id)
        return {} if record is None else await self._store.open(record, sorted(record.slots)) or {}

    async def show(
        self,
        actor: Actor,
        record_id: str,
        keys: Sequence[str],
        purpose: Purpose,
        reason: RawText,
        *,
        person_id: str,
    ) -> Shown:
        """Show somebody fields of a record for a purpose, once that is written down for their person to see.

        Args:
            actor: who wants to look.
            record_id: at what.
            keys: at which fields of it.
            purpose: what for.
            reason: in their words; passes the gate.
            person_id: in whose access log it is to stand.

        Raises:
            NotFound: there is no such record, none for them, or the field or its key is gone.
            NotPermitted: it is for them, and not this field, not for this purpose, or no longer; or they have not
                learnt how to keep data safe.
            InvalidInput, RedactionUnavailable: the reason; see the gate.
            RateLimited: more than anybody needs.
            Unavailable: it could not be written down, so nothing is shown.
        """
        await self._require(actor, record_id, keys, purpose)
        words = await self._revealing.reason(actor, record_id, reason)
        # Asked again: the gate takes its time, and meanwhile the conversation may be another's.
        record = await self._require(actor, record_id, keys, purpose)
        values = await self._store.open(record, keys)
        if values is None:
            raise NotFound
        lines = tuple(f"{record_id}.{key}" for key in keys)
        sight = Sight(record_id, tuple(keys), person_id, purpose, REVEALED, lines)
        reveal = await self._revealing.write_down(actor, sight, words)
        return Shown(values, reveal)

    async def reveals(self, record_id: str) -> Sequence[Reveal]:
        """Give who was shown what of a record, oldest first."""
        return await self._revealing.of(record_id)

    async def found_by(self, kind: str, key: str, value: PrivateValue) -> Sequence[str]:
        """Give the records with this very value in a findable field; nothing is opened for that.

        Args:
            kind: of the records.
            key: of the field.
            value: in its normal form.
        """
        found = [await self.find(record_id) for record_id in await self._store.found_by(kind, key, value)]
        return [record.id for record in found if record is not None and key in record.slots]

    # --- retention -------------------------------------------------------------------------------------------------

    async def sweep(self, spared: Spared = nothing_held) -> int:
        """Remove every field whose time is over; give how many went. One record at a time, so a kill costs nothing.

        Args:
            spared: says which people and conversations are held; what is sealed of these stays, and is not shown.
        """
        gone = 0
        for record_id in await self._store.due(self._clock()):
            gone += await self._outlive(record_id, spared)
        return gone

    async def _outlive(self, record_id: str, spared: Spared) -> int:
        for _ in range(_TRIES):
            now = self._clock()
            before = await self._store.find(record_id)
            if before is None or spared(holdable(before.person_id, [grant.circle for grant in before.grants])):
                return 0
            after = before.outlived(now)
            count = len(before.slots) - len(after.slots)
            if not count:
                return 0
            entry = self._entry("sealed:field:expired", _SYSTEM, record_id, fields=count)
            try:
                async with self._audit.promises.around([entry]):
                    if not await self._without(before, after):
                        raise Conflict
            except Conflict:
                continue
            return count
        return 0

    async def _without(self, before: Record, after: Record) -> bool:
        """Let go of fields, and of the record with the last of them; one command, so there is no half."""
        if after.slots:
            return await self._store.change(before, after, {})
        return await self._store.remove(before.id, before.revision)

    async def _sweep_now_and_then(self, spared: Spared) -> None:
        while True:
            try:
                gone = await self.sweep(spared)
                if gone:
                    logger.info("sealed fields whose time was over: %d", gone)
            except Unavailable:
                logger.warning("the store did not answer; what has to be gone is looked for again later")
            except Exception as error:
                logger.error("removing what has to be gone failed: %s", type(error).__name__)
            await asyncio.sleep(_SWEEP_S)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _require(self, actor: Actor, record_id: str, keys: Sequence[str], purpose: Purpose) -> Record:
        record = await self._store.find(record_id)
        if record is None:
            raise NotFound
        circles = {grant.circle for grant in record.grants}
        theirs = {circle for circle in circles if await self._circles.belongs(actor, circle)}
        answer = may_reveal(record, keys, purpose, self._clock(), theirs.__contains__)
        if answer is Answer.NO:
            raise NotPermitted
        if answer is not Answer.YES:
            raise NotFound
        return record

    def _entry(self, action: str, actor_id: str, *objects: str, **counts: int) -> AuditEntry:
        return AuditEntry(action=action, actor_id=actor_id, objects=objects, at=self._clock(), counts=counts)
