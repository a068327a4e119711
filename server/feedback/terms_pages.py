"""What is promised for feedback, as a page: staff read it, administrators change it. Times are typed in hours."""

import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from server.feedback.desk_frame import DeskFrame
from server.feedback.model import Kind, Priority, can_handle
from server.feedback.page_frame import INBOX
from server.feedback.policy import Aim
from server.feedback.promises import Promises
from server.kernel.actor import Actor, Role
from server.kernel.errors import DomainError, FreshSignInRequired, InvalidInput, NotPermitted
from server.kernel.fresh import FreshWindow
from server.kernel.worktime import WEEKDAYS
from server.web.site.forms import Form
from server.web.site.frame import CONFIRM
from server.web.site.visit import Page, Refusal, Visit

TERMS: Final = f"{INBOX}/janji"
_SAID: Final = {"tersimpan": "triage.said.saved"}
_HOURS: Final = re.compile(r"[0-9]{1,5}([.,][0-9]{1,2})?")
_SPANS: Final = re.compile(r"[0-9:,\s–-]{0,120}")
_ZONE: Final = re.compile(r"[A-Za-z0-9_/+-]{1,64}")
_MINUTES: Final = 60


class TermPages:
    """The page.

    Args:
        frame: what the staff's pages share.
        promises: the terms.
        freshness: how recent a sign-in must be for changes.
    """

    def __init__(self, frame: DeskFrame, promises: Promises, freshness: FreshWindow) -> None:
        self._frame = frame
        self._site = frame.site
        self._promises = promises
        self._freshness = freshness

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(TERMS, self._site.shown(self._show))
        app.router.add_post(TERMS, self._site.posted(self._change))

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require()
        administers = actor.role is Role.ADMIN
        if not administers and not can_handle(actor):
            raise NotPermitted
        terms = self._promises.terms.document()
        policy, hours = terms["policy"], terms["hours"]
        options: Mapping[str, Any] = await self._frame.options(visit)
        context = await self._frame.context(
            visit,
            administers=administers,
            handles=can_handle(actor),
            aims=[aim.value for aim in Aim],
            promised=lambda kind, priority, aim: _typed_hours(policy["promises"], kind, priority, aim),
            any_promise=lambda kind: any(policy["promises"].get(kind, {}).values()),
            warn_at=policy["warn_at"],
            wardens=policy["wardens"],
            levels=[(_number(level["after"]), level["people"]) for level in policy["levels"]],
            week=[(day, ", ".join(hours["week"].get(day, ()))) for day in WEEKDAYS],
            zone=hours["zone"],
            country=hours["country"],
            days=len(hours["days"]),
            confirm=f"{CONFIRM}?next={TERMS}" if administers and self._is_stale(actor) else "",
            said=self._frame.said(visit, _SAID),
            refusal=refusal,
            **options,
        )
        return Page("feedback/terms.html", context, refusal.status if refusal else 200)

    def _is_stale(self, actor: Actor) -> bool:
        try:
            self._freshness.require(actor)
        except FreshSignInRequired:
            return True
        return False

    async def _change(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form = visit.require(), visit.form
        if actor.role is not Role.ADMIN:
            raise NotPermitted
        try:
            self._freshness.require(actor)
            terms = self._promises.terms.document()
            policy = {**terms["policy"], "promises": _promises_of(form), "warn_at": _percent_of(form)}
            policy["wardens"] = form.words("warden")
            hours = {**terms["hours"], "week": _week_of(form), "zone": _zone_of(form)}
            await self._promises.change(actor, policy=policy, hours=hours)
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{TERMS}?kabar=tersimpan")


def _number(minutes: int) -> str:
    """Give hours as people write them."""
    return f"{minutes / _MINUTES:.2f}".rstrip("0").rstrip(".")


def _typed_hours(promises: Mapping[str, Any], kind: str, priority: str, aim: str) -> str:
    minutes = promises.get(kind, {}).get(priority, {}).get(aim)
    return "" if minutes is None else _number(minutes)


def _promises_of(form: Form) -> dict[str, dict[str, dict[str, int]]]:
    """Read what is promised; an empty field promises nothing.

    Raises:
        InvalidInput: a field holds no hours.
    """
    found: dict[str, dict[str, dict[str, int]]] = {}
    for kind in Kind:
        for priority in Priority:
            for aim in Aim:
                name = f"{kind.value}.{priority.value}.{aim.value}"
                typed = form.secret(name).strip()
                if not typed:
                    continue
                if not _HOURS.fullmatch(typed):
                    raise InvalidInput(fields={"promises": "malformed_hours"})
                minutes = round(float(typed.replace(",", ".")) * _MINUTES)
                found.setdefault(kind.value, {}).setdefault(priority.value, {})[aim.value] = minutes
    return found


def _percent_of(form: Form) -> int:
    percent = form.number("warn_at") or 0
    if not 1 <= percent <= 99:
        raise InvalidInput(fields={"warn_at": "malformed"})
    return percent


def _week_of(form: Form) -> dict[str, list[str]]:
    """Read the hours of each weekday: `08:00-12:00, 13:00-17:00`; empty where it is closed.

    Raises:
        InvalidInput: they have another form. Whether they make sense is found out by whoever takes them.
    """
    week: dict[str, list[str]] = {}
    for day in WEEKDAYS:
        typed = form.secret(f"week.{day}")
        if not _SPANS.fullmatch(typed):
            raise InvalidInput(fields={"week": "malformed_span"})
        spans = ["".join(span.replace("–", "-").split()) for span in typed.split(",") if span.strip()]
        week[day] = spans
    return week


def _zone_of(form: Form) -> str:
    zone = form.secret("zone").strip()
    if not _ZONE.fullmatch(zone):
        raise InvalidInput(fields={"zone": "malformed"})
    return zone
