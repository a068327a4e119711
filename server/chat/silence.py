"""Customers who left: whoever has not read an answer for some minutes is told that there is one, once until they read.

What is due is in memory, and found again after a start from the conversations themselves; up to where a customer was
told stands in the conversation. Says that there is something to read, never what. Must not know how people are told.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from server.chat.events import MessagePosted, MessagesRead
from server.chat.model import Conversation, Status
from server.chat.registry import LiveConversations
from server.kernel.actor import Role
from server.kernel.background import Background
from server.kernel.errors import DomainError
from server.kernel.ports import Clock, Directory

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 5.0
_LOOKED_AT = 1_000
"""How many of the newest conversations are looked at after a start; in older ones nobody waits for a letter."""

_TRIED_AGAIN = timedelta(minutes=1)


class SilenceStore(Protocol):
    """What this needs from the store of chat, which says what each does."""

    async def last_number(self) -> int: ...
    async def in_window(self, above: int, up_to: int, status: Status | None) -> list[Conversation]: ...


class Caller(Protocol):
    """Tells people, each the way they want."""

    async def tell(self, account_id: str, conversation_id: str) -> None:
        """Say that an answer waits."""
        ...

    async def settle(self, account_id: str, conversation_id: str) -> None:
        """It is read."""
        ...


class Silences:
    """Watches over unread answers.

    Args:
        store: where conversations are.
        registry: those in use.
        caller: tells people.
        directory: knows who has an account.
        clock: the time.
        patience: how long an answer may stay unread before its customer is told.
    """

    def __init__(
        self,
        store: SilenceStore,
        registry: LiveConversations,
        caller: Caller,
        directory: Directory,
        clock: Clock,
        patience: timedelta,
    ) -> None:
        self._store = store
        self._registry = registry
        self._caller = caller
        self._directory = directory
        self._clock = clock
        self._patience = patience
        self._due: dict[str, datetime] = {}
        self._told: set[str] = set()
        self._background = Background()

    async def start(self) -> None:
        """Find again what waits, then watch.

        Raises:
            Unavailable: the store does not answer.
        """
        last = await self._store.last_number()
        for stored in await self._store.in_window(max(0, last - _LOOKED_AT), last, None):
            # What a crash left behind is in memory already, and not yet in the record.
            conversation = self._registry.current(stored)
            if not _is_unread(conversation) or conversation.last_message_at is None:
                continue
            if _is_told(conversation):
                self._told.add(conversation.id)
            else:
                self._due[conversation.id] = conversation.last_message_at + self._patience
        self._background.start(self._watch(), name="chat-silences")

    async def close(self) -> None:
        """End; what waits is found again."""
        await self._background.stop()

    async def posted(self, event: MessagePosted) -> None:
        """Hear of a message: staff's begins a silence, the customer's ends it."""
        conversation_id = event.message.conversation_id
        if event.author.is_staff:
            if conversation_id not in self._due and conversation_id not in self._told:
                self._due[conversation_id] = self._clock() + self._patience
        else:
            await self._ended(conversation_id, event.author.account_id)

    async def read(self, event: MessagesRead) -> None:
        """Hear that somebody has read."""
        if event.conversation_id not in self._due and event.conversation_id not in self._told:
            return
        conversation = (await self._registry.get(event.conversation_id)).conversation
        if event.account_id == conversation.customer_id and not _is_unread(conversation):
            await self._ended(conversation.id, event.account_id)

    async def look(self) -> None:
        """Tell those for whom it is time."""
        now = self._clock()
        for conversation_id in [name for name, at in self._due.items() if at <= now]:
            try:
                await self._tell(conversation_id)
            except DomainError as error:
                logger.warning("an answer that waits was not told of: %s", error.code)
                self._due[conversation_id] = now + _TRIED_AGAIN

    @property
    def waiting(self) -> Sequence[str]:
        """The conversations with answers that are unread, of which nobody was told yet."""
        return sorted(self._due)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            try:
                await self.look()
            except Exception as error:
                logger.error("looking after unread answers failed: %s", type(error).__name__)

    async def _tell(self, conversation_id: str) -> None:
        live = await self._registry.get(conversation_id)
        customer_id = live.conversation.customer_id
        if _is_unread(live.conversation) and not _is_told(live.conversation):
            person = (await self._directory.actors([customer_id])).get(customer_id)
            if person is not None and person.role is Role.CUSTOMER:
                if live.conversation.told_seq:
                    # Of an earlier silence; what is unread there would stand for this one too.
                    await self._caller.settle(customer_id, conversation_id)
                await self._caller.tell(customer_id, conversation_id)
                live.conversation = replace(live.conversation, told_seq=live.conversation.last_seq)
                self._registry.touch(live)
                self._told.add(conversation_id)
        self._due.pop(conversation_id, None)

    async def _ended(self, conversation_id: str, customer_id: str) -> None:
        self._due.pop(conversation_id, None)
        if conversation_id in self._told:
            await self._caller.settle(customer_id, conversation_id)
            self._told.discard(conversation_id)


def _is_unread(conversation: Conversation) -> bool:
    return conversation.last_seq > conversation.read_marks.get(conversation.customer_id, 0)


def _is_told(conversation: Conversation) -> bool:
    """Whether the customer was told since they last read."""
    return conversation.told_seq > conversation.read_marks.get(conversation.customer_id, 0)
