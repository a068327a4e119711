"""Puts messages of one conversation at the end of another of the same customer, or of a new one.

Messages never move, so they are written again where they go on: with their writers, times, texts and files, under the
numbers of that conversation. What is hidden under one placeholder never gets the placeholder of something else; the
same value may get a second one, for digests of two conversations can't be compared. Each gets an id made of where it
came from, so that after a crash the same call goes on and writes nothing twice. Where they were, they stay: that is the
trace, and what stands with them (files, forms) stands where they go on. What was deleted stays behind. Must not know
who may do this.
"""

import asyncio
import hashlib
from base64 import b32hexencode
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from nlp.placeholders import PLACEHOLDER, format_placeholder
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import ConversationChanged, Turn
from server.chat.live import LiveConversation, Snapshot
from server.chat.model import Conversation, Message, Status
from server.chat.registry import LiveConversations
from server.chat.writer import Draft, Extras, MessageWriter
from server.kernel.actor import Actor, Role
from server.kernel.attached import Attachments
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.ports import Clock, Directory, EventSink
from server.kernel.text import Hidden, Numbering, RedactedTemplate, template_of

MARK: Final = "joined-"
"""How the ids of messages begin that were written again."""

MOST_JOINED: Final = 1_000
_AT_ONCE: Final = 50


class JoiningStore(Protocol):
    """What joining needs from the store."""

    async def insert_conversation(self, conversation: Conversation, numbers: dict[str, int]) -> None: ...
    async def next_number(self) -> int: ...
    async def load(self, conversation_id: str) -> Snapshot | None: ...
    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...
    async def find_by_client_id(self, conversation_id: str, author_id: str, client_id: str) -> Message | None: ...


class Forms(Protocol):
    """Knows the forms that stand in conversations."""

    async def move(self, form_id: str, conversation_id: str, to_conversation_id: str) -> None:
        """Let a form stand in another conversation of its person. Safe to repeat."""
        ...


class Joining:
    """Writes messages again."""

    def __init__(
        self,
        store: JoiningStore,
        live: LiveConversations,
        writer: MessageWriter,
        directory: Directory,
        audit: AuditTrail,
        sink: EventSink,
        clock: Clock,
        attachments: Attachments | None = None,
    ) -> None:
        self._store = store
        self._live = live
        self._writer = writer
        self._directory = directory
        self._audit = audit
        self._sink = sink
        self._clock = clock
        self._attachments = attachments
        self._forms: Forms | None = None

    def bring(self, forms: Forms) -> None:
        """Have forms go along."""
        self._forms = forms

    async def join(self, from_id: str, into_id: str, *, from_seq: int = 1) -> int:
        """Write the messages of a conversation from one on at the end of another; give how many were new there.

        Raises:
            NotFound: one of them does not exist.
            InvalidInput: they are of two customers, are the same, or there are too many messages.
            Unavailable: some may be written; the same call goes on.
        """
        source, target = await self._live.get(from_id), await self._live.get(into_id)
        before = source.conversation
        if from_id == into_id or before.customer_id != target.conversation.customer_id:
            raise InvalidInput(fields={"into": "not_allowed"})
        if before.last_seq - from_seq >= MOST_JOINED:
            raise InvalidInput(fields={"into": "too_many"})
        await self._writer.settle(source)
        waiting = target.conversation.waiting_since
        written = 0
        for above in range(from_seq - 1, source.conversation.last_seq, _AT_ONCE):
            found = await self._store.messages(from_id, above, min(above + _AT_ONCE, source.conversation.last_seq))
            written += await self._write([message for message in found if message.deleted_at is None], target)
        if written:
            self._settle_times(target, [moment for moment in (waiting, source.conversation.waiting_since) if moment])
        return written

    async def begin(self, source_id: str, from_seq: int, subject: RedactedTemplate | None, agent_id: str) -> str:
        """Make the conversation that begins with a message of another one; the same again gives the same.

        Args:
            source_id: the other one.
            from_seq: the message.
            subject: of the new one, redacted in its scope (`new_id_of`); None for none.
            agent_id: whose it is, and who did it.

        Raises:
            NotFound: there is no such conversation.
            InvalidInput: it has no such message, or none would be left before it.
        """
        source = (await self._live.get(source_id)).conversation
        if not 1 < from_seq <= source.last_seq:
            raise InvalidInput(fields={"from_seq": "out_of_range"})
        made_id = new_id_of(source_id, from_seq)
        try:
            return (await self._live.get(made_id)).conversation.id
        except NotFound:
            pass
        numbering = Numbering()
        numbered = subject.fill(numbering) if subject is not None else None
        conversation = Conversation(
            id=made_id,
            number=await self._store.next_number(),
            subject=numbered.text if numbered else None,
            redactions=numbered.redactions if numbered else (),
            status=Status.OPEN,
            customer_id=source.customer_id,
            assignee_id=agent_id,
            last_seq=0,
            last_message_at=None,
            waiting_since=None,
            created_at=self._clock(),
        )
        entry = AuditEntry("chat:conversation:opened", agent_id, (made_id,), self._clock())
        async with self._audit.promises.around([entry]):
            await self._store.insert_conversation(conversation, numbering.fresh())
        await self._sink.publish([ConversationChanged(conversation, turn=Turn.OPENED)])
        return made_id

    async def _write(self, messages: Sequence[Message], target: LiveConversation) -> int:
        """Write those that are not there yet, in their order."""
        authors = await self._directory.actors(sorted({message.author_id for message in messages}))
        outcomes: list[asyncio.Future[Message]] = []
        for message in messages:
            into_id = target.conversation.id
            client_id = f"{MARK}{message.conversation_id}-{message.seq}"
            if await self._store.find_by_client_id(into_id, message.author_id, client_id) is not None:
                continue
            if self._attachments is not None and message.attachments:
                files = [item.id for item in message.attachments]
                await self._attachments.move(message.conversation_id, into_id, files)
            if self._forms is not None and message.form is not None:
                await self._forms.move(message.form, message.conversation_id, into_id)
            outcome: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
            author = authors.get(message.author_id) or Actor(message.author_id, Role.VISITOR, "", "")
            extras = Extras(message.kind, message.marked, attachments=message.attachments, form=message.form)
            draft = Draft(target, author, client_id, template(message), message.created_at, outcome, extras)
            self._writer.submit(draft)
            outcomes.append(outcome)
        await asyncio.gather(*outcomes)
        return len(outcomes)

    def _settle_times(self, target: LiveConversation, waiting: Sequence[datetime]) -> None:
        """The customer waits since they waited in either; old words at the end neither begin nor end that."""
        target.conversation = replace(target.conversation, waiting_since=min(waiting, default=None))
        self._live.touch(target)


def new_id_of(source_id: str, from_seq: int) -> str:
    """Give the id of the conversation that begins with a message of another: the same for the same."""
    digest = hashlib.sha256(f"split\0{source_id}\0{from_seq}".encode()).digest()[:15]
    return b32hexencode(digest).decode("ascii").lower()


def template(message: Message) -> RedactedTemplate:
    """Give a stored text as one that gets new numbers where it is written."""
    meant = {format_placeholder(hidden.label, number): hidden for hidden, number in message.hidden}
    text = message.text.value
    parts: list[str | Hidden] = []
    position = 0
    for found in PLACEHOLDER.finditer(text):
        hidden = meant.get(found[0])
        if hidden is not None:
            parts += [text[position : found.start()], hidden]
            position = found.end()
    parts.append(text[position:])
    return template_of(parts)
