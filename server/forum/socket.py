"""Live topics over Socket.IO: who has a topic open hears of new posts and changes.

Events go to many, so they say nothing of what their receiver may do or has done: `rights` are all false, `mine` empty.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Protocol

from pydantic import Field

from server.forum.categories import Categories
from server.forum.commands import Id
from server.forum.events import PostEdited, PostHidden, PostPublished, PostReacted, TopicChanged
from server.forum.model import Action, Post, PostState, Topic, can_read, rule
from server.forum.posts import Posts
from server.forum.reading import PostView, TopicRow
from server.forum.schemas import PostOut, TopicOut, page_out, post_out, topic_out
from server.forum.topics import Topics
from server.kernel.errors import NotFound
from server.kernel.wire import Schema
from server.people.model import Persona
from server.realtime.events import ClientEvent, Connection, Emission
from server.realtime.fanout import Fanout
from server.realtime.sockets import Sockets

_PREFIX = "topic:"
_MOST = 100


class JoinTopic(Schema):
    """Which topic, and the last post that is known of it already."""

    topic_id: Id
    after_seq: Annotated[int, Field(ge=0, le=10**9)] = 0


class LeaveTopic(Schema):
    """Which topic."""

    topic_id: Id


class PostNews(Schema):
    """What `forum:post` (a new one) and `forum:changed` (put it in the place of what is there) carry."""

    post: PostOut


class TopicNews(Schema):
    """What `forum:topic` carries."""

    topic: TopicOut


class People(Protocol):
    """How people are shown."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]: ...


def room_of(topic_id: str) -> str:
    """The room of those who have a topic open."""
    return _PREFIX + topic_id


class ForumSocket:
    """The forum's events in both directions."""

    def __init__(self, categories: Categories, topics: Topics, posts: Posts, people: People, sockets: Sockets) -> None:
        self._categories = categories
        self._topics = topics
        self._posts = posts
        self._people = people
        self._sockets = sockets

    def events(self) -> Sequence[ClientEvent]:
        """Declare what clients may say."""
        return (
            ClientEvent("forum:join", JoinTopic, self._join, rule(Action.READ)),
            ClientEvent("forum:leave", LeaveTopic, self._leave, rule(Action.READ)),
        )

    def translate(self, fanout: Fanout) -> None:
        """Say how the forum's events look on the wire."""
        fanout.translate(PostPublished, self._published)
        fanout.translate(PostEdited, self._changed)
        fanout.translate(PostReacted, self._changed)
        fanout.translate(PostHidden, self._changed)
        fanout.translate(TopicChanged, self._topic_changed)

    async def _join(self, connection: Connection, command: JoinTopic) -> dict[str, Any]:
        """Enter first, then read: what is posted in between is in both and never in neither."""
        await self._topics.require_readable(connection.actor, command.topic_id)
        room = room_of(command.topic_id)
        await self._sockets.enter(connection, room)
        try:
            page = await self._posts.follow(connection.actor, command.topic_id, command.after_seq, _MOST)
        except NotFound:
            await self._sockets.leave(connection, room)
            raise
        return page_out(page).model_dump(mode="json")

    async def _leave(self, connection: Connection, command: LeaveTopic) -> dict[str, Any]:
        await self._topics.require_readable(connection.actor, command.topic_id)
        await self._sockets.leave(connection, room_of(command.topic_id))
        return {}

    async def _published(self, event: PostPublished) -> Sequence[Emission]:
        return await self._post("forum:post", event.topic, event.post)

    async def _changed(self, event: PostEdited | PostReacted | PostHidden) -> Sequence[Emission]:
        return await self._post("forum:changed", event.topic, event.post)

    async def _post(self, name: str, topic: Topic, post: Post) -> Sequence[Emission]:
        """Told to the room, and only where somebody is in it: most topics have nobody there."""
        if not await self._readers(topic):
            return ()
        readable = post.state is PostState.PUBLISHED
        # Whose it was is taken out of sight with what it said.
        people = await self._people.personas([post.author_id]) if readable else {}
        view = PostView(post, people.get(post.author_id), readable, accepted=topic.accepted_seq == post.seq)
        return (Emission(room_of(topic.id), name, PostNews(post=post_out(view)).model_dump(mode="json")),)

    async def _topic_changed(self, event: TopicChanged) -> Sequence[Emission]:
        """Whoever may read it no longer leaves the room before the others are told."""
        topic = event.topic
        room = room_of(topic.id)
        if not await self._readers(topic):
            return ()
        people = await self._people.personas([topic.author_id, topic.last_author_id])
        category = await self._categories.get(topic.category_id)
        row = TopicRow(topic, category, people.get(topic.author_id), people.get(topic.last_author_id))
        return (Emission(room, "forum:topic", TopicNews(topic=topic_out(row)).model_dump(mode="json")),)

    async def _readers(self, topic: Topic) -> bool:
        """Say whether anybody is in a topic's room who may read it; whoever may not, or no longer, leaves it first.

        Asked before each piece of news: a category is closed without an event for each of its topics.
        """
        room = room_of(topic.id)
        members = list(self._sockets.members(room))
        if not members:
            return False
        category = await self._categories.get(topic.category_id)
        left = 0
        for member in members:
            if not can_read(member.actor, category, topic):
                await self._sockets.leave(member, room)
                await self._sockets.tell(member, "forum:left", {"topic_id": topic.id})
                left += 1
        return left < len(members)
