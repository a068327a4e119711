"""The forum as the search sees it: what a reader may see of the posts that it found. Must not find anything itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from server.forum.categories import Categories
from server.forum.model import Category, Post, PostState, Topic, TopicState, can_read
from server.forum.ports import People
from server.kernel.actor import Actor
from server.people.model import Persona


@dataclass(frozen=True, slots=True)
class Shown:
    """A post that a reader may see.

    Attributes:
        post: published.
        topic: where it stands; published.
        author: who wrote it; None where the account is gone.
    """

    post: Post
    topic: Topic
    author: Persona | None


class TopicReader(Protocol):
    """Topics by their ids."""

    async def find_topics(self, topic_ids: Sequence[str]) -> dict[str, Topic]: ...


class PostReader(Protocol):
    """Posts by their ids."""

    async def find_posts(self, ids: Sequence[str]) -> dict[str, Post]: ...


class ForumShelf:
    """Looks up what was found (`search.service.Shelf`)."""

    def __init__(self, categories: Categories, topics: TopicReader, posts: PostReader, people: People) -> None:
        self._categories = categories
        self._topics = topics
        self._posts = posts
        self._people = people

    async def categories(self, actor: Actor | None) -> Mapping[str, Category]:
        """Give the categories that somebody may read, by id."""
        return {item.id: item for item in await self._categories.list(actor)}

    async def shown(self, actor: Actor | None, post_ids: Sequence[str]) -> Mapping[str, Shown]:
        """Give those of some posts that everybody of their category may see, by id.

        What is held or hidden is in no list of findings, also not for its author and moderators.
        """
        if not post_ids:
            return {}
        categories = await self._categories.all()
        found = await self._posts.find_posts(list(post_ids))
        posts = [post for post in found.values() if post.state is PostState.PUBLISHED]
        topics = await self._topics.find_topics(sorted({post.topic_id for post in posts}))
        people = await self._people.personas(sorted({post.author_id for post in posts}))
        shown: dict[str, Shown] = {}
        for post in posts:
            topic = topics.get(post.topic_id)
            if topic is None or topic.state is not TopicState.PUBLISHED:
                continue
            category = categories.get(topic.category_id)
            if category is not None and can_read(actor, category, topic):
                shown[post.id] = Shown(post, topic, people.get(post.author_id))
        return shown

    async def account_of(self, handle: str) -> str | None:
        """Give whose a handle is."""
        return await self._people.find(handle)
