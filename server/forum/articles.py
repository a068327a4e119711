"""Posts as they stand in pages, rendered once for all readers who are shown the same.

What is rendered is kept under everything that `article` is given, and it is given nothing else: neither the reader's
name nor any other post. So nobody is shown what was made for somebody with other rights. A post with a
poll is made anew each time, for its counts change without it; so is one with a contact, which is kept nowhere.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from server.forum.article import ArticleWriter
from server.forum.fragments import Fragments
from server.forum.model import Post
from server.forum.reading import PostView, TopicPage, TopicRow
from server.forum.rendered import Rendered
from server.web.site.caching import Piece, piece_of
from server.web.site.frame import Site
from server.web.site.visit import Visit

_TEMPLATE = "forum/polls.html"
_MOST_CHARACTERS = 32 * 1024 * 1024
_MOST_BYTES = 32 * 1024 * 1024
_SOMEBODY = "somebody"

Parts = Callable[[Visit], Fragments]


class Articles:
    """Renders posts.

    Args:
        site: the frame around all pages.
        context: what templates of the forum need, by language; nothing about any reader.
        parts: pieces of HTML in a visit's language.
    """

    def __init__(self, site: Site, context: Mapping[str, Mapping[str, Any]], parts: Parts) -> None:
        self._site = site
        self._context = context
        self._parts = parts
        self._writers: dict[str, ArticleWriter] = {}
        self._articles: Rendered[str] = Rendered(_MOST_CHARACTERS)
        self._pieces: Rendered[Piece] = Rendered(_MOST_BYTES)

    def of(self, visit: Visit, page: TopicPage) -> Piece:
        """Give the posts of a page, in their order, ready to be put into it."""
        reader = visit.actor.account_id if visit.actor else ""
        seen = [_as_seen_by(reader, view.post) for view in page.posts]
        keys = [_key(page, view, visit.locale, me) for view, me in zip(page.posts, seen, strict=True)]
        whole = None if None in keys else tuple(keys)
        piece = self._pieces.find(whole) if whole is not None else None
        if piece is None:
            piece = piece_of("".join(self._made(visit, page, seen, keys)))
            if whole is not None:
                self._pieces.keep(whole, piece, len(piece.plain) + len(piece.packed))
        return piece

    def _made(
        self, visit: Visit, page: TopicPage, seen: Sequence[str], keys: Sequence[Hashable | None]
    ) -> Sequence[str]:
        around = TopicPage(
            TopicRow(page.row.topic, page.row.category, None, None), page.rights, (), page.page, page.pages
        )
        writer = self._writer(visit)
        made: list[str] = []
        for view, me, key in zip(page.posts, seen, keys, strict=True):
            found = self._articles.find(key) if key is not None else None
            if found is None:
                found = writer.article(view, around, me, self._poll(visit, view, around))
                if key is not None:
                    self._articles.keep(key, found, len(found))
            made.append(found)
        return made

    def _writer(self, visit: Visit) -> ArticleWriter:
        found = self._writers.get(visit.locale)
        if found is None:
            found = self._writers[visit.locale] = ArticleWriter(self._parts(visit))
        return found

    def _poll(self, visit: Visit, view: PostView, page: TopicPage) -> str:
        if view.poll is None or not view.readable:
            return ""
        base = f"/forum/t/{page.row.topic.number}/p/{view.post.seq}"
        return str(self._site.macros(visit, _TEMPLATE, self._context[visit.locale]).poll(view, base))


def _as_seen_by(reader: str, post: Post) -> str:
    """Whether a post is the reader's own is all that is said of who reads."""
    if not reader:
        return ""
    return reader if reader == post.author_id else _SOMEBODY


def _key(page: TopicPage, view: PostView, locale: str, me: str) -> Hashable | None:
    """Everything that is rendered: the posts as they were read, and what this reader may do and did."""
    if page.kept is None or view.poll is not None or view.contacts:
        return None
    return (
        page.kept.serial,
        view.post.seq,
        locale,
        me,
        view.author,
        view.readable,
        view.rights,
        view.mine,
        view.bookmarked,
        view.accepted,
        page.rights,
        page.page,
        page.row.category.contact_allowed,
    )
