"""What programs read of the forum: Atom feeds (RFC 4287), sitemaps (sitemaps.org), robots.txt. Public things only."""

from collections.abc import Sequence

from aiohttp import web

from server.forum.model import POSTS_A_PAGE, Category, Topic
from server.forum.page_frame import LISTS, ForumFrame, category_path, number_of, place, shown_topic
from server.forum.public import PublicTopics
from server.forum.reading import PostView
from server.forum.topics import path_of
from server.web.pages import ACCOUNT_PATHS
from server.web.site.visit import Page, Visit

_ON_A_FEED = 20
_ATOM = {"Content-Type": "application/atom+xml; charset=utf-8"}
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_CLOSED = (
    *("/api/", "/desk", "/widget", "/masuk", "/keluar", "/daftar", "/moderasi", "/pemberitahuan", "/forum/cari"),
    *("/cari", "/wawasan", "/laporan", "/survei"),
    *("/saran/baru", "/saran/kode", "/saran/saya", "/triase"),
    *("/forum/baru", "/forum/penanda", "/forum/belum-dibaca", *ACCOUNT_PATHS.values()),
)
"""Addresses that no search engine needs."""


class Feeds:
    """The feeds and maps.

    Args:
        forum: services and frame.
        public: the topics that everybody may read.
    """

    def __init__(self, forum: ForumFrame, public: PublicTopics) -> None:
        self._forum = forum
        self._public = public

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of `ForumPages`: a slug could be any word."""
        add, shown = app.router.add_get, self._forum.site.shown
        add("/forum/feed.atom", shown(self._latest))
        add("/forum/k/{slug}/feed.atom", shown(self._category))
        add("/forum/t/{number}/feed.atom", shown(self._topic))
        add("/sitemap.xml", shown(self._sitemap))
        add("/sitemap-{part:[0-9]{1,6}}.xml", shown(self._part))
        add("/robots.txt", self._robots)

    async def _latest(self, visit: Visit) -> Page:
        """Nobody's session is looked at: a feed shows what everybody may read."""
        found = await self._forum.lists.latest(None, limit=_ON_A_FEED)
        title = self._forum.site.text(visit.locale, "forum.title")
        return await self._feed(visit, title, "/forum", [row.topic for row in found.items])

    async def _category(self, visit: Visit) -> Page:
        category: Category = await self._forum.categories.find(None, visit.part["slug"])
        found = await self._forum.lists.in_category(None, category, limit=_ON_A_FEED)
        title = self._forum.showing(visit).plain(category.name)
        return await self._feed(visit, title, category_path(category), [row.topic for row in found.items])

    async def _feed(self, visit: Visit, title: str, path: str, topics: Sequence[Topic]) -> Page:
        entries: list[tuple[Topic, PostView]] = []
        for topic in topics:
            _, view = await self._forum.posts.get(None, f"{topic.id}.1")
            entries.append((topic, view))
        return self._page(visit, title, path, entries, frozenset({LISTS}))

    async def _topic(self, visit: Visit) -> Page:
        row = await self._forum.topics.find(None, number_of(visit, "number"))
        found = await self._forum.posts.after(None, row.topic.id, row.topic.last_seq - POSTS_A_PAGE)
        entries = [(row.topic, view) for view in reversed(found.posts)]
        title = self._forum.showing(visit).plain(row.topic.title)
        return self._page(visit, title, path_of(row.topic), entries, frozenset({shown_topic(row.topic.id)}))

    def _page(
        self, visit: Visit, title: str, path: str, entries: Sequence[tuple[Topic, PostView]], shows: frozenset[str]
    ) -> Page:
        readable = [(topic, view) for topic, view in entries if view.readable and view.author is not None]
        moments = [view.post.edited_at or view.post.created_at for _, view in readable]
        context = self._forum.context(
            visit,
            title=title,
            path=path,
            feed_path=f"{path}/feed.atom" if path.startswith("/forum/k/") else visit.request.path,
            entries=readable,
            updated=max(moments) if moments else None,
            place=place,
        )
        return Page("forum/feed.xml", context, shows=shows, headers=_ATOM)

    async def _sitemap(self, visit: Visit) -> Page:
        context = self._forum.context(visit, parts=await self._public.parts())
        return Page("forum/sitemap.xml", context, shows=frozenset({LISTS}), headers=_XML)

    async def _part(self, visit: Visit) -> Page:
        topics = await self._public.part(int(visit.part["part"]))
        context = self._forum.context(visit, topics=topics)
        return Page("forum/sitemap_part.xml", context, shows=frozenset({LISTS}), headers=_XML)

    async def _robots(self, request: web.Request) -> web.StreamResponse:
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED), ""]
        lines.append("Sitemap: " + self._forum.site.absolute(request, "/sitemap.xml"))
        return web.Response(text="\n".join([*lines, ""]))
