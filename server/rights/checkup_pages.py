"""The check of one's own settings as a page, complete without JavaScript."""

from typing import Any, Final

from aiohttp import web

from server.kernel.access import Access
from server.kernel.errors import DomainError, FreshSignInRequired
from server.rights.checkup import Checkup, State
from server.rights.pages import worded
from server.web.pages import ACCOUNT_PATHS
from server.web.site.frame import CONFIRM, Site
from server.web.site.visit import Page, Refusal, Visit

CHECKUP: Final = "/privasi/pemeriksaan"
_ACCOUNT: Final = {"factor": "#security", "codes": "#security", "sessions": "#devices", "looks": "#access"}
_PLACES: Final = {
    "consents": "/privasi/persetujuan",
    "permissions": "/privasi/izin",
    "course": "/jaga-data",
    "letters": "/pemberitahuan/atur",
    "guardian": "/privasi/persetujuan",
    "profile": "/forum/profil",
    "drafts": "/forum",
}
"""Point -> where it is mended, or a place in the account page."""
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class CheckupPages:
    """The page.

    Args:
        site: the frame.
        checkup: the check.
    """

    def __init__(self, site: Site, checkup: Checkup) -> None:
        self._site = site
        self._checkup = checkup

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(CHECKUP, self._site.shown(self._show))
        app.router.add_post(CHECKUP, self._site.posted(self._mend))

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _mend(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require_access(Access.MEMBER)
        try:
            await self._checkup.mend(actor, visit.form.word("act"))
        except FreshSignInRequired as error:
            return await self._page(visit, self._site.refusal(visit, error), f"{CONFIRM}?next={CHECKUP}")
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{CHECKUP}?kabar=rapi")

    async def _page(self, visit: Visit, refusal: Refusal | None, confirm: str = "") -> Page:
        points = await self._checkup.points(visit.require_access(Access.MEMBER))
        word = worded(self._site, visit.locale)
        context: dict[str, Any] = {
            "points": [
                {
                    "point": point,
                    "says": self._site.text(visit.locale, f"checkup.{point.name}.{point.says}", **point.counts),
                    "lines": [(word(name), at) for name, at in point.lines],
                    "href": _place(point.name, visit.locale),
                }
                for point in points
            ],
            "mend": sum(point.state is State.MEND for point in points),
            "confirm": confirm,
            "refusal": refusal,
            "said": visit.request.query.get("kabar", "") == "rapi",
        }
        return Page("rights/checkup.html", context, refusal.status if refusal else 200, headers=_NO_STORE)


def _place(name: str, locale: str) -> str:
    return _PLACES.get(name) or ACCOUNT_PATHS[locale] + _ACCOUNT[name]
