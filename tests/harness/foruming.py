"""The forum's stores and its background on the real store, for a process that may end at any step."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from nlp.labels import Label
from server.attachments.model import Audience as ImageAudience
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.composition.discussing import FORUM_COLLECTIONS
from server.forum.consequences import Consequences
from server.forum.follows import TopicFollowers
from server.forum.keys import client_key
from server.forum.marks_store import MongoMarkStore
from server.forum.model import Category, Post, PostState, Topic, TopicState
from server.forum.ports import Told
from server.forum.post_store import MongoPostStore
from server.forum.states import PostStates, TopicStates
from server.forum.store import MongoTopicStore
from server.forum.writing import Draft, Inserted, TopicWriter, Written
from server.kernel.actor import Actor, Role
from server.kernel.events import Event
from server.kernel.ids import new_id
from server.kernel.screening import Outcome, Screened, Submission
from server.kernel.text import Hidden, Numbering, RedactedText, template_of
from server.markup import render
from server.people.model import Persona, Standing
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.database import TO_COME

KEY = bytes(range(32))
AT = TO_COME


def words(text: str) -> RedactedText:
    """Give a text without anything to hide."""
    return template_of((text,)).fill(Numbering()).text


CATEGORY = Category("c" * 24, "kasir", words("Kasir"), words(""))


class Crash(BaseException):
    """The process ends."""


class Steps:
    """How many commands a process may still give."""

    def __init__(self) -> None:
        self.left: int | None = None

    def take(self) -> None:
        """Take one."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Crash


class MortalTopics(MongoTopicStore):
    """Its process ends before one of its commands."""

    def __init__(self, database: Database, steps: Steps) -> None:
        super().__init__(database)
        self._steps = steps

    async def next_bump(self) -> int:
        self._steps.take()
        return await super().next_bump()

    async def advance(self, topic: Topic, post: Post, bump: int, numbers: Mapping[str, int]) -> bool:
        self._steps.take()
        return await super().advance(topic, post, bump, numbers)

    async def change(self, topic: Topic, fields: Mapping[str, Any], *, gone: Sequence[str] = ()) -> Topic | None:
        self._steps.take()
        return await super().change(topic, fields, gone=gone)

    async def count(self, topic_id: str, *, replies: int = 0, likes: int = 0) -> None:
        self._steps.take()
        await super().count(topic_id, replies=replies, likes=likes)


class MortalPosts(MongoPostStore):
    """Its process ends before one of its commands."""

    def __init__(self, database: Database, steps: Steps) -> None:
        super().__init__(database)
        self._steps = steps

    async def insert_post(self, post: Post, key: bytes, reasons: Sequence[str] = (), *, told: bool = False) -> Inserted:
        self._steps.take()
        return await super().insert_post(post, key, reasons, told=told)

    async def change_post(
        self, post: Post, fields: Mapping[str, Any], *, gone: Sequence[str] = (), rises: bool = True
    ) -> Post | None:
        self._steps.take()
        return await super().change_post(post, fields, gone=gone, rises=rises)

    async def take_over(self, of_post: str, new_id: str) -> None:
        self._steps.take()
        await super().take_over(of_post, new_id)

    async def end_move(self, move_id: str) -> None:
        self._steps.take()
        await super().end_move(move_id)


class Neighbours:
    """Everybody around the forum: keeps what they were told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Told, str]] = []
        self.found: set[tuple[str, int]] = set()
        self.queued: list[str] = []
        self.events: list[Event] = []
        self.silent: set[str] = set()

    async def publish(self, events: Sequence[Event]) -> None:
        """Hear of events."""
        self.events += events

    async def tell_of_post(self, account_ids: Sequence[str], why: Told, post_id: str) -> None:
        """Hear of a notice."""
        self.told += [(account_id, why, post_id) for account_id in account_ids]

    async def put(self, category: Category, topic: Topic, post: Post, handle: str) -> None:
        """Index a post."""
        self.found.add((topic.id, post.seq))

    async def untitle(self, topic_id: str, last_seq: int, category_id: str) -> None:
        """See `Index`."""
        del topic_id, last_seq, category_id

    async def drop(self, topic_id: str, seq: int) -> None:
        """Forget a post."""
        self.found.discard((topic_id, seq))

    async def screen(self, actor: Actor, submission: Submission) -> Screened:
        """Let everything through."""
        return Screened(Outcome.PUBLISH)

    async def held(self, target_id: str, author_id: str, reasons: Sequence[str]) -> None:
        """Queue what is held."""
        self.queued.append(target_id)

    async def require_showable(self, actor: Actor, attachment_ids: Sequence[str]) -> None:
        """There are no images here."""

    async def shown(self, owner_id: str, text_id: str, attachment_ids: Sequence[str], audience: ImageAudience) -> None:
        """There are no images here."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]:
        """Everybody is called what their account is."""
        return {
            account_id: Persona(account_id, account_id, "", Role.CUSTOMER, 0, suspended=False)
            for account_id in account_ids
        }

    async def standing(self, actor: Actor) -> Standing:
        """Nobody writes through services here."""
        raise AssertionError

    async def may_write(self, account_id: str) -> bool:
        """Whoever was not silenced."""
        return account_id not in self.silent

    async def find(self, handle: str) -> str | None:
        """Nobody is mentioned by handle here."""
        return None

    async def accounts_of(self, handles: Sequence[str]) -> dict[str, str]:
        """Nobody is mentioned by handle here."""
        return {}

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        """Everybody exists."""
        return {account_id: Actor(account_id, Role.CUSTOMER, "", "") for account_id in account_ids}


class Process:
    """What one process has of the forum."""

    def __init__(self, database: Database, audit: AuditTrail, neighbours: Neighbours) -> None:
        self.steps = Steps()
        self.neighbours = neighbours
        self.audit = audit
        self.topics, self.posts = MortalTopics(database, self.steps), MortalPosts(database, self.steps)
        self.marks = MongoMarkStore(database)
        self.writer = TopicWriter(self.topics, self.posts)
        self.topic_states = TopicStates(self.topics, self.posts, self.writer)
        self.consequences = Consequences(
            self.posts,
            self.topics,
            self.topic_states,
            neighbours,
            neighbours,
            TopicFollowers(self.marks),
            neighbours,
            neighbours,
            neighbours,
            neighbours,
            audit,
            lambda: AT,
        )
        self.states = PostStates(
            self.posts, self.topics, self.topic_states, self.consequences, audit, neighbours, lambda: AT
        )

    async def topic(self, author_id: str = "penanya", *, tags: Sequence[str] = ()) -> str:
        """Make a topic without posts; give its id."""
        topic = Topic(
            id=new_id(),
            number=await self.topics.next_number(),
            category_id=CATEGORY.id,
            slug="uji",
            title=words("Uji"),
            redactions=(),
            author_id=author_id,
            created_at=AT,
            state=TopicState.PUBLISHED,
            bump=0,
            active_at=AT,
            last_author_id=author_id,
            tags=tuple(tags),
        )
        assert await self.topics.insert_topic(topic, client_key(author_id, None), {})
        return topic.id

    async def write(
        self,
        topic_id: str,
        author_id: str = "penjawab",
        client_id: str | None = None,
        *,
        phone: str = "",
        **fields: Any,
    ) -> Written:
        """Write a post, with a hidden number in it where one is named by its digest."""
        parts: tuple[str | Hidden, ...] = ("Halo ", Hidden(Label.PHONE, phone)) if phone else ("Halo",)
        draft = Draft(author_id, client_key(author_id, client_id), template_of(parts), render, AT, **fields)
        return await self.writer.append(topic_id, draft, lambda _: None)

    async def get(self, topic_id: str) -> Topic:
        """Read a topic."""
        topic = await self.topics.find_topic(topic_id)
        assert topic is not None
        return topic

    async def all_posts(self, topic_id: str) -> list[Post]:
        """Read all that is stored of a topic, counted or not."""
        return await self.posts.posts(topic_id, range(1, 200))

    async def category(self) -> Category:
        """Read the category."""
        (category,) = await self.topics.categories()
        return category

    async def hide(self, topic_id: str, seq: int) -> None:
        """Hide a post."""
        await self.states.change(
            "penjaga",
            f"{topic_id}.{seq}",
            PostState.HIDDEN,
            before=frozenset({PostState.PUBLISHED}),
            action="forum:post:hidden",
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Process"]:
        """Around which the background works."""
        await self.consequences.start()
        try:
            yield self
        finally:
            self.steps.left = None
            await self.consequences.close()


class House:
    """A database with one category, in which processes come and go."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.audit = AuditTrail(MongoAuditStore(database), KEY)
        self.neighbours = Neighbours()

    def process(self) -> Process:
        """Begin another process."""
        return Process(self.database, self.audit, self.neighbours)


@asynccontextmanager
async def house_in(database: Database) -> AsyncIterator[House]:
    """Prepare a database."""
    await apply(database, (*FORUM_COLLECTIONS, *AUDIT_COLLECTIONS))
    house = House(database)
    assert await MongoTopicStore(database).insert_category(CATEGORY)
    try:
        yield house
    finally:
        await house.audit.close()
