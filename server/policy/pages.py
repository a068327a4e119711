"""The privacy policy as pages: what holds, every version, and what changed between two. Complete without JavaScript."""

from datetime import UTC, date, datetime, time
from typing import Any, Final

from aiohttp import web

from server.kernel.errors import NotFound
from server.kernel.ports import Clock
from server.policy.model import Policy, differences
from server.policy.versions import Policies
from server.web.site.frame import Site
from server.web.site.visit import Page, Visit

HOME: Final = "/kebijakan"


class PolicyPages:
    """The pages.

    Args:
        site: the frame.
        policies: all versions.
        clock: the time; a version begins to hold at midnight UTC.
    """

    def __init__(self, site: Site, policies: Policies, clock: Clock) -> None:
        self._site = site
        self._policies = policies
        self._clock = clock

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown = self._site.shown
        app.router.add_get(HOME, shown(self._current))
        app.router.add_get(f"{HOME}/{{number:[1-9][0-9]{{0,3}}}}", shown(self._version))
        app.router.add_get(f"{HOME}/{{number:[1-9][0-9]{{0,3}}}}/perubahan", shown(self._changes))

    async def _current(self, visit: Visit) -> Page:
        return Page("policy/policy.html", self._context(visit, self._policies.on(self._today())), canonical=HOME)

    async def _version(self, visit: Visit) -> Page:
        return Page("policy/policy.html", self._context(visit, self._asked(visit)))

    async def _changes(self, visit: Visit) -> Page:
        policy = self._asked(visit)
        before = self._policies.find(policy.number - 1)
        if before is None:
            raise NotFound
        changes = differences(before.sections[visit.locale], policy.sections[visit.locale])
        context = self._context(visit, policy)
        context |= {"before": before, "changes": changes, "asked_again": policy.asked_again(before)}
        return Page("policy/changes.html", context)

    def _asked(self, visit: Visit) -> Policy:
        policy = self._policies.find(int(visit.part["number"]))
        if policy is None:
            raise NotFound
        return policy

    def _context(self, visit: Visit, policy: Policy) -> dict[str, Any]:
        return {
            "policy": policy,
            "sections": policy.sections[visit.locale],
            "holds": self._policies.on(self._today()),
            "announced": self._policies.announced(self._today()),
            "versions": self._policies.all[::-1],
            "moment": _moment,
        }

    def _today(self) -> date:
        return self._clock().date()


def _moment(day: date) -> datetime:
    """Give the moment at which a day begins, as templates show days."""
    return datetime.combine(day, time(), UTC)
