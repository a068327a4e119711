"""Use case of rating: what a customer says of a conversation that is done. Knows neither HTTP nor MongoDB."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import ConversationChanged, ConversationRated
from server.chat.model import Action, Conversation, Rating, Status
from server.chat.names import names_in
from server.chat.reach import Reach
from server.chat.registry import LiveConversations
from server.chat.sending import PURPOSE
from server.chat.writer import MessageWriter
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict
from server.kernel.ports import Clock, Consents, Directory, EventSink, Limiter
from server.kernel.text import RawText
from server.kernel.wire import MAX_REMARK


class RatingStore(Protocol):
    """What ratings need from the store of chat, which says what each does."""

    async def rate(self, conversation_id: str, rating: Rating, numbers: Mapping[str, int]) -> bool: ...


class Ratings:
    """The use case."""

    def __init__(
        self,
        store: RatingStore,
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

    async def rate(self, actor: Actor, conversation_id: str, score: int, text: RawText | None) -> Conversation:
        """Say how it was; what was said before is replaced.

        Args:
            actor: its customer.
            conversation_id: which; closed.
            score: 1 (bad) to 5 (good).
            text: what they add.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
            Conflict: it is not closed.
            ConsentRequired: words need what messages need.
            RateLimited, InvalidInput, RedactionUnavailable, Unavailable: it is not known to be stored.
        """
        live = await self._registry.get(conversation_id)
        self._reach.require(actor, Action.RATE, live.conversation)
        await self._limiter.spend("rating", actor.account_id)
        if live.conversation.status is not Status.CLOSED:
            raise Conflict
        async with self._registry.turn(conversation_id):
            rating = Rating(score, self._clock())
            if text is not None and len(text) > 0:
                await self._consents.require(actor.account_id, PURPOSE)
                template = await self._intake.admit(
                    text,
                    scope=conversation_id,
                    max_length=MAX_REMARK,
                    known_names=await names_in(self._directory, live.conversation, actor),
                    sender=actor.account_id,
                    taught=live.taught,
                )
                async with self._writer.between_groups(live):
                    said = template.fill(live.numbering)
                rating = replace(rating, text=said.text, hidden=said.hidden, redactions=said.redactions)
            numbers = {hidden.key: number for hidden, number in rating.hidden}
            entry = AuditEntry(
                "chat:conversation:rated", actor.account_id, (conversation_id,), rating.at, {"score": score}
            )
            async with self._audit.promises.around([entry]):
                if not await self._store.rate(conversation_id, rating, numbers):
                    live.stale = True
                    raise Conflict
            live.conversation = replace(live.conversation, rating=rating)
        await self._sink.publish([ConversationRated(live.conversation), ConversationChanged(live.conversation)])
        return live.conversation
