"""Use cases of support chat. Everything a transport may call; knows neither HTTP nor Socket.IO nor MongoDB."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import ConversationChanged, MessagesRead, TypingChanged
from server.chat.live import LiveConversation
from server.chat.model import (
    Action,
    Conversation,
    Message,
    Status,
    can,
    can_be_assigned,
    can_open,
    require,
)
from server.chat.registry import LiveConversations, ProgressStore
from server.chat.writer import Draft, MessageStore, MessageWriter
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotPermitted, Unavailable
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Consents, Directory, EventSink, Limiter
from server.kernel.text import Numbering, RawText
from server.kernel.wire import MAX_SUBJECT

MAX_PAGE = 100
PURPOSE = "support_chat"
"""What a customer's words are used for here."""
_FIRST_WINDOW = 64


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one record. `expected_assignee_id` and `expected_status` must still hold."""

    conversation_id: str
    expected_status: Status
    expected_assignee_id: str | None
    status: Status
    assignee_id: str | None


class ChatStore(MessageStore, ProgressStore, Protocol):
    """What the service needs from its store."""

    async def insert_conversation(self, conversation: Conversation, numbers: dict[str, int]) -> None: ...
    async def next_number(self) -> int: ...
    async def last_number(self) -> int: ...
    async def change(self, change: Change) -> bool: ...
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
        self._writer = writer
        self._intake = intake
        self._audit = audit
        self._sink = sink
        self._directory = directory
        self._consents = consents
        self._limiter = limiter
        self._clock = clock
        self._live = LiveConversations(store, audit, sink)

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
        await self._store.insert_conversation(conversation, numbering.fresh())
        await self._audit.append([self._entry("chat:conversation:opened", actor, conversation.id)])
        await self._sink.publish([ConversationChanged(conversation)])
        return conversation

    async def is_empty(self) -> bool:
        """Say whether there has never been a conversation."""
        return await self._store.last_number() == 0

    async def get_conversation(self, actor: Actor, conversation_id: str) -> Conversation:
        """Give one conversation, without messages.

        Raises:
            NotFound: it does not exist or the actor may not know of it.
        """
        live = await self._live.get(conversation_id)
        require(actor, Action.LIST, live.conversation)
        return live.conversation

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
                and can(actor, Action.LIST, conversation)
            )

        await self._limiter.spend("reading", actor.account_id)
        if actor.is_staff:
            found = await self._newest(before_number, status, limit + 1, wanted)
        else:
            mine = [self._live.current(item) for item in await self._store.of_customer(actor.account_id)]
            found = sorted(filter(wanted, mine), key=lambda item: -item.number)
        items = found[:limit]
        return Page(items, items[-1].number if len(found) > limit else None)

    async def assign(self, actor: Actor, conversation_id: str, agent_id: str) -> Conversation:
        """Give a conversation to an agent.

        Raises:
            InvalidInput: there is no such agent.
            Conflict: somebody changed it at the same moment.
        """
        agents = await self._directory.actors([agent_id])
        if agent_id not in agents or not can_be_assigned(agents[agent_id]):
            raise InvalidInput(fields={"agent_id": "unknown_agent"})
        return await self._change(actor, conversation_id, Action.ASSIGN, assignee_id=agent_id)

    async def close_conversation(self, actor: Actor, conversation_id: str) -> Conversation:
        """Mark a conversation as done. The customer's next message opens it again."""
        return await self._change(actor, conversation_id, Action.CLOSE, status=Status.CLOSED)

    async def reopen(self, actor: Actor, conversation_id: str) -> Conversation:
        """Mark a conversation as not done after all."""
        return await self._change(actor, conversation_id, Action.REOPEN, status=Status.OPEN)

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
        require(actor, Action.POST, live.conversation)
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

    async def require_reader(self, actor: Actor, conversation_id: str) -> None:
        """Insist that the actor may read a conversation.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
        """
        live = await self._live.get(conversation_id)
        require(actor, Action.READ, live.conversation)

    async def join(self, actor: Actor, conversation_id: str, after_seq: int) -> tuple[list[Message], int]:
        """Give the messages after a `seq`, at most a page, and the last `seq` there is.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
            RateLimited: the actor reads more than anybody can.
        """
        live = await self._live.get(conversation_id)
        require(actor, Action.READ, live.conversation)
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
        live = await self._live.get(conversation_id)
        require(actor, Action.READ, live.conversation)
        await self._limiter.spend("reading", actor.account_id)
        last = live.conversation.last_seq
        top = last if before_seq is None else min(last, before_seq - 1)
        remembered = live.remembered(max(0, top - limit), MAX_PAGE)
        if remembered is not None:
            return [message for message in remembered if message.seq <= top], last
        return await self._store.messages(conversation_id, max(0, top - limit), top), last

    async def mark_read(self, actor: Actor, conversation_id: str, seq: int) -> None:
        """Remember that the actor has read up to a `seq`, and tell the others."""
        live = await self._live.get(conversation_id)
        require(actor, Action.READ, live.conversation)
        if live.mark_read(actor.account_id, seq):
            self._live.touch(live)
            mark = live.conversation.read_marks[actor.account_id]
            await self._sink.publish([MessagesRead(conversation_id, actor.account_id, mark)])

    async def set_typing(self, actor: Actor, conversation_id: str, typing: bool) -> None:
        """Tell the others that the actor types. Kept nowhere."""
        live = await self._live.get(conversation_id)
        require(actor, Action.POST, live.conversation)
        await self._limiter.spend("typing", actor.account_id)
        await self._sink.publish([TypingChanged(conversation_id, actor.account_id, typing)])

    async def people(self, conversations: Sequence[Conversation]) -> dict[str, Actor]:
        """Give those who are named in some conversations, for display."""
        ids = {c.customer_id for c in conversations} | {c.assignee_id for c in conversations if c.assignee_id}
        return await self._directory.actors(sorted(ids))

    async def authors(self, messages: Sequence[Message]) -> dict[str, Actor]:
        """Give the authors of some messages, for display."""
        return await self._directory.actors(sorted({message.author_id for message in messages}))

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _submit(self, sending: "Sending", text: RawText) -> None:
        """Redact, and queue in the order of arrival: redactions may overtake each other, messages may not."""
        live = sending.live
        before = live.tail
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        live.tail = place
        try:
            names = await self._names(live.conversation, sending.actor)
            with self._writer.expecting():
                template = await self._intake.admit(
                    text, scope=live.conversation.id, known_names=names, sender=sending.actor.account_id
                )
            if before is not None:
                await asyncio.shield(before)
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

    async def _change(
        self,
        actor: Actor,
        conversation_id: str,
        action: Action,
        *,
        status: Status | None = None,
        assignee_id: str | None = None,
    ) -> Conversation:
        live = await self._live.get(conversation_id)
        require(actor, action, live.conversation)
        await self._live.save([live])
        before = live.conversation
        new_status = status or before.status
        new_assignee = assignee_id or before.assignee_id
        if (new_status, new_assignee) == (before.status, before.assignee_id):
            return before
        change = Change(conversation_id, before.status, before.assignee_id, new_status, new_assignee)
        if not await self._store.change(change):
            live.stale = True
            raise Conflict
        waiting = None if new_status is Status.CLOSED else live.conversation.waiting_since
        live.conversation = replace(
            live.conversation, status=new_status, assignee_id=new_assignee, waiting_since=waiting
        )
        self._live.touch(live)
        action_name = {"assign": "assigned", "close": "closed", "reopen": "reopened"}[action.value]
        objects = (conversation_id, assignee_id) if assignee_id else (conversation_id,)
        try:
            await self._audit.append([self._entry(f"chat:conversation:{action_name}", actor, *objects)])
        finally:
            # Also when the trail can't be written: the change stands, and who may no longer read must leave the room.
            await self._sink.publish([ConversationChanged(live.conversation, before.assignee_id)])
        return live.conversation

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
