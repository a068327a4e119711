"""Use cases of changing what was sent: edit, delete, react. Knows neither HTTP nor MongoDB.

Of an earlier text nothing is kept but its digest in the audit trail. Whoever changes stored messages of a conversation
waits for who does so already (corrections too), and a message is replaced only where it still is what was read, so of
two who edit at once one is told to read again. The conversation counts the change before it is made: whoever comes back
after a crash reads once too often, never too little.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.changing import deleted, edited, known_in, reacted
from server.chat.events import MessageChanged
from server.chat.live import LiveConversation
from server.chat.markup import has_marks, readable
from server.chat.model import Action, Message, MessageKind
from server.chat.names import names_in
from server.chat.reach import Reach
from server.chat.registry import LiveConversations
from server.chat.sending import PURPOSE
from server.chat.trail import DELETED, EDITED, change_entry
from server.chat.writer import MessageWriter
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.attached import Attachments
from server.kernel.errors import Conflict, NotFound, NotPermitted
from server.kernel.ports import Clock, Consents, Directory, EventSink, Limiter
from server.kernel.text import RawText, RedactedTemplate, template_of

_ATTEMPTS = 5


class ChangeableStore(Protocol):
    """What changes need from the store of chat, which says what each does."""

    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...
    async def begin_change(
        self, conversation_id: str, seq: int, numbers: Mapping[str, int]
    ) -> tuple[int, list[int]]: ...
    async def amend(self, message: Message) -> bool: ...


class Changes:
    """The use cases."""

    def __init__(
        self,
        store: ChangeableStore,
        reach: Reach,
        registry: LiveConversations,
        writer: MessageWriter,
        intake: Intake,
        audit: AuditTrail,
        sink: EventSink,
        directory: Directory,
        consents: Consents,
        limiter: Limiter,
        clock: Clock,
        attachments: Attachments | None = None,
    ) -> None:
        self._store = store
        self._reach = reach
        self._registry = registry
        self._writer = writer
        self._intake = intake
        self._audit = audit
        self._sink = sink
        self._directory = directory
        self._consents = consents
        self._limiter = limiter
        self._clock = clock
        self._attachments = attachments

    async def edit(self, actor: Actor, conversation_id: str, seq: int, revision: int, text: RawText) -> Message:
        """Give a message another text. Only who wrote it may.

        Args:
            actor: its writer.
            conversation_id: where it stands.
            seq: its place.
            revision: of the text that they changed.
            text: what it is to be.

        Returns:
            The message as it is stored now, durable and audited.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`; somebody else's message, or one that is no text.
            Conflict: its text was changed meanwhile, or it was deleted; read it again.
            ConsentRequired: a customer has withdrawn from the chat.
            RateLimited, InvalidInput, RedactionUnavailable, Unavailable: it is not known to be changed.
        """
        live = await self._enter(actor, conversation_id)
        if not actor.is_staff:
            await self._consents.require(actor.account_id, PURPOSE)
        await self._limiter.spend("message", actor.account_id)
        async with self._registry.turn(conversation_id):
            message = await self._message(actor, live, seq)
            if message.author_id != actor.account_id or message.kind is not MessageKind.TEXT:
                raise NotPermitted
            if message.revision != revision or message.deleted_at is not None:
                raise Conflict(fields={"revision": "outdated"})
            template = await self._admit(live, actor, message, text)
            # Asked again: meanwhile they may have lost it, and who loses a conversation writes nothing more into it.
            self._reach.require(actor, Action.POST, live.conversation)
            async with self._writer.between_groups(live):
                numbered = template.fill(live.numbering)
            if numbered.text == message.text:
                return message
            after = edited(message, numbered, marked=has_marks(template), at=self._clock())
            return await self._amend(live, actor, after, EDITED)

    async def delete(self, actor: Actor, conversation_id: str, seq: int) -> Message:
        """Delete a message: nothing of it stays but its place. Who wrote it may, and who has the conversation.

        Returns:
            What is left of it, durable and audited; the same when it was deleted before.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
            Conflict: it was changed at the same moment.
            RateLimited, Unavailable: it is not known to be deleted; ask again.
        """
        live = await self._enter(actor, conversation_id)
        await self._limiter.spend("chat_change", actor.account_id)
        async with self._registry.turn(conversation_id):
            message = await self._message(actor, live, seq)
            if message.author_id != actor.account_id and not self._reach.can(actor, Action.REMOVE, live.conversation):
                raise NotPermitted
            if message.deleted_at is not None:
                return message
            if message.attachments and self._attachments is not None:
                # Before the message: otherwise a crash in between would leave them behind, with nobody to ask again.
                await self._attachments.remove(conversation_id, [item.id for item in message.attachments])
            return await self._amend(live, actor, deleted(message, self._clock()), DELETED)

    async def react(self, actor: Actor, conversation_id: str, seq: int, emoji: str, *, given: bool) -> Message:
        """Give a reaction, or take it back. Repeating is harmless.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`; the message was deleted.
            InvalidInput: that is no emoji, or there are too many.
            RateLimited, Unavailable: it is not known to be stored; ask again.
        """
        live = await self._enter(actor, conversation_id)
        await self._limiter.spend("chat_change", actor.account_id)
        async with self._registry.turn(conversation_id):
            for _ in range(_ATTEMPTS):
                message = await self._message(actor, live, seq)
                if message.deleted_at is not None:
                    raise NotFound
                after = reacted(message, emoji, actor.account_id, given=given)
                if after is message:
                    live.take_changed(message)
                    return message
                changes, changed = await self._store.begin_change(conversation_id, seq, {})
                if await self._store.amend(after):
                    await self._tell(live, after, changes, changed)
                    return after
        raise Conflict

    async def author(self, message: Message) -> Actor | None:
        """Give who wrote a message, for display; None where they are gone."""
        return (await self._directory.actors([message.author_id])).get(message.author_id)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _enter(self, actor: Actor, conversation_id: str) -> LiveConversation:
        live = await self._registry.get(conversation_id)
        self._reach.require(actor, Action.POST, live.conversation)
        return live

    async def _message(self, actor: Actor, live: LiveConversation, seq: int) -> Message:
        """The message as it is stored, and told of: nobody hears of a change of what they have not heard of.

        Raises:
            NotFound, NotPermitted: there is none, or they have lost the conversation while they waited for their turn.
        """
        if not 1 <= seq <= live.conversation.last_seq:
            raise NotFound
        await self._writer.settle(live)
        found = await self._store.messages(live.conversation.id, seq - 1, seq)
        if not found:
            raise NotFound
        self._reach.require(actor, Action.POST, live.conversation)
        return found[0]

    async def _admit(self, live: LiveConversation, actor: Actor, message: Message, text: RawText) -> RedactedTemplate:
        """Through the gate. Placeholders that the writer left in it mean what they meant."""
        if message.attachments and len(text) == 0:
            return template_of(())
        scope, taught = live.conversation.id, live.taught
        template = await self._intake.admit(
            text,
            scope=scope,
            known_names=await names_in(self._directory, live.conversation, actor),
            sender=actor.account_id,
            taught=taught,
            read=readable,
            known=known_in(message),
        )
        while taught is not live.taught:
            taught = live.taught
            template = await self._intake.cover(template, scope, taught)
        return template

    async def _amend(self, live: LiveConversation, actor: Actor, message: Message, action: str) -> Message:
        """Store a text in the place of another, and tell everybody; also where the trail is written later."""
        entry = self._entry(message, action, actor)
        numbers = {hidden.key: number for hidden, number in message.hidden}
        stored = False
        changes, changed = 0, [0]
        try:
            async with self._audit.promises.around([entry]):
                changes, changed = await self._store.begin_change(message.conversation_id, message.seq, numbers)
                if not await self._store.amend(message):
                    raise Conflict(fields={"revision": "outdated"})
                stored = True
        finally:
            if stored:
                await self._tell(live, message, changes, changed)
            else:
                live.forget_messages()
        return message

    def _entry(self, message: Message, action: str, actor: Actor) -> AuditEntry:
        return change_entry(self._audit, message, action, actor.account_id, self._clock())

    async def _tell(self, live: LiveConversation, message: Message, changes: int, changed: list[int]) -> None:
        live.take_changed(message)
        live.conversation = replace(live.conversation, changes=changes, changed=tuple(changed))
        author = await self.author(message) or Actor(message.author_id, Role.VISITOR, "", "—")
        await self._sink.publish([MessageChanged(message, author, changes)])
