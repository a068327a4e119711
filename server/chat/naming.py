"""Use case of changing what a conversation is about. Knows neither HTTP nor MongoDB.

The new words pass the gate like those it began with, under the conversation's own numbers; of the earlier ones nothing
is kept.
"""

from dataclasses import replace
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import ConversationChanged, ConversationRenamed
from server.chat.model import Action, Conversation
from server.chat.names import names_in
from server.chat.numbers import Numbers
from server.chat.reach import Reach
from server.chat.registry import LiveConversations
from server.chat.sending import PURPOSE
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict
from server.kernel.ports import Clock, Consents, Directory, EventSink, Limiter
from server.kernel.text import RawText, RedactedText
from server.kernel.wire import MAX_SUBJECT


class NamingStore(Protocol):
    """What naming needs from the store of chat, which says what it does."""

    async def rewrite_subject(self, conversation: Conversation, before: RedactedText | None) -> bool: ...


class Naming:
    """The use case."""

    def __init__(
        self,
        store: NamingStore,
        reach: Reach,
        live: LiveConversations,
        numbers: Numbers,
        intake: Intake,
        audit: AuditTrail,
        sink: EventSink,
        directory: Directory,
        consents: Consents,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._reach = reach
        self._live = live
        self._numbers = numbers
        self._intake = intake
        self._audit = audit
        self._sink = sink
        self._directory = directory
        self._consents = consents
        self._limiter = limiter
        self._clock = clock

    async def rename(self, actor: Actor, conversation_id: str, subject: RawText) -> Conversation:
        """Give a conversation another subject. Its customer may, and staff who take part in it.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
            Conflict: it was changed at the same moment; read it again.
            ConsentRequired: a customer has withdrawn from the chat.
            RateLimited, InvalidInput, RedactionUnavailable, Unavailable: it is not known to be changed.
        """
        live = await self._live.get(conversation_id)
        self._reach.require(actor, Action.POST, live.conversation)
        if not actor.is_staff:
            await self._consents.require(actor.account_id, PURPOSE)
        await self._limiter.spend("chat_change", actor.account_id)
        async with self._live.turn(conversation_id):
            template = await self._intake.admit(
                subject,
                scope=conversation_id,
                field="subject",
                max_length=MAX_SUBJECT,
                known_names=await names_in(self._directory, live.conversation, actor),
                sender=actor.account_id,
                taught=await self._numbers.taught(conversation_id),
            )
            numbered = await self._numbers.fill(conversation_id, template)
            # Asked again: meanwhile they may have lost it.
            live = await self._live.get(conversation_id)
            self._reach.require(actor, Action.POST, live.conversation)
            before = live.conversation.subject
            if numbered.text == before:
                return live.conversation
            after = replace(live.conversation, subject=numbered.text, redactions=numbered.redactions)
            entry = AuditEntry(
                "chat:subject:changed",
                actor.account_id,
                (conversation_id,),
                self._clock(),
                {"hidden": len(numbered.redactions)},
            )
            async with self._audit.promises.around([entry]):
                if not await self._store.rewrite_subject(after, before):
                    raise Conflict
            live.conversation = replace(live.conversation, subject=numbered.text, redactions=numbered.redactions)
        await self._sink.publish([ConversationChanged(live.conversation), ConversationRenamed(live.conversation)])
        return live.conversation
