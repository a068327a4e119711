"""Use cases of incidents: report, assess, find the affected, tell, tasks, lessons. For privacy officers.

Of two officers who change the same at once, one does and the other is told. Who is affected is kept as ids, sealed;
everybody who is told of an incident sees it on a page of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.incidents.finding import Finder
from server.incidents.model import (
    ENDED,
    MAX_TITLE,
    MAX_WORDS,
    MOST_FINDS,
    MOST_TASKS,
    MOVES,
    Clock,
    Data,
    Figures,
    Found,
    Incident,
    Kind,
    Query,
    Severity,
    State,
    Step,
    Task,
    Telling,
    Words,
    figures_of,
)
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock as Time
from server.kernel.text import Numbering, RawText, RedactedTemplate

Make = Callable[[Incident, datetime], Incident]

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


class Gate(Protocol):
    """What takes texts in; `server.intake` does."""

    async def admit(
        self, raw: RawText, *, scope: str, field: str = "text", max_length: int = 0, sender: str = ""
    ) -> RedactedTemplate: ...


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
    """

    def __init__(
        self, store: IncidentStore, gate: Gate, finder: Finder, bell: Bell, audit: AuditTrail, clock: Time
    ) -> None:
        self._store = store
        self._gate = gate
        self._finder = finder
        self._bell = bell
        self._audit = audit
        self._clock = clock

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
        require_officer(actor)
        return await self._find(incident_id)

    async def people(self, actor: Actor, incident_id: str) -> frozenset[str]:
        """Give who is affected, as ids. That somebody asked stands in the trail.

        Raises:
            NotPermitted: only privacy officers may.
            NotFound: there is none.
        """
        incident = await self.get(actor, incident_id)
        found = await self._store.people(incident.id)
        await self._append("incidents:people:listed", actor, incident, people=len(found))
        return found

    async def figures(self, year: int) -> Figures:
        """Count a year, for the public: no ids, no words."""
        return figures_of(await self._store.all(), year, self._clock())

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
        now = self._clock()
        if discovered_at > now:
            raise InvalidInput(fields={"discovered_at": "out_of_range"})
        incident_id = new_id()
        words = await self._admit(actor, incident_id, "title", title, MAX_TITLE)
        told = await self._admit(actor, incident_id, "story", story, MAX_WORDS)
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
        await self._append("incidents:incident:reported", actor, incident, drill=int(drill))
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

        return await self._change(actor, incident_id, revision, make, "assessed", "incidents:incident:assessed")

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
        words = await self._admit(actor, incident_id, field, text, TEXTS[field])
        change: Mapping[str, Any] = {field: words}
        return await self._change(
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
        return await self._change(actor, incident_id, revision, make, state.value, action, ended=True)

    # --- the affected ----------------------------------------------------------------------------------------------

    async def find(
        self,
        actor: Actor,
        incident_id: str,
        revision: int,
        query: Query,
        *,
        subject: str = "",
        names: Sequence[str] = (),
        begins: datetime | None = None,
        ends: datetime | None = None,
    ) -> Incident:
        """Look for the affected, and add them to those who are known. Counts are shown; ids are kept, sealed.

        Args:
            actor: a privacy officer.
            incident_id: of which incident.
            revision: that they saw.
            query: by what.
            subject: of the staff, by id or address, for `looked_at`.
            names: ids or addresses, for `people`.
            begins: of the span of time, for the others.
            ends: of it.

        Raises:
            NotPermitted, NotFound: see `get`.
            InvalidInput: the span is none, or whoever is named is unknown.
            Conflict: somebody else was quicker, or it has ended.
        """
        incident = await self.get(actor, incident_id)
        if len(incident.finds) >= MOST_FINDS:
            raise InvalidInput(fields={"query": "too_many"})
        whom = ""
        if query is Query.PEOPLE:
            found = await self._finder.people(names)
            if not found:
                raise InvalidInput(fields={"names": "unknown"})
        else:
            now = self._clock()
            if begins is None or ends is None or not begins <= ends <= now:
                raise InvalidInput(fields={"begins": "out_of_range"})
            if query is Query.LOOKED_AT:
                whom = await self._finder.person(subject) or ""
                if not whom:
                    raise InvalidInput(fields={"subject": "unknown"})
            found = await self._finder.within(query, whom, begins, ends)
        await self._store.add_people(incident.id, found)
        everybody = len(await self._store.people(incident.id))

        def make(one: Incident, now: datetime) -> Incident:
            look = Found(query, whom, begins, ends, len(found), now)
            return replace(one, finds=(*one.finds, look), people=everybody)

        return await self._change(
            actor, incident_id, revision, make, "searched", "incidents:people:found", people=len(found)
        )

    # --- telling ---------------------------------------------------------------------------------------------------

    async def authority_told(self, actor: Actor, incident_id: str, revision: int) -> Incident:
        """Write down that the authority was written to; the letter itself leaves by the officer's own ways.

        Raises:
            NotPermitted, NotFound: see `get`.
            Conflict: it was before, somebody else was quicker, or it has ended.
        """

        def make(one: Incident, now: datetime) -> Incident:
            if one.authority_at is not None:
                raise Conflict
            return replace(one, authority_at=now)

        return await self._change(actor, incident_id, revision, make, "authority_told", "incidents:authority:told")

    async def tell_people(self, actor: Actor, incident_id: str, revision: int) -> Incident:
        """Begin to tell the affected: by letter, and on a page of their own. In a drill nobody is.

        Raises:
            NotPermitted, NotFound: see `get`.
            InvalidInput: nobody decided that they have to be, nobody was found, or it is not said what was done.
            Conflict: it has begun, somebody else was quicker, or it has ended.
        """

        def make(one: Incident, now: datetime) -> Incident:
            missing = {
                "notifiable": one.notifiable is not True,
                "people": not one.people,
                "measures": one.measures is None,
                "data": not one.data,
            }
            lacking = {name: "required" for name, lacks in missing.items() if lacks}
            if lacking:
                raise InvalidInput(fields=lacking)
            if one.people_at is not None:
                raise Conflict
            telling = Telling.DONE if one.drill else Telling.GOING_ON
            return replace(one, people_at=now, telling=telling)

        return await self._change(actor, incident_id, revision, make, "people_told", "incidents:people:telling")

    # --- tasks -----------------------------------------------------------------------------------------------------

    async def add_task(
        self, actor: Actor, incident_id: str, revision: int, text: RawText, owner_id: str, due_at: datetime
    ) -> Incident:
        """Add a task.

        Raises:
            NotPermitted, NotFound: see `get`.
            InvalidInput, RedactionUnavailable: see the gate; or there are too many.
            Conflict: somebody else was quicker, or it has ended.
        """
        require_officer(actor)
        words = await self._admit(actor, incident_id, "task", text, MAX_TITLE * 2)

        def make(one: Incident, _: datetime) -> Incident:
            if len(one.tasks) >= MOST_TASKS:
                raise InvalidInput(fields={"task": "too_many"})
            return replace(one, tasks=(*one.tasks, Task(len(one.tasks) + 1, words, owner_id, due_at)))

        return await self._change(actor, incident_id, revision, make, "task_added", "incidents:task:added")

    async def finish_task(self, actor: Actor, incident_id: str, revision: int, number: int) -> Incident:
        """Say that a task is done.

        Raises:
            NotPermitted, NotFound: see `get`; or there is no such task.
            Conflict: it was done, somebody else was quicker, or it has ended.
        """

        def make(one: Incident, now: datetime) -> Incident:
            mine = next((task for task in one.tasks if task.number == number), None)
            if mine is None:
                raise NotFound
            if mine.done_at is not None:
                raise Conflict
            tasks = [replace(task, done_at=now) if task.number == number else task for task in one.tasks]
            return replace(one, tasks=tuple(tasks))

        return await self._change(actor, incident_id, revision, make, "task_done", "incidents:task:done")

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _find(self, incident_id: str) -> Incident:
        found = await self._store.find(incident_id)
        if found is None:
            raise NotFound
        return found

    async def _admit(self, actor: Actor, scope: str, field: str, raw: RawText, longest: int) -> Words:
        template = await self._gate.admit(raw, scope=scope, field=field, max_length=longest, sender=actor.account_id)
        words = template.fill(Numbering())
        return Words(words.text, words.redactions)

    async def _change(
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
        before = await self.get(actor, incident_id)
        if before.revision != revision or (before.state in ENDED and not ended):
            raise Conflict
        now = self._clock()
        made = make(before, now)
        after = replace(made, revision=before.revision + 1, steps=(*made.steps, Step(step, actor.account_id, now)))
        if not await self._store.replace(after):
            raise Conflict
        await self._append(action, actor, after, **counts)
        return after

    async def _append(self, action: str, actor: Actor, incident: Incident, **counts: int) -> None:
        entry = AuditEntry(
            action, actor.account_id, (incident.id,), self._clock(), {"number": incident.number, **counts}
        )
        await self._audit.append([entry])


def require_officer(actor: Actor) -> None:
    """Insist on a privacy officer.

    Raises:
        NotPermitted: it is somebody else.
    """
    if not can_call(Access.PRIVACY_OFFICER, actor.role):
        raise NotPermitted


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
