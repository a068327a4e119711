"""What the chat keeps of its customers: their conversations. Must not keep a text for longer than it gives it."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from server.chat.erasure import ChatErasure
from server.chat.model import Conversation, Message
from server.kernel.holdings import Fate, Held, Piece, Why, no_pieces
from server.kernel.wire import rfc3339

_WINDOW: Final = 50
_IN_A_FILE: Final = 500


class ChatHoldings:
    """Fills `kernel.holdings.Holdings`: the texts. The conversations themselves are `ChatShells`' affair."""

    name: Final = "chat"
    collections: Final = ("conversations", "messages", "unfinished_hidings", "unfinished_adoptions")

    def __init__(self, chat: ChatErasure) -> None:
        self._chat = chat

    async def held(self, person_id: str) -> Sequence[Held]:
        """See `Holdings`."""
        found = await self._chat.of(person_id)
        if not found:
            return ()
        count = sum(item.last_seq for item in found)
        return (
            Held("conversations", len(found), "support"),
            Held("messages", count, "support"),
        )

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `Holdings`. What staff answered is a part of one's own conversation; who of them did is not said."""
        for conversation in await self._chat.of(person_id):
            for first in range(0, max(1, conversation.last_seq), _IN_A_FILE):
                messages: list[Message] = []
                for after in range(first, min(first + _IN_A_FILE, conversation.last_seq), _WINDOW):
                    up_to = min(after + _WINDOW, first + _IN_A_FILE)
                    messages += await self._chat.messages(conversation.id, after, up_to)
                part = f"-{first // _IN_A_FILE + 1}" if conversation.last_seq > _IN_A_FILE else ""
                path = f"chat/{conversation.number}{part}.json"
                yield Piece(path, _document(conversation, messages), "export.about.conversation")

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        found = await self._chat.of(person_id)
        if not found:
            return ()
        count = sum(item.last_seq for item in found)
        return (Fate("messages", count), Fate("conversations", 0, len(found), Why.OTHERS))

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        found = await self._chat.of(person_id)
        count = 0
        for conversation in found:
            count += await self._chat.erase_texts(conversation.id)
        await self._chat.forget_adoptions(person_id)
        return (Fate("messages", count), Fate("conversations", 0, len(found), Why.OTHERS))


class ChatShells:
    """The last of an erasure in conversations: what stands with them was found by their customer until now."""

    name: Final = "chat_shells"
    collections: Final = ()

    def __init__(self, chat: ChatErasure) -> None:
        self._chat = chat

    async def held(self, _person_id: str) -> Sequence[Held]:
        """See `ChatHoldings`, which says it."""
        return ()

    def pieces(self, _person_id: str) -> AsyncIterator[Piece]:
        """See `ChatHoldings`, which gives them."""
        return no_pieces()

    async def preview(self, _person_id: str) -> Sequence[Fate]:
        """See `ChatHoldings`, which says it."""
        return ()

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        for conversation in await self._chat.of(person_id):
            await self._chat.detach(conversation.id)
        return ()


def _document(conversation: Conversation, messages: Sequence[Message]) -> dict[str, object]:
    rating = conversation.rating
    return {
        "number": conversation.number,
        "subject": conversation.subject.value if conversation.subject else None,
        "status": conversation.status.value,
        "created_at": rfc3339(conversation.created_at),
        "rating": {"score": rating.score, "text": rating.text.value if rating.text else None} if rating else None,
        "messages": [
            {
                "seq": message.seq,
                "from": "me" if message.author_id == conversation.customer_id else "staff",
                "text": message.text.value,
                "at": rfc3339(message.created_at),
                "edited_at": rfc3339(message.edited_at) if message.edited_at else None,
                "deleted": message.deleted_at is not None,
                "files": [item.id for item in message.attachments],
            }
            for message in messages
        ],
    }
