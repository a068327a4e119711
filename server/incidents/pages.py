"""Incidents as pages, complete without JavaScript: the register for privacy officers, and one's own notices."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from server.forum.showing import Showing
from server.incidents.drafts import to_authority, to_people
from server.incidents.model import (
    ENDED,
    MAX_TITLE,
    MAX_WORDS,
    MOVES,
    Data,
    Incident,
    Kind,
    Query,
    Severity,
    State,
)
from server.incidents.service import TEXTS, Incidents
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput, NotFound
from server.kernel.ports import Clock, Directory
from server.web.catalogue import LOCALES
from server.web.site import moments
from server.web.site.forms import Form
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

HOME: Final = "/petugas/insiden"
OWN: Final = "/insiden"
_ZONE: Final = "zone"
"""Field with the zone of a form's clock; the form says Western Indonesia."""

_PLACE: Final = ZoneInfo("Asia/Jakarta")
_TASK_DAYS: Final = (1, 3, 7, 14, 30)
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_DECIDED: Final[Mapping[str, bool | None]] = {"yes": True, "no": False, "": None}
_WORD_OF: Final = {decided: word for word, decided in _DECIDED.items()}
_CHOSEN: Final = (
    *("act", "kind", "severity", "drill", "discovered_at", "occurred_from", "occurred_to", "field", "query"),
    *("begins", "ends", "owner", "days", "state"),
)
"""Fields of the forms in which something is chosen."""

Officers = Callable[[], Awaitable[Mapping[str, str]]]
"""Gives the privacy officers: account -> name."""

Act = Callable[[Actor, str, int, Form], Awaitable[object]]


class IncidentPages:
    """The pages.

    Args:
        site: the frame.
        incidents: the register.
        people: knows what staff are called.
        officers: knows the privacy officers, whose tasks there may be.
        clock: the time.
    """

    def __init__(self, site: Site, incidents: Incidents, people: Directory, officers: Officers, clock: Clock) -> None:
        self._site = site
        self._incidents = incidents
        self._people = people
        self._officers = officers
        self._clock = clock
        self._showing = {locale: Showing(self._naming(locale)) for locale in LOCALES}
        self._acts: Mapping[str, Act] = {
            "assess": self._assess,
            "write": self._write,
            "move": self._move,
            "search": self._search,
            "authority": self._authority,
            "tell": self._tell,
            "task": self._task,
            "done": self._done,
        }

    def _naming(self, locale: str) -> Any:
        return lambda label: self._site.text(locale, f"hidden.{label}")

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._list))
        app.router.add_post(HOME, posted(self._report))
        app.router.add_get(f"{HOME}/{{id:[0-9a-v]{{24}}}}", shown(self._show))
        app.router.add_post(f"{HOME}/{{id:[0-9a-v]{{24}}}}", posted(self._act))
        app.router.add_get(OWN, shown(self._own))

    # --- the register ----------------------------------------------------------------------------------------------

    async def _list(self, visit: Visit) -> Page:
        return await self._list_page(visit, None)

    async def _list_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.OVERSIGHT)
        officer = can_call(Access.PRIVACY_OFFICER, actor.role)
        context = self._context(
            visit,
            officer=officer,
            incidents=await self._incidents.all(actor) if officer else [],
            ended=ENDED,
            figures=await self._incidents.figures(self._clock().year),
            typed={name: visit.form.typed(name) for name in ("title", "story")},
            kept=_kept(visit.form) if refusal else {},
            reported=visit.request.query.get("kabar") == "dicatat",
            refusal=refusal,
        )
        return Page("incidents/list.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    async def _report(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form = visit.require_access(Access.OVERSIGHT), visit.form
        try:
            made = await self._incidents.report(
                actor,
                form.text("title"),
                form.text("story"),
                _chosen(form, "kind", Kind),
                _chosen(form, "severity", Severity),
                form.moment("discovered_at", _ZONE) or self._clock(),
                drill=form.is_on("drill"),
            )
        except DomainError as error:
            return await self._list_page(visit, self._site.refusal(visit, error))
        if can_call(Access.PRIVACY_OFFICER, actor.role):
            return self._site.to(f"{HOME}/{made.id}")
        return self._site.to(f"{HOME}?kabar=dicatat")

    # --- one of them -----------------------------------------------------------------------------------------------

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.PRIVACY_OFFICER)
        incident = await self._incidents.get(actor, visit.part["id"])
        people = {step.by for step in incident.steps} | {task.owner_id for task in incident.tasks}
        people |= {look.subject for look in incident.finds}
        names = await self._people.actors(sorted(people - {""}))
        context = self._context(
            visit,
            incident=incident,
            is_over=incident.state in ENDED,
            names={account_id: actor.display_name for account_id, actor in names.items()},
            officers=await self._officers(),
            moves=sorted(MOVES[incident.state]),
            texts=list(TEXTS),
            all_data=list(Data),
            queries=list(Query),
            task_days=_TASK_DAYS,
            drafts=self._drafts(incident),
            typed={name: visit.form.typed(name) for name in ("text", "task", "names", "subject")},
            **_chosen_before(incident, visit.form if refusal else None),
            refusal=refusal,
        )
        return Page("incidents/incident.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    def _drafts(self, incident: Incident) -> Mapping[str, Mapping[str, Any]]:
        found: dict[str, dict[str, Any]] = {"people": {}, "authority": {}}
        for locale in LOCALES:
            say, day = self._saying(locale), self._dated(locale)
            found["people"][locale] = to_people(incident, self._site.company, say, day)
            found["authority"][locale] = to_authority(incident, self._site.company, say, day)
        return found

    def _saying(self, locale: str) -> Callable[..., str]:
        return lambda key, **values: self._site.text(locale, key, **values)

    def _dated(self, locale: str) -> Callable[[Any], str]:
        return lambda moment: moments.full(moment, locale)

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form, incident_id = visit.require_access(Access.PRIVACY_OFFICER), visit.form, visit.part["id"]
        act = self._acts.get(form.word("act"))
        try:
            if act is None:
                raise InvalidInput(fields={"act": "not_allowed"})
            await act(actor, incident_id, form.number("revision") or 0, form)
        except NotFound:
            raise
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{HOME}/{incident_id}#{form.word('act')}")

    async def _assess(self, actor: Actor, incident_id: str, revision: int, form: Form) -> object:
        return await self._incidents.assess(
            actor,
            incident_id,
            revision,
            severity=_chosen(form, "severity", Severity),
            kind=_chosen(form, "kind", Kind),
            data=[Data(word) for word in form.words("data") if word in set(Data)],
            occurred_from=form.moment("occurred_from", _ZONE),
            occurred_to=form.moment("occurred_to", _ZONE),
            notifiable=_DECIDED.get(form.word("notifiable")),
        )

    async def _write(self, actor: Actor, incident_id: str, revision: int, form: Form) -> object:
        return await self._incidents.write(actor, incident_id, revision, form.word("field"), form.text("text"))

    async def _move(self, actor: Actor, incident_id: str, revision: int, form: Form) -> object:
        return await self._incidents.move(actor, incident_id, revision, _chosen(form, "state", State))

    async def _search(self, actor: Actor, incident_id: str, revision: int, form: Form) -> object:
        return await self._incidents.affected.find(
            actor,
            incident_id,
            revision,
            _chosen(form, "query", Query),
            subject=form.secret("subject").strip(),
            names=form.secret("names").replace(",", " ").split(),
            begins=form.moment("begins", _ZONE),
            ends=form.moment("ends", _ZONE),
        )

    async def _authority(self, actor: Actor, incident_id: str, revision: int, _: Form) -> object:
        return await self._incidents.informing.authority(actor, incident_id, revision)

    async def _tell(self, actor: Actor, incident_id: str, revision: int, _: Form) -> object:
        return await self._incidents.informing.people(actor, incident_id, revision)

    async def _task(self, actor: Actor, incident_id: str, revision: int, form: Form) -> object:
        days = form.number("days")
        if days not in _TASK_DAYS:
            raise InvalidInput(fields={"days": "required"})
        owner = form.word("owner")
        owner_id = owner if owner in await self._officers() else ""
        due_at = self._clock() + timedelta(days=days)
        return await self._incidents.tasks.add(actor, incident_id, revision, form.text("task"), owner_id, due_at)

    async def _done(self, actor: Actor, incident_id: str, revision: int, form: Form) -> object:
        return await self._incidents.tasks.finish(actor, incident_id, revision, form.number("number") or 0)

    # --- one's own -------------------------------------------------------------------------------------------------

    async def _own(self, visit: Visit) -> Page:
        actor = visit.require()
        context = self._context(visit, told=await self._incidents.own(actor))
        return Page("incidents/own.html", context, headers=_NO_STORE)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _context(self, visit: Visit, **more: Any) -> Mapping[str, Any]:
        return {
            "show": self._showing[visit.locale],
            "now": self._clock(),
            "wib": _wib,
            "kinds": list(Kind),
            "severities": list(Severity),
            "longest": {"title": MAX_TITLE, "words": MAX_WORDS},
            **more,
        }


def _wib(moment: datetime) -> str:
    """Give a moment as a field of a form shows it, by the clock of Western Indonesia."""
    return moment.astimezone(_PLACE).strftime("%Y-%m-%dT%H:%M")


def _kept(form: Form) -> Mapping[str, str]:
    """Give what was chosen in a form that was refused, as far as it is something that a page of ours offered."""
    return {name: form.word(name) for name in _CHOSEN if form.word(name)}


def _chosen_before(incident: Incident, form: Form | None) -> Mapping[str, Any]:
    """Give what the forms of an incident show as chosen: what it says, or what was sent where that was refused."""
    kept = _kept(form) if form is not None else {}
    act = kept.get("act", "")
    data, decided = {one.value for one in incident.data}, _WORD_OF[incident.notifiable]
    if form is not None and act == "assess":
        data, decided = set(form.words("data")), form.word("notifiable")
    return {"kept": kept, "refused_act": act, "chosen_data": data, "decided": decided}


def _chosen(form: Form, name: str, words: Any) -> Any:
    """Give one of the words of an enumeration.

    Raises:
        InvalidInput: none was chosen.
    """
    if form.word(name) not in set(words):
        raise InvalidInput(fields={name: "required"})
    return words(form.word(name))
