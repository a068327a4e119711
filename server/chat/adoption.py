"""Use case of adoption: a visitor who has an account now keeps their conversations. Knows neither HTTP nor MongoDB.

What is about to be done is written down first, without any text, and goes on after a crash where it was left: every
step may be repeated.

1. the record, and with the visitor who they are now, which stays: a legal hold set later finds both; the visitor's
   sessions end, so that nobody writes as the visitor any more;
2. in each conversation, once all that is on its way has its place: its messages get another author, then what stands
   with it (files, forms) another owner, then the conversation itself another customer, with its entry in the trail;
3. the record goes.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import ConversationChanged, MessageChanged
from server.chat.live import LiveConversation
from server.chat.model import Conversation, Message
from server.chat.registry import LiveConversations
from server.chat.writer import MessageWriter
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotAuthenticated, NotPermitted
from server.kernel.ports import Clock, Directory, EventSink, Limiter

logger = logging.getLogger(__name__)

_WINDOW = 50


@dataclass(frozen=True, slots=True)
class Adoption:
    """Whose conversations become whose.

    Attributes:
        visitor_id: the anonymous account that they were.
        account_id: the account that they have now.
        at: aware, UTC.
    """

    visitor_id: str
    account_id: str
    at: datetime


class AdoptionStore(Protocol):
    """What adoptions need from the store of chat, which says what each does."""

    async def begin_adoption(self, adoption: Adoption) -> Adoption: ...
    async def end_adoption(self, visitor_id: str) -> None: ...
    async def unfinished_adoptions(self) -> list[Adoption]: ...
    async def of_customer(self, account_id: str) -> list[Conversation]: ...
    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...
    async def readdress(self, messages: Sequence[Message]) -> None: ...
    async def hand_over(self, conversation_id: str, adoption: Adoption) -> bool: ...


class Visits(Protocol):
    """Knows who is behind a token, and ends sessions."""

    async def authenticate(self, token: str) -> Actor: ...
    async def end_all(self, account_id: str, *, but: str = "") -> list[str]: ...


class People(Directory, Protocol):
    """Knows accounts."""

    async def became(self, visitor_id: str, account_id: str) -> None:
        """Take note that a visitor is somebody with an account from now on. Safe to repeat."""
        ...


class Belongings(Protocol):
    """What stands with a conversation and belongs to its customer."""

    async def hand_over(self, conversation_id: str, from_account_id: str, to_account_id: str) -> object:
        """Give it another owner. Safe to repeat; what it gives is nobody's affair here."""
        ...


class Adoptions:
    """The use case."""

    def __init__(
        self,
        store: AdoptionStore,
        visits: Visits,
        registry: LiveConversations,
        writer: MessageWriter,
        audit: AuditTrail,
        sink: EventSink,
        people: People,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._visits = visits
        self._registry = registry
        self._writer = writer
        self._audit = audit
        self._sink = sink
        self._people = people
        self._limiter = limiter
        self._clock = clock
        self._belongings: list[Belongings] = []
        self._turn = asyncio.Lock()

    def bring(self, belongings: Belongings) -> None:
        """Say what else goes with a conversation. Before `start`."""
        self._belongings.append(belongings)

    async def start(self) -> None:
        """Go on with what a crash interrupted.

        Raises:
            Unavailable: the store does not answer.
        """
        for adoption in await self._store.unfinished_adoptions():
            logger.warning("going on with an adoption that was interrupted")
            await self._go_on(adoption)

    async def adopt(self, actor: Actor, visitor_token: str) -> int:
        """Take over the conversations of the visitor that the actor was before they had an account.

        Args:
            actor: a customer.
            visitor_token: of the visitor's session: who has it is the visitor.

        Returns:
            How many conversations became theirs.

        Raises:
            InvalidInput: the token is no visitor's.
            NotPermitted: conversations are for customers.
            Conflict: they are becoming somebody else's.
            RateLimited, Unavailable: ask again; what was begun is ended after the next start at the latest.
        """
        await self._limiter.spend("conversation", actor.account_id)
        try:
            visitor = await self._visits.authenticate(visitor_token)
        except NotAuthenticated:
            raise InvalidInput(fields={"token": "not_allowed"}) from None
        if visitor.role is not Role.VISITOR:
            raise InvalidInput(fields={"token": "not_allowed"})
        return await self.hand_over(visitor.account_id, actor)

    async def hand_over(self, visitor_id: str, actor: Actor) -> int:
        """Give a visitor's conversations to a customer, for whoever has made sure that they are the same person.

        Raises:
            NotPermitted, Conflict, Unavailable: see `adopt`.
        """
        if actor.role is not Role.CUSTOMER:
            raise NotPermitted
        wanted = Adoption(visitor_id, actor.account_id, self._clock())
        begun = await self._store.begin_adoption(wanted)
        if begun.account_id != actor.account_id:
            raise Conflict
        return await self._go_on(begun)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _go_on(self, adoption: Adoption) -> int:
        async with self._turn:
            # First: a hold set before this goes along with a conversation, one set later finds both.
            await self._people.became(adoption.visitor_id, adoption.account_id)
            await self._visits.end_all(adoption.visitor_id)
            conversations = await self._store.of_customer(adoption.visitor_id)
            for conversation in sorted(conversations, key=lambda item: item.number):
                await self._move(conversation.id, adoption)
            await self._store.end_adoption(adoption.visitor_id)
        return len(conversations)

    async def _move(self, conversation_id: str, adoption: Adoption) -> None:
        async with self._registry.turn(conversation_id):
            live = await self._registry.get(conversation_id)
            await self._settled(live)
            await self._registry.save([live])
            known = live.conversation.last_seq
            await self._readdress(conversation_id, 0, known, adoption)
            for belongings in self._belongings:
                await belongings.hand_over(conversation_id, adoption.visitor_id, adoption.account_id)
            objects = (conversation_id, adoption.visitor_id, adoption.account_id)
            entry = AuditEntry("chat:conversation:adopted", adoption.account_id, objects, self._clock())
            async with self._writer.between_groups(live):
                # What staff wrote meanwhile is counted before the record is read again.
                await self._registry.save([live])
                async with self._audit.promises.around([entry]):
                    await self._store.hand_over(conversation_id, adoption)
                live.stale = True
            # What the visitor sent at the very moment; from here on nobody is that customer any more.
            await self._settled(live)
            live = await self._registry.get(conversation_id)
            await self._readdress(conversation_id, known, live.conversation.last_seq, adoption)
            live.forget_messages()
        await self._tell(conversation_id, adoption)

    async def _settled(self, live: LiveConversation) -> None:
        """Wait until all that the visitor sent has its place: their sessions are ended, so nothing new comes."""
        while live.tail is not None:
            await asyncio.shield(live.tail)
        await self._writer.settle(live)

    async def _readdress(self, conversation_id: str, after_seq: int, up_to_seq: int, adoption: Adoption) -> None:
        for first in range(after_seq, up_to_seq, _WINDOW):
            messages = await self._store.messages(conversation_id, first, min(first + _WINDOW, up_to_seq))
            moved = [_moved(message, adoption) for message in messages]
            theirs = [after for before, after in zip(messages, moved, strict=True) if after is not before]
            if theirs:
                await self._store.readdress(theirs)

    async def _tell(self, conversation_id: str, adoption: Adoption) -> None:
        """Whoever has the conversation open sees the new name, also at what is on the screen."""
        conversation = (await self._registry.get(conversation_id)).conversation
        author = (await self._people.actors([adoption.account_id])).get(adoption.account_id)
        last = await self._store.messages(
            conversation_id, max(0, conversation.last_seq - _WINDOW), conversation.last_seq
        )
        changed = [
            MessageChanged(message, author, conversation.changes)
            for message in last
            if author is not None and message.author_id == adoption.account_id
        ]
        await self._sink.publish([ConversationChanged(conversation), *changed])


def _moved(message: Message, adoption: Adoption) -> Message:
    """The message with the account in the visitor's place; the same message where it has nothing of the visitor's."""
    reacted = any(adoption.visitor_id in given for given in message.reactions.values())
    if message.author_id != adoption.visitor_id and not reacted:
        return message
    reactions = {
        emoji: tuple(adoption.account_id if who == adoption.visitor_id else who for who in given)
        for emoji, given in message.reactions.items()
    }
    theirs = message.author_id == adoption.visitor_id
    return replace(
        message,
        author_id=adoption.account_id if theirs else message.author_id,
        reactions=reactions,
        version=message.version + 1,
    )
