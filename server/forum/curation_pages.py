"""The page on which moderators manage a topic: pin, lock, archive, move, split, merge. One form each, one step each."""

from aiohttp import web

from server.forum.admission import MAX_TITLE
from server.forum.curation import Curation
from server.forum.model import Topic, require
from server.forum.moving import Moving
from server.forum.page_frame import ForumFrame
from server.forum.topics import path_of
from server.kernel.errors import DomainError, InvalidInput
from server.markup import excerpt
from server.web.site.visit import Page, Refusal, Visit

_SWITCHES = ("pinned", "locked", "archived")


class CurationPages:
    """The page.

    Args:
        forum: services and frame.
        curation: what is changed about topics.
        moving: posts between topics.
    """

    def __init__(self, forum: ForumFrame, curation: Curation, moving: Moving) -> None:
        self._forum = forum
        self._curation = curation
        self._moving = moving

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of `ForumPages`: a slug could be any word."""
        shown, posted = self._forum.site.shown, self._forum.site.posted
        app.router.add_get("/forum/t/{number}/kelola", shown(self._show))
        app.router.add_post("/forum/t/{number}/kelola", posted(self._act))

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        row = await self._forum.topic(visit)
        try:
            topic = await self._done(visit, row.topic)
        except DomainError as error:
            return await self._page(visit, self._forum.site.refusal(visit, error))
        return self._forum.site.to(path_of(topic))

    async def _done(self, visit: Visit, topic: Topic) -> Topic:
        actor, form = visit.require(), visit.form
        act = form.word("act")
        if act in _SWITCHES:
            wish = form.is_on("on")
            return await self._curation.set(
                actor,
                topic.id,
                pinned=wish if act == "pinned" else None,
                locked=wish if act == "locked" else None,
                archived=wish if act == "archived" else None,
            )
        if act == "move":
            return await self._curation.move(actor, topic.id, form.word("category"))
        if act == "split":
            seqs = form.numbers("seq")
            if not seqs:
                raise InvalidInput(fields={"seq": "required"})
            return await self._moving.split(actor, topic.id, seqs, form.text("title"))
        if act == "merge":
            into = await self._forum.topics.find(actor, form.number("into") or 0)
            return await self._moving.merge(actor, topic.id, into.topic.id)
        raise InvalidInput(fields={"act": "not_allowed"})

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        forum = self._forum
        row = await forum.topic(visit)
        page = await forum.posts.page(visit.require(), row, visit.number("p") or 1)
        require(page.rights.curate)
        context = forum.context(
            visit,
            page=page,
            categories=await forum.categories.list(visit.actor),
            excerpt=excerpt,
            switches=[(name, getattr(row.topic, name)) for name in _SWITCHES],
            longest_title=MAX_TITLE,
            title_text=visit.form.typed("title"),
            refusal=refusal,
        )
        return Page("forum/curate.html", context, refusal.status if refusal else 200)
