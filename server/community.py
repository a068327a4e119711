"""Builds the community: the forum and what stands around it. For `app` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from server.forum import api as forum_api
from server.forum import marks_api, portability_api
from server.forum.admission import Admission
from server.forum.categories import Categories
from server.forum.consequences import Consequences
from server.forum.follows import Follows, TopicFollowers
from server.forum.marks import Marks, ReaderMarks
from server.forum.marks_store import MARK_COLLECTIONS, MongoMarkStore
from server.forum.portability import Portability
from server.forum.ports import Told
from server.forum.post_store import POST_COLLECTIONS, MongoPostStore
from server.forum.posts import Posts
from server.forum.public import PublicTopics
from server.forum.shelf import ForumShelf
from server.forum.store import TOPIC_COLLECTIONS, MongoTopicStore
from server.forum.topics import Topics
from server.forum.writing import TopicWriter
from server.identity import Ground, Identity
from server.intake import Intake
from server.people.service import People
from server.realtime.fanout import Fanout
from server.realtime.sockets import Sockets
from server.relay import Relay
from server.reviewing import Review
from server.search import api as search_api
from server.search.service import SearchService
from server.search.store import SEARCH_COLLECTIONS
from server.searching import open_search
from server.web.endpoint import Endpoint

COMMUNITY_COLLECTIONS = (*TOPIC_COLLECTIONS, *POST_COLLECTIONS, *MARK_COLLECTIONS, *SEARCH_COLLECTIONS)


class _Quiet:
    """Nobody is told."""

    async def tell_of_post(self, account_ids: Sequence[str], why: Told, post_id: str) -> None:
        """See `forum.ports.Notifier`."""


@dataclass(frozen=True, slots=True)
class Community:
    """The running services of the forum."""

    categories: Categories
    topics: Topics
    posts: Posts
    marks: Marks
    follows: Follows
    consequences: Consequences
    relay: Relay
    search: SearchService
    portability: Portability
    public: PublicTopics

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return (
            *forum_api.endpoints(self.categories, self.topics, self.posts),
            *marks_api.endpoints(self.marks, self.follows, self.posts),
            *search_api.endpoints(self.search),
            *portability_api.endpoints(self.portability),
        )


@asynccontextmanager
async def open_community(
    ground: Ground,
    identity: Identity,
    intake: Intake,
    people: People,
    review: Review,
    sockets: Sockets,
    fanout: Fanout,
) -> AsyncIterator[Community]:
    """Build and start them; stop them in reverse order.

    Raises:
        Unavailable: the store does not answer.
    """
    database, audit, limiter, clock = ground.database, ground.audit, ground.limiter, ground.clock
    screening, quiet = review.screening, _Quiet()
    relay = Relay(fanout)
    topic_store, post_store, mark_store = MongoTopicStore(database), MongoPostStore(database), MongoMarkStore(database)
    async with AsyncExitStack() as stack:
        writer = TopicWriter(topic_store, post_store)
        categories = Categories(topic_store, intake, audit, limiter, clock)
        shelf = ForumShelf(categories, topic_store, post_store, people)
        searching = await stack.enter_async_context(open_search(ground, intake, shelf))
        admission = Admission(intake, people, screening, clock)
        consequences = Consequences(
            post_store,
            topic_store,
            writer,
            people,
            identity.accounts,
            TopicFollowers(mark_store),
            screening,
            searching.indexer,
            quiet,
            audit,
            clock,
        )
        reader_marks = ReaderMarks(mark_store, post_store, relay)
        topics = Topics(
            topic_store,
            writer,
            categories,
            admission,
            intake,
            consequences,
            people,
            reader_marks,
            audit,
            relay,
            limiter,
            clock,
        )
        posts = Posts(
            post_store, topics, writer, admission, consequences, people, reader_marks, audit, relay, limiter, clock
        )
        marks = Marks(mark_store, post_store, topic_store, posts, people, consequences, audit, relay, limiter, clock)
        follows = Follows(mark_store, topics, limiter)
        portability = Portability(post_store, topic_store, categories, people, limiter, clock)
        reader_marks.start()
        stack.push_async_callback(reader_marks.close)
        stack.push_async_callback(consequences.close)
        await review.start({})
        await consequences.start()
        yield Community(categories, topics, posts, marks, follows, consequences, relay, searching.service, portability, PublicTopics(topic_store, categories))
