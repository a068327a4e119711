"""The privacy officers' work list as pages, complete without JavaScript."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from aiohttp import web

from server.kernel.access import Access
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from server.kernel.ports import Clock
from server.kernel.restraint import Use
from server.rights.model import MAX_ANSWER, MAX_NOTE, Reason, Request
from server.rights.office import Office
from server.rights.restraints import StandingRestraints
from server.rights.service import month_of
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

WORK: Final = "/petugas/permintaan"
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class StaffNames(Protocol):
    """Knows what staff is called."""

    async def __call__(self, account_ids: Sequence[str]) -> Mapping[str, str]: ...


class OfficePages:
    """The pages.

    Args:
        site: the frame.
        office: the work list.
        restraints: what people have stopped; officers set it on request.
        names: what staff is called.
        clock: the time.
    """

    def __init__(
        self, site: Site, office: Office, restraints: StandingRestraints, names: StaffNames, clock: Clock
    ) -> None:
        self._site = site
        self._office = office
        self._restraints = restraints
        self._names = names
        self._clock = clock

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(WORK, self._site.shown(self._list))
        app.router.add_get(f"{WORK}/{{id:[0-9a-v]{{24}}}}", self._site.shown(self._show))
        app.router.add_post(f"{WORK}/{{id:[0-9a-v]{{24}}}}", self._site.posted(self._act))

    async def _list(self, visit: Visit) -> Page:
        officer, now = visit.require_access(Access.PRIVACY_OFFICER), self._clock()
        waiting = await self._office.waiting(officer)
        ended = await self._office.ended(officer, month_of(now))
        names = await self._names(sorted({one.holder for one in (*waiting, *ended) if one.holder}))
        context = {"waiting": waiting, "ended": ended, "names": names, "now": now}
        return Page("rights/work.html", context, headers=_NO_STORE)

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        officer = visit.require_access(Access.PRIVACY_OFFICER)
        request = await self._office.get(officer, visit.part["id"])
        wrote = {note.by for note in request.notes} | ({request.holder} if request.holder else set())
        stopped = self._restraints.of(request.person_id) if request.person_id else {}
        context: dict[str, Any] = {
            "request": request,
            "names": await self._names(sorted(wrote)),
            "has_account": await self._office.has_account(officer, request),
            "mine": request.holder == officer.account_id,
            "now": self._clock(),
            "reasons": list(Reason),
            "longest_note": MAX_NOTE,
            "longest": MAX_ANSWER,
            "uses": [(use, use in stopped) for use in Use],
            "typed": {act: visit.form.typed(act) for act in ("note", "answer")},
            "chosen": visit.form.word("reason"),
            "refusal": refusal,
        }
        return Page("rights/work_item.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        officer, request_id = visit.require_access(Access.PRIVACY_OFFICER), visit.part["id"]
        try:
            await self._do(visit, officer, request_id, visit.form.number("revision") or 0)
        except NotFound:
            raise
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{WORK}/{request_id}")

    async def _do(self, visit: Visit, officer: Actor, request_id: str, revision: int) -> Request:
        form = visit.form
        match form.word("act"):
            case "take":
                return await self._office.take(officer, request_id, revision)
            case "release":
                return await self._office.release(officer, request_id, revision)
            case "note":
                return await self._office.note(officer, request_id, revision, form.text("note"))
            case "answer":
                return await self._office.answer(officer, request_id, revision, form.text("answer"))
            case "refuse":
                reason = form.word("reason")
                if reason not in list(Reason):
                    raise InvalidInput(fields={"reason": "required"})
                return await self._office.refuse(officer, request_id, revision, Reason(reason), form.text("answer"))
            case "restrain":
                return await self._restrain(visit, officer, request_id)
            case _:
                raise InvalidInput(fields={"act": "not_allowed"})

    async def _restrain(self, visit: Visit, officer: Actor, request_id: str) -> Request:
        request = await self._office.get(officer, request_id)
        if not request.person_id or not request.is_waiting:
            raise NotPermitted
        chosen, standing = set(visit.form.words("use")), self._restraints.of(request.person_id)
        for use in Use:
            if (use.value in chosen) is not (use in standing):
                await self._restraints.impose(officer, request.person_id, use, stopped=use.value in chosen)
        return request
