"""The book in which incidents stand: read by privacy officers, changed by one of them at a time. Knows no use case.

Of two officers who change the same at once, one does and the other is told. Each change stands in the incident itself
and in the trail; its texts pass the gate.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.incidents.model import ENDED, Incident, Step, Words
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, NotFound, NotPermitted
from server.kernel.ports import Clock as Time
from server.kernel.text import Numbering, RawText, RedactedTemplate

Make = Callable[[Incident, datetime], Incident]
"""Gives an incident's next form; may refuse."""


class BookStore(Protocol):
    """Where incidents are kept; `incidents.store` says what each does."""

    async def find(self, incident_id: str) -> Incident | None: ...
    async def replace(self, after: Incident) -> bool: ...


class Gate(Protocol):
    """What takes texts in; `server.intake` does."""

    async def admit(
        self, raw: RawText, *, scope: str, field: str = "text", max_length: int = 0, sender: str = ""
    ) -> RedactedTemplate: ...


class Book:
    """The book.

    Args:
        store: of incidents.
        gate: takes texts in.
        audit: the trail.
        clock: the time.
    """

    def __init__(self, store: BookStore, gate: Gate, audit: AuditTrail, clock: Time) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self.clock = clock

    async def get(self, actor: Actor, incident_id: str) -> Incident:
        """Give an incident.

        Raises:
            NotPermitted: only privacy officers may.
            NotFound: there is none.
        """
        require_officer(actor)
        found = await self._store.find(incident_id)
        if found is None:
            raise NotFound
        return found

    async def admit(self, actor: Actor, scope: str, field: str, raw: RawText, longest: int) -> Words:
        """Take a text in.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate.
        """
        template = await self._gate.admit(raw, scope=scope, field=field, max_length=longest, sender=actor.account_id)
        words = template.fill(Numbering())
        return Words(words.text, words.redactions)

    async def change(
        self,
        actor: Actor,
        incident_id: str,
        revision: int,
        make: Make,
        step: str,
        action: str,
        *,
        ended: bool = False,
        **counts: int,
    ) -> Incident:
        """Change an incident.

        Args:
            actor: a privacy officer.
            incident_id: which.
            revision: that they saw.
            make: gives its next form.
            step: what its history calls it.
            action: what the trail calls it.
            ended: whether one that has ended may be changed so.
            counts: what the trail counts.

        Raises:
            NotPermitted, NotFound: see `get`.
            Conflict: somebody else was quicker, or it has ended.
        """
        before = await self.get(actor, incident_id)
        if before.revision != revision or (before.state in ENDED and not ended):
            raise Conflict
        now = self.clock()
        made = make(before, now)
        after = replace(made, revision=before.revision + 1, steps=(*made.steps, Step(step, actor.account_id, now)))
        if not await self._store.replace(after):
            raise Conflict
        await self.append(action, actor, after, **counts)
        return after

    async def append(self, action: str, actor: Actor, incident: Incident, **counts: int) -> None:
        """Write into the trail what somebody did with an incident."""
        numbers = {"number": incident.number, **counts}
        await self._audit.append([AuditEntry(action, actor.account_id, (incident.id,), self.clock(), numbers)])


def require_officer(actor: Actor) -> None:
    """Insist on a privacy officer.

    Raises:
        NotPermitted: it is somebody else.
    """
    if not can_call(Access.PRIVACY_OFFICER, actor.role):
        raise NotPermitted
