"""What happened to feedback and in the forum, as ids and states for webhooks. The only file here that knows these.

Of private items ids and states alone are told; the texts of public ones are read when something is sent.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from server.feedback.model import Comment, Item, Sight
from server.forum.model import Topic
from server.webhooks.delivering import Deliveries
from server.webhooks.model import EventType


class Items(Protocol):
    """Knows items and comments; the stores of feedback do."""

    async def find_item(self, item_id: str) -> Item | None: ...


class Comments(Protocol):
    """Knows comments."""

    async def find_comment(self, item_id: str, seq: int) -> Comment | None: ...


class FeedbackContents:
    """Fills `delivering.Contents`.

    Args:
        items: knows items.
        comments: knows comments.
        root: address under which browsers reach the server; or empty.
    """

    def __init__(self, items: Items, comments: Comments, root: str) -> None:
        self._items = items
        self._comments = comments
        self._root = root.rstrip("/")

    async def of(self, event: EventType, subject: str) -> Mapping[str, Any] | None:
        """See `delivering.Contents`."""
        item_id, _, seq = subject.partition(".")
        item = await self._items.find_item(item_id)
        if item is None or not item.is_public:
            return None
        content: dict[str, Any] = {"title": item.title.value, "text": item.text.value}
        if item.response is not None:
            content["response"] = item.response.text.value
        if item.changelog is not None:
            content["changelog"] = item.changelog.text.value
        if self._root:
            content["url"] = f"{self._root}/saran/{item.number}"
        if seq:
            comment = await self._comments.find_comment(item_id, int(seq))
            if comment is None or comment.note or comment.sight is not Sight.SHOWN:
                return None
            content["comment"] = comment.text.value
        return content


class FeedbackAnnouncer:
    """Queues what happens to feedback. Fills `feedback.ports.Announcer`.

    Args:
        deliveries: the queue.
    """

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    async def of_item(self, item: Item, what: str, detail: str) -> None:
        """See `feedback.ports.Announcer`.

        Raises:
            Unavailable: the store does not answer; the caller repeats it.
        """
        event = EventType(f"feedback.{what}")
        more: dict[str, Any] = {}
        if event is EventType.CHANGED:
            more = {"before": detail}
        elif event is EventType.MERGED:
            target, _, undone = detail.partition(":")
            more = {"merged_into": target, "undone": bool(undone)}
        await self._deliveries.tell(event, item.id, {**facts_of(item), **more})

    async def of_comment(self, item: Item, comment: Comment) -> None:
        """See `feedback.ports.Announcer`.

        Raises:
            Unavailable: the store does not answer; the caller repeats it.
        """
        facts = {**facts_of(item), "comment_id": comment.id}
        await self._deliveries.tell(EventType.COMMENTED, comment.id, facts)


class ForumAnnouncer:
    """Queues what happens in the forum. Fills `forum.ports.Announcer`: ids alone, for a category may be for few.

    Args:
        deliveries: the queue.
    """

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    async def of_topic(self, topic: Topic) -> None:
        """See `forum.ports.Announcer`.

        Raises:
            Unavailable: the store does not answer; the caller repeats it.
        """
        facts = {"id": topic.id, "number": topic.number, "category_id": topic.category_id}
        # Without a subject nothing is read for it when it is sent.
        await self._deliveries.tell(EventType.TOPIC_POSTED, "", facts)


def facts_of(item: Item) -> dict[str, Any]:
    """Give what is told of an item in any case: ids and states; of a public one also where it belongs and counts."""
    facts: dict[str, Any] = {
        "id": item.id,
        "number": item.number,
        "visibility": item.visibility.value,
        "shown": item.sight is Sight.SHOWN,
        "state": item.state.value,
        "status": item.status.value,
    }
    if item.is_public:
        facts |= {"kind": item.kind.value, "area": item.area, "votes": item.votes, "comments": item.comment_count}
    return facts
