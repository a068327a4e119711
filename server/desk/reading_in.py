"""Takes conversations into the search's index that were there before it. Must not decide what may be seen."""

from collections.abc import Sequence
from typing import Protocol

from server.chat.model import Conversation, Status
from server.desk.pieces import Share, block_of, people_in, person_key
from server.desk.saying import Messages, whole


class Conversations(Messages, Protocol):
    """Reads conversations and their messages, whoever asks; `chat.store` does."""

    async def last_number(self) -> int: ...
    async def in_window(self, above: int, up_to: int, status: Status | None) -> list[Conversation]: ...


class Index(Protocol):
    """Writes the index; `indexing.Indexer` does."""

    async def put(self, shares: Sequence[Share]) -> None: ...


class ReadingIn:
    """A task for a `backlog`.

    Args:
        conversations: what is to be found.
        index: where it is written.
    """

    name = "search-filling"
    width = 20
    pause_s = 0.02

    def __init__(self, conversations: Conversations, index: Index) -> None:
        self._conversations = conversations
        self._index = index

    async def last_number(self) -> int:
        """Give the number of the newest conversation."""
        return await self._conversations.last_number()

    async def take(self, above: int, up_to: int) -> None:
        """Take in some conversations, whole.

        Raises:
            Unavailable: the store does not answer.
        """
        shares = []
        for conversation in await self._conversations.in_window(above, up_to, None):
            people = {person_key(account_id) for account_id in people_in(conversation)}
            for block in range(block_of(conversation.last_seq) + 1 if conversation.last_seq else 0):
                shares.append(await whole(self._conversations, conversation, block, people))
        await self._index.put(shares)
