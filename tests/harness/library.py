"""A forum that is all in memory, as the search needs one: what there is, and who may see it. Invented texts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from server.forum.model import Audience, Category, Post, PostState, Topic, TopicState, can_read, place_of, post_id
from server.forum.shelf import Shown
from server.kernel.actor import Actor, Role
from server.kernel.ids import new_id
from server.kernel.text import Numbering, RedactedText, template_of
from server.markup import SafeHtml
from server.people.model import Persona
from server.search.indexing import Indexer

BEGUN = datetime(2026, 3, 1, 8, tzinfo=UTC)
READER = Actor("pembaca", Role.CUSTOMER, "s1", "")
AGENT = Actor("petugas", Role.AGENT, "s2", "")


def safe(text: str) -> RedactedText:
    """A text without identifiers."""
    return template_of((text,)).fill(Numbering()).text


def category(slug: str, readers: Audience = Audience.EVERYBODY) -> Category:
    return Category(f"c-{slug}", slug, safe(slug), safe(slug), readers=readers)


class Library:
    """Topics and posts, put into an index as they come."""

    def __init__(self, indexer: Indexer) -> None:
        self.indexer = indexer
        self._categories = {item.id: item for item in (category("umum"), category("tim", Audience.STAFF))}
        self._topics: dict[str, Topic] = {}
        self._posts: dict[str, Post] = {}
        self._handles: dict[str, str] = {}
        self._minutes = 0

    async def begin(
        self, title: str, text: str, *, tags: Sequence[str] = (), where: str = "umum", author: str = "rusa-biru"
    ) -> Topic:
        """Begin a topic."""
        at = self._now()
        topic = Topic(
            id=new_id(),
            number=len(self._topics) + 1,
            category_id=f"c-{where}",
            slug="topik",
            title=safe(title),
            redactions=(),
            author_id=f"a-{author}",
            created_at=at,
            state=TopicState.PUBLISHED,
            bump=1,
            active_at=at,
            last_author_id=f"a-{author}",
            tags=tuple(sorted(tags)),
        )
        self._topics[topic.id] = topic
        await self.answer(topic, text, author=author)
        return self._topics[topic.id]

    async def answer(self, topic: Topic, text: str, *, author: str = "rusa-biru") -> Post:
        """Write into a topic."""
        topic = replace(self._topics[topic.id], last_seq=self._topics[topic.id].last_seq + 1)
        self._topics[topic.id] = topic
        self._handles[author] = f"a-{author}"
        post = Post(
            topic_id=topic.id,
            seq=topic.last_seq,
            author_id=f"a-{author}",
            text=safe(text),
            hidden=(),
            redactions=(),
            html=SafeHtml(""),
            created_at=self._now(),
            state=PostState.PUBLISHED,
        )
        await self.put(post)
        return post

    async def put(self, post: Post) -> None:
        """Write a post, and index it."""
        self._posts[post.id] = post
        topic = self._topics[post.topic_id]
        await self.indexer.put(self._categories[topic.category_id], topic, post, "")

    async def change(self, topic: Topic, **fields: object) -> None:
        """Change a topic, and index its first post again."""
        self._topics[topic.id] = replace(self._topics[topic.id], **fields)  # type: ignore[arg-type]  # names of fields
        await self.put(self._posts[post_id(topic.id, 1)])

    def hide(self, post: Post) -> None:
        """Hide a post without telling the index."""
        self._posts[post.id] = replace(post, state=PostState.HIDDEN)

    def post(self, topic: Topic, seq: int) -> Post:
        return self._posts[post_id(topic.id, seq)]

    async def categories(self, actor: Actor | None) -> Mapping[str, Category]:
        return {item.id: item for item in self._categories.values() if can_read(actor, item)}

    async def shown(self, actor: Actor | None, post_ids: Sequence[str]) -> Mapping[str, Shown]:
        found = {}
        for wanted in post_ids:
            post, topic = self._posts[wanted], self._topics[place_of(wanted)[0]]
            visible = post.state is PostState.PUBLISHED and can_read(actor, self._categories[topic.category_id], topic)
            if visible:
                found[wanted] = Shown(post, topic, Persona(post.author_id, post.author_id[2:]))
        return found

    async def account_of(self, handle: str) -> str | None:
        return self._handles.get(handle)

    def _now(self) -> datetime:
        self._minutes += 1
        return BEGUN + timedelta(minutes=self._minutes)
