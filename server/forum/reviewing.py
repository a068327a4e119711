"""Posts as moderators decide about them; a topic is decided about by its first post. Must not decide anything."""

from collections.abc import Sequence
from typing import Protocol

from server.forum.admission import Admission
from server.forum.categories import Categories
from server.forum.editing import Editing
from server.forum.model import Post, PostState, Topic, can_read, can_see, place_of
from server.forum.reading import page_with
from server.forum.restoring import held_in_post
from server.forum.states import PostStates
from server.forum.topics import path_of
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, NotFound
from server.kernel.text import RawText, RedactedText, joined
from server.review.model import ReviewSubject, outdated

TARGET = "post"
_REVIEW = "review"
"""Who changes a post's state by a decision: the review has the names in its own entries."""


class PostStore(Protocol):
    """Where posts are."""

    async def find_post(self, topic_id: str, seq: int) -> Post | None: ...


class TopicStore(Protocol):
    """Where topics are."""

    async def find_topic(self, topic_id: str) -> Topic | None: ...


class ReviewedPosts:
    """What `server.review` does with posts; a `Reviewable`."""

    def __init__(
        self,
        posts: PostStore,
        topics: TopicStore,
        categories: Categories,
        states: PostStates,
        editing: Editing,
        admission: Admission,
    ) -> None:
        self._posts = posts
        self._topics = topics
        self._categories = categories
        self._states = states
        self._editing = editing
        self._admission = admission

    async def find(self, target_id: str) -> ReviewSubject | None:
        """Give a post, whatever its state; None where there is none."""
        try:
            topic, post = await self._get(target_id)
        except NotFound:
            return None
        return ReviewSubject(
            target_id=post.id,
            author_id=post.author_id,
            text=_with_title(topic, post),
            html=post.html,
            url=url_of(topic, post.seq),
            state=post.state.value,
            is_public=post.state is PostState.PUBLISHED,
            is_held=post.state is PostState.HELD,
            created_at=post.created_at,
            revision=post.revision,
        )

    async def may_read(self, actor: Actor | None, target_id: str) -> bool:
        """Whether somebody can see it where it stands now."""
        try:
            topic, post = await self._get(target_id)
            category = await self._categories.get(topic.category_id)
        except NotFound:
            return False
        return can_read(actor, category, topic) and can_see(actor, post)

    async def publish(self, target_id: str, *, revision: int | None = None) -> None:
        """Show it, held, rejected or hidden before.

        Raises:
            NotFound: there is no such post.
            Conflict: its author took it back, or its text is another one.
        """
        await self._change(
            target_id,
            PostState.PUBLISHED,
            (PostState.HELD, PostState.HIDDEN, PostState.REJECTED),
            "forum:post:decided",
            revision,
        )

    async def hide(self, target_id: str, *, revision: int | None = None) -> None:
        """Take it away from readers; its author and moderators still see it.

        Raises:
            NotFound: there is no such post.
            Conflict: its author took it back, or its text is another one.
        """
        await self._change(
            target_id, PostState.HIDDEN, (PostState.PUBLISHED, PostState.HELD), "forum:post:hidden", revision
        )

    async def reject(self, target_id: str, *, revision: int | None = None) -> None:
        """Never publish what was held.

        Raises:
            NotFound: there is no such post.
            Conflict: it is not held, or its text is another one.
        """
        await self._change(
            target_id, PostState.REJECTED, (PostState.HELD, PostState.HIDDEN), "forum:post:decided", revision
        )

    async def rewrite(self, target_id: str, text: RawText, editor: Actor, *, revision: int | None = None) -> int:
        """Change its text, through the gate, without changing whether it is shown; give the revision of the new one.

        Raises:
            NotFound: there is no such post.
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: somebody changed it at the same moment.
        """
        topic, post = await self._get(target_id)
        if revision is not None and post.revision != revision:
            raise outdated()
        category = await self._categories.get(topic.category_id)
        admitted = await self._admission.text(
            editor,
            text,
            topic_id=topic.id,
            topic_path=path_of(topic),
            category=category,
            edit=True,
            known=held_in_post(post),
        )
        try:
            changed = await self._editing.write(editor.account_id, topic, post, admitted)
        except Conflict:
            # Between being read and written; or it is shown or hidden since.
            raise outdated() from None
        return changed.revision

    async def _change(
        self, target_id: str, to: PostState, before: Sequence[PostState], action: str, revision: int | None
    ) -> None:
        await self._states.change(_REVIEW, target_id, to, before=frozenset(before), action=action, revision=revision)

    async def _get(self, target_id: str) -> tuple[Topic, Post]:
        topic_id, seq = place_of(target_id)
        topic = await self._topics.find_topic(topic_id)
        post = await self._posts.find_post(topic_id, seq)
        if topic is None or post is None:
            raise NotFound
        return topic, post


def url_of(topic: Topic, seq: int) -> str:
    """Give the address of a post."""
    page = page_with(seq)
    return f"{path_of(topic)}?p={page}#p{seq}" if page > 1 else f"{path_of(topic)}#p{seq}"


def _with_title(topic: Topic, post: Post) -> RedactedText:
    return joined(topic.title, post.text) if post.seq == 1 else post.text
