"""Following places and tags as forms, and the list of what one follows."""

from aiohttp import web

from server.forum.follows import Follows, Interest, Subject
from server.forum.page_frame import ForumFrame, category_path
from server.forum.words import is_tag
from server.kernel.errors import InvalidInput, NotFound
from server.web.site.visit import Page, Visit

_MOST_TOPICS = 50
"""Of the topics that somebody follows, those that were written in last."""


class FollowPages:
    """The pages.

    Args:
        forum: services and frame.
        follows: who wants to hear of what.
    """

    def __init__(self, forum: ForumFrame, follows: Follows) -> None:
        self._forum = forum
        self._follows = follows

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of `ForumPages`: a slug could be any word."""
        shown, posted = self._forum.site.shown, self._forum.site.posted
        app.router.add_post("/forum/k/{slug}/ikuti", posted(self._category))
        app.router.add_post("/forum/tag/{tag}/ikuti", posted(self._tag))
        app.router.add_get("/forum/diikuti", shown(self._list))
        app.router.add_post("/forum/diikuti", posted(self._leave))

    async def _category(self, visit: Visit) -> web.StreamResponse:
        category = await self._forum.categories.find(visit.require(), visit.part["slug"])
        await self._follows.set(visit.require(), Subject.CATEGORY, category.id, _wish(visit))
        return self._forum.site.to(category_path(category))

    async def _tag(self, visit: Visit) -> web.StreamResponse:
        tag = visit.part["tag"]
        if not is_tag(tag):
            raise NotFound
        await self._follows.set(visit.require(), Subject.TAG, tag, _wish(visit))
        return self._forum.site.to(f"/forum/tag/{tag}")

    async def _list(self, visit: Visit) -> Page:
        actor = visit.require()
        followed = await self._follows.of(actor)
        ids = [identity for subject, identity in followed if subject is Subject.TOPIC]
        wanted = {identity for subject, identity in followed if subject is Subject.CATEGORY}
        context = self._forum.context(
            visit,
            places=[item for item in await self._forum.categories.list(actor) if item.id in wanted],
            tags=[identity for subject, identity in followed if subject is Subject.TAG],
            rows=await self._follows.topics(actor, ids, limit=_MOST_TOPICS),
        )
        return Page("forum/followed.html", context)

    async def _leave(self, visit: Visit) -> web.StreamResponse:
        """Follow something no longer, from the list of all."""
        form = visit.form
        for subject in Subject:
            if form.word(subject.value):
                await self._follows.set(visit.require(), subject, form.word(subject.value), Interest.NONE)
                return self._forum.site.to("/forum/diikuti")
        raise InvalidInput(fields={"target": "required"})


def _wish(visit: Visit) -> Interest:
    return Interest.FOLLOW if visit.form.is_on("on") else Interest.NONE
