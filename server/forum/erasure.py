"""Use case of erasing somebody out of the forum. Knows neither HTTP nor MongoDB.

Their posts lose text, history, poll and author; a trace stays in their place, so that what others answered still stands
below something. Their topics lose title and address; where others answered, the topic goes on. In what others wrote,
their handle and quotes of them give way to a sign. Reactions and votes stay counted, by nobody. Safe to repeat.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_bytes
from typing import Any, Final, Protocol

from server.audit.service import AuditTrail
from server.forum.admission import show
from server.forum.consequences import Consequences
from server.forum.events import PostEdited, TopicChanged
from server.forum.model import Post, PostState, Topic, place_of
from server.forum.namelessness import still_hidden, without
from server.forum.ports import Index
from server.forum.post_fields import text_fields
from server.forum.states import PostStates
from server.forum.topics import path_of
from server.forum.trail import ERASED, post_entry
from server.forum.words import slug_of
from server.forum.writing import TopicWriter
from server.kernel.erased import NOBODY
from server.kernel.errors import Conflict
from server.kernel.ports import Clock, EventSink
from server.kernel.text import ERASED_TITLE, UNSAID, RedactedText, redactions_of
from server.markup.html import SafeHtml

_SYSTEM: Final = "system"
_GONE: Final = ("editor_id", "edited_at", "reasons", "poll", "wiki", "contacts", "contacts_closed")
_TRIES: Final = 8
_FIRST_MONTH: Final = 0
_LAST_MONTH: Final = 99_999
_WINDOW: Final = 50


class PostStore(Protocol):
    """What this needs of the posts' store."""

    async def by_author(self, author_id: str, above: int, up_to: int) -> list[Post]: ...
    async def find_post(self, topic_id: str, seq: int) -> Post | None: ...
    async def posts(self, topic_id: str, seqs: range) -> list[Post]: ...
    async def change_post(
        self, post: Post, fields: Mapping[str, Any], *, gone: Sequence[str] = (), rises: bool = True
    ) -> Post | None: ...


class TopicStore(Protocol):
    """What this needs of the topics' store."""

    async def find_topic(self, topic_id: str) -> Topic | None: ...
    def forget(self, topic_id: str) -> None: ...


class TraceStore(Protocol):
    """Finds and removes traces; `erasure_store` says what each does."""

    def having(self, name: str, words: Collection[str]) -> AsyncIterator[Any]: ...
    async def counts(self, account_id: str) -> tuple[int, int]: ...
    async def remove_marks(self, account_id: str) -> int: ...
    async def bookmarked(self, account_id: str) -> list[str]: ...
    async def remove_votes(self, account_id: str) -> int: ...
    async def remove_poll(self, post_id: str) -> None: ...
    async def remove_revisions(self, post_id: str, count: int) -> None: ...
    async def revision(self, revision_id: str) -> tuple[str, RedactedText] | None: ...
    async def put_revision(self, revision_id: str, account_id: str, text: RedactedText) -> None: ...


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasing did in the forum.

    Attributes:
        posts: how many of the person's own were emptied.
        topics: how many topics lost their title.
        mentions: how many texts of others lost a handle or a quote.
        marks: bookmarks, follows, read marks, drafts and votes.
    """

    posts: int
    topics: int
    mentions: int
    marks: int


class ForumErasure:
    """The use case.

    Args:
        forget: lets go of what is in memory of a reader.
    """

    def __init__(
        self,
        posts: PostStore,
        topics: TopicStore,
        store: TraceStore,
        states: PostStates,
        writer: TopicWriter,
        consequences: Consequences,
        index: Index,
        forget: Callable[[str], None],
        audit: AuditTrail,
        sink: EventSink,
        clock: Clock,
    ) -> None:
        self._posts = posts
        self._topics = topics
        self._store = store
        self._states = states
        self._writer = writer
        self._consequences = consequences
        self._index = index
        self._forget = forget
        self._audit = audit
        self._sink = sink
        self._clock = clock

    async def posts_of(self, account_id: str) -> list[Post]:
        """Give all posts of somebody, oldest first, whoever asks."""
        found = await self._posts.by_author(account_id, _FIRST_MONTH, _LAST_MONTH)
        return sorted(found, key=lambda post: (post.created_at, post.id))

    async def topic(self, topic_id: str) -> Topic | None:
        """Give a topic, whoever asks."""
        return await self._topics.find_topic(topic_id)

    async def marks_of(self, account_id: str) -> tuple[int, int]:
        """Say how many marks and how many drafts somebody has."""
        return await self._store.counts(account_id)

    async def bookmarked(self, account_id: str) -> Sequence[str]:
        """Give the ids of the posts that somebody bookmarked."""
        return await self._store.bookmarked(account_id)

    async def erase(self, account_id: str, handles: Collection[str]) -> Erased:
        """Erase somebody.

        Args:
            account_id: who.
            handles: those that they have and had, lower case.

        Raises:
            Unavailable, Conflict: it is not known what was done; do it again.
        """
        own = await self.posts_of(account_id)
        for post in own:
            await self._store.remove_revisions(post.id, post.revision)
            await self._store.remove_poll(post.id)
            await self._empty(post)
        topics = 0
        async for topic_id in self._store.having("forum_topics", [account_id]):
            topics += await self._neutralise(topic_id, account_id)
        words = [account_id, *(f"@{handle}" for handle in handles)]
        mentions = 0
        async for post_id in self._store.having("forum_posts", words):
            mentions += await self._unname(post_id, account_id, handles)
        async for revision_id in self._store.having("forum_revisions", words):
            found = await self._store.revision(revision_id)
            if found is not None:
                await self._store.put_revision(revision_id, account_id, without(found[1], handles))
        marks = await self._store.remove_votes(account_id)
        self._forget(account_id)
        marks += await self._store.remove_marks(account_id)
        await self._consequences.settle()
        return Erased(len(own), topics, mentions, marks)

    # --- one's own -------------------------------------------------------------------------------------------------

    async def _empty(self, post: Post) -> None:
        for _ in range(_TRIES):
            state = post.state if post.state is PostState.MOVED else PostState.WITHDRAWN
            blank = replace(
                post,
                text=UNSAID,
                hidden=(),
                redactions=(),
                html=SafeHtml(""),
                mentions=(),
                quotes=(),
                author_id=NOBODY,
                state=state,
            )
            fields = {
                **text_fields(blank),
                "author_id": NOBODY,
                "state": state.value,
                "client_key": token_bytes(16),
            }
            changed = await self._write(post, blank, fields, _GONE)
            if changed is not None:
                await self._states.follow(post, changed)
                await self._index.drop(post.topic_id, post.seq)
                return
            again = await self._posts.find_post(post.topic_id, post.seq)
            if again is None:
                return
            post = again
        raise Conflict

    async def _write(self, post: Post, after: Post, fields: Mapping[str, Any], gone: Sequence[str]) -> Post | None:
        """Write a post in the place of what it was, with its entry; None where somebody else was quicker."""
        told = replace(after, revision=post.revision + 1)
        entry = post_entry(self._audit, told, ERASED, _SYSTEM, self._clock())
        try:
            async with self._audit.promises.around([entry]):
                changed = await self._posts.change_post(post, fields, gone=gone)
                if changed is None:
                    raise Conflict
        except Conflict:
            return None
        return changed

    async def _neutralise(self, topic_id: str, account_id: str) -> int:
        """Take title, tags and beginner out of a topic, and numbers of values that nobody else hid."""
        async with self._writer.turn(topic_id):
            topic = await self._topics.find_topic(topic_id)
            if topic is None:
                return 0
            numbers = await self._numbers(topic)
            begun = topic.author_id == account_id

            def fields(now: Topic) -> Mapping[str, Any]:
                made: dict[str, Any] = {"numbers": numbers}
                if now.author_id == account_id:
                    made |= {
                        "author_id": NOBODY,
                        "title": ERASED_TITLE.value,
                        "slug": slug_of(ERASED_TITLE),
                        "redactions": [],
                        "tags": [],
                        "client_key": token_bytes(16),
                    }
                if now.last_author_id == account_id:
                    made["last_author_id"] = NOBODY
                return made

            changed = await self._writer.change(topic_id, fields)
        self._topics.forget(topic_id)
        if begun:
            await self._index.untitle(topic_id, changed.last_seq, changed.category_id)
        await self._sink.publish([TopicChanged(changed)])
        return int(begun)

    async def _numbers(self, topic: Topic) -> dict[str, int]:
        """Give the numbering that what is left in a topic needs."""
        numbers: dict[str, int] = {}
        for first in range(1, topic.last_seq + 1, _WINDOW):
            for post in await self._posts.posts(topic.id, range(first, first + _WINDOW)):
                numbers |= {hidden.key: number for hidden, number in post.hidden}
        return numbers

    # --- others' ---------------------------------------------------------------------------------------------------

    async def _unname(self, post_id: str, account_id: str, handles: Collection[str]) -> int:
        """Take somebody out of another's post: handle, quotes, reaction, and that they edited it."""
        topic_id, seq = place_of(post_id)
        for _ in range(_TRIES):
            post = await self._posts.find_post(topic_id, seq)
            topic = await self._topics.find_topic(topic_id)
            if post is None or topic is None or post.author_id == account_id:
                return 0
            text = without(post.text, handles)
            hidden = still_hidden(text, post.hidden)
            after = replace(
                post,
                text=text,
                hidden=hidden,
                redactions=redactions_of(hidden),
                html=post.html if text == post.text else show(path_of(topic), text),
                mentions=tuple(who for who in post.mentions if who != account_id),
            )
            fields: dict[str, Any] = {**text_fields(after)}
            if post.editor_id == account_id:
                fields["editor_id"] = NOBODY
            gone = (f"reacted.{account_id}",)
            if text == post.text:
                changed = await self._posts.change_post(post, fields, gone=gone, rises=False)
            else:
                changed = await self._write(post, after, fields, gone)
            if changed is not None:
                self._consequences.draw(changed)
                await self._sink.publish([PostEdited(topic, changed, NOBODY)])
                return int(text != post.text)
        raise Conflict
