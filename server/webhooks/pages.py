"""Webhooks as pages, for administrators: register, see the secret once, look at what was sent, send it again.

Complete without JavaScript. An address may hold a token, so it is shown to administrators alone and is in no address.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import web

from server.kernel.access import Access
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, FreshSignInRequired, InvalidInput, NotFound
from server.kernel.fresh import FreshWindow
from server.web.pages import Assets
from server.web.paging import next_cursor, place_of
from server.web.site.forms import Form
from server.web.site.frame import CONFIRM, Site
from server.web.site.visit import Page, Refusal, Visit
from server.webhooks.model import MAX_URL, EventType
from server.webhooks.service import Made, Webhooks

HOME: Final = "/webhook"
_ON_A_PAGE: Final = 30
_OFFERED: Final = tuple(event for event in EventType if event is not EventType.TEST)
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_SAID: Final = {"teruji": "webhook.said.tested", "ulang": "webhook.said.repeated", "tersimpan": "webhook.said.saved"}
_DONE: Final = {"test": "teruji", "repeat": "ulang"}
"""What was done -> word in the address of the page after it."""

Act = Callable[[Actor, str, Form], Awaitable[object]]


class HookPages:
    """The pages.

    Args:
        site: the frame.
        assets: the built client.
        webhooks: the service.
        freshness: how recent a sign-in must be for changes.
    """

    def __init__(self, site: Site, assets: Assets, webhooks: Webhooks, freshness: FreshWindow) -> None:
        self._site = site
        self._assets = assets
        self._webhooks = webhooks
        self._freshness = freshness
        self._acts: Mapping[str, Act] = {"change": self._change, "switch": self._switch}
        self._lighter: Mapping[str, Act] = {"test": self._test, "repeat": self._repeat}

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._list))
        app.router.add_post(HOME, posted(self._register))
        app.router.add_get(f"{HOME}/{{id}}", shown(self._show))
        app.router.add_post(f"{HOME}/{{id}}", posted(self._act))

    # --- all of them -----------------------------------------------------------------------------------------------

    async def _list(self, visit: Visit) -> Page:
        return await self._list_page(visit, None)

    async def _list_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.ADMIN)
        context = self._context(
            visit,
            actor,
            HOME,
            hooks=await self._webhooks.all(),
            chosen=visit.form.words("event"),
            content=visit.form.is_on("content"),
            url=visit.form.typed("url"),
            refusal=refusal,
        )
        return Page("webhooks/list.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    async def _register(self, visit: Visit) -> Page:
        actor, form = visit.require_access(Access.ADMIN), visit.form
        try:
            self._freshness.require(actor)
            made = await self._webhooks.register(
                actor, form.secret("url").strip(), _events_of(form), content=form.is_on("content")
            )
        except DomainError as error:
            return await self._list_page(visit, self._site.refusal(visit, error))
        return self._made(made)

    def _made(self, made: Made) -> Page:
        """The one answer on which a secret stands; no address leads to it."""
        return Page(
            "webhooks/made.html", {**self._styled(), "hook": made.hook, "secret": made.secret}, headers=_NO_STORE
        )

    # --- one of them -----------------------------------------------------------------------------------------------

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.ADMIN)
        hook = await self._webhooks.get(visit.part["id"])
        before = place_of(visit.request.query.get("sebelum") or None)
        found = await self._webhooks.log(hook.id, before_id=before, limit=_ON_A_PAGE + 1)
        key = _SAID.get(visit.request.query.get("kabar", ""), "")
        context = self._context(
            visit,
            actor,
            f"{HOME}/{hook.id}",
            hook=hook,
            deliveries=found[:_ON_A_PAGE],
            older=next_cursor([one.id for one in found], _ON_A_PAGE),
            said=self._site.text(visit.locale, key) if key else "",
            refusal=refusal,
        )
        return Page("webhooks/hook.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor, hook_id, act = visit.require_access(Access.ADMIN), visit.part["id"], visit.form.word("act")
        try:
            if act in self._lighter:
                await self._lighter[act](actor, hook_id, visit.form)
            else:
                self._freshness.require(actor)
                if act == "rotate":
                    return self._made(await self._webhooks.rotate(actor, hook_id))
                if act == "delete":
                    await self._webhooks.delete(actor, hook_id)
                    return self._site.to(HOME)
                if act not in self._acts:
                    raise InvalidInput(fields={"act": "not_allowed"})
                await self._acts[act](actor, hook_id, visit.form)
        except NotFound:
            raise
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{HOME}/{hook_id}?kabar={_DONE.get(act, 'tersimpan')}")

    async def _test(self, actor: Actor, hook_id: str, _: Form) -> None:
        await self._webhooks.test(actor, hook_id)

    async def _repeat(self, actor: Actor, _: str, form: Form) -> None:
        await self._webhooks.repeat(actor, form.word("delivery"))

    async def _change(self, actor: Actor, hook_id: str, form: Form) -> None:
        await self._webhooks.change(
            actor,
            hook_id,
            url=form.secret("url").strip(),
            events=_events_of(form),
            content=form.is_on("content"),
        )

    async def _switch(self, actor: Actor, hook_id: str, form: Form) -> None:
        await self._webhooks.change(actor, hook_id, enabled=form.is_on("on"))

    # --- inside ----------------------------------------------------------------------------------------------------

    def _styled(self) -> Mapping[str, Any]:
        return {"assets": self._assets.of("feedback")}

    def _context(self, visit: Visit, actor: Actor, back: str, **more: Any) -> Mapping[str, Any]:
        try:
            self._freshness.require(actor)
            stale = False
        except FreshSignInRequired:
            stale = True
        return {
            **self._styled(),
            "offered": [event.value for event in _OFFERED],
            "longest_url": MAX_URL,
            "confirm": f"{CONFIRM}?next={back}" if stale else "",
            **more,
        }


def _events_of(form: Form) -> list[EventType]:
    return [EventType(word) for word in form.words("event") if word in set(_OFFERED)]
