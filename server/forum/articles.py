"""Posts as they stand in pages, rendered once for all readers who are shown the same.

What is rendered is kept under everything that the template is given, and the template is given nothing else: neither
the reader's name nor any other post. So nobody is shown what was made for somebody with other rights. A post with a
poll is made anew each time, for its counts change without it.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from server.forum.model import Post
from server.forum.reading import PostView, TopicPage, TopicRow
from server.web.site.frame import Site
from server.web.site.visit import Visit

_TEMPLATE = "forum/posts.html"
_MOST_CHARACTERS = 32 * 1024 * 1024
_SOMEBODY = "somebody"


class Articles:
    """Renders posts.

    Args:
        site: the frame around all pages.
        context: what templates of the forum need, by language; nothing about any reader.
        most_characters: how much is kept; the longest unused goes first.
    """

    def __init__(
        self, site: Site, context: Mapping[str, Mapping[str, Any]], most_characters: int = _MOST_CHARACTERS
    ) -> None:
        self._site = site
        self._context = context
        self._kept = RenderedParts(most_characters)

    def of(self, visit: Visit, page: TopicPage) -> Sequence[Markup]:
        """Give the posts of a page, in their order."""
        reader = visit.actor.account_id if visit.actor else ""
        topic = TopicRow(page.row.topic, page.row.category, None, None)
        around = TopicPage(topic, page.rights, (), page.page, page.pages)
        macros: dict[str, Any] = {}
        made: list[Markup] = []
        for view in page.posts:
            me = _as_seen_by(reader, view.post)
            key = None
            if page.kept is not None and view.poll is None:
                key = (page.kept.serial, visit.locale, me, page.rights, page.page, *_seen(view))
            found = self._kept.find(key) if key is not None else None
            if found is None:
                if me not in macros:
                    given = {**self._context[visit.locale], "me": me}
                    macros[me] = self._site.macros(visit, _TEMPLATE, given)
                found = Markup(macros[me].post(view, around))  # noqa: S704 (a macro's, which escapes)
                if key is not None:
                    self._kept.keep(key, found)
            made.append(found)
        return made


class RenderedParts:
    """What was rendered, by everything that it depends on; the longest unused goes first.

    Args:
        most_characters: how much is kept.
    """

    def __init__(self, most_characters: int) -> None:
        self._most = most_characters
        self._parts: OrderedDict[Hashable, Markup] = OrderedDict()
        self._characters = 0

    def find(self, key: Hashable) -> Markup | None:
        """Give a part, or None."""
        found = self._parts.get(key)
        if found is not None:
            self._parts.move_to_end(key)
        return found

    def keep(self, key: Hashable, part: Markup) -> None:
        """Keep a part."""
        before = self._parts.pop(key, None)
        self._characters += len(part) - (len(before) if before is not None else 0)
        self._parts[key] = part
        while self._characters > self._most:
            _, gone = self._parts.popitem(last=False)
            self._characters -= len(gone)


def _as_seen_by(reader: str, post: Post) -> str:
    """Whether a post is the reader's own is all that is said of who reads."""
    if not reader:
        return ""
    return reader if reader == post.author_id else _SOMEBODY


def _seen(view: PostView) -> Sequence[Hashable]:
    """All of a view but the post itself, which stands for one text as long as it is in memory."""
    return (
        view.post.seq,
        view.author,
        view.readable,
        view.rights,
        view.mine,
        view.bookmarked,
        view.accepted,
    )
