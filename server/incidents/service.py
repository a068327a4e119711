"""Use cases of the register of incidents: report, assess, write, move on, read. For privacy officers.

Whom an incident concerns is `affected`, telling them `informing`, what is to be done `tasks`. Everybody who was told of
an incident sees it on a page of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

from server.audit.service import AuditTrail
from server.incidents.affected import Affected
from server.incidents.book import Book, Gate, require_officer
from server.incidents.finding import Finder
from server.incidents.informing import Informing
from server.incidents.model import (
    ENDED,
    MAX_TITLE,
    MAX_WORDS,
    MOVES,
    Clock,
    Data,
    Figures,
    Incident,
    Kind,
    Severity,
    State,
    Step,
    Telling,
    figures_of,
)
from server.incidents.tasks import Tasks
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock as Time
from server.kernel.text import RawText

TEXTS: Final[Mapping[str, int]] = {"story": MAX_WORDS, "measures": MAX_WORDS, "lessons": MAX_WORDS}
"""Texts of an incident that are written later, and their longest."""


class IncidentStore(Protocol):
    """Where incidents are kept; `incidents.store` says what each does."""

    async def next_number(self) -> int: ...
    async def insert(self, incident: Incident) -> None: ...
    async def find(self, incident_id: str) -> Incident | None: ...
    async def all(self) -> list[Incident]: ...
    async def replace(self, after: Incident) -> bool: ...
    async def add_people(self, incident_id: str, people: frozenset[str]) -> None: ...
    async def people(self, incident_id: str) -> frozenset[str]: ...
    async def told_of(self, account_id: str) -> dict[str, datetime]: ...


class Bell(Protocol):
    """Tells privacy officers, without content."""

    async def reported(self, incident_id: str) -> None:
        """There is a new incident."""
        ...


class Incidents:
    """The register.

    Args:
        store: of incidents.
        gate: takes texts in.
        finder: finds the affected.
        bell: tells officers.
        audit: the trail.
        clock: the time.

    Attributes:
        affected: whom incidents concern.
        informing: telling these, and the authority.
        tasks: what is to be done.
    """

    def __init__(
        self, store: IncidentStore, gate: Gate, finder: Finder, bell: Bell, audit: AuditTrail, clock: Time
    ) -> None:
        self._store = store
        self._bell = bell
        self._book = Book(store, gate, audit, clock)
        self.affected = Affected(self._book, store, finder)
        self.informing = Informing(self._book)
        self.tasks = Tasks(self._book)

    # --- reading ---------------------------------------------------------------------------------------------------

    async def all(self, actor: Actor) -> Sequence[Incident]:
        """Give all: those that go on first, by the end of their clock.

        Raises:
            NotPermitted: only privacy officers may.
        """
        require_officer(actor)
        found = await self._store.all()
        going_on = sorted((one for one in found if one.state not in ENDED), key=lambda one: one.due_at)
        return [*going_on, *sorted((one for one in found if one.state in ENDED), key=lambda one: -one.number)]

    async def get(self, actor: Actor, incident_id: str) -> Incident:
        """Give one.

        Raises:
            NotPermitted: only privacy officers may.
            NotFound: there is none.
        """
        return await self._book.get(actor, incident_id)

    async def figures(self, year: int) -> Figures:
        """Count a year, for the public: no ids, no words."""
        return figures_of(await self._store.all(), year, self._book.clock())

    async def own(self, actor: Actor) -> list[tuple[Incident, datetime]]:
        """Give what somebody was told of, the latest first, with when."""
        told = await self._store.told_of(actor.account_id)
        found = [(await self._store.find(incident_id), at) for incident_id, at in told.items()]
        known = [(incident, at) for incident, at in found if incident is not None and not incident.drill]
        return sorted(known, key=lambda one: one[1], reverse=True)

    # --- reporting and assessing -----------------------------------------------------------------------------------

    async def report(
        self,
        actor: Actor,
        title: RawText,
        story: RawText,
        kind: Kind,
        severity: Severity,
        discovered_at: datetime,
        *,
        drill: bool = False,
    ) -> Incident:
        """Put an incident into the register. Administrators may as well; what becomes of it, officers decide.

        Raises:
            NotPermitted: the caller is neither.
            InvalidInput: a text is refused, or it was discovered in time to come.
            RedactionUnavailable: see the gate.
            Unavailable: it is not known whether it was kept.
        """
        if not can_call(Access.OVERSIGHT, actor.role):
            raise NotPermitted
        now = self._book.clock()
        if discovered_at > now:
            raise InvalidInput(fields={"discovered_at": "out_of_range"})
        incident_id = new_id()
        words = await self._book.admit(actor, incident_id, "title", title, MAX_TITLE)
        told = await self._book.admit(actor, incident_id, "story", story, MAX_WORDS)
        officer = can_call(Access.PRIVACY_OFFICER, actor.role)
        incident = Incident(
            id=incident_id,
            number=await self._store.next_number(),
            drill=drill,
            severity=severity,
            kind=kind,
            title=words,
            story=told,
            data=(),
            discovered_at=discovered_at,
            occurred_from=None,
            occurred_to=None,
            by=actor.account_id,
            made_at=now,
            state=State.OPEN if officer else State.REPORTED,
            steps=(Step("reported", actor.account_id, now),),
        )
        await self._store.insert(incident)
        await self._book.append("incidents:incident:reported", actor, incident, drill=int(drill))
        await self._bell.reported(incident.id)
        return incident

    async def assess(
        self,
        actor: Actor,
        incident_id: str,
        revision: int,
        *,
        severity: Severity,
        kind: Kind,
        data: Sequence[Data],
        occurred_from: datetime | None,
        occurred_to: datetime | None,
        notifiable: bool | None,
    ) -> Incident:
        """Say what it is about, when it was, and whether people have to be told.

        Raises:
            NotPermitted, NotFound: see `get`.
            InvalidInput: it ended before it began.
            Conflict: somebody else was quicker, or it has ended.
        """
        if occurred_from is not None and occurred_to is not None and occurred_to < occurred_from:
            raise InvalidInput(fields={"occurred_to": "out_of_range"})

        def make(one: Incident, _: datetime) -> Incident:
            return replace(
                one,
                severity=severity,
                kind=kind,
                data=tuple(sorted(set(data))),
                occurred_from=occurred_from,
                occurred_to=occurred_to,
                notifiable=notifiable,
            )

        return await self._book.change(actor, incident_id, revision, make, "assessed", "incidents:incident:assessed")

    async def write(self, actor: Actor, incident_id: str, revision: int, field: str, text: RawText) -> Incident:
        """Write one of the texts anew: what happened, what was done, what was learned.

        Raises:
            NotPermitted, NotFound: see `get`.
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: somebody else was quicker, or it has ended.
        """
        require_officer(actor)
        if field not in TEXTS:
            raise InvalidInput(fields={"field": "not_allowed"})
        words = await self._book.admit(actor, incident_id, field, text, TEXTS[field])
        change: Mapping[str, Any] = {field: words}
        return await self._book.change(
            actor, incident_id, revision, lambda one, _: replace(one, **change), field, "incidents:incident:written"
        )

    async def move(self, actor: Actor, incident_id: str, revision: int, state: State) -> Incident:
        """Say how far it is.

        Raises:
            NotPermitted, NotFound: see `get`.
            InvalidInput: it can't be closed yet; `fields` says what is missing.
            Conflict: somebody else was quicker, or that is no next step.
        """

        def make(one: Incident, now: datetime) -> Incident:
            if state not in MOVES[one.state]:
                raise Conflict
            if state is State.CLOSED:
                _require_done(one, now)
            return replace(one, state=state)

        action = "incidents:incident:moved"
        return await self._book.change(actor, incident_id, revision, make, state.value, action, ended=True)


def _require_done(incident: Incident, now: datetime) -> None:
    """Insist that all that belongs to an incident is done before it is closed.

    Raises:
        InvalidInput: `fields` says what is missing.
    """
    open_clock = incident.clock(now) in {Clock.RUNNING, Clock.NEAR, Clock.LATE}
    missing = {
        "notifiable": open_clock,
        "tasks": any(task.done_at is None for task in incident.tasks),
        "lessons": incident.lessons is None,
        "people": incident.telling is Telling.GOING_ON,
    }
    lacking = {name: "required" for name, lacks in missing.items() if lacks}
    if lacking:
        raise InvalidInput(fields=lacking)
