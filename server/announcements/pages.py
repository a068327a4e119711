"""The status page, its history and feed, and the forms by which agents and administrators tell of things.

Complete without JavaScript. What readers see who are not signed in is kept until something is told.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web
from babel.dates import format_datetime

from server.announcements.model import (
    MAX_NAME,
    MAX_TITLE,
    MAX_UPDATE,
    TRANSITIONS,
    Impact,
    Phase,
    ServiceEvent,
)
from server.announcements.service import ON_A_PAGE, NewEvent, StatusBoard
from server.forum.showing import Showing
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from server.web.catalogue import LOCALES
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

HOME: Final = "/status"
FEED: Final = "/status/feed.atom"
SHOWN: Final = "service status"
"""What every page of it shows."""
ZONE: Final = ZoneInfo("Asia/Jakarta")
"""In which staff write times of planned works, and in which they are shown."""

_ATOM: Final = {"Content-Type": "application/atom+xml; charset=utf-8"}
_Chosen = TypeVar("_Chosen", bound=StrEnum)


class StatusPages:
    """The pages.

    Args:
        site: the frame.
        board: the status page.
    """

    def __init__(self, site: Site, board: StatusBoard) -> None:
        self._site = site
        self._board = board
        self._showing = {locale: Showing(self._naming(locale)) for locale in LOCALES}
        board.listen(lambda: site.cache.drop([SHOWN]))

    def _naming(self, locale: str) -> Any:
        return lambda label: self._site.text(locale, f"hidden.{label}")

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._home, query=("sebelum",)))
        app.router.add_post(HOME, posted(self._act))
        app.router.add_get(FEED, shown(self._feed))
        app.router.add_get(f"{HOME}/{{number}}", shown(self._event))
        app.router.add_post(f"{HOME}/{{number}}", posted(self._update))

    # --- the page --------------------------------------------------------------------------------------------------

    async def _home(self, visit: Visit) -> Page:
        return await self._home_page(visit, None)

    async def _home_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        before = visit.number("sebelum")
        history = await self._board.history(before)
        older = history[-1].number if len(history) == ON_A_PAGE and history[-1].number > 1 else None
        context = self._context(
            visit,
            overview=await self._board.overview(),
            history=history,
            older=older,
            first=before is None,
            uses=await self._uses(visit),
            impacts=[one.value for one in Impact],
            longest={"name": MAX_NAME, "title": MAX_TITLE, "text": MAX_UPDATE},
            typed={name: visit.form.typed(name) for name in ("name", "title", "text")},
            refusal=refusal,
        )
        status = refusal.status if refusal else 200
        return Page("status/home.html", context, status, HOME if before is None else "", frozenset({SHOWN}))

    async def _uses(self, visit: Visit) -> frozenset[str] | None:
        """Which services the reader says they use; None where nobody is signed in who may say."""
        if visit.actor is None or not can_call(Access.MEMBER, visit.actor.role):
            return None
        return frozenset(await self._board.uses(visit.actor))

    async def _event(self, visit: Visit) -> Page:
        return await self._event_page(visit, None)

    async def _event_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        event = await self._board.find(_number(visit))
        names = {one.id: one.name for one, _ in (await self._board.overview()).components}
        context = self._context(
            visit,
            event=event,
            services=[names[one] for one in event.components if one in names],
            phases=[one.value for one in Phase if one in TRANSITIONS[event.phase]],
            longest={"text": MAX_UPDATE},
            typed={"text": visit.form.typed("text")},
            refusal=refusal,
        )
        status = refusal.status if refusal else 200
        return Page("status/event.html", context, status, event.path, frozenset({SHOWN}))

    async def _feed(self, visit: Visit) -> Page:
        history = await self._board.history()
        latest = max((event.told_at for event in history), default=None)
        context = self._context(visit, history=history, updated=latest)
        return Page("status/feed.xml", context, shows=frozenset({SHOWN}), headers=_ATOM)

    # --- forms -----------------------------------------------------------------------------------------------------

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        form = visit.form
        try:
            if form.word("act") == "uses":
                await self._board.choose(visit.require_access(Access.MEMBER), form.words("service"))
                return self._site.to(f"{HOME}#layanan")
            return self._site.to(await self._told(visit, visit.require_access(Access.DESK)))
        except (NotFound, NotPermitted):
            raise
        except DomainError as error:
            return await self._home_page(visit, self._site.refusal(visit, error))

    async def _told(self, visit: Visit, actor: Actor) -> str:
        form = visit.form
        match form.word("act"):
            case "add":
                await self._board.add_component(actor, form.text("name"))
            case "remove":
                await self._board.remove_component(actor, form.word("service"))
            case "disruption":
                impact = _chosen(Impact, form.word("impact"), "impact")
                new = NewEvent(form.text("title"), form.text("text"), form.words("service"), impact)
                return (await self._board.open(actor, new)).path
            case "works":
                starts, ends = _moment(form.word("starts_at")), _moment(form.word("ends_at"))
                new = NewEvent(form.text("title"), form.text("text"), form.words("service"), None, starts, ends)
                return (await self._board.open(actor, new)).path
            case _:
                raise InvalidInput(fields={"act": "not_allowed"})
        return HOME

    async def _update(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require_access(Access.DESK)
        event = await self._board.find(_number(visit))
        try:
            phase = _chosen(Phase, visit.form.word("phase"), "phase")
            await self._board.update(actor, event.id, phase, visit.form.text("text"))
        except DomainError as error:
            return await self._event_page(visit, self._site.refusal(visit, error))
        return self._site.to(event.path)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _context(self, visit: Visit, **more: Any) -> Mapping[str, Any]:
        return {
            "show": self._showing[visit.locale],
            "tells": visit.actor is not None and can_call(Access.DESK, visit.actor.role),
            "local": lambda moment: self._local(visit, moment),
            "summary": lambda event: self._summary(visit, event),
            **more,
        }

    def _local(self, visit: Visit, moment: datetime) -> str:
        """A moment where the company is: planned works are read by people, not by their browsers."""
        form = "d MMM y, HH.mm" if visit.locale == "id" else "d MMM y, HH:mm"
        return f"{format_datetime(moment.astimezone(ZONE), form, locale=visit.locale)} WIB"

    def _summary(self, visit: Visit, event: ServiceEvent) -> str:
        return self._site.text(visit.locale, f"status.phase.{event.phase.value}")


def _number(visit: Visit) -> int:
    """Give the number in the address.

    Raises:
        NotFound: it is none.
    """
    text = visit.part["number"]
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise NotFound
    return int(text)


def _moment(text: str) -> datetime | None:
    """Give a moment as browsers send it, `2026-11-22T08:00`, where the company is; None where nothing was chosen."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)
    except ValueError:
        return None


def _chosen(kind: type[_Chosen], word: str, field: str) -> _Chosen:
    """Give the member of an enumeration that a form offered.

    Raises:
        InvalidInput: it is none.
    """
    if word not in {one.value for one in kind}:
        raise InvalidInput(fields={field: "required"})
    return kind(word)
