"""How the server does, as a page for those who run it and for privacy officers: pages, faults, traces."""

from typing import Any, Final

from aiohttp import web

from server.kernel.actor import Role
from server.kernel.errors import NotPermitted
from server.telemetry.faults import FaultLog
from server.telemetry.pageviews import PageViews
from server.telemetry.tracing import Tracer
from server.web.site.frame import Site
from server.web.site.visit import Page, Visit

ADDRESS: Final = "/petugas/pemantauan"
_DAYS: Final = 30
_SHOWN: Final = 50
_READERS: Final = frozenset({Role.ADMIN, Role.PRIVACY_OFFICER})


class TelemetryPages:
    """The page.

    Args:
        site: the frame.
        views: counts of pages.
        faults: reports of faults.
        tracer: traces.
        least: fewest of whom anything is told.
    """

    def __init__(self, site: Site, views: PageViews, faults: FaultLog, tracer: Tracer, least: int) -> None:
        self._site = site
        self._views = views
        self._faults = faults
        self._tracer = tracer
        self._least = least

    def attach(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_get(ADDRESS, self._site.shown(self._shown))

    async def _shown(self, visit: Visit) -> Page:
        actor = visit.require()
        if actor.role not in _READERS:
            raise NotPermitted
        # What this process has not written yet belongs to it.
        await self._views.flush()
        await self._faults.flush()
        figures = await self._views.figures(_DAYS)
        context: dict[str, Any] = {
            "figures": figures,
            "pages": figures.pages[:_SHOWN],
            "sites": figures.sites[:_SHOWN],
            "faults": await self._faults.newest(_SHOWN),
            "traced": self._tracer.on,
            "lost": sum(self._tracer.lost.values()),
            "least": self._least,
            "span": _DAYS,
        }
        return Page("oversight/monitor.html", context, headers={"Cache-Control": "no-store"})
