"""Voting in polls as a form, and ending them."""

from aiohttp import web

from server.forum.page_frame import ForumFrame, place
from server.forum.polls import Polls
from server.web.site.visit import Visit


class PollPages:
    """What the forms under posts do.

    Args:
        forum: services and frame.
        polls: polls.
    """

    def __init__(self, forum: ForumFrame, polls: Polls) -> None:
        self._forum = forum
        self._polls = polls

    def attach(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_post("/forum/t/{number}/p/{seq}/jajak", self._forum.site.posted(self._act))

    async def _act(self, visit: Visit) -> web.StreamResponse:
        row = await self._forum.topic(visit)
        of_post = self._forum.post_id(visit, row.topic)
        if visit.form.is_on("close"):
            await self._polls.close(visit.require(), of_post)
        else:
            await self._polls.vote(visit.require(), of_post, visit.form.numbers("choice"))
        return self._forum.site.to(place(row.topic, int(visit.part["seq"])))
