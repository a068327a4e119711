"""Rows of lists of topics as HTML, written once for all who are shown the same.

Written here and not in a template: a list has thirty of them, and a template takes half a millisecond for each. What
is kept is kept under everything that a row is made of, so nobody is shown what was made of something else.
"""

from collections.abc import Hashable, Sequence
from typing import Final

from markupsafe import Markup, escape

from server.forum.fragments import Fragments
from server.forum.model import Category, Topic, TopicState
from server.forum.reading import TopicRow
from server.forum.rendered import Rendered
from server.forum.showing import hue
from server.forum.topics import path_of

_MOST_CHARACTERS: Final = 16 * 1024 * 1024
_WAITING: Final = frozenset({TopicState.HELD, TopicState.HIDDEN, TopicState.SCHEDULED})
_SIGNS: Final = (("pinned", "pin", 16), ("locked", "lock", 16))


class RowWriter:
    """Writes them in one language.

    Args:
        fragments: pieces.
    """

    def __init__(self, fragments: Fragments) -> None:
        self._part = fragments
        self._kept: Rendered[str] = Rendered(_MOST_CHARACTERS)

    def rows(self, rows: Sequence[TopicRow], *, with_category: bool) -> Markup:
        """Give rows, in their order.

        Args:
            rows: of a list.
            with_category: whether each says where it stands.
        """
        return Markup("".join(self._row(row, with_category) for row in rows))  # noqa: S704 (escaped piece by piece)

    def _row(self, row: TopicRow, with_category: bool) -> str:
        category = row.category
        # Not the whole of it: its counts change all the time.
        place = (category.slug, category.name, category.position) if with_category else None
        key: Hashable = (row.topic, place, row.author, row.last_author, row.unread)
        found = self._kept.find(key)
        if found is None:
            found = self._written(row, with_category)
            self._kept.keep(key, found, len(found))
        return found

    def _written(self, row: TopicRow, with_category: bool) -> str:
        topic, part = row.topic, self._part
        address = path_of(topic)
        fresh = ""
        if row.unread:
            said = part.say("forum.new_posts", n=row.unread)
            fresh = f' <a class="topic-new" href="{address}?baru=1">{said}</a>'
        last = ""
        if topic.replies and row.last_author:
            last = f'<span class="topic-last">, {part.say("forum.last")} {part.name(row.last_author)}</span>'
        tags = "".join(f'<a class="chip-tag" href="/forum/tag/{escape(tag)}">{escape(tag)}</a>' for tag in topic.tags)
        place = self._place(row.category) if with_category else ""
        replies = part.say("forum.replies", n=topic.replies)
        return (
            f'<li class="topic{" topic-unread" if row.unread else ""}" data-bump="{topic.bump}">\n'
            f"{part.avatar(row.author)}<div>\n"
            f'<h3 class="topic-title">{self._signs(topic)}<a href="{address}">{part.show.line(topic.title)}</a>'
            f"{fresh}</h3>\n"
            f'<p class="topic-meta">{self._state(topic)}{place}{tags}<span>{part.name(row.author)}{last}</span>'
            f"{part.when(topic.active_at)}</p>\n</div>\n"
            f'<p class="topic-count"><b>{part.count(topic.replies)}</b> {replies}</p>\n</li>\n'
        )

    def _place(self, category: Category) -> str:
        address = f"/forum/k/{escape(category.slug)}"
        return f'<a class="chip-place hue-{hue(category)}" href="{address}">{self._part.show.line(category.name)}</a>'

    def _signs(self, topic: Topic) -> str:
        signs = [self._sign(name, icon, size) for name, icon, size in _SIGNS if getattr(topic, name)]
        if topic.accepted_seq:
            signs.append(self._sign("solved", "check", 18, " sign-solved"))
        return "".join(signs)

    def _sign(self, name: str, icon: str, size: int, css: str = "") -> str:
        said = self._part.say(f"forum.{name}")
        return (
            f'<span class="sign{css}" title="{said}">{self._part.draw(icon, size)}'
            f'<span class="sr-only">{said}: </span></span> '
        )

    def _state(self, topic: Topic) -> str:
        badges = ""
        if topic.state in _WAITING:
            badges = f'<span class="badge badge-held">{self._part.say(f"forum.{topic.state.value}")}</span>'
        if topic.archived:
            badges += f'<span class="badge">{self._part.say("forum.archived")}</span>'
        return badges
