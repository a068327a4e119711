"""Retention and legal holds as pages for privacy officers, complete without JavaScript."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from server.forum.showing import Showing
from server.kernel.access import Access
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput
from server.kernel.ports import Clock, Directory
from server.kernel.retention import RetentionRule
from server.retention.holds import LegalHolds
from server.retention.model import MAX_REASON, HoldKind, RunReport
from server.retention.runs import RetentionRuns
from server.web.catalogue import LOCALES
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

HOME: Final = "/petugas/retensi"
REVIEWS: Final = (30, 90, 180, 365, 730)
"""Days after which a hold is to be looked at again, that the form offers."""

_SHOWN: Final = 10
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_SAID: Final = {
    "hitung": "retention.said.counted",
    "mulai": "retention.said.begun",
    "ditahan": "retention.said.held",
    "dilepas": "retention.said.lifted",
    "ditinjau": "retention.said.reviewed",
}


class RetentionPages:
    """The pages.

    Args:
        site: the frame.
        runs: the runs.
        holds: legal holds.
        people: knows what officers are called.
        clock: the time.
    """

    def __init__(self, site: Site, runs: RetentionRuns, holds: LegalHolds, people: Directory, clock: Clock) -> None:
        self._site = site
        self._runs = runs
        self._holds = holds
        self._people = people
        self._clock = clock
        self._showing = {locale: Showing(self._naming(locale)) for locale in LOCALES}

    def _naming(self, locale: str) -> Any:
        return lambda label: self._site.text(locale, f"hidden.{label}")

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(HOME, self._site.shown(self._show))
        app.router.add_post(HOME, self._site.posted(self._act))

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form = visit.require_access(Access.PRIVACY_OFFICER), visit.form
        try:
            said = await self._do(actor, visit)
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{HOME}?kabar={said}#{form.word('act') or 'top'}")

    async def _do(self, actor: Actor, visit: Visit) -> str:
        form = visit.form
        act = form.word("act")
        if act == "count":
            await self._runs.dry_run(actor.account_id)
            return "hitung"
        if act == "run":
            await self._runs.begin(actor.account_id)
            return "mulai"
        if act == "lift":
            await self._holds.lift(actor, form.word("hold"))
            return "dilepas"
        days = form.number("days")
        if days not in REVIEWS:
            raise InvalidInput(fields={"days": "required"})
        review_at = self._clock() + timedelta(days=days)
        if act == "review":
            await self._holds.prolong(actor, form.word("hold"), review_at)
            return "ditinjau"
        if act != "hold" or form.word("kind") not in {kind.value for kind in HoldKind}:
            raise InvalidInput(fields={"kind": "required"})
        named = form.secret("object").strip()[:254]
        await self._holds.set(actor, HoldKind(form.word("kind")), named, form.text("reason"), review_at)
        return "ditahan"

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.PRIVACY_OFFICER)
        runs = await self._runs.latest(_SHOWN)
        holds = await self._holds.all(actor)
        names = await self._people.actors(sorted({hold.by for hold in holds} | {run.by for run in runs}))
        key = _SAID.get(visit.request.query.get("kabar", ""), "")
        context: Mapping[str, Any] = {
            "show": self._showing[visit.locale],
            "rules": self._runs.rules,
            "last": next((run for run in runs if not run.dry and run.ended_at), None) or await self._runs.last(),
            "going_on": next((run for run in runs if run.ended_at is None), None),
            "counted": next((run for run in runs if run.dry), None),
            "lines": _lines(self._runs.rules, runs),
            "runs": runs,
            "holds": holds,
            "now": self._clock(),
            "names": {account_id: actor.display_name for account_id, actor in names.items()},
            "kinds": [kind.value for kind in HoldKind],
            "reviews": REVIEWS,
            "longest": MAX_REASON,
            "typed": visit.form.typed("reason"),
            "said": self._site.text(visit.locale, key) if key else "",
            "refusal": refusal,
        }
        return Page("retention/home.html", context, refusal.status if refusal else 200, headers=_NO_STORE)


def _lines(rules: tuple[RetentionRule, ...], runs: list[RunReport]) -> Mapping[str, Any]:
    """Give what the newest report says of each rule."""
    ended = next((run for run in runs if run.ended_at is not None), None)
    return {line.rule: line for line in ended.lines} if ended else {}
