"""The page on which one searches. The question passes the gate like any text, and is shown to whoever asked only."""

from aiohttp import web
from markupsafe import Markup, escape

from server.forum.page_frame import ForumFrame
from server.forum.showing import Showing
from server.kernel.errors import DomainError, InvalidInput
from server.search.model import Excerpt
from server.search.service import Findings, SearchService
from server.web.site.forms import Typed
from server.web.site.visit import Page, Visit

MOST_TYPED = 120
_ON_A_PAGE = 20
_LONGEST_CURSOR = 120
_HEADERS = {"X-Robots-Tag": "noindex", "Cache-Control": "no-store"}
"""What was typed stands in the page: it is kept nowhere."""


class SearchPages:
    """The page.

    Args:
        forum: services and frame.
        search: the search.
    """

    def __init__(self, forum: ForumFrame, search: SearchService) -> None:
        self._forum = forum
        self._search = search

    def attach(self, app: web.Application) -> None:
        """Add the routes; the second is where the search was when it knew the forum alone."""
        for address in ("/cari", "/forum/cari"):
            app.router.add_get(address, self._forum.site.shown(self._show))

    async def _show(self, visit: Visit) -> Page:
        typed = Typed(visit.request.query.get("q", ""))
        cursor = visit.request.query.get("lanjut", "")[:_LONGEST_CURSOR] or None
        found, refusal = Findings(()), None
        if typed:
            try:
                if len(typed) > MOST_TYPED:
                    raise InvalidInput(fields={"q": "too_long"})
                found = await self._search.search(
                    visit.actor, visit.caller.network, typed.raw, cursor=cursor, limit=_ON_A_PAGE
                )
            except DomainError as error:
                refusal = self._forum.site.refusal(visit, error)
        show = self._forum.showing(visit)
        context = self._forum.context(
            visit,
            typed=typed,
            found=found,
            refusal=refusal,
            longest_query=MOST_TYPED,
            marked=lambda excerpt: marked(excerpt, show),
        )
        return Page("forum/search.html", context, refusal.status if refusal else 200, headers=_HEADERS)


def marked(excerpt: Excerpt, show: Showing) -> Markup:
    """Give a piece of a text with what was looked for in it."""
    pieces: list[Markup] = []
    position = 0
    for start, end in excerpt.ranges:
        pieces.append(escape(show.words(excerpt.text[position:start])))
        pieces.append(Markup("<mark>{}</mark>").format(show.words(excerpt.text[start:end])))
        position = end
    pieces.append(escape(show.words(excerpt.text[position:])))
    return Markup("{}{}{}").format("…" if excerpt.before else "", Markup("").join(pieces), "…" if excerpt.after else "")
