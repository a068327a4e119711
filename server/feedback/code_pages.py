"""Coming back with a follow-up code. The code goes from form to form, in no address, cookie or store of a browser."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web
from markupsafe import Markup

from server.feedback.desk import Desk
from server.feedback.file_forms import NOTHING_BROUGHT, Brought, FileForms
from server.feedback.item_pages import ItemPages, stars_of
from server.feedback.page_frame import CODE, FeedbackFrame
from server.feedback.sending import FollowedUp, Sending
from server.kernel.errors import DomainError, InvalidInput, NotFound
from server.web.site.forms import Typed
from server.web.site.visit import Page, Visit

_LONGEST_CODE: Final = 60
_FIELDS: Final = {"komentar": "text", "nilai": "rate", "buka": "reopen"}
_SAID: Final = {"komentar": "fb.said.sent", "nilai": "fb.said.rated", "buka": "fb.said.reopened"}
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class CodePages:
    """The pages.

    Args:
        frame: what all pages of feedback share.
        sending: what senders do.
        desk: product areas.
        item_pages: the page of one item.
        files: takes in files that come with what is written.
    """

    def __init__(
        self, frame: FeedbackFrame, sending: Sending, desk: Desk, item_pages: ItemPages, files: FileForms
    ) -> None:
        self._frame = frame
        self._site = frame.site
        self._sending = sending
        self._desk = desk
        self._item_pages = item_pages
        self._files = files

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of `ItemPages`."""
        posted = self._site.posted
        app.router.add_get(CODE, self._site.shown(self._show))
        app.router.add_post(CODE, posted(self._open))
        comment = posted(self._comment, most_file=self._files.most, from_anybody=True)
        app.router.add_post(f"{CODE}/komentar", comment)
        app.router.add_post(f"{CODE}/nilai", posted(self._doing("nilai", self._rate)))
        app.router.add_post(f"{CODE}/buka", posted(self._doing("buka", self._reopen)))

    async def _show(self, visit: Visit) -> Page:
        return await self._form(visit, None)

    async def _form(self, visit: Visit, error: DomainError | None) -> Page:
        refusal = self._site.refusal(visit, error) if error else None
        context = self._frame.context(visit, [], longest_code=_LONGEST_CODE, refusal=refusal)
        return Page("feedback/code.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    async def _open(self, visit: Visit) -> Page:
        try:
            found = await self._sending.open(_code(visit), network=visit.caller.network)
        except NotFound:
            return await self._form(visit, InvalidInput(fields={"code": "wrong_code"}))
        except DomainError as error:
            return await self._form(visit, error)
        return await self._page(visit, found)

    # --- what its sender does --------------------------------------------------------------------------------------

    def _doing(self, act: str, work: Callable[[Visit], Awaitable[FollowedUp]]) -> Callable[[Visit], Awaitable[Page]]:
        async def do(visit: Visit) -> Page:
            try:
                found = await work(visit)
            except NotFound:
                return await self._form(visit, InvalidInput(fields={"code": "wrong_code"}))
            except DomainError as error:
                return await self._again(visit, act, error)
            return await self._page(visit, found, said=self._site.text(visit.locale, _SAID[act]))

        return do

    async def _comment(self, visit: Visit) -> Page:
        brought = NOTHING_BROUGHT
        try:
            # Before anything is kept for them: whoever has no code brings nothing.
            await self._sending.open(_code(visit), network=visit.caller.network)
            brought = await self._files.brought(visit, unknown=True)
            if brought.refusal is not None:
                raise brought.refusal
            if self._files.only_adds(visit):
                return await self._again(visit, "komentar", None, brought)
            found = await self._sending.comment(
                _code(visit),
                visit.form.text("text"),
                network=visit.caller.network,
                client_id=visit.form.word("client_id") or None,
                file_ids=brought.ids,
            )
        except NotFound:
            return await self._form(visit, InvalidInput(fields={"code": "wrong_code"}))
        except DomainError as error:
            return await self._again(visit, "komentar", error, brought)
        return await self._page(visit, found, said=self._site.text(visit.locale, _SAID["komentar"]))

    async def _rate(self, visit: Visit) -> FollowedUp:
        text = visit.form.text("text") if visit.form.typed("text") else None
        return await self._sending.rate_with(_code(visit), stars_of(visit), text, network=visit.caller.network)

    async def _reopen(self, visit: Visit) -> FollowedUp:
        code, network = _code(visit), visit.caller.network
        found = await self._sending.open(code, network=network)
        if visit.form.typed("text") and found.view.rights.reopen:
            await self._sending.comment(code, visit.form.text("text"), network=network)
        return await self._sending.reopen_with(code, network=network)

    async def _again(
        self, visit: Visit, act: str, error: DomainError | None, brought: Brought = NOTHING_BROUGHT
    ) -> Page:
        """The page with what was typed, and why it was not taken."""
        found = await self._sending.open(_code(visit), network=visit.caller.network)
        return await self._page(visit, found, error, {_FIELDS[act]: visit.form.typed("text")}, brought=brought)

    async def _page(
        self,
        visit: Visit,
        found: FollowedUp,
        error: DomainError | None = None,
        typed: Mapping[str, Typed] | None = None,
        *,
        said: str = "",
        brought: Brought = NOTHING_BROUGHT,
    ) -> Page:
        refusal = self._site.refusal(visit, error) if error else None
        field = Markup('<input type="hidden" name="code" value="{}">').format(visit.form.typed("code"))
        context = await self._item_pages.context(
            visit,
            found.view,
            found.comments,
            refusal,
            typed or {},
            act=CODE,
            code_field=field,
            sender=True,
            may_rate=found.view.rights.rate,
            may_reopen=found.view.rights.reopen,
            said=said,
            brought=brought.files,
        )
        return Page("feedback/item.html", context, refusal.status if refusal else 200, headers=_NO_STORE)


def _code(visit: Visit) -> str:
    """Give the code that was typed, or that the form carries."""
    return visit.form.secret("code")[:_LONGEST_CODE]
