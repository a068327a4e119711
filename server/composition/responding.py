"""Builds the register of incidents: what finds the affected, tells them, and watches the clock. For `parts` only."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from server.accounts.correspondence import Correspondence
from server.chat.store import MongoChatStore
from server.composition.identity import Ground, Identity
from server.incidents import api
from server.incidents.finding import Finder
from server.incidents.pages import HOME, OWN, IncidentPages
from server.incidents.service import Incidents
from server.incidents.store import MongoIncidentStore
from server.incidents.watch import IncidentWatch
from server.intake import Intake
from server.kernel.ports import Clock
from server.notices.model import Kind
from server.notices.service import Notices
from server.storage.stock import MongoStock
from server.web.endpoint import Endpoint
from server.web.site.frame import Site

_OBJECT, _OWN = "incident", "own_incident"
_WINDOW = 200


class ActiveTalks:
    """Fills `incidents.finding.Talks`: goes through the conversations window by window of their numbers."""

    def __init__(self, store: MongoChatStore) -> None:
        self._store = store

    async def active(self, begins: datetime, ends: datetime) -> frozenset[str]:
        """See `Talks`."""
        found: set[str] = set()
        above, last = 0, await self._store.last_number()
        while above < last:
            window = await self._store.in_window(above, min(above + _WINDOW, last), None)
            found |= {
                one.customer_id
                for one in window
                if one.created_at <= ends and (one.last_message_at or one.created_at) >= begins
            }
            above += _WINDOW
        return frozenset(found)


class IncidentNotices:
    """Fills the bells of incidents by notices and letters, none of which says anything of the incident.

    Args:
        identity: knows the privacy officers.
        notices: tells people.
    """

    def __init__(self, identity: Identity, notices: Notices) -> None:
        self._identity = identity
        self._notices = notices
        self._letters: Correspondence | None = identity.correspondence
        notices.lead(_OBJECT, _place(HOME, whole=True))
        notices.lead(_OWN, _place(OWN, whole=False))

    async def reported(self, incident_id: str) -> None:
        """See `incidents.service.Bell`."""
        await self._officers(Kind.INCIDENT_REPORTED, incident_id)

    async def clock(self, incident_id: str, *, late: bool) -> None:
        """See `incidents.watch.Alarm`."""
        await self._officers(Kind.INCIDENT_LATE if late else Kind.INCIDENT_DUE, incident_id)

    async def write_all(self, incident_id: str, account_ids: Sequence[str]) -> frozenset[str]:
        """See `incidents.watch.Post`. A letter whatever they chose of notices: the law asks for it."""
        there = list(await self._identity.accounts.actors(account_ids))
        await self._notices.tell(there, Kind.INCIDENT_OWN, _OWN, incident_id)
        if self._letters is None:
            return frozenset()
        return await self._letters.write_all(there, "incident", _link, limited=False, key=incident_id)

    async def _officers(self, kind: Kind, incident_id: str) -> None:
        await self._notices.tell(await self._identity.staff.privacy_officers(), kind, _OBJECT, incident_id)


def _link(_account_id: str, _locale: str) -> Mapping[str, str]:
    return {"link": OWN}


def _place(root: str, *, whole: bool) -> Callable[[str], Awaitable[str | None]]:
    async def place(object_id: str) -> str | None:
        return f"{root}/{object_id}" if whole else root

    return place


@dataclass(frozen=True, slots=True)
class Responding:
    """The running services."""

    incidents: Incidents
    watch: IncidentWatch
    identity: Identity
    clock: Clock

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return api.endpoints(self.incidents, self.clock)

    def attach(self, site: Site, app: web.Application) -> None:
        """Put their pages into the application."""
        IncidentPages(site, self.incidents, self.identity.accounts, self._officers, self.clock).attach(app)

    async def _officers(self) -> Mapping[str, str]:
        ids = await self.identity.staff.privacy_officers()
        found = await self.identity.accounts.actors(ids)
        return {account_id: actor.display_name for account_id, actor in found.items()}


@asynccontextmanager
async def open_responding(
    ground: Ground, identity: Identity, intake: Intake, notices: Notices
) -> AsyncIterator[Responding]:
    """Build and start the register; stop the watch at the end."""
    database, audit, clock = ground.database, ground.audit, ground.clock
    store = MongoIncidentStore(database, ground.keyring.sealer("incidents"))

    async def named(name: str) -> str | None:
        if "@" in name:
            account = await identity.accounts.find_by_email(name)
            return account.id if account is not None else None
        return name if name in await identity.accounts.actors([name]) else None

    bells = IncidentNotices(identity, notices)
    finder = Finder(MongoStock(database), ActiveTalks(MongoChatStore(database)), named)
    incidents = Incidents(store, intake, finder, bells, audit, clock)
    watch = IncidentWatch(store, bells, bells, audit, clock)
    watch.start()
    try:
        yield Responding(incidents, watch, identity, clock)
    finally:
        await watch.close()
