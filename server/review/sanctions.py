"""Who was warned, silenced or suspended, why and until when: kept in one place, and lifted when an appeal is won.

What a sanction keeps somebody from is `people`'s and `accounts`' affair; they are told here.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from moderation.queue import Decision
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor
from server.kernel.errors import NotPermitted
from server.kernel.ports import Clock
from server.review.model import Endings, People, Sanction, Sanctioned, SanctionKind, standing_of

_KINDS = {
    Decision.WARN: SanctionKind.WARN,
    Decision.SILENCE: SanctionKind.SILENCE,
    Decision.SUSPEND: SanctionKind.SUSPEND,
}


class SanctionStore(Protocol):
    """What the service needs from its store."""

    async def sanctions(self, account_id: str) -> list[Sanction]: ...
    async def save_sanctions(self, account_id: str, sanctions: Sequence[Sanction]) -> None: ...


class Sanctions:
    """All sanctions."""

    def __init__(
        self, store: SanctionStore, people: People, sessions: Endings, audit: AuditTrail, clock: Clock
    ) -> None:
        self._store = store
        self._people = people
        self._sessions = sessions
        self._audit = audit
        self._clock = clock
        self._turn = asyncio.Lock()

    async def of(self, account_id: str) -> Sanctioned:
        """Give what stands against an account now.

        Raises:
            Unavailable: the store does not answer.
        """
        return standing_of(await self._store.sanctions(account_id), self._clock())

    async def require_voice(self, actor: Actor) -> None:
        """Insist that somebody may write.

        Raises:
            NotPermitted: they are silenced or suspended; `fields` says which.
        """
        standing = await self.of(actor.account_id)
        if standing.suspended_until is not None:
            raise NotPermitted(fields={"account": "suspended"})
        if standing.silenced_until is not None:
            raise NotPermitted(fields={"account": "silenced"})

    async def apply(self, account_id: str, item_id: str, decision: Decision, until: datetime | None, by: str) -> None:
        """Apply the sanction of a decision; harmless when repeated.

        Raises:
            Unavailable: the store does not answer.
        """
        sanction = Sanction(item_id, _KINDS[decision], self._clock(), until)
        async with self._turn:
            known = await self._store.sanctions(account_id)
            if all(item.item_id != item_id for item in known):
                await self._store.save_sanctions(account_id, [*known, sanction])
                await self._append("review:sanction:applied", by, account_id, item_id)
        await self._enforce(account_id)
        if decision is Decision.SUSPEND:
            await self._sessions.end_all(account_id)

    async def lift(self, account_id: str, item_id: str, by: str) -> None:
        """End the sanction of a decision that was overturned; harmless when repeated, or where there is none.

        Raises:
            Unavailable: the store does not answer.
        """
        async with self._turn:
            known = await self._store.sanctions(account_id)
            if not any(item.item_id == item_id for item in known):
                return
            if any(item.item_id == item_id and not item.lifted for item in known):
                changed = [replace(item, lifted=item.lifted or item.item_id == item_id) for item in known]
                await self._store.save_sanctions(account_id, changed)
                await self._append("review:sanction:lifted", by, account_id, item_id)
        await self._enforce(account_id)

    async def _enforce(self, account_id: str) -> None:
        """Tell `people` until when."""
        standing = await self.of(account_id)
        await self._people.silence(account_id, standing.silenced_until)
        await self._people.suspend(account_id, standing.suspended_until)

    async def _append(self, action: str, by: str, account_id: str, item_id: str) -> None:
        await self._audit.append([AuditEntry(action, by, (item_id, account_id), self._clock())])
