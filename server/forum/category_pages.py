"""Categories as moderators and administrators set them, as pages: name, words, who reads and writes, contacts."""

from typing import Any, Final

from aiohttp import web

from server.forum.categories import MAX_DESCRIPTION, MAX_NAME, CategoryChange
from server.forum.model import Audience, Category
from server.forum.page_frame import ForumFrame
from server.kernel.access import Access, can_call
from server.kernel.errors import DomainError, InvalidInput, NotFound
from server.kernel.text import RawText
from server.web.site.forms import Form, Typed
from server.web.site.visit import Page, Refusal, Visit

PATH: Final = "/moderasi/kategori"
_NO_STORE: Final = {"Cache-Control": "no-store"}


class CategoryPages:
    """The pages.

    Args:
        forum: services and frame.
    """

    def __init__(self, forum: ForumFrame) -> None:
        self._forum = forum

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of the review, whose ids could be any word."""
        shown, posted = self._forum.site.shown, self._forum.site.posted
        app.router.add_get(PATH, shown(self._list))
        app.router.add_get(f"{PATH}/{{slug}}", shown(self._show))
        app.router.add_post(f"{PATH}/{{slug}}", posted(self._change))

    async def _list(self, visit: Visit) -> Page:
        actor = visit.require_access(Access.CURATOR)
        return self._page(visit, "categories", {"categories": await self._forum.categories.list(actor)})

    async def _show(self, visit: Visit) -> Page:
        return await self._one(visit, None)

    async def _one(self, visit: Visit, refusal: Refusal | None) -> Page:
        category = await self._category(visit)
        form = visit.form
        context = {
            "category": category,
            "name_text": form.typed("name") if refusal else Typed(category.name.value),
            "description_text": form.typed("description") if refusal else Typed(category.description.value),
            "audiences": [one.value for one in Audience],
            "longest_name": MAX_NAME,
            "longest_description": MAX_DESCRIPTION,
            "refusal": refusal,
        }
        return self._page(visit, "category", context)

    async def _change(self, visit: Visit) -> Page | web.StreamResponse:
        category = await self._category(visit)
        try:
            change = _change_in(visit.form, category)
            await self._forum.categories.change(visit.require(), category.id, change)
        except NotFound:
            raise
        except DomainError as error:
            return await self._one(visit, self._forum.site.refusal(visit, error))
        return self._forum.site.to(PATH)

    async def _category(self, visit: Visit) -> Category:
        actor = visit.require_access(Access.CURATOR)
        return await self._forum.categories.find(actor, visit.part["slug"])

    def _page(self, visit: Visit, name: str, more: dict[str, Any]) -> Page:
        refusal = more.get("refusal")
        context = self._forum.context(visit, **desk_of(visit), path=PATH, **more)
        return Page(f"forum/{name}.html", context, refusal.status if refusal else 200, headers=_NO_STORE)


def desk_of(visit: Visit) -> dict[str, bool]:
    """Say which pages of the moderators' desk are for the reader."""
    role = visit.actor.role if visit.actor is not None else None
    return {
        "is_moderator": role is not None and can_call(Access.MODERATOR, role),
        "is_curator": role is not None and can_call(Access.CURATOR, role),
    }


def _change_in(form: Form, category: Category) -> CategoryChange:
    """Read a form. What is as it was is not sent through the gate: placeholders in it are the server's own."""
    return CategoryChange(
        name=_unless_same(form, "name", category.name.value),
        description=_unless_same(form, "description", category.description.value),
        readers=_audience(form, "readers"),
        writers=_audience(form, "writers"),
        contact_allowed=form.is_on("contact_allowed"),
        position=form.number("position"),
        archived=form.is_on("archived"),
    )


def _unless_same(form: Form, name: str, before: str) -> RawText | None:
    return None if form.secret(name).strip() == before.strip() else form.text(name)


def _audience(form: Form, name: str) -> Audience:
    chosen = form.word(name)
    if chosen not in set(Audience):
        raise InvalidInput(fields={name: "not_allowed"})
    return Audience(chosen)
