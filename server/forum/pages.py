"""The forum's pages that are read: categories, lists, topics. All of them complete without JavaScript."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import orjson
from aiohttp import web
from markupsafe import Markup

from server.forum.follows import Subject
from server.forum.model import Audience, Category, TopicState, can_post
from server.forum.page_frame import LISTS, ContactNote, ForumFrame, category_path, number_of, place, shown_topic
from server.forum.reading import TopicList, TopicPage
from server.forum.topics import path_of
from server.kernel.errors import NotFound
from server.markup import excerpt
from server.web.site.forms import NOTHING_TYPED, Typed
from server.web.site.visit import Page, Refusal, Visit

ON_A_LIST = 30
_EXCERPT = 160
_LONG_EXCERPT = 400
_TAG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_ON_A_TOPIC = ("p", "kutip", "baru", "draf")
_NOINDEX = {"X-Robots-Tag": "noindex"}
KEPT_BY_NOBODY: Final[Mapping[str, str]] = {"Cache-Control": "no-store", "X-Robots-Tag": "noarchive"}
"""Pages on which a contact of its writer may stand: what is withdrawn is gone with the next look, everywhere."""


class ForumPages:
    """The pages.

    Args:
        forum: services and frame.
    """

    def __init__(self, forum: ForumFrame) -> None:
        self._forum = forum

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        add, shown = app.router.add_get, self._forum.site.shown
        add("/forum", shown(self._index, query=("sebelum",)))
        add("/forum/k/{slug}", shown(self._category, query=("sebelum",)))
        add("/forum/tag/{tag}", shown(self._tag, query=("sebelum",)))
        add("/forum/t/{number}", shown(self._topic, query=_ON_A_TOPIC))
        add("/forum/t/{number}/kabar", shown(self._news, query=("setelah",)))
        add("/forum/t/{number}/{slug}", shown(self._topic, query=_ON_A_TOPIC))

    # --- lists -----------------------------------------------------------------------------------------------------

    async def _index(self, visit: Visit) -> Page:
        before = visit.number("sebelum")
        forum, locale = self._forum, visit.locale
        company = forum.site.company
        found = await forum.lists.latest(visit.actor, before=before, limit=ON_A_LIST)
        categories = await forum.categories.list(visit.actor)
        empty = "forum.no_topics" if categories else "forum.no_categories"
        return self._list(
            visit,
            found,
            before,
            path="/forum",
            title=forum.site.text(locale, "forum.title"),
            description=forum.site.text(locale, "forum.description", company=company),
            categories=categories if before is None else (),
            empty=forum.site.text(locale, empty),
            can_begin=any(can_post(visit.actor, item) for item in categories) or visit.actor is None,
            tabs=self._tabs(visit),
            feed="/forum/feed.atom",
        )

    async def _category(self, visit: Visit) -> Page:
        before = visit.number("sebelum")
        forum = self._forum
        category = await forum.categories.find(visit.actor, visit.part["slug"])
        found = await forum.lists.in_category(visit.actor, category, before=before, limit=ON_A_LIST)
        show = forum.showing(visit)
        return self._list(
            visit,
            found,
            before,
            path=category_path(category),
            title=show.plain(category.name),
            description=show.plain(category.description) or show.plain(category.name),
            category=category,
            empty=forum.site.text(visit.locale, "forum.no_topics"),
            can_begin=can_post(visit.actor, category) or (visit.actor is None and not category.archived),
            feed=f"{category_path(category)}/feed.atom",
            is_public=category.readers is Audience.EVERYBODY,
            follow=await self._follow(visit, Subject.CATEGORY, category.id),
        )

    async def _tag(self, visit: Visit) -> Page:
        tag = visit.part["tag"]
        if not _TAG.fullmatch(tag):
            raise NotFound
        before = visit.number("sebelum")
        found = await self._forum.lists.tagged(visit.actor, tag, before=before, limit=ON_A_LIST)
        if not found.items and before is None:
            raise NotFound
        text = self._forum.site.text
        return self._list(
            visit,
            found,
            before,
            path=f"/forum/tag/{tag}",
            title=text(visit.locale, "forum.tagged", tag=tag),
            description=text(visit.locale, "forum.tag.lead"),
            empty=text(visit.locale, "forum.no_topics"),
            feed="/forum/feed.atom",
            follow=await self._follow(visit, Subject.TAG, tag),
        )

    async def _follow(self, visit: Visit, subject: Subject, identity: str) -> str:
        """What the reader may say of the place: `follow`, `unfollow`, or nothing where nobody is signed in."""
        if visit.actor is None:
            return ""
        return "unfollow" if await self._forum.follows.follows(visit.actor, subject, identity) else "follow"

    def _list(
        self,
        visit: Visit,
        found: TopicList,
        before: int | None,
        *,
        path: str,
        title: str,
        description: str,
        empty: str,
        feed: str,
        category: Category | None = None,
        categories: object = (),
        can_begin: bool = False,
        tabs: object = (),
        is_public: bool = True,
        follow: str = "",
    ) -> Page:
        canonical = path if before is None else f"{path}?{urlencode({'sebelum': before})}"
        context = self._forum.context(
            visit,
            title=title,
            description=description,
            category=category,
            categories=categories,
            rows=self._forum.rows(visit, found.items, with_category=category is None),
            next_bump=found.next_bump,
            first=before is None,
            empty=empty,
            can_begin=can_begin,
            tabs=tabs,
            feed=feed,
            follow=follow,
        )
        shows = frozenset({LISTS}) if is_public else frozenset()
        return Page("forum/index.html", context, canonical=canonical if is_public else "", shows=shows)

    def unread_page(self, visit: Visit, found: TopicList, before: int | None) -> Page:
        """Give the list of what the reader has begun to read and not read to its end."""
        text = self._forum.site.text
        return self._list(
            visit,
            found,
            before,
            path="/forum/belum-dibaca",
            title=text(visit.locale, "forum.unread.title"),
            description=text(visit.locale, "forum.unread.lead"),
            empty=text(visit.locale, "forum.nothing_unread"),
            tabs=self._tabs(visit),
            feed="/forum/feed.atom",
            is_public=False,
        )

    def _tabs(self, visit: Visit) -> list[tuple[str, str]]:
        if visit.actor is None:
            return []
        return [
            ("latest", "/forum"),
            ("unread", "/forum/belum-dibaca"),
            ("bookmarks", "/forum/penanda"),
            ("followed", "/forum/diikuti"),
        ]

    # --- topics ----------------------------------------------------------------------------------------------------

    async def _topic(self, visit: Visit) -> Page | web.StreamResponse:
        forum = self._forum
        row = await forum.topic(visit)
        topic = row.topic
        if topic.state is TopicState.MOVED and topic.moved_to is not None:
            target = await forum.topics.get(visit.actor, topic.moved_to)
            return forum.site.to(path_of(target.topic), status=301)
        if visit.actor is not None and visit.request.query.get("baru"):
            read_seq = await forum.lists.read_seq(visit.actor, topic)
            if read_seq is not None:
                return forum.site.to(place(topic, min(read_seq + 1, topic.last_seq)))
        if visit.request.path != path_of(topic):
            query = visit.request.query_string
            return forum.site.to(f"{path_of(topic)}{'?' + query if query else ''}", status=301)
        page = await forum.posts.page(visit.actor, row, visit.number("p") or 1)
        quoted = visit.number("kutip") if visit.actor is not None else None
        text = await self._quoting(visit, page, quoted) if quoted else NOTHING_TYPED
        drafted = visit.actor is not None and bool(visit.request.query.get("draf"))
        if drafted:
            text = await self._forum.drafted(visit, topic.id) or text
        notes = await self.notes(visit, page)
        return self.topic_page(visit, page, text=text, reply_to=quoted, notes=notes, drafted=drafted)

    async def notes(self, visit: Visit, page: TopicPage) -> Sequence[ContactNote]:
        """Give what the form under a topic says of contacts."""
        if not page.rights.reply:
            return ()
        address = f"{path_of(page.row.topic)}{f'?p={page.page}' if page.page > 1 else ''}"
        return await self._forum.contact_notes(visit, [page.row.category], f"{address}#balas")

    def topic_page(
        self,
        visit: Visit,
        page: TopicPage,
        *,
        text: Typed = NOTHING_TYPED,
        reply_to: int | None = None,
        refusal: Refusal | None = None,
        notes: Sequence[ContactNote] = (),
        drafted: bool = False,
    ) -> Page:
        """Give the page of a topic, with what is being written in its form, and what the form says of contacts."""
        forum, topic = self._forum, page.row.topic
        show = forum.showing(visit)
        is_public = page.row.category.readers is Audience.EVERYBODY and topic.state is TopicState.PUBLISHED
        first = next((view.post for view in page.posts if view.readable), None)
        canonical = f"{path_of(topic)}{f'?p={page.page}' if page.page > 1 else ''}" if is_public else ""
        context = forum.context(
            visit,
            page=page,
            # For search engines and previews, which are nobody's.
            excerpt=show.words(excerpt(first.text, _EXCERPT)) if first and visit.actor is None else "",
            linked=self._linked(visit, page) if is_public and visit.actor is None else None,
            client_id=secrets.token_hex(16),
            text=text,
            reply_to=reply_to,
            refusal=refusal,
            notes=notes,
            drafted=drafted,
        )
        shows = frozenset({shown_topic(topic.id)}) if is_public and not has_contacts(page) else frozenset()
        return Page(
            "forum/topic.html",
            context,
            refusal.status if refusal else 200,
            canonical,
            shows,
            headers=KEPT_BY_NOBODY if has_contacts(page) else {},
            piece=forum.articles.of(visit, page),
        )

    async def _news(self, visit: Visit) -> Page:
        """The posts after one, as they stand in the page."""
        forum = self._forum
        row = await forum.topics.find(visit.actor, number_of(visit, "number"))
        after = visit.number("setelah", least=0)
        if after is None:
            raise NotFound
        page = await forum.posts.follow(visit.actor, row.topic.id, after)
        headers = {**_NOINDEX, "X-Last-Seq": str(max((view.post.seq for view in page.posts), default=after))}
        shows = frozenset({shown_topic(row.topic.id)})
        if has_contacts(page):
            headers, shows = {**headers, "Cache-Control": "no-store"}, frozenset()
        piece = forum.articles.of(visit, page)
        return Page("forum/news.html", forum.context(visit), shows=shows, headers=headers, piece=piece)

    async def _quoting(self, visit: Visit, page: TopicPage, seq: int) -> Typed:
        """Begin a reply with the post that it answers. What is stored is redacted already."""
        _, view = await self._forum.posts.get(visit.actor, f"{page.row.topic.id}.{seq}")
        if not view.readable or view.author is None:
            return NOTHING_TYPED
        said = self._forum.showing(visit).words(excerpt(view.post.text, _LONG_EXCERPT))
        return Typed(f"> @{view.author.handle} #{seq}\n> {said}\n\n")

    def _linked(self, visit: Visit, page: TopicPage) -> Markup | None:
        """Give the topic as search engines read it (schema.org/DiscussionForumPosting): handles, never names."""
        topic, site = page.row.topic, self._forum.site
        show = self._forum.showing(visit)

        def whole(path: str) -> str:
            return site.absolute(visit.request, path)

        def posting(seq: int) -> dict[str, object] | None:
            view = next((view for view in page.posts if view.post.seq == seq and view.readable), None)
            if view is None or view.author is None:
                return None
            return {
                "author": {"@type": "Person", "name": view.author.handle, "url": whole(view.author.path)},
                "datePublished": view.post.created_at.isoformat(timespec="seconds"),
                "text": show.words(excerpt(view.post.text, _LONG_EXCERPT)),
                "url": whole(place(topic, seq)),
            }

        begun = posting(1)
        if begun is None:
            return None
        comments = [posting(view.post.seq) for view in page.posts if view.post.seq > 1]
        data = {
            "@context": "https://schema.org",
            "@type": "DiscussionForumPosting",
            "headline": show.plain(topic.title),
            **begun,
            "url": whole(path_of(topic)),
            "dateModified": topic.active_at.isoformat(timespec="seconds"),
            "commentCount": topic.replies,
            "comment": [{"@type": "Comment", **item} for item in comments if item],
        }
        # As the only thing in its element, and without anything that could end it.
        safe = orjson.dumps(data).decode().replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
        return Markup(safe)  # noqa: S704 (JSON, with every character that means something to HTML escaped)


def has_contacts(page: TopicPage) -> bool:
    """Whether something in a page hangs on a permission, which may be given or withdrawn without a post changing."""
    return page.row.category.contact_allowed and any(view.post.contacts for view in page.posts if view.readable)
