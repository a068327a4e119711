"""What the forum keeps of people: what they wrote there, and how they use it. Nothing of what others wrote."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import groupby
from typing import Final

from server.forum.erasure import ForumErasure
from server.forum.model import Post
from server.kernel.holdings import Fate, Held, Piece, Why
from server.kernel.wire import rfc3339

Handles = Callable[[str], Awaitable[Sequence[str]]]
"""Gives the handles that an account has and had."""


class ForumHoldings:
    """Fills `kernel.holdings.Holdings`.

    Args:
        forum: erases.
        handles: knows what somebody is and was called.
    """

    name: Final = "forum"
    collections: Final = (
        "forum_topics",
        "forum_posts",
        "forum_moves",
        "forum_revisions",
        "forum_reads",
        "forum_bookmarks",
        "forum_follows",
        "forum_polls",
        "forum_drafts",
    )

    def __init__(self, forum: ForumErasure, handles: Handles) -> None:
        self._forum = forum
        self._handles = handles

    async def held(self, person_id: str) -> Sequence[Held]:
        """See `Holdings`."""
        posts = await self._forum.posts_of(person_id)
        marks, drafts = await self._forum.marks_of(person_id)
        held = (
            Held("forum_posts", len(posts), "community"),
            Held("forum_topics", sum(post.seq == 1 for post in posts), "community"),
            Held("forum_drafts", drafts, "community"),
            Held("forum_marks", marks, "community"),
        )
        return [item for item in held if item.count]

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `Holdings`."""
        posts = await self._forum.posts_of(person_id)
        for month, written in groupby(posts, key=lambda post: post.created_at.strftime("%Y-%m")):
            items = [await self._document(post) for post in written]
            yield Piece(f"forum/posts-{month}.json", items, "export.about.forum_posts")
        bookmarked = await self._forum.bookmarked(person_id)
        if bookmarked:
            yield Piece("forum/bookmarks.json", list(bookmarked), "export.about.forum_marks")

    async def _document(self, post: Post) -> dict[str, object]:
        topic = await self._forum.topic(post.topic_id)
        return {
            "topic": topic.number if topic else None,
            "title": topic.title.value if topic and post.seq == 1 else None,
            "place": post.seq,
            "at": rfc3339(post.created_at),
            "edited_at": rfc3339(post.edited_at) if post.edited_at else None,
            "state": post.state.value,
            "text": post.text.value,
        }

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        posts = await self._forum.posts_of(person_id)
        marks, drafts = await self._forum.marks_of(person_id)
        topics = sum(post.seq == 1 for post in posts)
        fates = (
            Fate("forum_posts", len(posts), len(posts), Why.OTHERS),
            Fate("forum_topics", topics, topics, Why.OTHERS),
            Fate("forum_drafts", drafts),
            Fate("forum_marks", marks),
        )
        return [fate for fate in fates if fate.gone]

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`. Before the profile, which knows the handles."""
        erased = await self._forum.erase(person_id, await self._handles(person_id))
        return (
            Fate("forum_posts", erased.posts, erased.posts, Why.OTHERS),
            Fate("forum_topics", erased.topics, erased.topics, Why.OTHERS),
            Fate("forum_marks", erased.marks),
            Fate("forum_mentions", erased.mentions),
        )
