"""What was found about votes, as a page for moderators: who, why, and a ruling by a human being."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from server.feedback.items import Items
from server.feedback.model import Item
from server.feedback.page_frame import FeedbackFrame
from server.feedback.records import Ring
from server.feedback.votes import Votes
from server.kernel.access import Access
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, NotFound
from server.people.model import Persona
from server.web.site.visit import Page, Visit

RINGS: Final = "/moderasi/suara"
_SAID: Final = {"tersimpan": "rings.said"}
_MOST_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class RingRow:
    """A finding as it is shown.

    Attributes:
        ring: it.
        item: for what they voted; None where it is gone, or not for moderators.
        people: some of the accounts, as the forum shows them.
        more: how many others there are.
    """

    ring: Ring
    item: Item | None
    people: Sequence[Persona]
    more: int


class RingPages:
    """The page.

    Args:
        frame: what all pages of feedback share.
        items: for what was voted.
        votes: knows of findings, and takes rulings.
    """

    def __init__(self, frame: FeedbackFrame, items: Items, votes: Votes) -> None:
        self._frame = frame
        self._items = items
        self._votes = votes

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of `ReviewPages`, where an id could be any word."""
        app.router.add_get(RINGS, self._frame.site.shown(self._show))
        app.router.add_post(RINGS, self._frame.site.posted(self._rule))

    async def _show(self, visit: Visit) -> Page:
        actor = visit.require_access(Access.MODERATOR)
        rows = [await self._row(actor, ring) for ring in await self._votes.rings()]
        waiting = [row for row in rows if row.ring.ruling == "weighed_out"]
        ruled = [row for row in rows if row.ring.ruling != "weighed_out"]
        context = self._frame.context(
            visit,
            [],
            waiting=waiting,
            ruled=ruled,
            is_moderator=True,
            is_curator=True,
            said=self._frame.said(visit, _SAID),
        )
        return Page("feedback/rings.html", context)

    async def _row(self, actor: Actor, ring: Ring) -> RingRow:
        try:
            item = await self._items.require(actor, ring.item_id)
        except NotFound:
            item = None
        named = ring.accounts[:_MOST_NAMED]
        found = await self._items.personas(named)
        return RingRow(ring, item, [found[one] for one in named if one in found], len(ring.accounts) - len(named))

    async def _rule(self, visit: Visit) -> web.StreamResponse:
        actor, act = visit.require_access(Access.MODERATOR), visit.form.word("act")
        if act not in {"counted", "confirmed"}:
            raise InvalidInput(fields={"act": "not_allowed"})
        await self._votes.rule(actor, visit.form.word("ring"), counted=act == "counted")
        return self._frame.site.to(f"{RINGS}?kabar=tersimpan")
