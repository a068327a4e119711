"""What somebody wrote in the forum, as a file of their own: Markdown to read, JSON for programs. Made while it is sent.

Holds what the forum holds: redacted texts. Must not show anything of others but the titles of topics that the reader
may read.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

import orjson

from server.forum.categories import Categories
from server.forum.model import Post, PostState, Topic, can_read
from server.forum.ports import People
from server.forum.reading import page_with
from server.forum.topics import path_of
from server.kernel.actor import Actor
from server.kernel.ports import Clock, Limiter
from server.kernel.wire import rfc3339

FORMAT: Final = "amanah-forum-export/1"
_FIRST_MONTH: Final = 1990 * 12
"""What was imported may be older than this program; not older than forums."""


class Kind(StrEnum):
    """The form of a file."""

    JSON = "json"
    MARKDOWN = "markdown"


MEDIA: Final[Mapping[Kind, str]] = {Kind.JSON: "application/json", Kind.MARKDOWN: "text/markdown"}


class OwnPosts(Protocol):
    """Posts by their author."""

    async def by_author(self, author_id: str, above: int, up_to: int) -> list[Post]: ...


class Readable(Protocol):
    """Topics by their ids."""

    async def find_topics(self, topic_ids: Sequence[str]) -> dict[str, Topic]: ...


class Portability:
    """Gives people what they wrote."""

    def __init__(
        self,
        posts: OwnPosts,
        topics: Readable,
        categories: Categories,
        people: People,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._posts = posts
        self._topics = topics
        self._categories = categories
        self._people = people
        self._limiter = limiter
        self._clock = clock

    async def export(self, actor: Actor, kind: Kind) -> AsyncIterator[bytes]:
        """Give all posts of the actor's, the newest month first, as the pieces of a file.

        Raises:
            RateLimited: too many, before the first piece.
            Unavailable: the store does not answer; also between pieces.
        """
        await self._limiter.spend("forum_export", actor.account_id)
        persona = (await self._people.personas([actor.account_id])).get(actor.account_id)
        handle = persona.handle if persona else ""
        return self._json(actor, handle) if kind is Kind.JSON else self._markdown(actor, handle)

    async def _json(self, actor: Actor, handle: str) -> AsyncIterator[bytes]:
        head = {"format": FORMAT, "handle": handle, "exported_at": rfc3339(self._clock())}
        yield orjson.dumps(head)[:-1] + b',"posts":['
        comma = b""
        async for post, topic in self._own(actor):
            yield comma + orjson.dumps(_entry(post, topic))
            comma = b","
        yield b"]}\n"

    async def _markdown(self, actor: Actor, handle: str) -> AsyncIterator[bytes]:
        yield f"# @{handle}\n".encode()
        async for post, topic in self._own(actor):
            title = topic.title.value if topic else "—"
            place = f"<{_address(topic, post)}> " if topic else ""
            head = f"\n## {' '.join(title.split())}\n\n{place}{rfc3339(post.created_at)} ({post.state.value})\n\n"
            yield (head + post.text.value + "\n").encode()

    async def _own(self, actor: Actor) -> AsyncIterator[tuple[Post, Topic | None]]:
        """Month by month; an empty one makes the next step twice as wide."""
        now: datetime = self._clock()
        top, width = now.year * 12 + now.month - 1, 1
        while top >= _FIRST_MONTH:
            found = await self._posts.by_author(actor.account_id, top - width, top)
            top, width = top - width, 1 if found else width * 2
            posts = sorted(
                (post for post in found if post.state is not PostState.MOVED),
                key=lambda post: (post.created_at, post.id),
                reverse=True,
            )
            topics = await self._topics.find_topics(sorted({post.topic_id for post in posts}))
            categories = await self._categories.all()
            for post in posts:
                topic = topics.get(post.topic_id)
                category = categories.get(topic.category_id) if topic else None
                known = topic is not None and category is not None and can_read(actor, category, topic)
                yield post, topic if known else None


def _entry(post: Post, topic: Topic | None) -> dict[str, Any]:
    return {
        "id": post.id,
        "topic": {"number": topic.number, "title": topic.title.value, "tags": list(topic.tags)} if topic else None,
        "path": _address(topic, post) if topic else None,
        "seq": post.seq,
        "reply_to": post.reply_to,
        "created_at": rfc3339(post.created_at),
        "edited_at": rfc3339(post.edited_at) if post.edited_at else None,
        "state": post.state.value,
        "text": post.text.value,
        "reactions": dict(post.reactions),
    }


def _address(topic: Topic, post: Post) -> str:
    page = page_with(post.seq)
    return f"{path_of(topic)}{f'?p={page}' if page > 1 else ''}#p{post.seq}"
