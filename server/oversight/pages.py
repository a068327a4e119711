"""The privacy officers' desk as pages, complete without JavaScript: overview, openings, record, assessment."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import orjson
from aiohttp import web

from server.kernel.access import Access
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput
from server.kernel.text import RawText
from server.oversight.model import Processing, Tile, read_risks
from server.oversight.writing import as_data, assessment_as_markdown, duration, record_as_markdown
from server.privacy.glass import BreakGlass, Finding
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

HOME: Final = "/petugas"
OPENED: Final = f"{HOME}/pembukaan"
PROCESSING: Final = f"{HOME}/pemrosesan"
IMPACT: Final = f"{HOME}/dampak"
_AT_ONCE: Final = 30
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class StaffNames(Protocol):
    """Knows what staff is called."""

    async def __call__(self, account_ids: Sequence[str]) -> Mapping[str, str]: ...


class Openings(Protocol):
    """What is needed of `privacy.break_glass`."""

    async def list(
        self, actor: Actor, *, unreviewed: bool, before_id: str | None, limit: int
    ) -> Sequence[BreakGlass]: ...
    async def review(self, actor: Actor, item_id: str, finding: Finding, note: RawText | None) -> BreakGlass: ...


class OversightPages:
    """The pages.

    Args:
        site: the frame.
        tiles: gives what waits, for an officer.
        openings: by way of exception.
        reveals: gives how many sealed fields were opened this month: purpose -> count.
        record: gives the record of processing as it is now.
        names: what staff is called.
    """

    def __init__(
        self,
        site: Site,
        tiles: Callable[[Actor], Awaitable[Sequence[Tile]]],
        openings: Openings,
        reveals: Callable[[], Awaitable[Mapping[str, int]]],
        record: Callable[[], Awaitable[Processing]],
        names: StaffNames,
    ) -> None:
        self._site = site
        self._tiles = tiles
        self._openings = openings
        self._reveals = reveals
        self._record = record
        self._names = names

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._home))
        app.router.add_get(OPENED, shown(self._opened))
        app.router.add_post(OPENED, posted(self._review))
        for path, show in ((PROCESSING, self._processing), (IMPACT, self._impact)):
            app.router.add_get(path, shown(show))
        app.router.add_get(f"{PROCESSING}.md", shown(self._processing_markdown))
        app.router.add_get(f"{PROCESSING}.json", shown(self._processing_json))
        app.router.add_get(f"{IMPACT}.md", shown(self._impact_markdown))
        app.router.add_get(f"{IMPACT}.json", shown(self._impact_json))

    async def _home(self, visit: Visit) -> Page:
        officer = visit.require_access(Access.PRIVACY_OFFICER)
        return Page("oversight/home.html", {"tiles": await self._tiles(officer)}, headers=_NO_STORE)

    # --- what was opened -------------------------------------------------------------------------------------------

    async def _opened(self, visit: Visit) -> Page:
        return await self._list(visit)

    async def _review(self, visit: Visit) -> Page | web.StreamResponse:
        officer = visit.require_access(Access.PRIVACY_OFFICER)
        try:
            verdict = visit.form.word("verdict")
            if verdict not in set(Finding):
                raise InvalidInput(fields={"verdict": "required"})
            note = visit.form.text("note")
            await self._openings.review(officer, visit.form.word("id"), Finding(verdict), note if len(note) else None)
        except DomainError as error:
            return await self._list(visit, self._site.refusal(visit, error))
        return self._site.to(OPENED)

    async def _list(self, visit: Visit, refusal: Refusal | None = None) -> Page:
        officer = visit.require_access(Access.PRIVACY_OFFICER)
        waiting = await self._openings.list(officer, unreviewed=True, before_id=None, limit=_AT_ONCE)
        newest = await self._openings.list(officer, unreviewed=False, before_id=None, limit=_AT_ONCE)
        done = [one for one in newest if one.review is not None]
        people = {one.actor_id for one in (*waiting, *done)} | {one.review.reviewer_id for one in done if one.review}
        context: dict[str, Any] = {
            "waiting": waiting,
            "done": done,
            "names": await self._names(sorted(people)),
            "me": officer.account_id,
            "reveals": await self._reveals(),
            "refusal": refusal,
        }
        return Page("oversight/opened.html", context, status=refusal.status if refusal else 200, headers=_NO_STORE)

    # --- record and assessment -------------------------------------------------------------------------------------

    async def _processing(self, visit: Visit) -> Page:
        return Page("oversight/processing.html", await self._written(visit), headers=_NO_STORE)

    async def _impact(self, visit: Visit) -> Page:
        context = await self._written(visit)
        context["risks"] = [(risk.kind, risk.words(visit.locale)) for risk in read_risks()]
        return Page("oversight/impact.html", context, headers=_NO_STORE)

    async def _written(self, visit: Visit) -> dict[str, Any]:
        visit.require_access(Access.PRIVACY_OFFICER)

        def say(key: str, **values: str | int) -> str:
            return self._site.text(visit.locale, key, **values)

        return {"record": await self._record(), "say": say, "duration": lambda rule: duration(rule, say)}

    async def _processing_markdown(self, visit: Visit) -> web.Response:
        record = await self._asked(visit)
        return _file(record_as_markdown(record, self._say(visit)).encode(), "pemrosesan.md", "text/markdown")

    async def _processing_json(self, visit: Visit) -> web.Response:
        record = await self._asked(visit)
        return _file(orjson.dumps(as_data(record), option=orjson.OPT_INDENT_2), "pemrosesan.json", "application/json")

    async def _impact_markdown(self, visit: Visit) -> web.Response:
        record = await self._asked(visit)
        text = assessment_as_markdown(record, self._say(visit), visit.locale)
        return _file(text.encode(), "dampak.md", "text/markdown")

    async def _impact_json(self, visit: Visit) -> web.Response:
        record = await self._asked(visit)
        risks = [{"kind": one.kind, **one.words(visit.locale).model_dump()} for one in read_risks()]
        content = orjson.dumps({"processing": as_data(record), "risks": risks}, option=orjson.OPT_INDENT_2)
        return _file(content, "dampak.json", "application/json")

    async def _asked(self, visit: Visit) -> Processing:
        visit.require_access(Access.PRIVACY_OFFICER)
        return await self._record()

    def _say(self, visit: Visit) -> Callable[..., str]:
        def say(key: str, **values: str | int) -> str:
            return self._site.text(visit.locale, key, **values)

        return say


def _file(content: bytes, name: str, kind: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **_NO_STORE}
    return web.Response(body=content, content_type=kind, charset="utf-8", headers=headers)
