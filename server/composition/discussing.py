"""Builds the forum itself: categories, topics, posts and what people do with them. For `community` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from server.composition.identity import Ground, Identity
from server.forum import api as forum_api
from server.forum import curation_api, extras_api, marks_api
from server.forum.admission import Admission
from server.forum.categories import Categories
from server.forum.consequences import Consequences
from server.forum.contact_desk import ContactDesk
from server.forum.contacts import PostContacts
from server.forum.curation import Curation
from server.forum.drafts import Drafts
from server.forum.editing import Editing
from server.forum.erasure import ForumErasure
from server.forum.erasure_store import MongoForumErasureStore
from server.forum.extras_store import EXTRA_COLLECTIONS, MongoExtraStore
from server.forum.follows import Follows, TopicFollowers
from server.forum.lists import TopicLists
from server.forum.mark_memory import MarkMemory
from server.forum.marks import Marks, ReaderMarks
from server.forum.marks_store import MARK_COLLECTIONS, MongoMarkStore
from server.forum.moving import Moving
from server.forum.page_memory import PageMemory
from server.forum.polls import PollReading, Polls
from server.forum.ports import Announcer, Images, Index, NothingSigned, Notifier, Screening
from server.forum.post_store import POST_COLLECTIONS, MongoPostStore
from server.forum.posts import Posts
from server.forum.reviewing import ReviewedPosts
from server.forum.schedule import Schedule
from server.forum.socket import ForumSocket
from server.forum.states import PostStates, TopicStates
from server.forum.store import TOPIC_COLLECTIONS
from server.forum.topic_memory import TopicMemory
from server.forum.topics import Topics
from server.forum.writing import TopicWriter
from server.intake import Intake
from server.kernel.publishing import SignedContacts
from server.kernel.relay import Relay
from server.people.service import People
from server.realtime.fanout import Fanout
from server.realtime.sockets import Sockets
from server.web.endpoint import Endpoint

_BELIEVED_S = 5.0

FORUM_COLLECTIONS = (*TOPIC_COLLECTIONS, *POST_COLLECTIONS, *MARK_COLLECTIONS, *EXTRA_COLLECTIONS)


@dataclass(frozen=True, slots=True)
class Shelves:
    """What others need of the forum before it is built."""

    topics: TopicMemory
    posts: MongoPostStore
    categories: Categories


@dataclass(frozen=True, slots=True)
class Forum:
    """The running services of the forum."""

    categories: Categories
    topics: Topics
    lists: TopicLists
    posts: Posts
    editing: Editing
    marks: Marks
    follows: Follows
    polls: Polls
    drafts: Drafts
    curation: Curation
    moving: Moving
    schedule: Schedule
    reviewed: ReviewedPosts
    consequences: Consequences
    erasure: ForumErasure
    contacts: PostContacts
    contact_desk: ContactDesk

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return (
            *forum_api.endpoints(self.categories, self.topics, self.lists, self.posts),
            *marks_api.endpoints(self.marks, self.follows, self.posts),
            *curation_api.endpoints(
                self.topics, self.posts, self.editing, self.curation, self.moving, self.contact_desk
            ),
            *extras_api.endpoints(self.lists, self.polls, self.drafts),
        )

    async def start(self) -> None:
        """Bring to its end what a crash interrupted.

        Raises:
            Unavailable: the store does not answer.
        """
        # First, for what it leaves is counted anew with everything else that a crash left.
        await self.moving.start()
        await self.consequences.start()
        self.schedule.start()


def shelves_of(ground: Ground, intake: Intake) -> Shelves:
    """Build where categories, topics and posts are kept."""
    # A store of its own has no other server on it; only commands may write beside this one.
    topics = TopicMemory(ground.database, 0.0 if ground.settings.mongo_url else _BELIEVED_S)
    categories = Categories(topics, intake, ground.audit, ground.limiter, ground.clock)
    return Shelves(topics, MongoPostStore(ground.database, topics.forget), categories)


@asynccontextmanager
async def open_forum(
    ground: Ground,
    identity: Identity,
    intake: Intake,
    shelves: Shelves,
    people: People,
    screening: Screening,
    index: Index,
    images: Images,
    notifier: Notifier,
    relay: Relay,
    announcer: Announcer | None = None,
    signed: SignedContacts | None = None,
) -> AsyncIterator[Forum]:
    """Build the services; `Forum.start` follows once everybody listens. Stop them in reverse order."""
    audit, limiter, clock = ground.audit, ground.limiter, ground.clock
    topic_store, post_store, categories = shelves.topics, shelves.posts, shelves.categories
    mark_store = MarkMemory(MongoMarkStore(ground.database), post_store)
    extra_store = MongoExtraStore(ground.database)
    writer = TopicWriter(topic_store, post_store)
    topic_states = TopicStates(topic_store, post_store, writer)
    contacts = PostContacts(intake, signed or NothingSigned())
    admission = Admission(intake, people, screening, images, clock, extra_store, contacts)
    followers = TopicFollowers(mark_store)
    consequences = Consequences(
        post_store,
        topic_store,
        topic_states,
        people,
        identity.accounts,
        followers,
        screening,
        index,
        images,
        notifier,
        audit,
        clock,
        announcer,
    )
    reading = ReaderMarks(mark_store, relay)
    polling = PollReading(extra_store, clock)
    lists = TopicLists(topic_store, categories, people, reading)
    topics = Topics(
        topic_store,
        writer,
        categories,
        admission,
        intake,
        consequences,
        lists,
        extra_store,
        audit,
        relay,
        limiter,
        clock,
    )
    posts = Posts(
        post_store,
        topics,
        writer,
        admission,
        consequences,
        people,
        PageMemory(post_store),
        reading,
        polling,
        contacts,
        audit,
        relay,
        limiter,
        clock,
    )
    states = PostStates(post_store, topic_store, topic_states, consequences, audit, relay, clock)
    editing = Editing(post_store, posts, states, writer, admission, consequences, people, audit, relay, limiter, clock)
    forum = Forum(
        categories=categories,
        topics=topics,
        lists=lists,
        posts=posts,
        editing=editing,
        marks=Marks(mark_store, post_store, topic_store, posts, people, consequences, audit, relay, limiter, clock),
        follows=Follows(mark_store, topics, lists, topic_store, limiter),
        polls=Polls(extra_store, polling, posts, people, audit, limiter, clock),
        drafts=Drafts(extra_store, intake, limiter, clock),
        curation=Curation(post_store, topics, writer, consequences, notifier, audit, relay, limiter, clock),
        moving=Moving(post_store, topic_store, topics, writer, admission, contacts, consequences, audit, relay, clock),
        schedule=Schedule(topic_store, post_store, writer, people, consequences, audit, relay, clock),
        reviewed=ReviewedPosts(post_store, topic_store, categories, states, editing, admission),
        consequences=consequences,
        erasure=ForumErasure(
            post_store,
            topic_store,
            MongoForumErasureStore(ground.database, FORUM_COLLECTIONS),
            states,
            writer,
            consequences,
            index,
            reading.forget_reader,
            audit,
            relay,
            clock,
        ),
        contacts=contacts,
        contact_desk=ContactDesk(
            post_store, topic_store, categories, posts, contacts, people, consequences, notifier, audit, relay, clock
        ),
    )
    async with AsyncExitStack() as stack:
        reading.start()
        stack.push_async_callback(reading.close)
        stack.push_async_callback(consequences.close)
        stack.push_async_callback(forum.schedule.close)
        yield forum


def connect(forum: Forum, people: People, sockets: Sockets, fanout: Fanout) -> None:
    """Let topics be followed live."""
    socket = ForumSocket(forum.categories, forum.topics, forum.posts, people, sockets)
    sockets.declare(socket.events())
    socket.translate(fanout)
