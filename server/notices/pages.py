"""One's notices and how one is told, without JavaScript; and the page that stops letters, for which nobody signs in."""

from itertools import groupby

from aiohttp import web

from server.kernel.errors import DomainError, InvalidInput
from server.kernel.ports import Limiter
from server.notices.model import LOCKED, Choice, Pace
from server.notices.sections import kinds_for, section_of
from server.notices.service import LIST_PATH, Notices
from server.notices.unsubscribing import PATHS
from server.web.paging import next_cursor, place_of
from server.web.requests import patiently
from server.web.site.frame import Site
from server.web.site.visit import Page, Visit

CHOICES_PATH = f"{LIST_PATH}/atur"
_ON_A_PAGE = 30
_LONGEST_TOKEN = 100


class NoticePages:
    """The pages.

    Args:
        site: the frame.
        notices: what people are told.
        limiter: rate limits.
    """

    def __init__(self, site: Site, notices: Notices, limiter: Limiter) -> None:
        self._site = site
        self._notices = notices
        self._limiter = limiter

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(LIST_PATH, shown(self._list))
        app.router.add_post(f"{LIST_PATH}/dibaca", posted(self._read_all))
        app.router.add_get(CHOICES_PATH, shown(self._choices))
        app.router.add_post(CHOICES_PATH, posted(self._choose))
        app.router.add_get(LIST_PATH + "/{id:[0-9a-v]{24}}", shown(self._open))
        for path in PATHS.values():
            app.router.add_get(path, shown(self._ask, query=("t", "selesai")))
            app.router.add_post(path, self._stop)

    async def _list(self, visit: Visit) -> Page:
        actor = visit.require()
        before = place_of(visit.request.query.get("sebelum") or None)
        found = await self._notices.list(actor, before_id=before, limit=_ON_A_PAGE + 1)
        context = {
            "items": found[:_ON_A_PAGE],
            "older": next_cursor([notice.id for notice in found], _ON_A_PAGE),
            "unread": await self._notices.unread(actor),
            "path": LIST_PATH,
            "choices_path": CHOICES_PATH,
        }
        return Page("notices/list.html", context)

    async def _open(self, visit: Visit) -> web.StreamResponse:
        return self._site.to(await self._notices.open(visit.require(), visit.part["id"]))

    async def _read_all(self, visit: Visit) -> web.StreamResponse:
        await self._notices.mark_all_read(visit.require())
        return self._site.to(LIST_PATH)

    async def _choices(self, visit: Visit) -> Page:
        return await self._chosen(visit, saved=False)

    async def _choose(self, visit: Visit) -> Page:
        actor, form, wanted = visit.require(), visit.form, {}
        for kind in kinds_for(staff=actor.is_staff):
            mail = form.word(f"mail.{kind.value}")
            if mail in set(Pace):
                in_app, push = form.is_on(f"in_app.{kind.value}"), form.is_on(f"push.{kind.value}")
                wanted[kind] = Choice(in_app or kind in LOCKED, Pace(mail), push)
        try:
            await self._notices.choose_all(actor, wanted)
        except DomainError as error:
            return await self._chosen(visit, saved=False, error=error)
        return await self._chosen(visit, saved=True)

    async def _chosen(self, visit: Visit, *, saved: bool, error: DomainError | None = None) -> Page:
        actor = visit.require()
        choices = await self._notices.choices(actor)
        refusal = self._site.refusal(visit, error) if error else None
        context = {
            "sections": [
                (section, list(group)) for section, group in groupby(choices.items(), lambda item: section_of(item[0]))
            ],
            "locked": LOCKED,
            "paces": list(Pace),
            "path": LIST_PATH,
            "action": CHOICES_PATH,
            "saved": saved,
            "refusal": refusal,
        }
        return Page("notices/choices.html", context, refusal.status if refusal else 200)

    # --- stopping letters ------------------------------------------------------------------------------------------

    async def _ask(self, visit: Visit) -> Page:
        token = visit.request.query.get("t", "")
        known = token if len(token) <= _LONGEST_TOKEN and self._notices.stops(token) else ""
        what = self._notices.stops(known) if known else None
        context = {
            "token": known,
            "what": what.value if what else "",
            "done": "selesai" in visit.request.query,
            "action": PATHS[visit.locale],
            "choices_path": CHOICES_PATH,
        }
        headers = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        return Page("notices/stop.html", context, headers=headers)

    async def _stop(self, request: web.Request) -> web.Response:
        """Take the request of a mail program (RFC 8058), which has neither cookie nor origin, and of the page's button.

        Nothing but the signed token counts, so there is nothing that a foreign page could do in somebody's name.
        """
        token = request.query.get("t", "")
        if len(token) > _LONGEST_TOKEN:
            raise InvalidInput(fields={"t": "link_unusable"})
        await self._limiter.spend("link", f"stop {request.remote}")
        form = await patiently(request.post()) if request.content_type == "application/x-www-form-urlencoded" else {}
        if not await self._notices.stop(token):
            raise InvalidInput(fields={"t": "link_unusable"})
        if "page" in form:
            return self._site.to(f"{request.path}?t={token}&selesai=1")
        return web.Response(text="OK", headers={"Cache-Control": "no-store"})
