"""The board as pages: lists, roadmap, what was changed, one's own, the feed. Complete without JavaScript."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from server.feedback.desk import Desk
from server.feedback.items import Items
from server.feedback.model import Status
from server.feedback.page_frame import (
    BOARD,
    CHANGES,
    FEED,
    HOME,
    LONGEST_QUERY,
    OWN,
    ROADMAP,
    FeedbackFrame,
    may_vote,
)
from server.feedback.reading import MOST_ON_A_PAGE, BoardQuery, Order
from server.kernel.errors import DomainError, InvalidInput
from server.web.site.forms import Typed
from server.web.site.visit import Page, Refusal, Visit

ON_A_LIST: Final = 20
_ON_A_FEED: Final = 30
_ON_CHANGES: Final = 30
_LONGEST_WORD: Final = 60
_MOST_LEFT_OUT: Final = 9_999
ORDERS: Final[Mapping[Order, str]] = {Order.VOTES: "suara", Order.TREND: "tren", Order.NEWEST: "baru"}
"""order -> its word in addresses."""
_STATUSES: Final = tuple(status for status in Status if status is not Status.MERGED)
_ATOM: Final = {"Content-Type": "application/atom+xml; charset=utf-8"}
_TYPED: Final = {"X-Robots-Tag": "noindex", "Cache-Control": "no-store"}
"""What was typed stands in the page: it is kept nowhere."""


class BoardPages:
    """The pages.

    Args:
        frame: what all pages of feedback share.
        items: what is read.
        desk: product areas.
    """

    def __init__(self, frame: FeedbackFrame, items: Items, desk: Desk) -> None:
        self._frame = frame
        self._site = frame.site
        self._items = items
        self._desk = desk

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        add, shown = app.router.add_get, self._site.shown
        add(HOME, shown(self._board, query=("urut", "status", "bidang", "tag", "lewati", "cari")))
        add(ROADMAP, shown(self._roadmap))
        add(CHANGES, shown(self._changes, query=("lewati",)))
        add(OWN, shown(self._own, query=("lewati",)))
        add(FEED, shown(self._feed))

    # --- the board -------------------------------------------------------------------------------------------------

    async def _board(self, visit: Visit) -> Page:
        typed = Typed(visit.request.query.get("cari", ""))
        query, refusal = _query_of(visit), None
        if typed:
            try:
                query = await self._looking_for(visit, typed, query)
            except DomainError as error:
                refusal = self._site.refusal(visit, error)
        return await self._board_page(visit, typed, query, refusal)

    async def _looking_for(self, visit: Visit, typed: Typed, query: BoardQuery) -> BoardQuery:
        if len(typed) > LONGEST_QUERY:
            raise InvalidInput(fields={"cari": "too_long"})
        terms = await self._items.search_terms(visit.actor, typed.raw, network=visit.caller.network)
        return BoardQuery(query.order, query.statuses, query.kind, query.area, query.tag, terms, 0, MOST_ON_A_PAGE)

    async def _board_page(self, visit: Visit, typed: Typed, query: BoardQuery, refusal: Refusal | None) -> Page:
        text = self._site.text
        page = await self._items.board(visit.actor, query)
        chosen = _chosen(query)
        context = self._frame.context(
            visit,
            await self._desk.areas(),
            page=page,
            query=query,
            status=next(iter(query.statuses), ""),
            statuses=[(status.value, text(visit.locale, f"fb.status.{status.value}")) for status in _STATUSES],
            orders=ORDERS,
            typed=typed,
            filtered=bool(typed or query.statuses or query.area or query.tag),
            link=lambda **changes: _link({**chosen, **changes}),
            previous=max(0, query.after - ON_A_LIST) or "",
            may_vote=lambda row: may_vote(visit.actor, row),
            back=HOME + _link(chosen),
            refusal=refusal,
        )
        if typed:
            return Page("feedback/board.html", context, refusal.status if refusal else 200, headers=_TYPED)
        # One address for search engines, whatever is sorted or filtered there.
        return Page("feedback/board.html", context, 200, HOME if not chosen else "", frozenset({BOARD}))

    # --- other lists -----------------------------------------------------------------------------------------------

    async def _roadmap(self, visit: Visit) -> Page:
        found = await self._items.roadmap()
        columns = [(status.value, rows) for status, rows in found.items()]
        context = self._frame.context(visit, await self._desk.areas(), columns=columns)
        return Page("feedback/roadmap.html", context, canonical=ROADMAP, shows=frozenset({BOARD}))

    async def _changes(self, visit: Visit) -> Page:
        past = visit.number("lewati", most=_MOST_LEFT_OUT) or 0
        found = await self._items.changes(past=past, limit=_ON_CHANGES + 1)
        older = past + _ON_CHANGES if len(found) > _ON_CHANGES else None
        context = self._frame.context(visit, await self._desk.areas(), items=found[:_ON_CHANGES], older=older)
        canonical = "" if past else CHANGES
        return Page("feedback/changes.html", context, canonical=canonical, shows=frozenset({BOARD}))

    async def _own(self, visit: Visit) -> Page:
        actor = visit.require()
        past = visit.number("lewati") or 0
        views = await self._items.own(actor)
        shown = views[past : past + ON_A_LIST]
        more = past + ON_A_LIST if len(views) > past + ON_A_LIST else None
        context = self._frame.context(visit, await self._desk.areas(), views=shown, older=more)
        return Page("feedback/own.html", context)

    async def _feed(self, visit: Visit) -> Page:
        """Nobody's session is looked at: a feed shows what everybody may read."""
        page = await self._items.board(None, BoardQuery(order=Order.NEWEST, limit=_ON_A_FEED))
        updated = max((row.changed_at for row in page.rows), default=None)
        context = self._frame.context(visit, [], items=page.rows, updated=updated)
        return Page("feedback/feed.xml", context, shows=frozenset({BOARD}), headers=_ATOM)


def _query_of(visit: Visit) -> BoardQuery:
    """Read what is to be listed; what no list offers is left out."""
    query = visit.request.query
    order = next((order for order, word in ORDERS.items() if word == query.get("urut", "")), Order.VOTES)
    asked = query.get("status", "")
    return BoardQuery(
        order=order,
        statuses=frozenset({Status(asked)}) if asked in set(Status) else frozenset(),
        area=_word(query.get("bidang", "")),
        tag=_word(query.get("tag", "")),
        after=visit.number("lewati", most=_MOST_LEFT_OUT) or 0,
        limit=ON_A_LIST,
    )


def _word(text: str) -> str | None:
    """Give a key or tag as they stand in addresses; None for what can be none."""
    plain = text.replace("-", "").replace("_", "")
    return text if len(text) <= _LONGEST_WORD and plain.isascii() and plain.isalnum() and text.islower() else None


def _chosen(query: BoardQuery) -> dict[str, Any]:
    """Give what the address says of a list, without what is usual."""
    fields = {
        "urut": ORDERS[query.order] if query.order is not Order.VOTES else "",
        "status": next(iter(query.statuses), ""),
        "bidang": query.area or "",
        "tag": query.tag or "",
        "lewati": query.after or "",
    }
    return {name: str(value) for name, value in fields.items() if value}


def _link(fields: Mapping[str, Any]) -> str:
    """Give the query of an address."""
    set_ = {name: str(value) for name, value in fields.items() if value not in ("", None)}
    return f"?{urlencode(set_)}" if set_ else ""
