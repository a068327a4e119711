"""The forum's pages on which people write: topics, answers, titles. A refused form comes back with what was typed."""

import secrets
from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web

from server.attachments.forms import ImageForms
from server.forum.admission import MAX_TITLE
from server.forum.drafts import Draft
from server.forum.model import Category, can_post, can_schedule, require
from server.forum.page_frame import SIGN_CONTACT, ContactNote, ForumFrame, category_path, place
from server.forum.pages import ForumPages
from server.forum.polls import NewPoll
from server.forum.reading import TopicRow, pages_of
from server.forum.restoring import NEW_TOPIC
from server.forum.topics import NewTopic, path_of
from server.kernel.errors import DomainError, InvalidInput, NotFound
from server.web.site.forms import NOTHING_TYPED, Form, Typed
from server.web.site.visit import Page, Refusal, Visit


class WritingPages:
    """The pages.

    Args:
        forum: services and frame.
        pages: the pages that are read.
        images: takes in images that come with texts.
    """

    def __init__(self, forum: ForumFrame, pages: ForumPages, images: ImageForms) -> None:
        self._forum = forum
        self._pages = pages
        self._images = images

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of `ForumPages`: a slug could be any word."""
        shown, posted = self._forum.site.shown, self._forum.site.posted
        app.router.add_get("/forum/baru", shown(self._show_new, query=("k", "draf")))
        app.router.add_post("/forum/baru", posted(self._begin, most_file=self._images.most))
        app.router.add_post("/forum/t/{number}/balas", posted(self._reply, most_file=self._images.most))
        app.router.add_get("/forum/t/{number}/ubah", shown(self._show_title))
        app.router.add_post("/forum/t/{number}/ubah", posted(self._change_title))

    # --- a new topic -----------------------------------------------------------------------------------------------

    async def _show_new(self, visit: Visit) -> Page:
        actor = visit.require()
        slug = visit.request.query.get("k", "")
        chosen = next((item.id for item in await self._writable(visit) if item.slug == slug), "")
        require(any(can_post(actor, item) for item in await self._forum.categories.list(actor)))
        draft = await self._kept_draft(visit) if visit.request.query.get("draf") else None
        return await self._new_page(visit, chosen=chosen, draft=draft)

    async def _kept_draft(self, visit: Visit) -> Draft | None:
        try:
            return await self._forum.drafts.get(visit.require(), NEW_TOPIC)
        except NotFound:
            return None

    async def _begin(self, visit: Visit) -> Page | web.StreamResponse:
        try:
            visit = await self._images.taken(visit)
            form = visit.form
            if self._images.only_attaches(visit):
                return await self._new_page(visit, chosen=form.word("category"))
            if form.is_on("sign"):
                return await self._to_sign(visit, NEW_TOPIC, await self._writable(visit), form.word("category"))
            if not form.word("category"):
                raise InvalidInput(fields={"category_id": "required"})
            new = NewTopic(
                category_id=form.word("category"),
                title=form.text("title"),
                text=form.text("text"),
                tags=form.pieces("tags", ","),
                client_post_id=form.word("client_id") or None,
                publish_at=form.moment("publish_at", "zone"),
                poll=_poll_of(form),
            )
            written = await self._forum.topics.begin(visit.require(), new)
            await self._sent(visit, NEW_TOPIC)
        except DomainError as error:
            # Also for whoever is no longer signed in: what they wrote stays in the form.
            return await self._new_page(visit, chosen=visit.form.word("category"), refusal=self._refusal(visit, error))
        return self._forum.site.to(path_of(written.topic))

    async def _new_page(
        self, visit: Visit, *, chosen: str, refusal: Refusal | None = None, draft: Draft | None = None
    ) -> Page:
        text = self._forum.site.text
        title = text(visit.locale, "write.new")
        categories = await self._writable(visit)
        slug = next((item.slug for item in categories if item.id == chosen), "")
        back = f"/forum/baru?{urlencode({'k': slug})}" if slug else "/forum/baru"
        context = self._forum.context(
            visit,
            kind="topic",
            title=title,
            action="/forum/baru",
            scope="new",
            steps=[],
            back="/forum",
            send=text(visit.locale, "write.send"),
            categories=categories,
            notes=await self._forum.contact_notes(visit, categories, back),
            drafted=draft is not None or visit.form.is_on("from_draft"),
            chosen=chosen,
            client_id=visit.form.word("client_id") or secrets.token_hex(16),
            title_text=Typed(draft.title.value) if draft else visit.form.typed("title"),
            text=Typed(draft.text.value) if draft else visit.form.typed("text"),
            tags_text=visit.form.typed("tags"),
            poll_text=visit.form.typed("poll_options"),
            poll_multiple=visit.form.is_on("poll_multiple"),
            longest_title=MAX_TITLE,
            may_schedule=can_schedule(visit.actor),
            publish_at=visit.form.typed("publish_at"),
            zone=visit.form.word("zone"),
            refusal=refusal,
        )
        return Page("forum/write.html", context, refusal.status if refusal else 200)

    async def _writable(self, visit: Visit) -> list[Category]:
        found = await self._forum.categories.list(visit.actor)
        return [item for item in found if visit.actor is None or can_post(visit.actor, item)]

    # --- an answer -------------------------------------------------------------------------------------------------

    async def _reply(self, visit: Visit) -> Page | web.StreamResponse:
        forum = self._forum
        row = await forum.topic(visit)
        reply_to = visit.form.number("reply_to")
        try:
            visit = await self._images.taken(visit)
            form = visit.form
            if self._images.only_attaches(visit):
                return await self._answering(visit, row, reply_to)
            if form.is_on("sign"):
                return await self._to_sign(visit, row.topic.id, [row.category], row.category.id, row)
            written = await forum.posts.reply(
                visit.require(),
                row.topic.id,
                form.text("text"),
                reply_to=reply_to,
                client_post_id=form.word("client_id") or None,
            )
            await self._sent(visit, row.topic.id)
        except DomainError as error:
            refusal = self._refusal(visit, error)
            if visit.actor is None:
                return self._kept(visit, refusal, path_of(row.topic), f"/forum/t/{row.topic.number}/balas")
            return await self._answering(visit, row, reply_to, refusal)
        return forum.site.to(place(written.topic, written.post.seq))

    async def _answering(
        self, visit: Visit, row: TopicRow, reply_to: int | None, refusal: Refusal | None = None
    ) -> Page:
        """The topic's last page, with what was typed in its form."""
        page = await self._forum.posts.page(visit.actor, row, pages_of(row.topic))
        text = visit.form.typed("text")
        return self._pages.topic_page(
            visit,
            page,
            text=text,
            reply_to=reply_to,
            refusal=refusal,
            notes=await self._pages.notes(visit, page),
            drafted=visit.form.is_on("from_draft"),
        )

    async def _to_sign(
        self, visit: Visit, place: str, offered: Sequence[Category], chosen: str, row: TopicRow | None = None
    ) -> web.StreamResponse:
        """Keep what was typed as a draft, redacted, and lead to where a contact is signed; the way back has it again.

        Raises:
            InvalidInput, RedactionUnavailable: it can't be kept; then nobody is led away from it.
        """
        form = visit.form
        if form.typed("text") or form.typed("title"):
            await self._forum.drafts.save(visit.require(), place, form.text("title"), form.text("text"))
        category = next((item for item in offered if item.id == chosen), None)
        slug = category.slug if category is not None else ""
        if row is not None:
            page = pages_of(row.topic)
            back = f"{path_of(row.topic)}?draf=1{f'&p={page}' if page > 1 else ''}#balas"
        else:
            back = f"/forum/baru?{urlencode({'k': slug, 'draf': 1} if slug else {'draf': 1})}"
        return self._forum.site.to(f"{SIGN_CONTACT}?{urlencode({'kategori': slug, 'kembali': back})}")

    async def _sent(self, visit: Visit, place: str) -> None:
        """Forget the draft that was sent, where no script does."""
        if visit.form.is_on("from_draft"):
            await self._forum.drafts.remove(visit.require(), place)

    def _kept(self, visit: Visit, refusal: Refusal, back: str, action: str) -> Page:
        """The text of somebody whose session ended meanwhile, to be sent again once they are signed in."""
        return self.text_page(visit, visit.form.typed("text"), "topic.reply.title", action, back, refusal)

    def text_page(
        self,
        visit: Visit,
        text: Typed,
        title: str,
        action: str,
        back: str,
        refusal: Refusal | None = None,
        *,
        notes: Sequence[ContactNote] = (),
    ) -> Page:
        """Give a page with one text to write."""
        words = self._forum.site.text
        context = self._forum.context(
            visit,
            kind="post",
            title=words(visit.locale, title),
            action=action,
            scope="",
            steps=[],
            back=back,
            send=words(visit.locale, "write.save" if title == "write.edit" else "topic.reply.send"),
            text=text,
            refusal=refusal,
            notes=notes,
        )
        return Page("forum/write.html", context, refusal.status if refusal else 200)

    # --- title and tags --------------------------------------------------------------------------------------------

    async def _show_title(self, visit: Visit) -> Page:
        row = await self._forum.topic(visit)
        page = await self._forum.posts.page(visit.require(), row, 1)
        require(page.rights.edit)
        tags = ", ".join(row.topic.tags)
        return await self._title_page(visit, Typed(row.topic.title.value), Typed(tags))

    async def _change_title(self, visit: Visit) -> Page | web.StreamResponse:
        form = visit.form
        row = await self._forum.topic(visit)
        try:
            # Unchanged is not sent through the gate again: placeholders in it are the server's, not typed ones.
            same = form.secret("title").strip() == row.topic.title.value
            changed = await self._forum.topics.edit(
                visit.require(),
                row.topic.id,
                title=None if same else form.text("title"),
                tags=form.pieces("tags", ","),
            )
        except DomainError as error:
            return await self._title_page(visit, form.typed("title"), form.typed("tags"), self._refusal(visit, error))
        return self._forum.site.to(path_of(changed.topic))

    async def _title_page(self, visit: Visit, title: Typed, tags: Typed, refusal: Refusal | None = None) -> Page:
        row = await self._forum.topic(visit)
        text, show = self._forum.site.text, self._forum.showing(visit)
        steps = [
            (show.line(row.category.name), category_path(row.category)),
            (show.line(row.topic.title), path_of(row.topic)),
        ]
        context = self._forum.context(
            visit,
            kind="title",
            title=text(visit.locale, "write.edit_title"),
            action=f"/forum/t/{row.topic.number}/ubah",
            scope=row.topic.id,
            steps=steps,
            back=path_of(row.topic),
            send=text(visit.locale, "write.save"),
            title_text=title,
            tags_text=tags,
            longest_title=MAX_TITLE,
            text=NOTHING_TYPED,
            refusal=refusal,
        )
        return Page("forum/write.html", context, refusal.status if refusal else 200)

    def _refusal(self, visit: Visit, error: DomainError) -> Refusal:
        return self._forum.site.refusal(visit, error)


def _poll_of(form: Form) -> NewPoll | None:
    """Give the poll that a form asks for; each line is an option."""
    options = form.pieces("poll_options", "\n")
    return NewPoll(options, multiple=form.is_on("poll_multiple")) if options else None
