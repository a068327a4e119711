"""Surveys as pages, complete without JavaScript: staff make them and see what came of them, who was asked answers."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from server.forum.showing import Showing
from server.kernel.access import Access
from server.kernel.errors import DomainError, InvalidInput, NotFound
from server.kernel.ports import Clock
from server.surveys.model import LIFETIMES, MAX_COMMENT, MAX_QUESTION, MAX_TITLE, STEPS, Scale
from server.surveys.service import Surveys
from server.web.catalogue import LOCALES
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

HOME: Final = "/survei"


class SurveyPages:
    """The pages.

    Args:
        site: the frame.
        surveys: the service.
        clock: the time.
    """

    def __init__(self, site: Site, surveys: Surveys, clock: Clock) -> None:
        self._site = site
        self._surveys = surveys
        self._clock = clock
        self._showing = {locale: Showing(self._naming(locale)) for locale in LOCALES}

    def _naming(self, locale: str) -> Any:
        return lambda label: self._site.text(locale, f"hidden.{label}")

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._list))
        app.router.add_post(HOME, posted(self._make))
        app.router.add_get(f"{HOME}/{{id}}", shown(self._open))
        app.router.add_post(f"{HOME}/{{id}}", posted(self._reply))
        app.router.add_get(f"{HOME}/{{id}}/hasil", shown(self._results))
        app.router.add_post(f"{HOME}/{{id}}/hasil", posted(self._invite))

    # --- staff -----------------------------------------------------------------------------------------------------

    async def _list(self, visit: Visit) -> Page:
        return await self._list_page(visit, None)

    async def _list_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        visit.require_access(Access.DESK)
        context = self._context(
            visit,
            surveys=await self._surveys.all(),
            scales=[scale.value for scale in Scale],
            lifetimes=LIFETIMES,
            longest={"title": MAX_TITLE, "question": MAX_QUESTION},
            typed={name: visit.form.typed(name) for name in ("title", "question")},
            refusal=refusal,
        )
        return Page("surveys/list.html", context, refusal.status if refusal else 200)

    async def _make(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form = visit.require_access(Access.DESK), visit.form
        try:
            if form.word("scale") not in {scale.value for scale in Scale}:
                raise InvalidInput(fields={"scale": "required"})
            scale, days = Scale(form.word("scale")), form.number("days") or 0
            made = await self._surveys.make(actor, form.text("title"), form.text("question"), scale, days)
        except DomainError as error:
            return await self._list_page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{made.path}/hasil")

    async def _results(self, visit: Visit) -> Page:
        return await self._results_page(visit, None)

    async def _results_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.DESK)
        survey = await self._surveys.find(visit.part["id"])
        context = self._context(
            visit,
            survey=survey,
            results=await self._surveys.results(actor, survey.id),
            refusal=refusal,
        )
        return Page("surveys/results.html", context, refusal.status if refusal else 200)

    async def _invite(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require_access(Access.DESK)
        try:
            await self._surveys.invite(actor, visit.part["id"])
        except NotFound:
            raise
        except DomainError as error:
            return await self._results_page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{HOME}/{visit.part['id']}/hasil")

    # --- those who were asked --------------------------------------------------------------------------------------

    async def _open(self, visit: Visit) -> Page:
        return await self._open_page(visit, None)

    async def _open_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        survey, replied = await self._surveys.open(visit.require_access(Access.MEMBER), visit.part["id"])
        context = self._context(
            visit,
            survey=survey,
            replied=replied,
            open=survey.is_open(self._clock()),
            steps=STEPS[survey.scale],
            longest=MAX_COMMENT,
            chosen=visit.form.number("score"),
            typed=visit.form.typed("comment"),
            refusal=refusal,
        )
        return Page("surveys/survey.html", context, refusal.status if refusal else 200)

    async def _reply(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form = visit.require_access(Access.MEMBER), visit.form
        comment = form.text("comment") if form.typed("comment") else None
        try:
            await self._surveys.reply(actor, visit.part["id"], form.number("score"), comment)
        except NotFound:
            raise
        except DomainError as error:
            return await self._open_page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{HOME}/{visit.part['id']}")

    # --- inside ----------------------------------------------------------------------------------------------------

    def _context(self, visit: Visit, **more: Any) -> Mapping[str, Any]:
        return {"show": self._showing[visit.locale], "now": self._clock(), **more}
