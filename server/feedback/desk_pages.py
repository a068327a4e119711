"""The staff's inbox as a page: what comes in, with what is proposed; many at once, and lists that one keeps."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from server.feedback.changes import Change
from server.feedback.desk import Desk
from server.feedback.desk_frame import DeskFrame
from server.feedback.handling import Handling
from server.feedback.items import Items
from server.feedback.model import Kind, Priority, State
from server.feedback.page_frame import INBOX
from server.feedback.reading import Inbox, InboxQuery
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput
from server.markup import excerpt
from server.web.site.forms import local_path
from server.web.site.visit import Page, Refusal, Visit

_ON_A_PAGE: Final = 30
_LONGEST_WORD: Final = 60
_SAID: Final = {"tersimpan": "triage.said.saved"}
_BULK_STATES: Final = (State.ACKNOWLEDGED, State.PLANNED, State.IN_PROGRESS, State.CLOSED)


class DeskPages:
    """The page.

    Args:
        frame: what the staff's pages share.
        items: what is read.
        handling: what staff do.
        desk: areas, and lists that one keeps.
    """

    def __init__(self, frame: DeskFrame, items: Items, handling: Handling, desk: Desk) -> None:
        self._frame = frame
        self._site = frame.site
        self._items = items
        self._handling = handling
        self._desk = desk

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(INBOX, self._site.shown(self._show))
        app.router.add_post(INBOX, self._site.posted(self._act))

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None, self._said(visit))

    def _said(self, visit: Visit) -> str:
        done, failed = visit.number("selesai", least=0), visit.number("gagal", least=0) or 0
        if done is None:
            return self._frame.said(visit, _SAID)
        key = "triage.said.some" if failed else "triage.said.done"
        return self._site.text(visit.locale, key, n=done, failed=failed)

    async def _page(self, visit: Visit, refusal: Refusal | None, said: str = "") -> Page:
        actor = self._frame.require(visit)
        views = await self._desk.views(actor)
        saved = visit.request.query.get("tampilan", "")
        kept = next((view for view in views if view.id == saved), None)
        fields = dict(kept.query) if kept else _fields_of(visit)
        query = _query_of(fields, visit.number("sebelum"))
        page = await self._handling.inbox(actor, query)
        options = await self._frame.options(visit)
        here = {"tampilan": kept.id} if kept else fields
        context = await self._frame.context(
            visit,
            items=page.items,
            query=query,
            saved=kept.id if kept else "",
            views=views,
            inboxes=[inbox.value for inbox in Inbox],
            query_fields=[(name, value) for name, value in fields.items() if value],
            back=INBOX + _link(here),
            link=lambda **more: _link({**here, **more}),
            older=page.next_before,
            excerpt=excerpt,
            bulk_options=self._bulk_options(visit, options),
            state_options=[(state.value, self._frame.state_name(visit, state)) for state in State],
            said=said,
            refusal=refusal,
            **dict[str, Any](options),
        )
        return Page("feedback/inbox.html", context, refusal.status if refusal else 200)

    def _bulk_options(self, visit: Visit, options: Mapping[str, Sequence[tuple[str, str]]]) -> list[tuple[str, str]]:
        text, locale = self._site.text, visit.locale
        return [
            ("accept", text(locale, "triage.bulk.accept")),
            ("take", text(locale, "triage.bulk.take")),
            *((f"agent:{key}", text(locale, "triage.bulk.agent", name=name)) for key, name in options["agent_options"]),
            *(
                (f"state:{state.value}", text(locale, "triage.bulk.state", state=self._frame.state_name(visit, state)))
                for state in _BULK_STATES
            ),
            *(
                (f"priority:{value}", text(locale, "triage.bulk.priority", priority=name))
                for value, name in options["priority_options"]
            ),
            *((f"area:{key}", text(locale, "triage.bulk.area", area=name)) for key, name in options["area_options"]),
        ]

    # --- what is done ----------------------------------------------------------------------------------------------

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor = self._frame.require(visit)
        form = visit.form
        back = local_path(form.secret("back"), INBOX)
        try:
            match form.word("act"):
                case "save":
                    view = await self._desk.keep_view(actor, form.text("name"), _kept_of(visit))
                    return self._site.to(f"{INBOX}?tampilan={view.id}&kabar=tersimpan")
                case "forget":
                    await self._desk.drop_view(actor, form.word("view"))
                    return self._site.to(back)
                case act:
                    done, failed = await self._bulk(visit, actor, act)
        except InvalidInput as error:
            return await self._page(visit, self._site.refusal(visit, error))
        sign = "&" if "?" in back else "?"
        return self._site.to(f"{back}{sign}{urlencode({'selesai': done, 'gagal': failed})}")

    async def _bulk(self, visit: Visit, actor: Actor, act: str) -> tuple[int, int]:
        numbers = visit.form.numbers("number")
        if not numbers:
            raise InvalidInput(fields={"number": "required"})
        ids = [(await self._items.find(actor, number)).item.id for number in numbers]
        what, _, value = act.partition(":")
        if what == "accept":
            outcome = await self._accept(actor, ids)
        else:
            outcome = await self._handling.bulk(actor, ids, _change_of(actor, what, value))
        failed = sum(code is not None for code in outcome.values())
        return len(outcome) - failed, failed

    async def _accept(self, actor: Actor, ids: Sequence[str]) -> Mapping[str, str | None]:
        outcome: dict[str, str | None] = {}
        for item_id in ids:
            try:
                await self._handling.triage(actor, item_id, {})
                outcome[item_id] = None
            except DomainError as error:
                outcome[item_id] = error.code
        return outcome


def _change_of(actor: Actor, what: str, value: str) -> Change:
    """Give what a choice for many items means.

    Raises:
        InvalidInput: it is none.
    """
    match what:
        case "take":
            return Change(assignee_id=actor.account_id)
        case "agent" if value:
            return Change(assignee_id=value)
        case "state" if value in set(State):
            return Change(state=State(value))
        case "priority" if value in set(Priority):
            return Change(priority=Priority(value))
        case "area" if value:
            return Change(area=value)
    raise InvalidInput(fields={"act": "not_allowed"})


_WORDS: Final = {
    "daftar": "inbox",
    "jenis": "kind",
    "bidang": "area",
    "keadaan": "state",
    "prioritas": "priority",
    "petugas": "assignee_id",
    "tag": "tag",
}
"""word in addresses -> field of `InboxQuery`; saved views are kept with the words."""


def _fields_of(visit: Visit) -> dict[str, str]:
    return _known(visit.request.query)


def _kept_of(visit: Visit) -> dict[str, str]:
    return _known({name: visit.form.word(name) for name in _WORDS})


def _known(fields: Mapping[str, str]) -> dict[str, str]:
    """Give what of an address says which list; what no list offers is left out."""
    offered: Mapping[str, set[str]] = {
        "daftar": set(Inbox),
        "jenis": set(Kind),
        "keadaan": set(State),
        "prioritas": set(Priority),
    }
    found: dict[str, str] = {}
    for name in _WORDS:
        value = fields.get(name, "")
        plain = value.replace("-", "").replace("_", "")
        is_word = len(value) <= _LONGEST_WORD and plain.isascii() and plain.isalnum()
        if is_word and (name not in offered or value in offered[name]):
            found[name] = value
    return found


def _query_of(fields: Mapping[str, str], before: int | None) -> InboxQuery:
    known = _known(fields)
    return InboxQuery(
        inbox=Inbox(known.get("daftar", Inbox.NEW)),
        kind=Kind(known["jenis"]) if "jenis" in known else None,
        area=known.get("bidang"),
        tag=known.get("tag"),
        state=State(known["keadaan"]) if "keadaan" in known else None,
        priority=Priority(known["prioritas"]) if "prioritas" in known else None,
        assignee_id=known.get("petugas") or None,
        before=before,
        limit=_ON_A_PAGE,
    )


def _link(fields: Mapping[str, Any]) -> str:
    chosen = {name: str(value) for name, value in fields.items() if value not in ("", None)}
    return f"?{urlencode(chosen)}" if chosen else ""
