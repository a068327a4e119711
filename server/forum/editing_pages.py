"""The forum's pages on which posts that are there are changed: edited, compared, taken back, accepted."""

from collections.abc import Sequence

from aiohttp import web

from server.attachments.forms import ImageForms
from server.forum.curation import Curation
from server.forum.editing import Editing
from server.forum.model import require
from server.forum.page_frame import ContactNote, ForumFrame, place
from server.forum.topics import path_of
from server.forum.writing_pages import WritingPages
from server.kernel.errors import DomainError
from server.web.site.forms import Typed
from server.web.site.visit import Page, Visit


class EditingPages:
    """The pages.

    Args:
        forum: services and frame.
        writing: the pages with forms.
        editing: changes of posts.
        curation: which answer solved a topic.
        images: takes in images that come with texts.
    """

    def __init__(
        self, forum: ForumFrame, writing: WritingPages, editing: Editing, curation: Curation, images: ImageForms
    ) -> None:
        self._forum = forum
        self._writing = writing
        self._editing = editing
        self._curation = curation
        self._images = images

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of `ForumPages`: a slug could be any word."""
        shown, posted = self._forum.site.shown, self._forum.site.posted
        base = "/forum/t/{number}/p/{seq}"
        app.router.add_get(f"{base}/ubah", shown(self._show))
        app.router.add_post(f"{base}/ubah", posted(self._change, most_file=self._images.most))
        app.router.add_post(f"{base}/wiki", posted(self._open))
        app.router.add_post(f"{base}/tarik", posted(self._withdraw))
        app.router.add_get(f"{base}/riwayat", shown(self._history))
        app.router.add_post("/forum/t/{number}/terima", posted(self._accept))

    async def _show(self, visit: Visit) -> Page:
        actor = visit.require()
        row = await self._forum.topic(visit)
        _, view = await self._forum.posts.get(actor, self._forum.post_id(visit, row.topic))
        require(view.rights.edit)
        back = place(row.topic, view.post.seq)
        notes: Sequence[ContactNote] = ()
        if view.post.author_id == actor.account_id:
            notes = await self._forum.contact_notes(visit, [row.category], visit.request.path)
        typed = Typed(view.post.text.value)
        return self._writing.text_page(visit, typed, "write.edit", visit.request.path, back, notes=notes)

    async def _change(self, visit: Visit) -> Page | web.StreamResponse:
        row = await self._forum.topic(visit)
        try:
            visit = await self._images.taken(visit)
            if self._images.only_attaches(visit):
                typed = visit.form.typed("text")
                return self._writing.text_page(visit, typed, "write.edit", visit.request.path, path_of(row.topic))
            post = await self._editing.edit(
                visit.require(), self._forum.post_id(visit, row.topic), visit.form.text("text")
            )
        except DomainError as error:
            refusal = self._forum.site.refusal(visit, error)
            typed = visit.form.typed("text")
            return self._writing.text_page(visit, typed, "write.edit", visit.request.path, path_of(row.topic), refusal)
        return self._forum.site.to(place(row.topic, post.seq))

    async def _open(self, visit: Visit) -> web.StreamResponse:
        row = await self._forum.topic(visit)
        of_post = self._forum.post_id(visit, row.topic)
        post = await self._editing.open_to_all(visit.require(), of_post, wiki=visit.form.is_on("on"))
        return self._forum.site.to(place(row.topic, post.seq))

    async def _withdraw(self, visit: Visit) -> web.StreamResponse:
        row = await self._forum.topic(visit)
        post = await self._editing.withdraw(visit.require(), self._forum.post_id(visit, row.topic))
        # A topic that nobody answered goes with its first post.
        return self._forum.site.to("/forum" if post.seq == 1 else place(row.topic, post.seq))

    async def _history(self, visit: Visit) -> Page:
        actor = visit.require()
        row = await self._forum.topic(visit)
        of_post = self._forum.post_id(visit, row.topic)
        _, view = await self._forum.posts.get(actor, of_post)
        changes = await self._editing.history(actor, of_post)
        context = self._forum.context(visit, row=row, view=view, changes=changes, back=place(row.topic, view.post.seq))
        return Page("forum/history.html", context)

    async def _accept(self, visit: Visit) -> web.StreamResponse:
        row = await self._forum.topic(visit)
        seq = visit.form.number("seq")
        await self._curation.accept(visit.require(), row.topic.id, seq)
        return self._forum.site.to(place(row.topic, seq or 1))
