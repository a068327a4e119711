"""Use cases of finding whom an incident concerns. Who they are is kept as ids, sealed; pages show counts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from server.incidents.book import Book
from server.incidents.finding import Finder
from server.incidents.model import MOST_FINDS, Found, Incident, Query
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput


class PeopleStore(Protocol):
    """Where the affected are kept; `incidents.store` says what each does."""

    async def add_people(self, incident_id: str, people: frozenset[str]) -> None: ...
    async def people(self, incident_id: str) -> frozenset[str]: ...


class Affected:
    """Whom incidents concern.

    Args:
        book: of incidents.
        store: of the affected.
        finder: finds them.
    """

    def __init__(self, book: Book, store: PeopleStore, finder: Finder) -> None:
        self._book = book
        self._store = store
        self._finder = finder

    async def people(self, actor: Actor, incident_id: str) -> frozenset[str]:
        """Give who is affected, as ids. That somebody asked stands in the trail.

        Raises:
            NotPermitted: only privacy officers may.
            NotFound: there is none.
        """
        incident = await self._book.get(actor, incident_id)
        found = await self._store.people(incident.id)
        await self._book.append("incidents:people:listed", actor, incident, people=len(found))
        return found

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
        incident = await self._book.get(actor, incident_id)
        if len(incident.finds) >= MOST_FINDS:
            raise InvalidInput(fields={"query": "too_many"})
        whom = ""
        if query is Query.PEOPLE:
            found = await self._finder.people(names)
            if not found:
                raise InvalidInput(fields={"names": "unknown"})
        else:
            now = self._book.clock()
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

        return await self._book.change(
            actor, incident_id, revision, make, "searched", "incidents:people:found", people=len(found)
        )
