"""Help articles as pages, complete without JavaScript: found and read by everybody, written and looked at by staff."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from server.forum.showing import Showing
from server.kernel.access import Access
from server.kernel.errors import DomainError, NotFound
from server.kernel.text import RawText
from server.publication.articles import HOME, MAX_BODY, MAX_TITLE, Article, Articles
from server.publication.pages import naming
from server.web.catalogue import LOCALES
from server.web.site.forms import NOTHING_TYPED
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

OFFICE: Final = "/petugas/bantuan"
_NUMBER: Final = "{number:[1-9][0-9]{0,8}}"
_NO_STORE: Final[Mapping[str, str]] = {"Cache-Control": "no-store"}


class ArticlePages:
    """The pages.

    Args:
        site: the frame.
        articles: the service.
    """

    def __init__(self, site: Site, articles: Articles) -> None:
        self._site = site
        self._articles = articles
        self._showing = {locale: Showing(naming(site, locale)) for locale in LOCALES}

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._list, query=("q",)))
        app.router.add_get(f"{HOME}/{_NUMBER}", shown(self._read))
        app.router.add_get(OFFICE, shown(self._office, query=("percakapan",)))
        app.router.add_post(OFFICE, posted(self._write))
        app.router.add_get(f"{OFFICE}/{_NUMBER}", shown(self._one))
        app.router.add_post(f"{OFFICE}/{_NUMBER}", posted(self._act))

    # --- everybody -------------------------------------------------------------------------------------------------

    async def _list(self, visit: Visit) -> Page:
        typed = visit.request.query.get("q", "")[:200]
        asked = await self._articles.ask(RawText(typed), visit.caller.network) if typed.strip() else None
        context = {"found": await self._articles.search(asked), "asked": asked, "show": self._showing[visit.locale]}
        return Page("publication/help.html", context, canonical="" if asked else HOME, headers=_NO_STORE)

    async def _read(self, visit: Visit) -> Page:
        version, former = await self._articles.read(int(visit.part["number"]))
        context = {"one": version, "former": former, "show": self._showing[visit.locale]}
        return Page("publication/article.html", context, canonical=version.path, headers=_NO_STORE)

    # --- staff -----------------------------------------------------------------------------------------------------

    async def _office(self, visit: Visit) -> Page:
        actor, source = visit.require_access(Access.STAFF), visit.request.query.get("percakapan", "")[:64]
        # Only somebody who may read the conversation gets to see it here.
        begun = await self._articles.begin(actor, source) if source else None
        return await self._office_page(visit, None, source=source, text=begun.whole if begun else "")

    async def _office_page(self, visit: Visit, refusal: Refusal | None, **typed: Any) -> Page:
        context = {
            "articles": await self._articles.all(),
            "source": "",
            "title": NOTHING_TYPED,
            "text": NOTHING_TYPED,
            **typed,
        }
        return self._page(visit, "help_office", {**context, "refusal": refusal})

    async def _write(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form = visit.require_access(Access.STAFF), visit.form
        try:
            made = await self._articles.write(actor, form.text("title"), form.text("text"), form.word("source"))
        except DomainError as error:
            typed = {"source": form.word("source"), "title": form.typed("title"), "text": form.typed("text")}
            return await self._office_page(visit, self._site.refusal(visit, error), **typed)
        return self._site.to(f"{OFFICE}/{made.number}")

    async def _one(self, visit: Visit) -> Page:
        visit.require_access(Access.STAFF)
        return await self._one_page(visit, await self._articles.get(int(visit.part["number"])), None)

    async def _one_page(self, visit: Visit, article: Article, refusal: Refusal | None) -> Page:
        context = {
            "one": article,
            "verdict": await self._articles.verdict(article),
            "second": visit.require().account_id != article.by,
            "refusal": refusal,
        }
        return self._page(visit, "help_look", context)

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form, number = visit.require_access(Access.STAFF), visit.form, int(visit.part["number"])
        try:
            match form.word("act"):
                case "publish":
                    await self._articles.publish(actor, number)
                case "withdraw":
                    await self._articles.withdraw(actor, number)
                case _:
                    await self._articles.rewrite(actor, number, form.text("title"), form.text("text"))
        except NotFound:
            raise
        except DomainError as error:
            article = await self._articles.get(number)
            return await self._one_page(visit, article, self._site.refusal(visit, error))
        return self._site.to(f"{OFFICE}/{number}")

    def _page(self, visit: Visit, name: str, context: Mapping[str, Any]) -> Page:
        refusal = context.get("refusal")
        whole = {
            "show": self._showing[visit.locale],
            "office": OFFICE,
            "longest_title": MAX_TITLE,
            "longest": MAX_BODY,
            **context,
        }
        return Page(f"publication/{name}.html", whole, refusal.status if refusal else 200, headers=_NO_STORE)
