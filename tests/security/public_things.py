"""What everybody may see, or could: the forum, the feedback board, reviews, handles; for the access tests."""

from collections.abc import Mapping
from datetime import UTC, datetime

from moderation.queue import Case
from server.feedback.comment_store import MongoCommentStore
from server.feedback.desk_store import MongoDeskStore
from server.feedback.mark_store import MongoMarkStore
from server.feedback.model import Comment, Sight, State, Step, Visibility
from server.feedback.model import Item as FeedbackItem
from server.feedback.model import Kind as FeedbackKind
from server.feedback.records import Canned, Ring, SavedView
from server.feedback.store import MongoItemStore
from server.forum.extras_store import MongoExtraStore
from server.forum.keys import client_key
from server.forum.model import Category, Topic, TopicState
from server.forum.polls import Poll
from server.forum.post_store import MongoPostStore
from server.forum.store import MongoTopicStore
from server.forum.writing import Draft, TopicWriter
from server.kernel.ids import new_id
from server.kernel.text import template_of
from server.keyring import BlindIndex
from server.markup import render
from server.people.handles import new_handle
from server.people.model import Profile
from server.people.store import MongoPeopleStore
from server.review.model import Item
from server.review.store import MongoReviewStore
from tests.harness.people import Person, World
from tests.security.naming import Maker, Names, Thing, named, text_of


class PublicThings:
    """Makes them.

    Args:
        world: the running server.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._people = MongoPeopleStore(world.database, BlindIndex(bytes(32)))
        self._topics = MongoTopicStore(world.database)
        self._posts = MongoPostStore(world.database)
        self._extras = MongoExtraStore(world.database)
        self._feedbacks = MongoItemStore(world.database)

    @property
    def makers(self) -> Mapping[str, Maker]:
        """What makes one of each kind, for its owner."""
        return {
            "person": self._person,
            "category": self._category,
            "topic": self._topic,
            "post": self._post,
            "poll": self._post,
            "review_item": self._review_item,
            "private_feedback": self._complaint,
            "suggestion": self._suggestion,
            "feedback_comment": self._comment,
            "vote_ring": self._ring,
            "canned_answer": self._canned,
            "saved_view": self._saved_view,
        }

    async def _category(self, _: Person) -> Thing:
        """Nobody's own: whoever looks after categories looks after all."""
        category = Category(new_id(), f"uji-{new_id()}", text_of("Uji"), text_of("Untuk pengujian"))
        assert await self._topics.insert_category(category)
        return named(category.id)

    async def _topic(self, owner: Person) -> Thing:
        """A topic of theirs with an answer of theirs."""
        category = (await self._category(owner)).path["id"]
        now = datetime.now(UTC)
        topic = Topic(
            id=new_id(),
            number=await self._topics.next_number(),
            category_id=category,
            slug="uji",
            title=text_of("Uji"),
            redactions=(),
            author_id=owner.id,
            created_at=now,
            state=TopicState.PUBLISHED,
            bump=0,
            active_at=now,
            last_author_id=owner.id,
        )
        assert await self._topics.insert_topic(topic, client_key(owner.id, None), {})
        writer = TopicWriter(self._topics, self._posts)
        for poll in (True, False):
            draft = Draft(owner.id, client_key(owner.id, None), template_of(("halo",)), render, now, poll=poll)
            await writer.append(topic.id, draft, lambda _: None)
        options = (text_of("Satu"), text_of("Dua"))
        await self._extras.insert_poll(Poll(f"{topic.id}.1", options, False, None, (0, 0)))
        return Thing(Names(topic.id), {"topic_id": topic.id})

    async def _post(self, owner: Person) -> Thing:
        """The first post of a topic of theirs, with a poll under it."""
        topic = await self._topic(owner)
        return named(f"{topic.path['id']}.1")

    async def _complaint(self, owner: Person) -> Thing:
        """A complaint of theirs, which is for them and for agents."""
        return named(await self._feedback(owner, FeedbackKind.COMPLAINT, Visibility.PRIVATE))

    async def _suggestion(self, owner: Person) -> Thing:
        """A suggestion of theirs on the board."""
        return named(await self._feedback(owner, FeedbackKind.SUGGESTION, Visibility.PUBLIC))

    async def _comment(self, owner: Person) -> Thing:
        """The first comment under a suggestion, theirs."""
        item_id = await self._feedback(owner, FeedbackKind.SUGGESTION, Visibility.PUBLIC)
        text = text_of("Setuju")
        comment = Comment(item_id, 1, owner.id, text, (), (), render(text), datetime.now(UTC))
        assert await MongoCommentStore(self._world.database).insert_comment(comment, new_id().encode())
        return named(item_id)

    async def _feedback(self, owner: Person, kind: FeedbackKind, visibility: Visibility) -> str:
        now, text = datetime.now(UTC), text_of("Antrean panjang")
        item = FeedbackItem(
            id=new_id(),
            number=await self._feedbacks.next_number(),
            kind=kind,
            title=text_of("Uji"),
            text=text,
            hidden=(),
            redactions=(),
            html=render(text),
            visibility=visibility,
            sight=Sight.SHOWN,
            author_id=owner.id,
            created_at=now,
            changed_at=now,
            change=await self._feedbacks.next_change(),
            history=(Step(State.RECEIVED, now, None),),
            last_seq=1,
        )
        assert await self._feedbacks.insert_item(item, item.id.encode(), {})
        return item.id

    async def _ring(self, owner: Person) -> Thing:
        """Votes that look like one person's, for a suggestion of theirs."""
        item_id = await self._feedback(owner, FeedbackKind.SUGGESTION, Visibility.PUBLIC)
        ring = Ring(new_id(), item_id, (owner.id,), ("same_network",), datetime.now(UTC))
        await MongoMarkStore(self._world.database).put_ring(ring)
        return named(ring.id)

    async def _canned(self, owner: Person) -> Thing:
        canned = Canned(new_id(), text_of("Terima kasih"), text_of("Kami catat."), owner.id, datetime.now(UTC))
        await MongoDeskStore(self._world.database).put_canned(canned)
        return named(canned.id)

    async def _saved_view(self, owner: Person) -> Thing:
        view = SavedView(new_id(), owner.id, text_of("Keluhan"), datetime.now(UTC), {"kind": "complaint"})
        await MongoDeskStore(self._world.database).insert_view(view)
        return named(view.id)

    async def _review_item(self, owner: Person) -> Thing:
        """Something to be decided about a text of theirs, which is gone meanwhile."""
        item = Item(new_id(), "post", f"{new_id()}.1", Case(owner.id, held=True), ("links",), 0, datetime.now(UTC))
        await MongoReviewStore(self._world.database).insert(item)
        return named(item.id)

    async def _person(self, owner: Person) -> Thing:
        """Their handle, as it is made when they are first shown."""
        handle = new_handle()
        now = datetime.now(UTC)
        if await self._people.claim(handle, owner.id, now):
            await self._people.insert(Profile(owner.id, handle, now))
        # The server may have been quicker.
        [profile] = await self._people.find([owner.id])
        return named(profile.handle)
