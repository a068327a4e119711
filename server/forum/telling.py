"""Tells people of posts by notices, which say nothing of what was written."""

from collections.abc import Sequence
from typing import Protocol

from server.forum.model import Topic, place_of
from server.forum.ports import Told
from server.forum.reading import page_with
from server.notices.model import Kind
from server.notices.service import Notices


class Topics(Protocol):
    """Where topics are kept."""

    async def find_topic(self, topic_id: str) -> Topic | None: ...


class PostPlaces:
    """Knows where posts are to be seen. Gives numbers only: what a topic is called is for those who may read it.

    Args:
        topics: where topics are kept.
    """

    def __init__(self, topics: Topics) -> None:
        self._topics = topics

    async def __call__(self, of_post: str) -> str | None:
        """Give the address of a post, or None where there is none any more."""
        topic_id, seq = place_of(of_post)
        topic = await self._topics.find_topic(topic_id)
        if topic is None:
            return None
        page = page_with(seq)
        return f"/forum/t/{topic.number}{f'?p={page}' if page > 1 else ''}#p{seq}"


class PostNotices:
    """Fills `forum.ports.Notifier`."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def tell_of_post(self, account_ids: Sequence[str], why: Told, post_id: str) -> None:
        """Tell some accounts of a post.

        Raises:
            Unavailable: nobody was told, or it is not known who.
        """
        await self._notices.tell(account_ids, Kind(why.value), "post", post_id)
