"""The rights of people as pages, complete without JavaScript: what is kept, a copy, requests, what they stop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from aiohttp import web

from server.kernel.actor import Actor
from server.kernel.errors import DomainError, FreshSignInRequired, InvalidInput, NotFound
from server.kernel.fresh import FreshWindow
from server.kernel.ports import Clock
from server.kernel.restraint import Use
from server.kernel.retention import RetentionRule
from server.rights.export import MEDIA_TYPE, Exports
from server.rights.knowing import Knowing
from server.rights.model import MAX_ANSWER, Kind, Request
from server.rights.restraints import StandingRestraints
from server.rights.service import GUEST_PATH, REQUEST_PATH, Requests
from server.web.dispatch import download
from server.web.endpoint import Download
from server.web.site.frame import CONFIRM, Site
from server.web.site.visit import Page, Refusal, Visit

HOME: Final = "/privasi"
COPY: Final = f"{HOME}/salinan"
STOP: Final = f"{HOME}/batasi"
_ID: Final = "{id:[0-9a-v]{24}}"
_LINK: Final = "{token:[A-Za-z0-9_-]{56}}"
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_LOOKS: Final = 10


class Look(Protocol):
    """Somebody saw something of a person's."""

    @property
    def action(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def count(self) -> int: ...


class Looks(Protocol):
    """The access log."""

    async def of_person(self, actor: Actor, *, before_id: str | None, limit: int) -> Sequence[Look]: ...


@dataclass(frozen=True, slots=True)
class Rights:
    """What the pages show and do.

    Attributes:
        knowing: what is kept.
        exports: copies.
        requests: requests.
        restraints: what people have stopped.
        looks: who saw it.
        freshness: how recent a sign-in must be for a copy.
        clock: the time.
    """

    knowing: Knowing
    exports: Exports
    requests: Requests
    restraints: StandingRestraints
    looks: Looks
    freshness: FreshWindow
    clock: Clock


class RightsPages:
    """The pages of people, with an account and without.

    Args:
        site: the frame.
        rights: what they show and do.
    """

    def __init__(self, site: Site, rights: Rights) -> None:
        self._site = site
        self._rights = rights

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._home))
        app.router.add_post(COPY, posted(self._copy))
        app.router.add_post(STOP, posted(self._stop))
        app.router.add_post(REQUEST_PATH, posted(self._ask))
        app.router.add_get(f"{REQUEST_PATH}/{_ID}", shown(self._request))
        app.router.add_post(f"{REQUEST_PATH}/{_ID}/tarik", posted(self._withdraw))
        app.router.add_get(GUEST_PATH, shown(self._guest))
        app.router.add_post(GUEST_PATH, posted(self._ask_as_guest))
        app.router.add_get(f"{GUEST_PATH}/{_LINK}", shown(self._link))
        app.router.add_post(f"{GUEST_PATH}/{_LINK}", posted(self._act_by_link))

    # --- what is kept -----------------------------------------------------------------------------------------------

    async def _home(self, visit: Visit) -> Page:
        return await self._show(visit, None)

    async def _show(self, visit: Visit, refusal: Refusal | None, confirm: str = "") -> Page:
        if visit.actor is None:
            return Page("rights/entry.html", {"guests": self._rights.requests.takes_guests}, canonical=HOME)
        known = await self._rights.knowing.about(visit.actor)
        word = worded(self._site, visit.locale)
        looks = await self._rights.looks.of_person(visit.actor, before_id=None, limit=_LOOKS)
        context: dict[str, Any] = {
            "kept": [
                (
                    word(f"holding.{kept.name}"),
                    [
                        (
                            word(f"held.{one.kind}"),
                            one.count,
                            word(f"held_for.{one.purpose}"),
                            self._how_long(visit, known.rules.get(one.rule)),
                        )
                        for one in kept.held
                    ],
                )
                for kept in known.kept
            ],
            "looks": [(word(f"look.{one.action}"), word(f"purpose_of.{one.purpose}"), one) for one in looks],
            "uses": [(use, known.restraints.get(use)) for use in Use],
            "requests": await self._rights.requests.own(visit.actor),
            "kinds": list(Kind),
            "longest": MAX_ANSWER,
            "typed": visit.form.typed("text"),
            "chosen": visit.form.word("kind"),
            "now": self._rights.clock(),
            "refusal": refusal,
            "confirm": confirm,
            "said": visit.request.query.get("kabar", "") == "tersimpan",
        }
        return Page("rights/home.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    def _how_long(self, visit: Visit, rule: RetentionRule | None) -> str:
        if rule is None:
            return self._site.text(visit.locale, "rights.until_you_go")
        since = self._site.text(visit.locale, f"retention.since.{rule.since}")
        if rule.keep is None or not rule.keep.days:
            return since
        return f"{self._site.text(visit.locale, 'insight.days.n', n=rule.keep.days)} {since}"

    async def _copy(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require()
        try:
            self._rights.freshness.require(actor)
            chunks = await self._rights.exports.export(actor, visit.locale)
        except FreshSignInRequired as error:
            return await self._show(visit, self._site.refusal(visit, error), f"{CONFIRM}?next={HOME}")
        except DomainError as error:
            return await self._show(visit, self._site.refusal(visit, error))
        return download(Download(MEDIA_TYPE, self._rights.exports.name(), chunks))

    async def _stop(self, visit: Visit) -> Page | web.StreamResponse:
        actor, chosen = visit.require(), set(visit.form.words("use"))
        standing = self._rights.restraints.of(actor.account_id)
        try:
            for use in Use:
                if (use.value in chosen) is not (use in standing):
                    await self._rights.restraints.choose(actor, use, stopped=use.value in chosen)
        except DomainError as error:
            return await self._show(visit, self._site.refusal(visit, error))
        return self._site.to(f"{HOME}?kabar=tersimpan")

    # --- requests ---------------------------------------------------------------------------------------------------

    async def _ask(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require()
        try:
            made = await self._rights.requests.make(actor, _kind(visit), visit.form.text("text"), locale=visit.locale)
        except DomainError as error:
            return await self._show(visit, self._site.refusal(visit, error))
        return self._site.to(f"{REQUEST_PATH}/{made.id}")

    async def _request(self, visit: Visit) -> Page:
        request = await self._rights.requests.own_one(visit.require(), visit.part["id"])
        return self._progress(request, f"{REQUEST_PATH}/{request.id}/tarik", None)

    async def _withdraw(self, visit: Visit) -> Page | web.StreamResponse:
        actor, request_id = visit.require(), visit.part["id"]
        try:
            await self._rights.requests.withdraw(actor, request_id)
        except NotFound:
            raise
        except DomainError as error:
            request = await self._rights.requests.own_one(actor, request_id)
            return self._progress(request, f"{REQUEST_PATH}/{request_id}/tarik", self._site.refusal(visit, error))
        return self._site.to(f"{REQUEST_PATH}/{request_id}")

    def _progress(self, request: Request, action: str, refusal: Refusal | None) -> Page:
        context = {
            "request": request,
            "action": action,
            "late": request.is_late(self._rights.clock()),
            "refusal": refusal,
        }
        return Page("rights/request.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    # --- without an account -----------------------------------------------------------------------------------------

    async def _guest(self, visit: Visit) -> Page:
        return self._guest_form(visit, None)

    def _guest_form(self, visit: Visit, refusal: Refusal | None) -> Page:
        context = {
            "guests": self._rights.requests.takes_guests,
            "kinds": list(Kind),
            "longest": MAX_ANSWER,
            "typed": visit.form.typed("text"),
            "email": visit.form.typed("email"),
            "chosen": visit.form.word("kind"),
            "refusal": refusal,
        }
        return Page("rights/guest.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    async def _ask_as_guest(self, visit: Visit) -> Page:
        try:
            await self._rights.requests.make_as_guest(
                _kind(visit),
                visit.form.secret("email"),
                visit.form.text("text"),
                locale=visit.locale,
                network=visit.caller.network,
            )
        except DomainError as error:
            return self._guest_form(visit, self._site.refusal(visit, error))
        return Page("rights/sent.html", {}, headers=_NO_STORE)

    async def _link(self, visit: Visit) -> Page:
        token = visit.part["token"]
        request = await self._rights.requests.open_link(token)
        return self._progress(request, f"{GUEST_PATH}/{token}", None)

    async def _act_by_link(self, visit: Visit) -> Page | web.StreamResponse:
        token, act = visit.part["token"], visit.form.word("act")
        try:
            if act == "confirm":
                await self._rights.requests.confirm(token)
            elif act == "withdraw":
                await self._rights.requests.withdraw_as_guest(token)
            else:
                raise InvalidInput(fields={"act": "not_allowed"})
        except NotFound:
            raise
        except DomainError as error:
            request = await self._rights.requests.open_link(token)
            return self._progress(request, f"{GUEST_PATH}/{token}", self._site.refusal(visit, error))
        return self._site.to(f"{GUEST_PATH}/{token}")


def worded(site: Site, locale: str) -> Callable[[str], str]:
    """Give what says a word of the catalogues; one that is not there says its own last part, and a test finds it."""

    def word(key: str) -> str:
        try:
            return site.text(locale, key)
        except KeyError:
            return key.rpartition(".")[2].replace("_", " ")

    return word


def _kind(visit: Visit) -> Kind:
    try:
        return Kind(visit.form.word("kind"))
    except ValueError:
        raise InvalidInput(fields={"kind": "required"}) from None
