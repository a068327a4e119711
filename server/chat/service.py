"""Use cases of support chat. Everything a transport may call; knows neither HTTP nor Socket.IO nor MongoDB."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import ConversationChanged, MessagesDelivered, MessagesRead, Turn, TypingChanged
from server.chat.heads import Heads, Wanted
from server.chat.live import LiveConversation
from server.chat.model import Action, Conversation, Message, MessageKind, Status, View, can_open, changed_since
from server.chat.names import ids_in
from server.chat.reach import Reach
from server.chat.registry import LiveConversations, ProgressStore
from server.chat.sending import PURPOSE, Sender
from server.chat.writer import Extras, MessageStore, MessageWriter
from server.intake import Intake
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.attached import Attachments
from server.kernel.errors import NotFound, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Consents, Directory, EventSink, Limiter
from server.kernel.text import Numbering, RawText
from server.kernel.wire import MAX_SUBJECT

MAX_PAGE = 100
_FIRST_WINDOW = 64


class ChatStore(MessageStore, ProgressStore, Protocol):
    """What the service needs from its store."""

    async def insert_conversation(self, conversation: Conversation, numbers: dict[str, int]) -> None: ...
    async def next_number(self) -> int: ...
    async def last_number(self) -> int: ...
    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...
    async def named(self, conversation_id: str, seqs: Sequence[int]) -> list[Message]: ...
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
        attachments: Attachments | None = None,
        heads: Heads | None = None,
    ) -> None:
        self._store = store
        self._heads = heads
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
        self._sender = Sender(live, reach, writer, intake, directory, consents, limiter, clock, attachments)

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
        await self._sink.publish([ConversationChanged(conversation, turn=Turn.OPENED)])
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
            mine = await self._of_customer(actor.account_id)
            mine += [(await self._live.get(granted)).conversation for granted in self._reach.granted(actor)]
            found = sorted(filter(wanted, mine), key=lambda item: -item.number)
        items = found[:limit]
        return Page(items, items[-1].number if len(found) > limit else None)

    # --- messages --------------------------------------------------------------------------------------------------

    async def send(
        self,
        actor: Actor,
        conversation_id: str,
        client_message_id: str,
        text: RawText,
        *,
        reply_to: int | None = None,
        attachment_ids: Sequence[str] = (),
    ) -> tuple[Message, bool]:
        """Take a message in and store it; see `Sender.send`."""
        return await self._sender.send(
            actor, conversation_id, client_message_id, text, reply_to=reply_to, attachment_ids=attachment_ids
        )

    async def post_form(self, actor: Actor, conversation_id: str, form_id: str, text: RawText) -> Message:
        """Send a form to be filled in. The same form again gives the first message.

        Args:
            actor: who asks for it.
            conversation_id: where.
            form_id: which; what it asks, and what is filled in, is never here.
            text: what is shown where it can't be filled in.

        Raises:
            NotFound, NotPermitted, ConsentRequired, RateLimited, InvalidInput, RedactionUnavailable, Unavailable: see
                `send`.
        """
        extras = Extras(MessageKind.FORM, form=form_id)
        message, _ = await self._sender.send(actor, conversation_id, f"form-{form_id}"[:64], text, extras=extras)
        return message

    async def was_sent(self, conversation_id: str, account_id: str, client_message_id: str) -> bool:
        """Say whether a message is stored that its sender sent under an id."""
        return await self._store.find_by_client_id(conversation_id, account_id, client_message_id) is not None

    async def require_reader(self, actor: Actor, conversation_id: str) -> Conversation:
        """Insist that the actor may read a conversation, and write down that they are about to.

        Raises:
            NotFound: see `chat.model.require`.
            Unavailable: it could not be written down.
        """
        return (await self._open(actor, conversation_id)).conversation

    async def require_readers(self, actor: Actor, conversations: Sequence[Conversation]) -> set[str]:
        """Write down that the actor is about to read of some conversations; give the ids of those that they may read.

        Raises:
            Unavailable: it could not be written down.
        """
        readable = [item for item in conversations if self.may_read(actor, item)]
        await asyncio.gather(*(self._reach.note_reading(actor, item) for item in readable))
        # Asked again, for writing took a moment.
        return {item.id for item in readable if self.may_read(actor, self._live.current(item))}

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
        return await self._live.window(live, after_seq, min(last, after_seq + MAX_PAGE)), last

    async def messages_before(
        self, actor: Actor, conversation_id: str, before_seq: int | None, limit: int
    ) -> tuple[list[Message], int]:
        """Give the `limit` messages before a `seq` (or the last ones), ascending, and the last `seq` there is."""
        live = await self._open(actor, conversation_id)
        await self._limiter.spend("reading", actor.account_id)
        last = live.conversation.last_seq
        top = last if before_seq is None else min(last, before_seq - 1)
        return await self._live.window(live, max(0, top - limit), top), last

    async def changed(self, conversation: Conversation, known: int | None, up_to: int) -> list[Message] | None:
        """Give the messages of which a reader has an old form; for those who were just let read it.

        Args:
            conversation: as it was before anything of it was read.
            known: how many changes the reader knows of; None: nothing at all.
            up_to: the last `seq` that the reader has.

        Returns:
            None where it is too long ago to be known: all messages have to be read anew.
        """
        if known is None:
            return []
        seqs = changed_since(conversation, known)
        if seqs is None:
            return None
        wanted = [seq for seq in seqs if seq <= up_to]
        return await self._store.named(conversation.id, wanted) if wanted else []

    async def mark_delivered(self, actor: Actor, conversation_id: str, seq: int) -> None:
        """Remember that messages up to a `seq` have come to a device of the actor. For those who take part."""
        live = await self._live.get(conversation_id)
        self._reach.require(actor, Action.POST, live.conversation)
        if live.mark_delivered(actor.account_id, seq):
            self._live.touch(live)
            mark = live.conversation.delivered_marks[actor.account_id]
            await self._sink.publish([MessagesDelivered(conversation_id, actor.account_id, mark)])

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
        return await self.named(set().union(*map(ids_in, conversations)))

    async def named(self, account_ids: Collection[str]) -> dict[str, Actor]:
        """Give some accounts, for display."""
        return await self._directory.actors(sorted(account_ids))

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

    async def _of_customer(self, account_id: str) -> list[Conversation]:
        if self._heads is not None:
            return list(await self._heads.of_customer(account_id))
        return [self._live.current(item) for item in await self._store.of_customer(account_id)]

    async def _newest(
        self, before: int | None, status: Status | None, count: int, wanted: Wanted
    ) -> list[Conversation]:
        """Give what memory has, then read windows of numbers downwards, each twice as large, until there are enough."""
        found: list[Conversation] = []
        if self._heads is not None:
            found, top = self._heads.newest(before, status, count, wanted)
        else:
            # Whatever a cursor says: the windows above the last number are many and empty.
            last = await self._store.last_number()
            top = last if before is None else min(last, before - 1)
        window = max(_FIRST_WINDOW, count)
        while top > 0 and len(found) < count:
            bottom = max(0, top - window)
            items = [self._live.current(item) for item in await self._store.in_window(bottom, top, status)]
            found.extend(sorted(filter(wanted, items), key=lambda item: -item.number))
            top, window = bottom, min(window * 2, 4096)
        return found[:count]

    def _entry(self, action: str, actor: Actor, *objects: str) -> AuditEntry:
        return AuditEntry(action=action, actor_id=actor.account_id, objects=objects, at=self._clock())
