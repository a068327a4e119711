"""Legal holds: what has to stay, whatever its rule says. Set and lifted by privacy officers only.

Asked from memory, since every erasure and every slice of a retention run asks; other servers' changes are seen within
a minute, and before every run.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock
from server.kernel.text import Numbering, RawText, RedactedTemplate
from server.retention.model import LONGEST_HOLD, MAX_REASON, Hold, HoldKind

logger = logging.getLogger("amanah.retention")

_LOOK_S: Final = 60.0
_SYSTEM: Final = "system"


class HoldStore(Protocol):
    """Where holds are kept; `retention.store` says what each does."""

    async def insert_hold(self, hold: Hold) -> None: ...
    async def holds(self) -> list[Hold]: ...
    async def lift(self, hold_id: str, by: str, at: datetime) -> bool: ...
    async def pass_on(self, hold: Hold) -> bool: ...
    async def prolong(self, hold_id: str, before: datetime, after: datetime) -> bool: ...


class Gate(Protocol):
    """What takes texts in; `server.intake` does."""

    async def admit(
        self,
        raw: RawText,
        *,
        scope: str,
        field: str = "text",
        max_length: int = 0,
        sender: str = "",
        in_words: bool = False,
    ) -> RedactedTemplate: ...


@dataclass(frozen=True, slots=True)
class Named:
    """What somebody named, by id, number or address.

    Attributes:
        object_id: of whom or what.
        owner_id: whose it is; empty where it is nobody's.
        kin: other accounts of the same person.
    """

    object_id: str
    owner_id: str = ""
    kin: frozenset[str] = frozenset()


Find = Callable[[HoldKind, str], Awaitable[Named | None]]
"""Gives what somebody named; None where there is nothing."""


class LegalHolds:
    """The holds.

    Args:
        store: of holds.
        gate: takes reasons in.
        find: finds what a hold is to be on.
        audit: the trail.
        clock: the time.
    """

    def __init__(self, store: HoldStore, gate: Gate, find: Find, audit: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._find_thing = find
        self._audit = audit
        self._clock = clock
        self._standing: frozenset[str] = frozenset()
        self._owners: frozenset[str] = frozenset()
        self._fewer: list[Callable[[], None]] = []
        self._watch = Background()

    async def start(self) -> None:
        """Read what stands, and go on looking.

        Raises:
            Unavailable: the store does not answer.
        """
        await self.refresh()
        self._watch.start(self._go_on(), name="legal-holds")

    async def close(self) -> None:
        """End."""
        await self._watch.stop()

    # --- asked by others -------------------------------------------------------------------------------------------

    def held(self, ids: Collection[str]) -> frozenset[str]:
        """Of some ids of people and things, give those under a hold. From memory."""
        return self._standing.intersection(ids)

    def stands(self, object_id: str) -> bool:
        """Whether somebody, something, or anything of somebody's is under a hold. From memory."""
        return object_id in self._standing or object_id in self._owners

    def on_fewer(self, callback: Callable[[], None]) -> None:
        """Ask to be told, in this process, that something is not held any more."""
        self._fewer.append(callback)

    async def refresh(self) -> None:
        """Read anew what stands.

        Raises:
            Unavailable: the store does not answer.
        """
        before = self._standing
        standing = [hold for hold in await self._store.holds() if hold.stands]
        self._standing = frozenset(held_id for hold in standing for held_id in hold.held_ids)
        self._owners = frozenset(hold.owner_id for hold in standing if hold.owner_id)
        if before - self._standing:
            for callback in self._fewer:
                callback()

    async def hand_over(self, conversation_id: str, from_account_id: str, to_account_id: str) -> int:
        """Let holds follow what an account takes over from the visitor that it was, before it does. Safe to repeat.

        A hold on one of the two is on both from now on, and one on a conversation of theirs is on something of the
        account's: its erasure waits for both.

        Args:
            conversation_id: which is handed over; a hold on it stays.
            from_account_id: of the visitor.
            to_account_id: of whom they are now.

        Returns:
            How many holds followed.

        Raises:
            Unavailable: it is not known whether all did; do it again.
        """
        moved = 0
        for hold in [hold for hold in await self._store.holds() if hold.stands]:
            after = hold.after_adoption(from_account_id, to_account_id)
            if after == hold:
                continue
            ids = (hold.id, conversation_id, to_account_id)
            entry = AuditEntry("retention:hold:followed", _SYSTEM, ids, self._clock())
            async with self._audit.promises.around([entry]):
                moved += await self._store.pass_on(after)
        if moved:
            await self.refresh()
        return moved

    # --- for privacy officers --------------------------------------------------------------------------------------

    async def all(self, actor: Actor) -> Sequence[Hold]:
        """Give all holds: those that stand first, the one to be looked at soonest at the top.

        Raises:
            NotPermitted: only privacy officers may.
        """
        _require(actor)
        found = await self._store.holds()
        standing = sorted((hold for hold in found if hold.stands), key=lambda hold: hold.review_at)
        return [*standing, *sorted((hold for hold in found if not hold.stands), key=lambda hold: hold.id, reverse=True)]

    async def set(self, actor: Actor, kind: HoldKind, named: str, reason: RawText, review_at: datetime) -> Hold:
        """Let something stay.

        Args:
            actor: a privacy officer.
            kind: on what.
            named: on which: its id, a number of feedback, an address of a person. Nothing of it is kept but the id.
            reason: why; passes the gate.
            review_at: until when somebody has to look at it again.

        Raises:
            NotPermitted: only privacy officers may.
            InvalidInput: there is no such thing, no reason, or the time is none to come.
            Conflict: a hold on it stands.
            RedactionUnavailable: see the gate.
            Unavailable: it is not known whether it was set; do it again.
        """
        _require(actor)
        now = self._clock()
        _require_time(now, review_at)
        found = await self._find_thing(kind, named)
        if found is None:
            raise InvalidInput(fields={"object": "unknown"})
        hold_id = new_id()
        template = await self._gate.admit(
            reason, scope=hold_id, field="reason", max_length=MAX_REASON, sender=actor.account_id, in_words=True
        )
        words = template.fill(Numbering())
        hold = Hold(
            hold_id,
            kind,
            found.object_id,
            words.text,
            words.redactions,
            actor.account_id,
            now,
            review_at,
            owner_id=found.owner_id,
            heirs=tuple(sorted(found.kin)),
        )
        entry = AuditEntry("retention:hold:set", actor.account_id, (hold.id, hold.object_id), now)
        # In force before it is written: nothing may slip through between the two.
        self._standing |= hold.held_ids
        self._owners |= {hold.owner_id} - {""}
        try:
            async with self._audit.promises.around([entry]):
                await self._store.insert_hold(hold)
        finally:
            await self._again()
        return hold

    async def lift(self, actor: Actor, hold_id: str) -> Hold:
        """Let a hold end; what it held goes with the next run, or with the erasure that waits for it.

        Raises:
            NotPermitted: only privacy officers may.
            NotFound: there is no such hold.
            Conflict: it has ended, somebody else was quicker.
            Unavailable: it is not known whether it ended; do it again.
        """
        hold = await self._find(actor, hold_id)
        now = self._clock()
        entry = AuditEntry("retention:hold:lifted", actor.account_id, (hold.id, hold.object_id), now)
        if not hold.stands:
            raise Conflict
        async with self._audit.promises.around([entry]):
            if not await self._store.lift(hold_id, actor.account_id, now):
                raise Conflict
        await self._again()
        return await self._find(actor, hold_id)

    async def prolong(self, actor: Actor, hold_id: str, review_at: datetime) -> Hold:
        """Say after a review that a hold goes on, and until when it is to be looked at again.

        Raises:
            NotPermitted: only privacy officers may.
            NotFound: there is no such hold.
            InvalidInput: the time is none to come.
            Conflict: it has ended, or somebody else was quicker.
            Unavailable: it is not known whether it was written; do it again.
        """
        hold = await self._find(actor, hold_id)
        now = self._clock()
        _require_time(now, review_at)
        entry = AuditEntry("retention:hold:reviewed", actor.account_id, (hold.id, hold.object_id), now)
        if not hold.stands:
            raise Conflict
        async with self._audit.promises.around([entry]):
            if not await self._store.prolong(hold_id, hold.review_at, review_at):
                raise Conflict
        return await self._find(actor, hold_id)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _find(self, actor: Actor, hold_id: str) -> Hold:
        _require(actor)
        for hold in await self._store.holds():
            if hold.id == hold_id:
                return hold
        raise NotFound

    async def _again(self) -> None:
        # The next look is within a minute; until then more is held than has to be, never less.
        with suppress(DomainError):
            await self.refresh()

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                await self.refresh()
            except DomainError:
                logger.warning("legal holds can't be read for now; those that were read go on")


def _require(actor: Actor) -> None:
    if not can_call(Access.PRIVACY_OFFICER, actor.role):
        raise NotPermitted


def _require_time(now: datetime, review_at: datetime) -> None:
    if not now < review_at <= now + LONGEST_HOLD + timedelta(days=1):
        raise InvalidInput(fields={"review_at": "out_of_range"})
