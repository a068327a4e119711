"""What staff keep for handling feedback, as a page: canned answers for agents, product areas for administrators."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import web

from server.feedback.desk import MAX_NAME, Desk
from server.feedback.desk_frame import DeskFrame
from server.feedback.model import can_handle
from server.feedback.page_frame import INBOX
from server.kernel.access import Access
from server.kernel.actor import Actor, Role
from server.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from server.web.site.visit import Page, Refusal, Visit

SETTINGS: Final = f"{INBOX}/atur"
_SAID: Final = {"tersimpan": "triage.said.saved"}


class SettingsPages:
    """The page.

    Args:
        frame: what the staff's pages share.
        desk: areas and canned answers.
    """

    def __init__(self, frame: DeskFrame, desk: Desk) -> None:
        self._frame = frame
        self._site = frame.site
        self._desk = desk

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(SETTINGS, self._site.shown(self._show))
        app.router.add_post(SETTINGS, self._site.posted(self._act))

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.DESK)
        handles, form = can_handle(actor), visit.form
        context = await self._frame.context(
            visit,
            handles=handles,
            administers=actor.role is Role.ADMIN,
            canned=await self._desk.canned(actor) if handles else (),
            all_areas=await self._desk.areas(archived=True),
            longest_name=MAX_NAME,
            title_text=form.typed("title"),
            text=form.typed("text"),
            key_text=form.word("key"),
            name_texts={locale: form.typed(f"name_{locale}") for locale in ("id", "en")},
            said=self._frame.said(visit, _SAID),
            refusal=refusal,
        )
        return Page("feedback/settings.html", context, refusal.status if refusal else 200)

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require_access(Access.DESK)
        acts: Mapping[str, Callable[[Visit, Actor], Awaitable[Any]]] = {
            "canned": self._keep,
            "forget": self._forget,
            "area": self._area,
            "archive": self._archive,
        }
        try:
            act = acts.get(visit.form.word("act"))
            if act is None:
                raise InvalidInput(fields={"act": "not_allowed"})
            await act(visit, actor)
        except (NotFound, NotPermitted):
            raise
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{SETTINGS}?kabar=tersimpan")

    async def _keep(self, visit: Visit, actor: Actor) -> None:
        await self._desk.put_canned(actor, visit.form.text("title"), visit.form.text("text"))

    async def _forget(self, visit: Visit, actor: Actor) -> None:
        await self._desk.remove_canned(actor, visit.form.word("canned"))

    async def _area(self, visit: Visit, actor: Actor) -> None:
        names = {locale: visit.form.text(f"name_{locale}") for locale in ("id", "en")}
        await self._desk.put_area(actor, visit.form.word("key"), names)

    async def _archive(self, visit: Visit, actor: Actor) -> None:
        await self._desk.put_area(actor, visit.form.word("key"), {}, archived=visit.form.is_on("on"))
