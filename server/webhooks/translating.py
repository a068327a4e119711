"""What happened to feedback, as ids and states for webhooks. The only file here that knows feedback.

Of private items ids and states alone are told; the texts of public ones are read when something is sent.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from server.feedback.events import (
    FeedbackAnswered,
    FeedbackChanged,
    FeedbackCommented,
    FeedbackGiven,
    FeedbackMerged,
    FeedbackPublished,
    FeedbackRated,
    FeedbackShown,
)
from server.feedback.model import Comment, Item, Sight
from server.relay import Relay
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


class FeedbackEars:
    """Hears what happens to feedback and queues it."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    def listen(self, relay: Relay) -> None:
        """Hear of everything that webhooks may tell of."""
        relay.listen(FeedbackGiven, lambda event: self._tell(EventType.GIVEN, event.item))
        relay.listen(FeedbackShown, lambda event: self._tell(EventType.SHOWN, event.item))
        relay.listen(FeedbackAnswered, lambda event: self._tell(EventType.ANSWERED, event.item))
        relay.listen(FeedbackRated, lambda event: self._tell(EventType.RATED, event.item))
        relay.listen(FeedbackPublished, lambda event: self._tell(EventType.PUBLISHED, event.item))
        relay.listen(FeedbackChanged, self._changed)
        relay.listen(FeedbackCommented, self._commented)
        relay.listen(FeedbackMerged, self._merged)

    async def _changed(self, event: FeedbackChanged) -> None:
        if event.item.state is not event.before:
            await self._tell(EventType.CHANGED, event.item, before=event.before.value)

    async def _commented(self, event: FeedbackCommented) -> None:
        if not event.comment.note and event.comment.sight is Sight.SHOWN:
            facts = {**facts_of(event.item), "comment_id": event.comment.id}
            await self._deliveries.tell(EventType.COMMENTED, event.comment.id, facts)

    async def _merged(self, event: FeedbackMerged) -> None:
        await self._tell(EventType.MERGED, event.source, merged_into=event.target.id, undone=event.undone)

    async def _tell(self, event: EventType, item: Item, **more: object) -> None:
        await self._deliveries.tell(event, item.id, {**facts_of(item), **more})


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
