"""What readers do with posts, as forms: react, keep, follow; and the lists of what they keep and have not read."""

from aiohttp import web

from server.forum.follows import Interest, Subject
from server.forum.model import Topic
from server.forum.page_frame import ForumFrame, place
from server.forum.pages import ON_A_LIST, ForumPages
from server.forum.topics import path_of
from server.kernel.errors import InvalidInput
from server.web.site.visit import Page, Visit


class MarkPages:
    """The pages.

    Args:
        forum: services and frame.
        pages: the pages with lists.
    """

    def __init__(self, forum: ForumFrame, pages: ForumPages) -> None:
        self._forum = forum
        self._pages = pages

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of `ForumPages`: a slug could be any word."""
        shown, posted = self._forum.site.shown, self._forum.site.posted
        app.router.add_post("/forum/t/{number}/p/{seq}/reaksi", posted(self._react))
        app.router.add_post("/forum/t/{number}/p/{seq}/penanda", posted(self._keep))
        app.router.add_post("/forum/t/{number}/ikuti", posted(self._follow))
        app.router.add_get("/forum/penanda", shown(self._kept))
        app.router.add_get("/forum/belum-dibaca", shown(self._unread))

    async def _react(self, visit: Visit) -> web.StreamResponse:
        row = await self._forum.topic(visit)
        given, taken = visit.form.word("give"), visit.form.word("take")
        if not given and not taken:
            raise InvalidInput(fields={"kind": "required"})
        of_post = self._forum.post_id(visit, row.topic)
        await self._forum.marks.react(visit.require(), of_post, given or taken, given=bool(given))
        return self._back(visit, row.topic)

    async def _keep(self, visit: Visit) -> web.StreamResponse:
        row = await self._forum.topic(visit)
        of_post = self._forum.post_id(visit, row.topic)
        await self._forum.marks.bookmark(visit.require(), of_post, kept=visit.form.is_on("on"))
        return self._back(visit, row.topic)

    async def _follow(self, visit: Visit) -> web.StreamResponse:
        row = await self._forum.topic(visit)
        interest = Interest.FOLLOW if visit.form.is_on("on") else Interest.NONE
        await self._forum.follows.set(visit.require(), Subject.TOPIC, row.topic.id, interest)
        return self._forum.site.to(path_of(row.topic))

    async def _kept(self, visit: Visit) -> Page:
        actor = visit.require()
        found = await self._forum.marks.bookmarks(actor, before_id=None, limit=ON_A_LIST)
        kept = await self._forum.posts.kept(actor, [bookmark.post_id for bookmark in found])
        items = [kept[one.post_id] for one in found if one.post_id in kept and kept[one.post_id][1].readable]
        return Page("forum/kept.html", self._forum.context(visit, items=items))

    async def _unread(self, visit: Visit) -> Page:
        before = visit.number("sebelum")
        found = await self._forum.lists.unread(visit.require(), before=before, limit=ON_A_LIST)
        return self._pages.unread_page(visit, found, before)

    def _back(self, visit: Visit, topic: Topic) -> web.StreamResponse:
        return self._forum.site.to(place(topic, int(visit.part["seq"])))
