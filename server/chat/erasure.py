"""Use case of erasing a customer out of their conversations. Knows neither HTTP nor MongoDB.

All texts of a conversation go: what staff wrote in it is about its customer. What stays is where messages stood,
when, and which of the staff wrote: the trail counts messages by their places, and says of an emptied one that it was
erased. Two steps, each safe to repeat: `erase_texts`, and, when all that stands with the conversation is gone too,
`detach`, after which nobody finds it by its customer.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from server.audit.service import AuditTrail
from server.chat.changing import deleted
from server.chat.events import ConversationChanged, MessageChanged
from server.chat.live import LiveConversation
from server.chat.markup import Rendered
from server.chat.model import Conversation, Message
from server.chat.registry import LiveConversations
from server.chat.trail import ERASED, change_entry
from server.chat.writer import MessageWriter
from server.kernel.actor import Actor, Role
from server.kernel.erased import NOBODY
from server.kernel.ports import Clock, Directory, EventSink

_WINDOW = 50
_SYSTEM = "system"


class Texts(Protocol):
    """What this needs from the store of chat, which says what each does."""

    async def of_customer(self, account_id: str) -> list[Conversation]: ...
    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...


class EmptyingStore(Protocol):
    """Empties conversations; `erasure_store` says what each does."""

    async def empty_messages(self, messages: Sequence[Message]) -> None: ...
    async def empty_conversation(self, conversation_id: str) -> None: ...
    async def detach(self, conversation_id: str, customer_id: str) -> None: ...
    async def forget_adoptions(self, account_id: str) -> None: ...


class ChatErasure:
    """The use case."""

    def __init__(
        self,
        texts: Texts,
        store: EmptyingStore,
        registry: LiveConversations,
        writer: MessageWriter,
        rendered: Rendered,
        audit: AuditTrail,
        sink: EventSink,
        directory: Directory,
        clock: Clock,
    ) -> None:
        self._texts = texts
        self._store = store
        self._registry = registry
        self._writer = writer
        self._rendered = rendered
        self._audit = audit
        self._sink = sink
        self._directory = directory
        self._clock = clock

    async def of(self, account_id: str) -> list[Conversation]:
        """Give a customer's conversations, as they are now, oldest first."""
        found = await self._texts.of_customer(account_id)
        return sorted(map(self._registry.current, found), key=lambda item: item.number)

    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]:
        """Give some messages of a conversation, whoever asks; a window of at most 200."""
        return await self._texts.messages(conversation_id, after_seq, up_to_seq)

    async def erase_texts(self, conversation_id: str) -> int:
        """Empty a conversation; give how many messages had anything in them.

        Raises:
            NotFound: there is none.
            Unavailable: it is not known what was done; do it again.
        """
        count = 0
        async with self._registry.turn(conversation_id):
            live = await self._settled(conversation_id)
            customer_id, last = live.conversation.customer_id, live.conversation.last_seq
            for first in range(0, last, _WINDOW):
                found = await self._texts.messages(conversation_id, first, min(first + _WINDOW, last))
                now = self._clock()
                left = [emptied(message, customer_id, now) for message in found if not _is_empty(message, customer_id)]
                if left:
                    entries = [change_entry(self._audit, message, ERASED, _SYSTEM, now) for message in left]
                    async with self._audit.promises.around(entries):
                        try:
                            await self._store.empty_messages(left)
                        finally:
                            live.forget_messages()
                    count += len(left)
            async with self._writer.between_groups(live):
                await self._registry.save([live])
                await self._store.empty_conversation(conversation_id)
                live.stale = True
            live.sent.clear()
        self._rendered.forget()
        await self._tell(conversation_id)
        return count

    async def detach(self, conversation_id: str) -> None:
        """Make a conversation nobody's. After everything that is found by its customer.

        Raises:
            NotFound: there is none.
            Unavailable: it is not known what was done; do it again.
        """
        async with self._registry.turn(conversation_id):
            live = await self._settled(conversation_id)
            async with self._writer.between_groups(live):
                await self._registry.save([live])
                await self._store.detach(conversation_id, live.conversation.customer_id)
                live.stale = True
        await self._sink.publish([ConversationChanged((await self._registry.get(conversation_id)).conversation)])

    async def forget_adoptions(self, account_id: str) -> None:
        """Forget what was begun and not ended of taking conversations over."""
        await self._store.forget_adoptions(account_id)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _settled(self, conversation_id: str) -> LiveConversation:
        """Give a conversation once all that is on its way into it has its place and is saved."""
        live = await self._registry.get(conversation_id)
        while live.tail is not None:
            await asyncio.shield(live.tail)
        await self._writer.settle(live)
        live = await self._registry.get(conversation_id)
        await self._registry.save([live])
        return live

    async def _tell(self, conversation_id: str) -> None:
        """Whoever has it open sees it empty, and what is kept of its texts for searching is made anew."""
        conversation = (await self._registry.get(conversation_id)).conversation
        for first in range(0, conversation.last_seq, _WINDOW):
            found = await self._texts.messages(conversation_id, first, first + _WINDOW)
            authors = await self._directory.actors(sorted({message.author_id for message in found}))
            await self._sink.publish(
                [
                    MessageChanged(message, authors.get(message.author_id, _gone(message)), conversation.changes)
                    for message in found
                ]
            )
        await self._sink.publish([ConversationChanged(conversation)])


def emptied(message: Message, customer_id: str, at: datetime) -> Message:
    """Give what is left of a message: its place, its time, and, of staff, who wrote it."""
    left = deleted(message, at)
    return replace(
        left,
        author_id=NOBODY if message.author_id == customer_id else message.author_id,
        client_message_id=f"{NOBODY}-{message.seq}",
        edited_at=None,
        reply_to=None,
        form=None,
    )


def _is_empty(message: Message, customer_id: str) -> bool:
    return message.author_id != customer_id and message.client_message_id == f"{NOBODY}-{message.seq}"


def _gone(message: Message) -> Actor:
    return Actor(message.author_id, Role.VISITOR, "", "—")
