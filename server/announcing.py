"""Builds what the company tells everybody: the status page. For `app` only."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from server.announcements import api
from server.announcements.pages import StatusPages
from server.announcements.service import StatusBoard
from server.announcements.store import ANNOUNCEMENT_COLLECTIONS as ANNOUNCEMENT_COLLECTIONS
from server.announcements.store import MongoStatusStore
from server.identity import Ground
from server.intake import Intake
from server.notices.model import Kind
from server.notices.service import Notices
from server.web.endpoint import Endpoint
from server.web.site.frame import Site

_OBJECT = "service_event"


@dataclass(frozen=True, slots=True)
class Announcing:
    """The running services."""

    status: StatusBoard

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return api.endpoints(self.status)

    def attach(self, site: Site, app: web.Application) -> None:
        """Put their pages into the application."""
        StatusPages(site, self.status).attach(app)


class ServiceNotices:
    """Fills `announcements.service.Teller` by notices, which say nothing of what was written."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def tell_of_service(self, account_ids: Sequence[str], event_id: str) -> None:
        """Tell some accounts that there is something on the status page.

        Raises:
            Unavailable: nobody was told, or it is not known who.
        """
        await self._notices.tell(account_ids, Kind.SERVICE_DISRUPTION, _OBJECT, event_id)


class ServicePlaces:
    """Knows where events are to be seen."""

    def __init__(self, store: MongoStatusStore) -> None:
        self._store = store

    async def __call__(self, event_id: str) -> str | None:
        """Give the address of an event, or None where there is none."""
        found = await self._store.find_id(event_id)
        return found[0].path if found else None


def build_announcing(ground: Ground, intake: Intake, notices: Notices) -> Announcing:
    """Build it."""
    store = MongoStatusStore(ground.database)
    notices.lead(_OBJECT, ServicePlaces(store))
    return Announcing(StatusBoard(store, intake, ServiceNotices(notices), ground.audit, ground.clock))
