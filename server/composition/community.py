"""Builds the community: the forum and what stands around it. For `parts` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from server.attachments.service import Attachments
from server.composition.discussing import FORUM_COLLECTIONS, Forum, connect, open_forum, shelves_of
from server.composition.identity import Ground, Identity
from server.composition.reviewing import Review
from server.composition.searching import open_search
from server.forum import portability_api
from server.forum.categories import Categories
from server.forum.consequences import Consequences
from server.forum.follows import Follows
from server.forum.lists import TopicLists
from server.forum.marks import Marks
from server.forum.portability import Portability
from server.forum.ports import Announcer
from server.forum.posts import Posts
from server.forum.public import PublicTopics
from server.forum.reviewing import TARGET
from server.forum.shelf import ForumShelf
from server.forum.telling import PostNotices, PostPlaces
from server.forum.topics import Topics
from server.intake import Intake
from server.kernel.publishing import SignedContacts
from server.kernel.relay import Relay
from server.notices.service import Notices
from server.people.service import People
from server.realtime.fanout import Fanout
from server.realtime.sockets import Sockets
from server.search import api as search_api
from server.search.indexing import Indexer
from server.search.service import SearchService
from server.search.store import SEARCH_COLLECTIONS
from server.web.endpoint import Endpoint

COMMUNITY_COLLECTIONS = (*FORUM_COLLECTIONS, *SEARCH_COLLECTIONS)


@dataclass(frozen=True, slots=True)
class Community:
    """The running services of the community."""

    forum: Forum
    relay: Relay
    search: SearchService
    indexer: Indexer
    public: PublicTopics
    portability: Portability

    @property
    def categories(self) -> Categories:
        """Categories."""
        return self.forum.categories

    @property
    def topics(self) -> Topics:
        """Topics."""
        return self.forum.topics

    @property
    def lists(self) -> TopicLists:
        """Lists of topics."""
        return self.forum.lists

    @property
    def posts(self) -> Posts:
        """Posts and pages of them."""
        return self.forum.posts

    @property
    def marks(self) -> Marks:
        """Reactions and bookmarks."""
        return self.forum.marks

    @property
    def follows(self) -> Follows:
        """What people follow."""
        return self.forum.follows

    @property
    def consequences(self) -> Consequences:
        """What follows from posts, in the background."""
        return self.forum.consequences

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return (
            *self.forum.endpoints(),
            *search_api.endpoints(self.search),
            *portability_api.endpoints(self.portability),
        )


@asynccontextmanager
async def open_community(
    ground: Ground,
    identity: Identity,
    intake: Intake,
    people: People,
    attachments: Attachments,
    review: Review,
    notices: Notices,
    sockets: Sockets,
    fanout: Fanout,
    announcer: Announcer | None = None,
    signed: SignedContacts | None = None,
) -> AsyncIterator[Community]:
    """Build and start them; stop them in reverse order.

    Raises:
        Unavailable: the store does not answer.
    """
    relay = Relay(fanout)
    shelves = shelves_of(ground, intake)
    async with AsyncExitStack() as stack:
        shelf = ForumShelf(shelves.categories, shelves.topics, shelves.posts, people)
        searching = await stack.enter_async_context(open_search(ground, intake, shelf))
        forum = await stack.enter_async_context(
            open_forum(
                ground,
                identity,
                intake,
                shelves,
                people,
                review.screening,
                searching.indexer,
                attachments,
                PostNotices(notices),
                relay,
                announcer,
                signed,
            )
        )
        notices.lead("post", PostPlaces(shelves.topics))
        connect(forum, people, sockets, fanout)
        attachments.ask(forum.reviewed)
        await review.start({TARGET: forum.reviewed})
        await forum.start()
        public = PublicTopics(shelves.topics, shelves.categories)
        portability = Portability(
            shelves.posts, shelves.topics, shelves.categories, people, ground.limiter, ground.clock
        )
        yield Community(forum, relay, searching.service, searching.indexer, public, portability)
