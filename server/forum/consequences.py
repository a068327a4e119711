"""What follows from a post, off the request's path: who is told, what is found, what is counted, what is queued.

The queue is durable: a post carries `pending` from its own write until all this is done, so what a crash interrupts is
done at the next start. Each step is safe to repeat; only a notice may come twice after a crash. Must not decide who may
write or read.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from server.attachments import model as images
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.model import Category, Post, PostState, Topic, TopicState, can_read, post_id
from server.forum.ports import Announcer, Images, Index, Notifier, People, Screening, Told, Unannounced
from server.forum.trail import MENDED, post_entry
from server.kernel.errors import DomainError
from server.kernel.ports import Clock, Directory
from server.kernel.rounds import Rounds
from server.markup import attachments_of

logger = logging.getLogger(__name__)

_GROUP = 50
_SYSTEM = "system"
_KEPT = frozenset({PostState.HELD, PostState.PUBLISHED, PostState.HIDDEN})
"""States in which a post keeps its images: those from which it can become public, or public again."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A post whose consequences are not all drawn.

    Attributes:
        post: as it is now.
        count: how often it changed since they were last drawn; tells whether it changed meanwhile.
        told: whether people were told of it.
        reasons: why it was held.
    """

    post: Post
    count: int
    told: bool
    reasons: tuple[str, ...]


class PendingStore(Protocol):
    """The queue."""

    async def pending(self) -> list[Pending]: ...
    async def find_pending(self, ids: Sequence[str]) -> list[Pending]: ...
    async def touch(self, of_post: str) -> None: ...
    async def drawn(self, done: Sequence[Pending]) -> None: ...
    async def posts(self, topic_id: str, seqs: Iterable[int]) -> list[Post]: ...


class CountStore(Protocol):
    """Where counters are."""

    async def find_topics(self, topic_ids: Sequence[str]) -> dict[str, Topic]: ...
    async def find_topic(self, topic_id: str) -> Topic | None: ...
    async def categories(self) -> list[Category]: ...
    async def in_window(self, above: int, up_to: int, category_id: str | None, tag: str | None) -> list[Topic]: ...
    async def last_bump(self) -> int: ...
    async def set_counts(self, category_id: str, topics: int, posts: int) -> None: ...
    async def add_counts(self, category_id: str, topics: int, posts: int) -> None: ...
    async def set_topic_counts(self, topic_id: str, replies: int, likes: int) -> None: ...


class Mender(Protocol):
    """Counts posts that a crash left uncounted."""

    async def mend(self, topic_id: str) -> None: ...


class Followers(Protocol):
    """Who wants to hear of what."""

    async def of_post(self, topic: Topic, post: Post) -> Sequence[str]: ...


class Consequences:
    """Draws them, some posts at a time, in one task."""

    def __init__(
        self,
        posts: PendingStore,
        topics: CountStore,
        mender: Mender,
        people: People,
        directory: Directory,
        followers: Followers,
        screening: Screening,
        index: Index,
        images: Images,
        notifier: Notifier,
        audit: AuditTrail,
        clock: Clock,
        announcer: Announcer | None = None,
    ) -> None:
        self._announcer = announcer or Unannounced()
        self._posts = posts
        self._topics = topics
        self._mender = mender
        self._people = people
        self._directory = directory
        self._followers = followers
        self._screening = screening
        self._index = index
        self._images = images
        self._notifier = notifier
        self._audit = audit
        self._clock = clock
        self._counts: dict[str, tuple[int, int]] = {}
        self._doubtful: set[str] = set()
        self._rounds = Rounds(self._draw_group, _GROUP, lambda: bool(self._counts or self._doubtful))

    async def start(self) -> None:
        """Mend what a crash left, then begin to work.

        Raises:
            Unavailable: the store does not answer.
        """
        left = await self._posts.pending()
        await self._mend({item.post.topic_id for item in left})
        # Which of them the trail was told of is not known. Those of which it was it does not take from here.
        for start in range(0, len(left), _GROUP):
            now, posts = self._clock(), [item.post for item in left[start : start + _GROUP]]
            await self._audit.append([post_entry(self._audit, post, MENDED, _SYSTEM, now) for post in posts])
        # What was to be counted on so far is in what was counted anew.
        self._counts.clear()
        self._rounds.remember(item.post.id for item in left)
        self._rounds.start(name="forum-consequences")

    async def close(self) -> None:
        """Finish what waits, as far as the store answers, then end."""
        await self._rounds.close()

    def draw(self, post: Post) -> None:
        """Remember that a post has changed; `pending` was stored with the change itself."""
        self._rounds.remember([post.id])

    async def again(self, topic_id: str) -> None:
        """Draw the consequences of a topic's first post again: something about the topic has changed."""
        identity = post_id(topic_id, 1)
        await self._posts.touch(identity)
        self._rounds.remember([identity])

    def count(self, category_id: str, *, topics: int = 0, posts: int = 0) -> None:
        """Count on in a category, with the post that is given to `draw` next."""
        before = self._counts.get(category_id, (0, 0))
        self._counts[category_id] = before[0] + topics, before[1] + posts
        self._rounds.remember()

    async def settle(self) -> None:
        """Wait until nothing is left to do."""
        await self._rounds.settle()

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _draw_group(self, ids: Sequence[str]) -> None:
        await self._count_categories()
        done: list[Pending] = []
        found = await self._posts.find_pending(ids) if ids else []
        topics = await self._topics.find_topics(sorted({item.post.topic_id for item in found}))
        categories = {item.id: item for item in await self._topics.categories()} if found else {}
        for item in found:
            topic = topics.get(item.post.topic_id)
            if topic is None or topic.category_id not in categories:
                continue
            try:
                done.append(await self._draw(item, topic, categories[topic.category_id]))
            except DomainError:
                await self._posts.drawn(done)
                raise
            except Exception as error:
                # One post's fault must not stop the others; it is tried again at the next start.
                logger.error("drawing a post's consequences failed: %s", type(error).__name__)
        await self._posts.drawn(done)

    async def _count_categories(self) -> None:
        while self._doubtful:
            category_id = min(self._doubtful)
            await self._topics.set_counts(category_id, *await self._count_category(category_id))
            self._doubtful.discard(category_id)
        while self._counts:
            category_id, (topics, posts) = self._counts.popitem()
            try:
                await self._topics.add_counts(category_id, topics, posts)
            except DomainError:
                # Whether it was counted is not known, so it is counted anew when the store answers again.
                self._doubtful.add(category_id)
                raise

    async def _draw(self, item: Pending, topic: Topic, category: Category) -> Pending:
        post = item.post
        shown = attachments_of(post.text) if post.state in _KEPT else ()
        await self._images.shown(post.author_id, post.id, shown, _audience(category, topic, post))
        if post.state is PostState.HELD:
            await self._screening.held(post.id, post.author_id, item.reasons)
            return item
        if post.state is not PostState.PUBLISHED or topic.state is not TopicState.PUBLISHED:
            await self._index.drop(post.topic_id, post.seq)
            return item
        persona = (await self._people.personas([post.author_id])).get(post.author_id)
        await self._index.put(category, topic, post, persona.handle if persona else "")
        if item.told:
            return item
        if item.reasons:
            # Published, but with something that moderators want to hear of.
            await self._screening.held(post.id, post.author_id, item.reasons)
        if post.seq == 1:
            await self._announcer.of_topic(topic)
        for why, recipients in await self._recipients(category, topic, post):
            await self._notifier.tell_of_post(recipients, why, post.id)
        return replace(item, told=True)

    async def _recipients(self, category: Category, topic: Topic, post: Post) -> list[tuple[Told, Sequence[str]]]:
        """Each account once, for the most personal reason; those only who may read it, and not its author."""
        named = sorted({*post.quotes, *((post.reply_to,) if post.reply_to else ())})
        authors = {item.seq: item.author_id for item in await self._posts.posts(topic.id, named)} if named else {}
        why_followed = Told.FOLLOWED if post.seq == 1 else Told.REPLIED
        wanted: list[tuple[Told, Sequence[str]]] = [
            (Told.MENTIONED, post.mentions),
            (Told.QUOTED, [authors[seq] for seq in post.quotes if seq in authors]),
            (Told.ANSWERED, [authors[seq] for seq in (post.reply_to,) if seq in authors]),
            (why_followed, await self._followers.of_post(topic, post)),
        ]
        actors = await self._directory.actors(sorted({account for _, accounts in wanted for account in accounts}))
        seen = {post.author_id}
        chosen: list[tuple[Told, Sequence[str]]] = []
        for why, accounts in wanted:
            fresh = [who for who in dict.fromkeys(accounts) if who not in seen and who in actors]
            readers = [who for who in fresh if can_read(actors[who], category, topic)]
            seen.update(readers)
            if readers:
                chosen.append((why, readers))
        return chosen

    # --- after a crash ---------------------------------------------------------------------------------------------

    async def _mend(self, topic_ids: set[str]) -> None:
        """Count anew what a crash may have left half counted, and say so in the trail."""
        for topic_id in sorted(topic_ids):
            await self._mender.mend(topic_id)
            topic = await self._topics.find_topic(topic_id)
            if topic is None:
                continue
            replies, likes = await self._count_topic(topic)
            await self._topics.set_topic_counts(topic_id, replies, likes)
            await self._audit.append(
                [AuditEntry("forum:topic:mended", _SYSTEM, (topic_id,), self._clock(), {"seq": topic.last_seq})]
            )
        for category in await self._topics.categories() if topic_ids else ():
            await self._topics.set_counts(category.id, *await self._count_category(category.id))

    async def _count_topic(self, topic: Topic) -> tuple[int, int]:
        replies = likes = 0
        for first in range(1, topic.last_seq + 1, _GROUP):
            for post in await self._posts.posts(topic.id, range(first, min(first + _GROUP, topic.last_seq + 1))):
                if post.state is PostState.PUBLISHED:
                    replies += post.seq > 1
                    likes += sum(post.reactions.values())
        return replies, likes

    async def _count_category(self, category_id: str) -> tuple[int, int]:
        topics = posts = 0
        top = await self._topics.last_bump()
        width = 1024
        while top > 0:
            for topic in await self._topics.in_window(max(0, top - width), top, category_id, None):
                if topic.state is TopicState.PUBLISHED:
                    topics += 1
                    posts += topic.replies + 1
            top -= width
        return topics, posts


def _audience(category: Category, topic: Topic, post: Post) -> images.Audience:
    """Who may see the images of a post: who may read it."""
    public = post.state is PostState.PUBLISHED and topic.state is TopicState.PUBLISHED
    return images.Audience(category.readers.value) if public else images.Audience.NOBODY
