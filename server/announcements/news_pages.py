"""Product news as pages: everybody reads, staff write. Complete without JavaScript."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from server.announcements.news import MAX_NEWS, MAX_TITLE, ON_A_PAGE, ProductNews
from server.forum.showing import Showing
from server.kernel.access import Access, can_call
from server.kernel.errors import DomainError, NotFound
from server.web.catalogue import LOCALES
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

NEWS: Final = "/kabar"
_LONGEST: Final = 9


class NewsPages:
    """The pages.

    Args:
        site: the frame.
        news: the service.
    """

    def __init__(self, site: Site, news: ProductNews) -> None:
        self._site = site
        self._news = news
        self._showing = {locale: Showing(self._naming(locale)) for locale in LOCALES}

    def _naming(self, locale: str) -> Any:
        return lambda label: self._site.text(locale, f"hidden.{label}")

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(NEWS, self._site.shown(self._list, query=("sebelum",)))
        app.router.add_post(NEWS, self._site.posted(self._publish))
        app.router.add_get(f"{NEWS}/{{number}}", self._site.shown(self._show))

    async def _list(self, visit: Visit) -> Page:
        return await self._list_page(visit, None)

    async def _list_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        before = visit.number("sebelum")
        found = await self._news.page(before)
        more = len(found) == ON_A_PAGE and found[-1].number > 1
        context = self._context(
            visit,
            news=found,
            older=found[-1].number if more else None,
            writes=visit.actor is not None and can_call(Access.DESK, visit.actor.role),
            longest={"title": MAX_TITLE, "text": MAX_NEWS},
            typed={name: visit.form.typed(name) for name in ("title", "text")},
            refusal=refusal,
        )
        return Page("news/list.html", context, refusal.status if refusal else 200)

    async def _publish(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require_access(Access.DESK)
        try:
            news = await self._news.publish(actor, visit.form.text("title"), visit.form.text("text"))
        except DomainError as error:
            return await self._list_page(visit, self._site.refusal(visit, error))
        return self._site.to(news.path)

    async def _show(self, visit: Visit) -> Page:
        number = visit.part["number"]
        if not number.isascii() or not number.isdigit() or len(number) > _LONGEST:
            raise NotFound
        news = await self._news.find(int(number))
        writes = visit.actor is not None and can_call(Access.DESK, visit.actor.role)
        return Page("news/news.html", self._context(visit, one=news, writes=writes))

    def _context(self, visit: Visit, **more: Any) -> Mapping[str, Any]:
        return {"show": self._showing[visit.locale], **more}
