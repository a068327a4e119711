"""The page on which somebody reports a public item, or a comment under one, to the moderators."""

from aiohttp import web

from server.feedback.items import Items
from server.feedback.page_frame import HOME, FeedbackFrame, address_of, number_of
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from server.review.flagging import Flagging
from server.review.model import MAX_NOTE, Category
from server.web.site.visit import Page, Refusal, Visit

_TARGET = "feedback"


class FlagPages:
    """The page.

    Args:
        frame: what all pages of feedback share.
        items: what is read.
        flagging: takes reports.
    """

    def __init__(self, frame: FeedbackFrame, items: Items, flagging: Flagging) -> None:
        self._frame = frame
        self._items = items
        self._flagging = flagging

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of `ItemPages`, where a slug could be any word."""
        base = HOME + "/{number:[0-9]{1,9}}"
        for address in (f"{base}/lapor", base + "/k/{seq:[0-9]{1,9}}/lapor"):
            app.router.add_get(address, self._frame.site.shown(self._show))
            app.router.add_post(address, self._frame.site.posted(self._report))

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, _member(visit), None)

    async def _page(self, visit: Visit, actor: Actor, refusal: Refusal | None, *, done: bool = False) -> Page:
        view = await self._items.find(actor, number_of(visit))
        context = self._frame.context(
            visit,
            [],
            item=view.item,
            back=address_of(view.item),
            done=done,
            categories=[one.value for one in Category],
            longest_note=MAX_NOTE,
            note_text=visit.form.typed("note"),
            refusal=refusal,
        )
        return Page("feedback/flag.html", context, refusal.status if refusal else 200)

    async def _report(self, visit: Visit) -> Page:
        actor = _member(visit)
        view = await self._items.find(actor, number_of(visit))
        try:
            reason = visit.form.word("reason")
            if reason not in {one.value for one in Category}:
                raise InvalidInput(fields={"reason": "required"})
            note = visit.form.text("note")
            await self._flagging.report(actor, _TARGET, _target(visit, view.item.id), Category(reason), note)
        except NotFound:
            raise
        except DomainError as error:
            return await self._page(visit, actor, self._frame.site.refusal(visit, error))
        # Whether it is still to be seen is the moderators' affair now: nothing of it is read again.
        context = self._frame.context(visit, [], item=view.item, back=HOME, done=True)
        return Page("feedback/flag.html", context)


def _target(visit: Visit, item_id: str) -> str:
    """Give the name of what the address is about: the item, or a comment under it."""
    return f"{item_id}.{number_of(visit, 'seq')}" if "seq" in visit.part else item_id


def _member(visit: Visit) -> Actor:
    """Give who is signed in, with an account.

    Raises:
        NotAuthenticated: nobody is signed in.
        NotPermitted: a visitor.
    """
    actor = visit.require()
    if not can_call(Access.MEMBER, actor.role):
        raise NotPermitted
    return actor
