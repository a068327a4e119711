"""Group commit: everything that waits is numbered and written with one command.

A command to the store costs the same whatever its size, so messages of all conversations share one. Within a
conversation the order of arrival is the order of `seq`. A message's key is its place, which decides between
processes: who loses reads the conversation again and takes the next numbers. Must not know who may write.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import MessagePosted
from server.chat.live import LiveConversation, Snapshot
from server.chat.model import Message, MessageKind
from server.chat.trail import POSTED, REPEATED, message_entry
from server.kernel.actor import Actor
from server.kernel.attached import Attached, Attachments
from server.kernel.errors import DomainError, NotFound, Unavailable
from server.kernel.ports import EventSink
from server.kernel.text import RedactedTemplate

logger = logging.getLogger(__name__)

_MAX_GROUP = 256
_AUDIT_ATTEMPTS = 5
_AUDIT_PAUSE_S = 0.2
_MAX_CONFLICTS = 50
_LINGER_STEPS, _LINGER_STEP_S = 12, 0.002
"""How long a group may wait for messages that are just being redacted: about what they need for it."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What a message has beside its text.

    Attributes:
        kind: what it is.
        marked: whether its text is to be read as Markdown.
        reply_to: `seq` of the message that it answers, or None.
        attachments: files that belong to it.
        form: id of the form that it carries, or None.
    """

    kind: MessageKind = MessageKind.TEXT
    marked: bool = False
    reply_to: int | None = None
    attachments: tuple[Attached, ...] = ()
    form: str | None = None


PLAIN: Final = Extras()
"""Of most messages."""


@dataclass(slots=True)
class Draft:
    """A message on its way: redacted, without number or place. `outcome` gets the stored message or an error."""

    live: LiveConversation
    author: Actor
    client_message_id: str
    template: RedactedTemplate
    at: datetime
    outcome: "asyncio.Future[Message]"
    extras: Extras = PLAIN


@dataclass(frozen=True, slots=True)
class InsertOutcome:
    """How far a group got.

    Attributes:
        stored: how many of the group, from its start, are durable.
        repeated: whether the next one was refused because its sender's id is there already; otherwise, if not all are
            stored, its `seq` was taken.
    """

    stored: int
    repeated: bool = False


class MessageStore(Protocol):
    """What the writer needs from the store."""

    async def insert_messages(self, messages: Sequence[Message]) -> InsertOutcome: ...
    async def find_by_client_id(self, conversation_id: str, author_id: str, client_id: str) -> Message | None: ...
    async def load(self, conversation_id: str) -> Snapshot | None: ...


class MessageWriter:
    """Writes drafts in groups, then appends them to the audit trail, then publishes them, then resolves them.

    Two tasks: while one group is being audited the next is being written.
    """

    def __init__(
        self, store: MessageStore, audit: AuditTrail, sink: EventSink, attachments: Attachments | None = None
    ) -> None:
        self._store = store
        self._attachments = attachments
        self._audit = audit
        self._sink = sink
        self._waiting: list[Draft] = []
        self._coming = 0
        self._wake = asyncio.Event()
        self._stored: asyncio.Queue[list[tuple[Draft, Message]] | None] = asyncio.Queue(maxsize=4)
        self._tasks: list[asyncio.Task[None]] = []
        self._turn = asyncio.Lock()
        self._open: dict[asyncio.Future[Message], LiveConversation] = {}
        self._closing = False

    def start(self) -> None:
        """Begin to work."""
        self._tasks = [
            asyncio.create_task(self._write_groups(), name="chat-writer"),
            asyncio.create_task(self._finish_groups(), name="chat-finisher"),
        ]

    async def close(self) -> None:
        """Finish what waits, then end."""
        self._closing = True
        self._wake.set()
        await asyncio.gather(*self._tasks)

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Around the work on a draft that will be submitted at the end of it, so that a group can wait for it."""
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    def submit(self, draft: Draft) -> None:
        """Queue a draft. Drafts of one conversation are stored in the order of these calls."""
        if self._closing:
            draft.outcome.set_exception(Unavailable())
            return
        self._open[draft.outcome] = draft.live
        draft.outcome.add_done_callback(self._ended)
        self._waiting.append(draft)
        self._wake.set()

    def _ended(self, outcome: "asyncio.Future[Message]") -> None:
        self._open.pop(outcome, None)

    @asynccontextmanager
    async def between_groups(self, live: LiveConversation) -> AsyncIterator[None]:
        """A pause in which no numbers are given to messages, to give some out otherwise.

        The conversation is up to date at its beginning. One that was read again before its end (and so does not know
        the numbers given out) is read once more before any message of it is numbered.

        Raises:
            NotFound, Unavailable: the conversation can't be read.
        """
        async with self._turn:
            if live.stale:
                await self._read_again(live)
            readings = live.readings
            try:
                yield
            finally:
                if live.readings != readings:
                    live.stale = True

    async def settle(self, live: LiveConversation) -> None:
        """Wait until all that was submitted to a conversation so far is stored and told, or has failed."""
        under_way = [outcome for outcome, to in self._open.items() if to is live]
        if under_way:
            await asyncio.wait(under_way)

    async def _write_groups(self) -> None:
        while True:
            if not self._waiting:
                if self._closing:
                    await self._stored.put(None)
                    return
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._linger()
            group, self._waiting = self._waiting[:_MAX_GROUP], self._waiting[_MAX_GROUP:]
            async with self._turn:
                done = await self._write(group)
            if done:
                await self._stored.put(done)

    async def _linger(self) -> None:
        """Wait a little for company: a command costs the same for one message as for many.

        Only while more are being redacted than wait already, so a single message goes at once.
        """
        for _ in range(_LINGER_STEPS):
            if self._coming <= len(self._waiting) or self._closing:
                return
            await asyncio.sleep(_LINGER_STEP_S)

    async def _write(self, group: list[Draft]) -> list[tuple[Draft, Message]]:
        """Store a group; drafts that can't be stored get their error. Never raises."""
        done: list[tuple[Draft, Message]] = []
        rest = group
        prepared: list[Message] = []
        conflicts = 0
        try:
            rest, prepared = await self._prepare(rest, [])
            while rest:
                outcome = await self._store.insert_messages(prepared)
                for draft, message in zip(rest[: outcome.stored], prepared, strict=False):
                    draft.live.take_over(message)
                    done.append((draft, message))
                rest, prepared = rest[outcome.stored :], prepared[outcome.stored :]
                if not rest:
                    break
                conflicts += 1
                if conflicts > _MAX_CONFLICTS:
                    raise Unavailable
                disputed = rest[0].live
                disputed.stale = True
                if outcome.repeated:
                    done.append((rest[0], await self._first(rest[0])))
                    rest, prepared = rest[1:], prepared[1:]
                rest, prepared = await self._prepare(rest, prepared)
        except DomainError as error:
            self._fail(rest, error)
        except Exception as error:
            logger.error("writing messages failed: %s", type(error).__name__)
            self._fail(rest, Unavailable())
        return done

    async def _prepare(self, drafts: list[Draft], prepared: list[Message]) -> tuple[list[Draft], list[Message]]:
        """Give each draft its place and numbers; what is prepared stays unless its conversation was read again."""
        again: set[str] = set()
        for live in {id(draft.live): draft.live for draft in drafts if draft.live.stale}.values():
            await self._read_again(live)
            again.add(live.conversation.id)
        messages = list(prepared)
        for index, draft in enumerate(drafts):
            if index >= len(messages):
                messages.append(self._number(draft))
            elif messages[index].conversation_id in again:
                messages[index] = self._number(draft)
        return drafts, messages

    async def _read_again(self, live: LiveConversation) -> None:
        snapshot = await self._store.load(live.conversation.id)
        if snapshot is None:
            raise NotFound
        live.restore(snapshot)

    @staticmethod
    def _number(draft: Draft) -> Message:
        live = draft.live
        numbered = draft.template.fill(live.numbering)
        message = Message(
            conversation_id=live.conversation.id,
            seq=live.next_seq,
            client_message_id=draft.client_message_id,
            author_id=draft.author.account_id,
            text=numbered.text,
            hidden=numbered.hidden,
            redactions=numbered.redactions,
            created_at=draft.at,
            kind=draft.extras.kind,
            marked=draft.extras.marked,
            reply_to=draft.extras.reply_to,
            attachments=draft.extras.attachments,
            form=draft.extras.form,
        )
        live.next_seq += 1
        return message

    async def _first(self, draft: Draft) -> Message:
        """The message that was stored under this sender's id before."""
        found = await self._store.find_by_client_id(
            draft.live.conversation.id, draft.author.account_id, draft.client_message_id
        )
        if found is None:
            raise Unavailable
        return found

    @staticmethod
    def _fail(drafts: Sequence[Draft], error: DomainError) -> None:
        """Whether they are stored is not known: their conversations are read again before the next use."""
        for draft in drafts:
            draft.live.stale = True
            if not draft.outcome.done():
                draft.outcome.set_exception(error)

    async def _finish_groups(self) -> None:
        ended = False
        while not ended:
            done: list[tuple[Draft, Message]] = []
            group = await self._stored.get()
            while True:
                if group is None:
                    ended = True
                    break
                done.extend(group)
                if self._stored.empty():
                    break
                group = self._stored.get_nowait()
            if done:
                await self._finish(done)

    async def _finish(self, done: list[tuple[Draft, Message]]) -> None:
        try:
            await self._audit_all([self._entry(draft, message) for draft, message in done])
            await self._note_files([message for _, message in done if message.attachments])
            await self._sink.publish([MessagePosted(message, draft.author) for draft, message in done])
        except DomainError as error:
            self._fail([draft for draft, _ in done], error)
        except Exception as error:
            logger.error("finishing messages failed: %s", type(error).__name__)
            self._fail([draft for draft, _ in done], Unavailable())
        else:
            for draft, message in done:
                if not draft.outcome.done():
                    draft.outcome.set_result(message)

    def _entry(self, draft: Draft, message: Message) -> AuditEntry:
        """A repeat is told by its time: it gives the first message, which was written earlier."""
        return message_entry(self._audit, message, POSTED if message.created_at == draft.at else REPEATED)

    async def _note_files(self, messages: Sequence[Message]) -> None:
        """Whoever keeps the files learns that they are in use. If that fails it is found out there, later."""
        for message in messages:
            if self._attachments is not None:
                with suppress(DomainError):
                    await self._attachments.posted(message.conversation_id, [item.id for item in message.attachments])

    async def _audit_all(self, entries: Sequence[AuditEntry]) -> None:
        """Append; a store that is just restarting gets a second, for the messages are stored already."""
        for attempt in range(_AUDIT_ATTEMPTS):
            try:
                await self._audit.append(entries)
                return
            except Unavailable:
                if attempt == _AUDIT_ATTEMPTS - 1:
                    raise
                await asyncio.sleep(_AUDIT_PAUSE_S)
