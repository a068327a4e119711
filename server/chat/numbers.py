"""Gives the conversation's own numbers to texts that stand beside it, so that a placeholder means the same in both.

Numbers are given while no message is being numbered, and remembered before the text is kept. Must not know what kind of
text it is, nor who may write it.
"""

from collections.abc import Mapping
from typing import Protocol

from server.chat.registry import LiveConversations
from server.chat.writer import MessageWriter
from server.kernel.taught import Taught
from server.kernel.text import Hidden, NumberedText, RedactedTemplate


class NumberStore(Protocol):
    """Remembers numbers; `chat.store` does."""

    async def teach(self, conversation_id: str, hidden: Hidden, number: int, lesson: Mapping[str, str]) -> None: ...


class Numbers:
    """The numbering of conversations, for others than messages."""

    def __init__(self, live: LiveConversations, writer: MessageWriter, store: NumberStore) -> None:
        self._live = live
        self._writer = writer
        self._store = store

    async def taught(self, conversation_id: str) -> Taught:
        """Give what people taught a conversation to hide.

        Raises:
            NotFound: there is no such conversation.
        """
        return (await self._live.get(conversation_id)).taught

    async def fill(self, conversation_id: str, template: RedactedTemplate) -> NumberedText:
        """Write a text with the numbers of a conversation; those new to it are stored when this returns.

        Raises:
            NotFound, Unavailable: the conversation can't be read, or the numbers can't be stored; nothing is given out.
        """
        live = await self._live.get(conversation_id)
        async with self._writer.between_groups(live):
            numbered = template.fill(live.numbering)
            try:
                for hidden, number in numbered.hidden:
                    await self._store.teach(conversation_id, hidden, number, {})
            except BaseException:
                # What was given out may not be stored: the conversation is read again before it gives out more.
                live.stale = True
                raise
        return numbered
