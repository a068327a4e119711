"""Use cases of support chat. Everything a transport may call; knows neither HTTP nor Socket.IO nor MongoDB."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import ConversationChanged, MessagesRead, TypingChanged
from server.chat.live import LiveConversation
from server.chat.model import Action, Conversation, Message, Status, View, can_open
from server.chat.reach import Reach
from server.chat.registry import LiveConversations, ProgressStore
from server.chat.writer import Draft, MessageStore, MessageWriter
from server.intake import Intake
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor, Role
from server.kernel.errors import DomainError, NotFound, NotPermitted, Unavailable
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Consents, Directory, EventSink, Limiter
from server.kernel.text import Numbering, RawText
from server.kernel.wire import MAX_SUBJECT

MAX_PAGE = 100
PURPOSE = "support_chat"
"""What a customer's words are used for here."""
_FIRST_WINDOW = 64


class ChatStore(MessageStore, ProgressStore, Protocol):
    """What the service needs from its store."""

    async def insert_conversation(self, conversation: Conversation, numbers: dict[str, int]) -> None: ...
    async def next_number(self) -> int: ...
    async def last_number(self) -> int: ...
    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...
    async def of_customer(self, account_id: str) -> list[Conversation]: ...
    async def in_window(self, above: int, up_to: int, status: Status | None) -> list[Conversation]: ...


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of a list. `next_number` is where the next one begins, or None at the end."""

    items: list[Conversation]
    next_number: int | None


class ChatService:
    """Conversations and messages."""

    def __init__(
        self,
        store: ChatStore,
        live: LiveConversations,
        reach: Reach,
        writer: MessageWriter,
        intake: Intake,
        audit: AuditTrail,
        sink: EventSink,
        directory: Directory,
        consents: Consents,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._live = live
        self._reach = reach
        self._writer = writer
        self._intake = intake
        self._audit = audit
        self._sink = sink
        self._directory = directory
        self._consents = consents
        self._limiter = limiter
        self._clock = clock

    async def start(self) -> None:
        """Begin to work, and save what a crash left unsaved.

        Raises:
            Unavailable: the store does not answer.
        """
        self._writer.start()
        await self._live.start()

    async def close(self) -> None:
        """Write what waits and save all progress."""
        await self._writer.close()
        await self._live.close()

    # --- conversations ---------------------------------------------------------------------------------------------

    async def open_conversation(self, actor: Actor, subject: RawText | None) -> Conversation:
        """Begin a conversation.

        Raises:
            NotPermitted: staff answer conversations, they don't begin them.
            InvalidInput, RedactionUnavailable: see the gate.
        """
        if not can_open(actor):
            raise NotPermitted
        await self._consents.require(actor.account_id, PURPOSE)
        await self._limiter.spend("conversation", actor.account_id)
        conversation_id = new_id()
        numbering = Numbering()
        numbered = None
        if subject is not None:
            template = await self._intake.admit(
                subject,
                scope=conversation_id,
                field="subject",
                max_length=MAX_SUBJECT,
                known_names=(actor.display_name,),
            )
            numbered = template.fill(numbering)
        conversation = Conversation(
            id=conversation_id,
            number=await self._store.next_number(),
            subject=numbered.text if numbered else None,
            redactions=numbered.redactions if numbered else (),
            status=Status.OPEN,
            customer_id=actor.account_id,
            assignee_id=None,
            last_seq=0,
            last_message_at=None,
            waiting_since=None,
            created_at=self._clock(),
        )
        async with self._audit.promises.around([self._entry("chat:conversation:opened", actor, conversation.id)]):
            await self._store.insert_conversation(conversation, numbering.fresh())
        await self._sink.publish([ConversationChanged(conversation)])
        return conversation

    async def is_empty(self) -> bool:
        """Say whether there has never been a conversation."""
        return await self._store.last_number() == 0

    async def get_conversation(self, actor: Actor, conversation_id: str) -> Conversation:
        """Give one conversation, without messages. How much of it the actor sees, `view` says.

        Raises:
            NotFound: it does not exist or the actor may not know of it.
        """
        live = await self._live.get(conversation_id)
        self._reach.require(actor, Action.LIST, live.conversation)
        return live.conversation

    async def person_of(self, conversation_id: str) -> str:
        """Say whose conversation it is.

        Raises:
            NotFound: there is no such conversation.
        """
        return (await self._live.get(conversation_id)).conversation.customer_id

    async def may(self, actor: Actor, action: Action, conversation_id: str) -> bool:
        """Say whether the actor may do something with a conversation; False too where there is none."""
        try:
            live = await self._live.get(conversation_id)
        except NotFound:
            return False
        return self._reach.can(actor, action, live.conversation)

    def view(self, actor: Actor, conversation: Conversation) -> View:
        """Say how much of a conversation somebody sees who may list it."""
        return self._reach.view(actor, conversation)

    def may_read(self, actor: Actor, conversation: Conversation) -> bool:
        """Say whether the actor may read it now."""
        return self._reach.can(actor, Action.READ, conversation)

    def readers(self, conversation: Conversation) -> Sequence[str]:
        """Give the accounts that may read it by way of exception."""
        return self._reach.readers(conversation)

    async def access_changed(self, conversation_id: str) -> None:
        """Tell of a conversation anew, because an exception began or ended: who may not read it leaves its room."""
        live = await self._live.get(conversation_id)
        await self._sink.publish([ConversationChanged(live.conversation)])

    async def list_conversations(
        self, actor: Actor, *, status: Status | None, assignee_id: str | None, before_number: int | None, limit: int
    ) -> Page:
        """List those that the actor may know of, newest first.

        Args:
            actor: who asks.
            status: only these, or None for all.
            assignee_id: only those of this member of staff; `none` for those that nobody has.
            before_number: where the page before ended.
            limit: how many at most, 1 to 100.
        """

        def wanted(conversation: Conversation) -> bool:
            return (
                (before_number is None or conversation.number < before_number)
                and (status is None or conversation.status is status)
                and (assignee_id is None or (conversation.assignee_id or "none") == assignee_id)
                and self._reach.can(actor, Action.LIST, conversation)
            )

        await self._limiter.spend("reading", actor.account_id)
        if can_call(Access.DESK, actor.role):
            found = await self._newest(before_number, status, limit + 1, wanted)
        else:
            mine = [self._live.current(item) for item in await self._store.of_customer(actor.account_id)]
            mine += [(await self._live.get(granted)).conversation for granted in self._reach.granted(actor)]
            found = sorted(filter(wanted, mine), key=lambda item: -item.number)
        items = found[:limit]
        return Page(items, items[-1].number if len(found) > limit else None)

    # --- messages --------------------------------------------------------------------------------------------------

    async def send(
        self, actor: Actor, conversation_id: str, client_message_id: str, text: RawText
    ) -> tuple[Message, bool]:
        """Take a message in and store it.

        Args:
            actor: the sender.
            conversation_id: where to.
            client_message_id: the sender's id of it; the same again gives the first message.
            text: what was typed.

        Returns:
            The message, durable and audited, and whether it is new.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
            ConsentRequired: a customer has withdrawn from the chat.
            RateLimited, InvalidInput, RedactionUnavailable, Unavailable: nothing is known to be stored; send it again
                under the same id.
        """
        live = await self._live.get(conversation_id)
        self._reach.require(actor, Action.POST, live.conversation)
        key = (actor.account_id, client_message_id)
        earlier = live.sent.get(key)
        if earlier is not None:
            await self._limiter.spend("reading", actor.account_id)
            return await asyncio.shield(earlier), False
        if not actor.is_staff:
            await self._consents.require(actor.account_id, PURPOSE)
        await self._limiter.spend("message", actor.account_id)
        at = self._clock()
        outcome: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        live.remember_sending(key, outcome)
        outcome.add_done_callback(lambda done: self._sent(live, key, done))
        try:
            await self._submit(Sending(live, actor, client_message_id, at, outcome), text)
        except BaseException as error:
            if not outcome.done():
                outcome.set_exception(error if isinstance(error, DomainError) else Unavailable())
            raise
        message = await asyncio.shield(outcome)
        return message, message.created_at == at

    async def require_reader(self, actor: Actor, conversation_id: str) -> Conversation:
        """Insist that the actor may read a conversation, and write down that they are about to.

        Raises:
            NotFound: see `chat.model.require`.
            Unavailable: it could not be written down.
        """
        return (await self._open(actor, conversation_id)).conversation

    async def require_entry(self, actor: Actor, conversation_id: str) -> Conversation:
        """Insist that the actor may enter a conversation's room; what is read there, `join` writes down.

        Raises:
            NotFound: see `chat.model.require`.
        """
        live = await self._live.get(conversation_id)
        self._reach.require(actor, Action.READ, live.conversation)
        return live.conversation

    async def join(self, actor: Actor, conversation_id: str, after_seq: int) -> tuple[list[Message], int]:
        """Give the messages after a `seq`, at most a page, and the last `seq` there is.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
            RateLimited: the actor reads more than anybody can.
        """
        live = await self._open(actor, conversation_id)
        await self._limiter.spend("reading", actor.account_id)
        last = live.conversation.last_seq
        remembered = live.remembered(after_seq, MAX_PAGE)
        if remembered is not None:
            return remembered, last
        found = await self._store.messages(conversation_id, after_seq, min(last, after_seq + MAX_PAGE))
        return found, last

    async def messages_before(
        self, actor: Actor, conversation_id: str, before_seq: int | None, limit: int
    ) -> tuple[list[Message], int]:
        """Give the `limit` messages before a `seq` (or the last ones), ascending, and the last `seq` there is."""
        live = await self._open(actor, conversation_id)
        await self._limiter.spend("reading", actor.account_id)
        last = live.conversation.last_seq
        top = last if before_seq is None else min(last, before_seq - 1)
        remembered = live.remembered(max(0, top - limit), MAX_PAGE)
        if remembered is not None:
            return [message for message in remembered if message.seq <= top], last
        return await self._store.messages(conversation_id, max(0, top - limit), top), last

    async def mark_read(self, actor: Actor, conversation_id: str, seq: int) -> None:
        """Remember that the actor has read up to a `seq`, and tell the others. For those who take part."""
        live = await self._live.get(conversation_id)
        self._reach.require(actor, Action.POST, live.conversation)
        await self._reach.note_reading(actor, live.conversation)
        if live.mark_read(actor.account_id, seq):
            self._live.touch(live)
            mark = live.conversation.read_marks[actor.account_id]
            await self._sink.publish([MessagesRead(conversation_id, actor.account_id, mark)])

    async def set_typing(self, actor: Actor, conversation_id: str, typing: bool) -> None:
        """Tell the others that the actor types. Kept nowhere."""
        live = await self._live.get(conversation_id)
        self._reach.require(actor, Action.POST, live.conversation)
        await self._limiter.spend("typing", actor.account_id)
        await self._sink.publish([TypingChanged(conversation_id, actor.account_id, typing)])

    async def people(self, conversations: Sequence[Conversation]) -> dict[str, Actor]:
        """Give those who are named in some conversations, for display."""
        ids = {c.customer_id for c in conversations} | {c.assignee_id for c in conversations if c.assignee_id}
        ids.update(*(c.participant_ids for c in conversations))
        return await self._directory.actors(sorted(ids))

    async def authors(self, messages: Sequence[Message]) -> dict[str, Actor]:
        """Give the authors of some messages, for display."""
        return await self._directory.actors(sorted({message.author_id for message in messages}))

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _open(self, actor: Actor, conversation_id: str) -> LiveConversation:
        """Give the working state of what the actor is about to read, which is written down first."""
        live = await self._live.get(conversation_id)
        self._reach.require(actor, Action.READ, live.conversation)
        await self._reach.note_reading(actor, live.conversation)
        # Asked again, for writing took a moment.
        self._reach.require(actor, Action.READ, live.conversation)
        return live

    async def _submit(self, sending: "Sending", text: RawText) -> None:
        """Redact, and queue in the order of arrival: redactions may overtake each other, messages may not."""
        live = sending.live
        before = live.tail
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        live.tail = place
        try:
            names = await self._names(live.conversation, sending.actor)
            scope, taught = live.conversation.id, live.taught
            with self._writer.expecting():
                template = await self._intake.admit(
                    text, scope=scope, known_names=names, sender=sending.actor.account_id, taught=taught
                )
            if before is not None:
                await asyncio.shield(before)
            while taught is not live.taught:
                # Somebody has taught it more meanwhile: nothing is submitted that would show it.
                taught = live.taught
                template = await self._intake.cover(template, scope, taught)
            self._writer.submit(
                Draft(live, sending.actor, sending.client_message_id, template, sending.at, sending.outcome)
            )
        finally:
            place.set_result(None)
            if live.tail is place:
                live.tail = None

    async def _names(self, conversation: Conversation, actor: Actor) -> tuple[str, ...]:
        """The names of those who take part: evidence for the redactor. Neutral visitor names are none."""
        people = await self.people([conversation])
        people[actor.account_id] = actor
        return tuple(person.display_name for person in people.values() if person.role is not Role.VISITOR)

    def _sent(self, live: LiveConversation, key: tuple[str, str], outcome: "asyncio.Future[Message]") -> None:
        """A sending has ended, whether or not its sender still waits. One that failed may be repeated."""
        if outcome.cancelled() or outcome.exception() is not None:
            live.sent.pop(key, None)
        else:
            self._live.touch(live)

    async def _newest(
        self, before: int | None, status: Status | None, count: int, wanted: "Wanted"
    ) -> list[Conversation]:
        """Read windows of numbers downwards, each twice as large, until there are enough or none are left."""
        # Whatever a cursor says: the windows above the last number are many and empty.
        last = await self._store.last_number()
        top = last if before is None else min(last, before - 1)
        found: list[Conversation] = []
        window = max(_FIRST_WINDOW, count)
        while top > 0 and len(found) < count:
            bottom = max(0, top - window)
            items = [self._live.current(item) for item in await self._store.in_window(bottom, top, status)]
            found.extend(sorted(filter(wanted, items), key=lambda item: -item.number))
            top, window = bottom, min(window * 2, 4096)
        return found[:count]

    def _entry(self, action: str, actor: Actor, *objects: str) -> AuditEntry:
        return AuditEntry(action=action, actor_id=actor.account_id, objects=objects, at=self._clock())


@dataclass(frozen=True, slots=True)
class Sending:
    """One call of `send` on its way to the writer."""

    live: LiveConversation
    actor: Actor
    client_message_id: str
    at: datetime
    outcome: "asyncio.Future[Message]"


class Wanted(Protocol):
    """Says whether a conversation belongs on the list."""

    def __call__(self, conversation: Conversation, /) -> bool: ...
