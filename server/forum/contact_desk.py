"""What moderators do about contacts that writers publish: see where any stand, take one out, let it in again.

The writer is told of it. Must not end a permission: that is its writer's alone. What is taken out stays out whatever
they sign or write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.categories import Categories
from server.forum.consequences import Consequences
from server.forum.contacts import PostContacts, ShownContact
from server.forum.events import PostEdited
from server.forum.model import Category, Post, Topic, can_curate, can_read, require
from server.forum.ports import Notifier, Told
from server.forum.posts import Posts
from server.kernel.actor import Actor
from server.kernel.errors import Conflict
from server.kernel.ports import Clock, EventSink
from server.people.model import Persona

MOST: Final = 200
"""Posts in the list, the newest."""
_CLOSED: Final = "forum:contact:closed"
_OPENED: Final = "forum:contact:opened"


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A post that is marked to show a contact.

    Attributes:
        topic: where it stands.
        category: in which.
        post: without its text it is enough.
        author: who wrote it; None where the account is gone.
        contacts: what is shown at this moment; none where nothing stands, or it was taken out.
    """

    topic: Topic
    category: Category
    post: Post
    author: Persona | None
    contacts: tuple[ShownContact, ...]


class PostStore(Protocol):
    """What is needed of the store of posts."""

    async def with_contacts(self) -> list[Post]: ...
    async def change_post(
        self, post: Post, fields: Mapping[str, Any], *, gone: Sequence[str] = (), rises: bool = True
    ) -> Post | None: ...


class TopicStore(Protocol):
    """What is needed of the store of topics."""

    async def find_topics(self, topic_ids: Sequence[str]) -> dict[str, Topic]: ...


class People(Protocol):
    """How people are shown."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]: ...


class ContactDesk:
    """The use cases."""

    def __init__(
        self,
        store: PostStore,
        topics: TopicStore,
        categories: Categories,
        posts: Posts,
        contacts: PostContacts,
        people: People,
        consequences: Consequences,
        notifier: Notifier,
        audit: AuditTrail,
        sink: EventSink,
        clock: Clock,
    ) -> None:
        self._store = store
        self._topics = topics
        self._categories = categories
        self._posts = posts
        self._contacts = contacts
        self._people = people
        self._consequences = consequences
        self._notifier = notifier
        self._audit = audit
        self._sink = sink
        self._clock = clock

    async def marked(self, actor: Actor) -> Sequence[ContactRow]:
        """Give the posts in which contacts of their writers stand, or stood until one was withdrawn or taken out.

        Raises:
            NotPermitted: the actor is no moderator.
        """
        require(can_curate(actor))
        newest = sorted(await self._store.with_contacts(), key=lambda post: post.created_at, reverse=True)[:MOST]
        categories = await self._categories.all()
        topics = await self._topics.find_topics(sorted({post.topic_id for post in newest}))
        people = await self._people.personas(sorted({post.author_id for post in newest}))
        rows: list[ContactRow] = []
        for post in newest:
            topic = topics.get(post.topic_id)
            category = categories.get(topic.category_id) if topic else None
            if topic is not None and category is not None and can_read(actor, category, topic):
                shown = (await self._contacts.of_posts(category, [post])).get(post.seq, ())
                rows.append(ContactRow(topic, category, post, people.get(post.author_id), shown))
        return rows

    async def close(self, actor: Actor, of_post: str, *, closed: bool) -> Post:
        """Take the contacts out of a post and tell its writer, or let them in again as far as their permission stands.

        Raises:
            NotFound: no post that the actor may know of.
            NotPermitted: the actor is no moderator.
            Conflict: no contact was published in it, or somebody changed it at the same moment.
        """
        topic, _, post = await self._posts.require_post(actor, of_post)
        require(can_curate(actor))
        if not post.contacts:
            raise Conflict
        if post.contacts_closed is closed:
            return post
        action = _CLOSED if closed else _OPENED
        entry = AuditEntry(action, actor.account_id, (topic.id, post.id), self._clock(), {"seq": post.seq})
        async with self._audit.promises.around([entry]):
            fields = {"contacts_closed": True} if closed else {}
            gone = () if closed else ("contacts_closed",)
            changed = await self._store.change_post(post, fields, gone=gone, rises=False)
            if changed is None:
                raise Conflict
        self._consequences.draw(changed)
        await self._sink.publish([PostEdited(topic, changed, actor.account_id)])
        if closed and post.author_id != actor.account_id:
            await self._notifier.tell_of_post([post.author_id], Told.CONTACT_CLOSED, post.id)
        return changed
