"""The pages on which feedback is given. A refused form comes back with what was typed; nothing typed is kept."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aiohttp import web

from server.attachments.forms import ImageForms
from server.feedback.desk import Desk
from server.feedback.file_forms import NOTHING_BROUGHT, Brought, FileForms
from server.feedback.giving import Giving, NewItem
from server.feedback.model import Kind, Visibility
from server.feedback.page_frame import NEW, FeedbackFrame, address_of, is_member
from server.feedback.reading import Row
from server.kernel.errors import DomainError, InvalidInput
from server.web.site.forms import Form
from server.web.site.visit import Page, Refusal, Visit

_MOST_LIKE: Final = 4


class GivingPages:
    """The pages.

    Args:
        frame: what all pages of feedback share.
        giving: takes feedback in.
        desk: product areas.
        images: takes in images that come with texts.
        files: takes in files that come with them, for staff alone.
    """

    def __init__(self, frame: FeedbackFrame, giving: Giving, desk: Desk, images: ImageForms, files: FileForms) -> None:
        self._frame = frame
        self._giving = giving
        self._desk = desk
        self._images = images
        self._files = files

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of `ItemPages`: a number could be any word."""
        app.router.add_get(NEW, self._frame.site.shown(self._show, query=("jenis",)))
        most = self._images.most + self._files.most
        app.router.add_post(NEW, self._frame.site.posted(self._give, most_file=most, from_anybody=True))

    async def _show(self, visit: Visit) -> Page:
        asked = visit.request.query.get("jenis", "")
        return await self._page(visit, asked if asked in set(Kind) else Kind.SUGGESTION.value)

    async def _give(self, visit: Visit) -> Page | web.StreamResponse:
        chosen, brought = visit.form.word("kind"), NOTHING_BROUGHT
        try:
            brought = await self._files.brought(visit, unknown=visit.form.is_on("anonymous"))
            if is_member(visit.actor):
                visit = await self._images.taken(visit, confidential=True)
            if brought.refusal is not None:
                raise brought.refusal
            if self._images.only_attaches(visit) or self._files.only_adds(visit):
                return await self._page(visit, chosen, brought=brought)
            new = replace(_new_of(visit.form), file_ids=brought.ids)
            similar = await self._similar(visit, new)
            if similar:
                return await self._page(visit, chosen, similar=similar, brought=brought)
            given = await self._giving.give(visit.actor, new, network=visit.caller.network)
        except DomainError as error:
            return await self._page(visit, chosen, self._frame.site.refusal(visit, error), brought=brought)
        if given.code is None and is_member(visit.actor):
            return self._frame.site.to(f"{address_of(given.item)}?kabar=diterima")
        # The code is shown once, on the answer to the form itself: no address leads to it.
        context = self._frame.context(visit, [], item=given.item, code=given.code)
        return Page("feedback/given.html", context)

    async def _similar(self, visit: Visit, new: NewItem) -> Sequence[Row]:
        """Give the suggestions that are like a new one, for whoever has not been shown them while typing."""
        if new.kind is not Kind.SUGGESTION or visit.form.is_on("seen"):
            return ()
        found = await self._giving.similar(visit.actor, visit.form.text("title"), network=visit.caller.network)
        return [row for row, _ in found[:_MOST_LIKE]]

    async def _page(
        self,
        visit: Visit,
        chosen: str,
        refusal: Refusal | None = None,
        similar: Sequence[Row] = (),
        brought: Brought = NOTHING_BROUGHT,
    ) -> Page:
        form = visit.form
        context = self._frame.context(
            visit,
            await self._desk.areas(),
            kinds=[kind.value for kind in Kind],
            chosen=chosen,
            client_id=form.word("client_id") or secrets.token_hex(16),
            title_text=form.typed("title"),
            text=form.typed("text"),
            area=form.word("area"),
            visibility=form.word("visibility"),
            anonymous=form.is_on("anonymous"),
            similar=similar,
            most_image=self._images.most if is_member(visit.actor) else 0,
            most_file=self._files.most,
            brought=brought.files,
            refusal=refusal,
        )
        headers = {"Cache-Control": "no-store"} if form.typed("text") else {}
        return Page("feedback/give.html", context, refusal.status if refusal else 200, headers=headers)


def _new_of(form: Form) -> NewItem:
    """Read what is given.

    Raises:
        InvalidInput: its kind was not chosen.
    """
    kind, visibility = form.word("kind"), form.word("visibility")
    if kind not in set(Kind):
        raise InvalidInput(fields={"kind": "required"})
    return NewItem(
        kind=Kind(kind),
        title=form.text("title"),
        text=form.text("text"),
        visibility=Visibility(visibility) if visibility in set(Visibility) else None,
        anonymous=form.is_on("anonymous"),
        area=form.word("area") or None,
        client_id=form.word("client_id") or None,
    )
