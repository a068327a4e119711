"""Where contacts of writers stand, for moderators, as a page; and the button that takes one out of a post."""

from typing import Final

from aiohttp import web

from server.forum.category_pages import desk_of
from server.forum.contact_desk import ContactDesk
from server.forum.page_frame import ForumFrame, place
from server.kernel.access import Access
from server.web.site.visit import Page, Visit

PATH: Final = "/moderasi/kontak"
_NO_STORE: Final = {"Cache-Control": "no-store"}


class ContactDeskPages:
    """The page.

    Args:
        forum: services and frame.
        desk: what moderators do about contacts.
    """

    def __init__(self, forum: ForumFrame, desk: ContactDesk) -> None:
        self._forum = forum
        self._desk = desk

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of the review and of topics, whose parts could be any word."""
        app.router.add_get(PATH, self._forum.site.shown(self._list))
        app.router.add_post("/forum/t/{number}/p/{seq}/kontak", self._forum.site.posted(self._close))

    async def _list(self, visit: Visit) -> Page:
        actor = visit.require_access(Access.MODERATOR)
        rows = await self._desk.marked(actor)
        context = self._forum.context(visit, **desk_of(visit), rows=rows, place_of=place)
        return Page("forum/contacts.html", context, headers=_NO_STORE)

    async def _close(self, visit: Visit) -> web.StreamResponse:
        actor = visit.require_access(Access.MODERATOR)
        row = await self._forum.topic(visit)
        of_post = self._forum.post_id(visit, row.topic)
        # The button lets in what was taken out, and takes out what stands.
        post = await self._desk.close(actor, of_post, closed=not visit.form.is_on("on"))
        return self._forum.site.to(PATH if visit.form.is_on("list") else place(row.topic, post.seq))
