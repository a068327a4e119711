"""What happened to feedback, in the forum and in the chat, as ids and states for webhooks. The only file here that
knows these.

Of private items ids and states alone are told; the texts of public ones are read when something is sent. Of what is
said in a conversation nothing is told but what it is about, as the gate left it.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from server.chat.events import ConversationChanged, ConversationRated, Turn
from server.chat.live import Snapshot
from server.chat.model import Conversation
from server.feedback.model import Comment, Item, Sight
from server.forum.model import Topic
from server.kernel.relay import Relay
from server.webhooks.delivering import Deliveries
from server.webhooks.model import EventType

_OF_CONVERSATIONS: Final = frozenset(
    {EventType.CONVERSATION_OPENED, EventType.CONVERSATION_CLOSED, EventType.CONVERSATION_RATED}
)


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


class Conversations(Protocol):
    """Knows conversations; the store of the chat does."""

    async def load(self, conversation_id: str) -> Snapshot | None: ...


class AllContents:
    """Fills `delivering.Contents`: of feedback what everybody may read, of conversations what they are about.

    Args:
        feedback: knows feedback.
        conversations: knows conversations.
    """

    def __init__(self, feedback: FeedbackContents, conversations: Conversations) -> None:
        self._feedback = feedback
        self._conversations = conversations

    async def of(self, event: EventType, subject: str) -> Mapping[str, Any] | None:
        """See `delivering.Contents`."""
        if event not in _OF_CONVERSATIONS:
            return await self._feedback.of(event, subject)
        found = await self._conversations.load(subject)
        if found is None or found.conversation.subject is None:
            return None
        return {"subject": found.conversation.subject.value}


class ConversationAnnouncer:
    """Queues how conversations turn. A listener of the chat's events: what a crash keeps from being queued is not told.

    Args:
        deliveries: the queue.
    """

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    def listen(self, relay: Relay) -> None:
        """Hear of conversations."""
        relay.listen(ConversationChanged, self.changed)
        relay.listen(ConversationRated, self.rated)

    async def changed(self, event: ConversationChanged) -> None:
        """A conversation changed; most changes are nobody's affair.

        Raises:
            Unavailable: the store does not answer; nobody hears of it.
        """
        if event.turn is Turn.CLOSED:
            await self._tell(EventType.CONVERSATION_CLOSED, event.conversation)
        elif event.turn is not None:
            again = event.turn is Turn.REOPENED
            await self._tell(EventType.CONVERSATION_OPENED, event.conversation, again=again)

    async def rated(self, event: ConversationRated) -> None:
        """Its customer said how it was: the score is told, and not what they add.

        Raises:
            Unavailable: the store does not answer; nobody hears of it.
        """
        rating = event.conversation.rating
        if rating is not None:
            await self._tell(EventType.CONVERSATION_RATED, event.conversation, score=rating.score)

    async def _tell(self, event: EventType, conversation: Conversation, **more: object) -> None:
        facts = {"id": conversation.id, "number": conversation.number, "status": conversation.status.value, **more}
        await self._deliveries.tell(event, conversation.id, facts)


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
