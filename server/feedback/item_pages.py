"""The page of one item, and what its readers and its sender do there: vote, follow, write, rate, take up again."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from markupsafe import Markup

from server.attachments.forms import ImageForms
from server.feedback.comments import Comments
from server.feedback.desk import Desk
from server.feedback.file_forms import NOTHING_BROUGHT, Brought, FileForms
from server.feedback.items import Items, is_private
from server.feedback.page_frame import HOME, FeedbackFrame, address_of, is_member, number_of, shown_item
from server.feedback.reading import CommentsPage, ItemView
from server.feedback.sending import Sending
from server.feedback.votes import Votes
from server.kernel.errors import DomainError, InvalidInput, NotAuthenticated, NotFound
from server.markup import excerpt
from server.web.site.forms import NOTHING_TYPED, Typed, local_path
from server.web.site.visit import Page, Refusal, Visit

SAID: Final[Mapping[str, str]] = {
    "diterima": "fb.said.given",
    "dinilai": "fb.said.rated",
    "dibuka": "fb.said.reopened",
    "terkirim": "fb.said.sent",
}
_EXCERPT: Final = 160
_MOST_ALIKE: Final = 4
_MOST_STARS: Final = 5
_NO_FIELD: Final = Markup("")


@dataclass(frozen=True, slots=True)
class ItemServices:
    """What stands behind one item's page."""

    items: Items
    votes: Votes
    comments: Comments
    sending: Sending
    desk: Desk


class ItemPages:
    """The page.

    Args:
        frame: what all pages of feedback share.
        services: what stands behind it.
        images: takes in images that come with comments.
        files: takes in files that come with them, for sender and staff.
    """

    def __init__(self, frame: FeedbackFrame, services: ItemServices, images: ImageForms, files: FileForms) -> None:
        self._frame = frame
        self._site = frame.site
        self._items = services.items
        self._votes = services.votes
        self._comments = services.comments
        self._sending = services.sending
        self._desk = services.desk
        self._images = images
        self._files = files

    def attach(self, app: web.Application) -> None:
        """Add the routes. After those with words of their own."""
        shown, posted = self._site.shown, self._site.posted
        base = HOME + "/{number:[0-9]{1,9}}"
        app.router.add_get(base, shown(self._show, query=("setelah", "kabar")))
        app.router.add_get(base + "/{slug}", shown(self._show, query=("setelah", "kabar")))
        app.router.add_post(base + "/dukung", posted(self._vote))
        app.router.add_post(base + "/ikuti", posted(self._follow))
        app.router.add_post(base + "/komentar", posted(self._comment, most_file=self._images.most + self._files.most))
        app.router.add_post(base + "/k/{seq}/tarik", posted(self._withdraw_comment))
        app.router.add_post(base + "/nilai", posted(self._rate))
        app.router.add_post(base + "/buka", posted(self._reopen))
        app.router.add_post(base + "/tarik", posted(self._withdraw))

    # --- reading ---------------------------------------------------------------------------------------------------

    async def _show(self, visit: Visit) -> Page | web.StreamResponse:
        view = await self._items.find(visit.actor, number_of(visit))
        path = address_of(view.item)
        if visit.request.path != path:
            query = visit.request.query_string
            return self._site.to(f"{path}{'?' + query if query else ''}", status=301 if view.item.is_public else 303)
        after = visit.number("setelah", least=0) or 0
        comments = await self._comments.page_of(visit.actor, view.item, after_seq=after)
        return await self._page(visit, view, comments)

    async def _page(
        self,
        visit: Visit,
        view: ItemView,
        comments: CommentsPage,
        refusal: Refusal | None = None,
        typed: Mapping[str, Typed] | None = None,
        brought: Brought = NOTHING_BROUGHT,
    ) -> Page:
        item = view.item
        context = await self.context(visit, view, comments, refusal, typed or {}, brought=brought.files)
        if not item.is_public:
            return Page("feedback/item.html", context, refusal.status if refusal else 200)
        # What was just said is said to whoever did it; pages that are kept are for readers.
        shows = frozenset() if context["said"] else frozenset({shown_item(item.id)})
        return Page("feedback/item.html", context, refusal.status if refusal else 200, address_of(item), shows)

    async def context(
        self,
        visit: Visit,
        view: ItemView,
        comments: CommentsPage,
        refusal: Refusal | None,
        typed: Mapping[str, Typed],
        **more: Any,
    ) -> Mapping[str, Any]:
        """Give what the page of an item gets; `more` where its sender came with a code."""
        item = view.item
        show = self._frame.forum.showing(visit)
        is_sender = visit.actor is not None and item.author_id == visit.actor.account_id
        given = {
            "view": view,
            "comments": comments,
            "alike": self._items.alike(item, _MOST_ALIKE) if item.is_public else (),
            "brief": show.words(excerpt(item.text, _EXCERPT)),
            "act": f"{HOME}/{item.number}",
            "code_field": _NO_FIELD,
            "sender": is_sender,
            "may_rate": view.rights.rate,
            "may_reopen": view.rights.reopen,
            "text": typed.get("text", NOTHING_TYPED),
            "rate_text": typed.get("rate", NOTHING_TYPED),
            "reopen_text": typed.get("reopen", NOTHING_TYPED),
            "client_id": visit.form.word("client_id") or secrets.token_hex(16),
            "said": self._frame.said(visit, SAID),
            "refusal": refusal,
            # In confidence everybody shows what it is about; in public whom the level allows it (the reader's own).
            "most_image": self._images.most if is_private(item) and is_member(visit.actor) else None,
            "most_file": self._files.most,
            "brought": (),
            **more,
        }
        return self._frame.context(visit, await self._desk.areas(), **given)

    # --- marks -----------------------------------------------------------------------------------------------------

    async def _vote(self, visit: Visit) -> web.StreamResponse:
        view = await self._items.find(visit.actor, number_of(visit))
        actor = visit.require()
        await self._votes.vote(actor, view.item.id, given=visit.form.is_on("on"), network=visit.caller.network)
        return self._site.to(local_path(visit.form.secret("back"), address_of(view.item)))

    async def _follow(self, visit: Visit) -> web.StreamResponse:
        view = await self._items.find(visit.require(), number_of(visit))
        await self._votes.follow(visit.require(), view.item.id, following=visit.form.is_on("on"))
        return self._site.to(address_of(view.item))

    # --- writing ---------------------------------------------------------------------------------------------------

    async def _comment(self, visit: Visit) -> Page | web.StreamResponse:
        view = await self._items.find(visit.actor, number_of(visit))
        visit.require()
        brought = NOTHING_BROUGHT
        try:
            brought = await self._files.brought(visit)
            visit = await self._images.taken(visit, confidential=is_private(view.item))
            if brought.refusal is not None:
                raise brought.refusal
            if self._images.only_attaches(visit) or self._files.only_adds(visit):
                return await self._again(visit, view, None, "text", brought)
            written, _ = await self._comments.write(
                visit.require(),
                view.item.id,
                visit.form.text("text"),
                client_id=visit.form.word("client_id") or None,
                file_ids=brought.ids,
            )
        except (NotFound, NotAuthenticated):
            raise
        except DomainError as error:
            return await self._again(visit, view, error, "text", brought)
        return self._site.to(f"{address_of(view.item)}?kabar=terkirim#k{written.comment.seq}")

    async def _withdraw_comment(self, visit: Visit) -> web.StreamResponse:
        view = await self._items.find(visit.require(), number_of(visit))
        await self._comments.withdraw(visit.require(), view.item.id, number_of(visit, "seq"))
        return self._site.to(f"{address_of(view.item)}#komentar")

    # --- its sender ------------------------------------------------------------------------------------------------

    async def _rate(self, visit: Visit) -> Page | web.StreamResponse:
        view = await self._items.find(visit.require(), number_of(visit))
        try:
            stars = stars_of(visit)
            text = visit.form.text("text") if visit.form.typed("text") else None
            await self._sending.rate(visit.require(), view.item.id, stars, text)
        except NotFound:
            raise
        except DomainError as error:
            return await self._again(visit, view, error, "rate")
        return self._site.to(f"{address_of(view.item)}?kabar=dinilai")

    async def _reopen(self, visit: Visit) -> Page | web.StreamResponse:
        view = await self._items.find(visit.require(), number_of(visit))
        try:
            # What is not settled first: staff read it when they are told.
            if visit.form.typed("text") and view.rights.reopen:
                await self._comments.write(visit.require(), view.item.id, visit.form.text("text"))
            await self._sending.reopen(visit.require(), view.item.id)
        except NotFound:
            raise
        except DomainError as error:
            return await self._again(visit, view, error, "reopen")
        return self._site.to(f"{address_of(view.item)}?kabar=dibuka")

    async def _withdraw(self, visit: Visit) -> web.StreamResponse:
        view = await self._items.find(visit.require(), number_of(visit))
        await self._sending.withdraw(visit.require(), view.item.id)
        return self._site.to("/saran/saya")

    async def _again(
        self,
        visit: Visit,
        view: ItemView,
        error: DomainError | None,
        field: str,
        brought: Brought = NOTHING_BROUGHT,
    ) -> Page:
        """The page with what was typed, and why it was not taken, where that is so."""
        comments = await self._comments.page_of(visit.actor, view.item)
        refusal = self._site.refusal(visit, error) if error else None
        return await self._page(visit, view, comments, refusal, {field: visit.form.typed("text")}, brought)


def stars_of(visit: Visit) -> int:
    """Read a rating.

    Raises:
        InvalidInput: none was chosen.
    """
    stars = visit.form.number("stars") or 0
    if not 1 <= stars <= _MOST_STARS:
        raise InvalidInput(fields={"stars": "required"})
    return stars
