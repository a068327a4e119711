"""People correct the redaction: what should have been hidden is hidden at once wherever it is stored; both ways of
being wrong are counted. Knows neither HTTP nor MongoDB.

Hiding goes on from a record of what is about to be done (`Hiding`, without any text), so that a crash in the middle is
made good after the next start:

1. the record;
2. between two groups of messages the value gets its number and becomes known to the conversation: from here on nothing
   is stored that shows it, except what was submitted before, which is waited for;
3. the message itself, then every other message and the subject: the audit trail, then the text, then everybody is told;
4. the record goes.

Must not log, keep or put into an error any piece of a text.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from nlp.labels import Label
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import ConversationChanged, MessageCorrected
from server.chat.hiding import Hiding, label_of, piece_of, with_cuts, with_rating_cuts, with_subject_cuts
from server.chat.live import LiveConversation
from server.chat.model import Conversation, Message, Rating, View
from server.chat.registry import LiveConversations
from server.chat.writer import MessageWriter
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, DomainError, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Directory, EventSink, Limiter
from server.kernel.text import Cut, Hidden, RedactedText, gaps_of
from server.signals.model import SignalCode, SignalKind, Surface, Traits, traits_of
from server.signals.service import SignalService

logger = logging.getLogger(__name__)

_WINDOW = 50
_ATTEMPTS = 5
_ANSWER_S = 2.0
"""How long an answer waits until all of a long conversation has been gone through; the rest goes on without it."""


class CorrectionStore(Protocol):
    """What corrections need from the store of chat, which says what each does."""

    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...
    async def teach(self, conversation_id: str, hidden: Hidden, number: int, lesson: Mapping[str, str]) -> None: ...
    async def rewrite(self, messages: Sequence[Message]) -> list[Message]: ...
    async def rewrite_subject(self, conversation: Conversation, before: RedactedText) -> bool: ...
    async def rewrite_rating(self, conversation_id: str, rating: Rating, before: RedactedText) -> bool: ...
    async def count_corrections(self, conversation_id: str, more: int) -> int: ...
    async def begin_hiding(self, hiding: Hiding) -> None: ...
    async def end_hiding(self, hiding_id: str) -> None: ...
    async def unfinished_hidings(self) -> list[Hiding]: ...


class Readers(Protocol):
    """Knows who may read what."""

    async def require_reader(self, actor: Actor, conversation_id: str) -> Conversation: ...
    def view(self, actor: Actor, conversation: Conversation) -> View: ...


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of a correction.

    Attributes:
        message: as it is stored now.
        elsewhere: in how many other messages the same was hidden so far.
        done: whether all of the conversation has been gone through.
    """

    message: Message
    elsewhere: int
    done: bool


class Corrections:
    """The use cases."""

    def __init__(
        self,
        store: CorrectionStore,
        readers: Readers,
        registry: LiveConversations,
        writer: MessageWriter,
        intake: Intake,
        audit: AuditTrail,
        sink: EventSink,
        directory: Directory,
        signals: SignalService,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._readers = readers
        self._registry = registry
        self._writer = writer
        self._intake = intake
        self._audit = audit
        self._sink = sink
        self._directory = directory
        self._signals = signals
        self._limiter = limiter
        self._clock = clock
        self._sweeps: set[asyncio.Task[int]] = set()

    async def start(self) -> None:
        """Go on with what a crash interrupted: the values are known again at once, the texts follow by themselves.

        Raises:
            Unavailable: the store does not answer.
        """
        for hiding in await self._store.unfinished_hidings():
            try:
                live = await self._registry.get(hiding.conversation_id)
            except NotFound:
                await self._store.end_hiding(hiding.id)
                continue
            async with self._writer.between_groups(live):
                await self._teach(live, hiding)
            self._begin(self._finish(live, hiding))

    async def finished(self) -> None:
        """Wait until nothing goes on in the background."""
        await asyncio.gather(*self._sweeps, return_exceptions=True)

    async def close(self) -> None:
        """End what runs in the background; what is left undone is done after the next start."""
        for sweep in list(self._sweeps):
            sweep.cancel()
        await self.finished()

    async def require_reader(self, actor: Actor, conversation_id: str) -> None:
        """Insist that the actor may read a conversation.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
        """
        await self._readers.require_reader(actor, conversation_id)

    # --- use cases -------------------------------------------------------------------------------------------------

    async def hide(
        self, actor: Actor, conversation_id: str, seq: int, revision: int, start: int, end: int, label: Label
    ) -> Corrected:
        """Hide a piece of a stored message, here and in the rest of the conversation, and from now on.

        Args:
            actor: the message's writer, or staff who take part.
            conversation_id: where it stands.
            seq: its place.
            revision: of the text that the offsets are about.
            start: first code point.
            end: after the last.
            label: what it is.

        Returns:
            The message as it is stored now, durable.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`; somebody else's message.
            Conflict: more was hidden in the message meanwhile; read it again.
            InvalidInput: see `chat.hiding.piece_of`.
            RateLimited, Unavailable: the same may be asked again.
        """
        live, message = await self._find(actor, conversation_id, seq)
        async with self._registry.turn(conversation_id):
            message = await self._message(live, seq)
            if message.revision != revision:
                raise Conflict(fields={"revision": "outdated"})
            start, end = piece_of(message.text, start, end, label)
            piece = message.text.value[start:end]
            hidden = self._intake.stand_in(label, piece, conversation_id)
            lesson = self._intake.lesson(hidden, piece, conversation_id)
            async with self._writer.between_groups(live):
                number = live.numbering.number(hidden)
                hiding = Hiding(
                    new_id(), conversation_id, actor.account_id, seq, revision, start, end, hidden, number, lesson
                )
                await self._store.begin_hiding(hiding)
                await self._teach(live, hiding)
            stored = await self._rewrite(live, actor.account_id, [await self._without(message, hiding)])
            sweep = self._begin(self._finish(live, hiding))
            if not stored:
                # An earlier correction, still on its way through the conversation, came to this message just now.
                raise Conflict(fields={"revision": "outdated"})
            await asyncio.wait([sweep], timeout=_ANSWER_S)
        await self._count_hidden(actor, hiding, piece)
        done = sweep.done() and not sweep.cancelled() and sweep.exception() is None
        return Corrected(await self._message(live, seq), sweep.result() if done else 0, done)

    async def dispute(
        self, actor: Actor, conversation_id: str, seq: int, placeholder: str, code: SignalCode | None
    ) -> Message:
        """Count that something was hidden wrongly. It can't be shown again: what it was is kept nowhere.

        Raises:
            NotFound, NotPermitted, RateLimited, Unavailable: as for `hide`.
            InvalidInput: the message has no such placeholder.
        """
        _, message = await self._find(actor, conversation_id, seq)
        label = label_of(message, placeholder)
        await self._signals.count(
            actor,
            SignalKind.HIDDEN_WRONGLY,
            label,
            Surface.CHAT,
            subject=(message.id, placeholder),
            traits=Traits(),
            code=code,
        )
        return message

    async def authors(self, messages: Iterable[Message]) -> dict[str, Actor]:
        """Give the authors of some messages, for display."""
        return await self._directory.actors(sorted({message.author_id for message in messages}))

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _find(self, actor: Actor, conversation_id: str, seq: int) -> tuple[LiveConversation, Message]:
        """The message, if the actor may correct it: its writer, or staff who take part.

        Not who reads by way of exception: what is hidden is gone for good, and they might be hiding it from others.
        """
        conversation = await self._readers.require_reader(actor, conversation_id)
        if self._readers.view(actor, conversation) is not View.FULL:
            raise NotPermitted
        await self._limiter.spend("correction", actor.account_id)
        live = await self._registry.get(conversation_id)
        message = await self._message(live, seq)
        if not actor.is_staff and message.author_id != actor.account_id:
            raise NotPermitted
        return live, message

    async def _message(self, live: LiveConversation, seq: int) -> Message:
        if not 1 <= seq <= live.conversation.last_seq:
            raise NotFound
        found = await self._store.messages(live.conversation.id, seq - 1, seq)
        if not found:
            raise NotFound
        return found[0]

    async def _teach(self, live: LiveConversation, hiding: Hiding) -> None:
        """From here on no message is numbered, nor submitted, that shows the value."""
        known = live.taught.with_entries(hiding.lesson)
        lesson = dict(hiding.lesson) if known is not live.taught else {}
        await self._store.teach(hiding.conversation_id, hiding.hidden, hiding.number, lesson)
        live.numbering.learn(hiding.hidden, hiding.number)
        live.taught = known

    def _begin(self, sweep: Coroutine[Any, Any, int]) -> "asyncio.Task[int]":
        task = asyncio.create_task(sweep, name="chat-correction")
        self._sweeps.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, sweep: "asyncio.Task[int]") -> None:
        self._sweeps.discard(sweep)
        if not sweep.cancelled() and (error := sweep.exception()) is not None:
            logger.warning("a correction will be finished after the next start: %s", type(error).__name__)

    async def _finish(self, live: LiveConversation, hiding: Hiding) -> int:
        """Hide it in the message itself (after a crash), in all others and in the subject; give in how many others."""
        await self._writer.settle(live)
        await self._mend(live, hiding)
        elsewhere = 0
        if hiding.is_sought:
            for top in range(live.conversation.last_seq, 0, -_WINDOW):
                elsewhere += await self._sweep(live, hiding, range(max(0, top - _WINDOW), top))
            await self._sweep_subject(live, hiding)
            await self._sweep_rating(live, hiding)
        await self._store.end_hiding(hiding.id)
        return elsewhere

    async def _mend(self, live: LiveConversation, hiding: Hiding) -> None:
        """The message itself, where a crash came between."""
        with suppress(NotFound):
            message = await self._message(live, hiding.seq)
            if message.revision == hiding.revision:
                await self._rewrite(live, hiding.actor_id, [await self._without(message, hiding)])

    async def _without(self, message: Message, hiding: Hiding) -> Message:
        """The message itself without the piece, and without the same anywhere else in it."""
        cut = hiding.cut
        others = await self._cuts(message.text, hiding)
        apart = [other for other in others if other.end <= cut.start or other.start >= cut.end]
        return with_cuts(message, sorted([cut, *apart], key=lambda item: item.start))

    async def _sweep(self, live: LiveConversation, hiding: Hiding, window: range) -> int:
        """Go through some messages; again through those that somebody else has changed meanwhile."""
        changed = 0
        for _ in range(_ATTEMPTS):
            messages = await self._store.messages(hiding.conversation_id, window.start, window.stop)
            fresh = []
            for message in messages:
                cuts = await self._cuts(message.text, hiding)
                if cuts:
                    fresh.append(with_cuts(message, cuts))
            stored = await self._rewrite(live, hiding.actor_id, fresh)
            changed += len(stored)
            if len(stored) == len(fresh):
                break
        return changed

    async def _sweep_subject(self, live: LiveConversation, hiding: Hiding) -> None:
        subject = live.conversation.subject
        if subject is None or not (cuts := await self._cuts(subject, hiding)):
            return
        after = with_subject_cuts(live.conversation, subject, cuts)
        await self._audit.append(
            [self._entry("chat:subject:corrected", hiding.actor_id, (hiding.conversation_id,), {"hidden": len(cuts)})]
        )
        if await self._store.rewrite_subject(after, subject):
            live.conversation = replace(live.conversation, subject=after.subject, redactions=after.redactions)
            await self._sink.publish([ConversationChanged(live.conversation)])

    async def _sweep_rating(self, live: LiveConversation, hiding: Hiding) -> None:
        rating = live.conversation.rating
        if rating is None or rating.text is None or not (cuts := await self._cuts(rating.text, hiding)):
            return
        after = with_rating_cuts(rating, rating.text, cuts)
        await self._audit.append(
            [self._entry("chat:rating:corrected", hiding.actor_id, (hiding.conversation_id,), {"hidden": len(cuts)})]
        )
        if await self._store.rewrite_rating(hiding.conversation_id, after, rating.text):
            live.conversation = replace(live.conversation, rating=after)
            await self._sink.publish([ConversationChanged(live.conversation)])

    async def _cuts(self, text: RedactedText, hiding: Hiding) -> list[Cut]:
        """Where a text shows the value. Placeholders are never looked into."""
        cuts: list[Cut] = []
        taught = hiding.value
        for first, last in gaps_of(text.value):
            for start, end, _ in await self._intake.recognise(text.value[first:last], hiding.conversation_id, taught):
                cuts.append(Cut(first + start, first + end, hiding.hidden, hiding.number))
        return cuts

    def _objects(self, message: Message) -> tuple[str, ...]:
        """With the digest of the text that is going to be stored: `amanah audit verify --content` asks for it."""
        return message.conversation_id, message.id, self._audit.content_digest(message.id, message.text)

    async def _rewrite(self, live: LiveConversation, actor_id: str, messages: Sequence[Message]) -> list[Message]:
        """Store texts that show less, and tell everybody.

        The trail comes first: if it ends between the two, the text is stored after the next start and fits the trail.
        """
        if not messages:
            return []
        counted = [{"seq": m.seq, "revision": m.revision, "hidden": len(m.redactions)} for m in messages]
        await self._audit.append(
            [
                self._entry("chat:message:corrected", actor_id, self._objects(message), counts)
                for message, counts in zip(messages, counted, strict=True)
            ]
        )
        try:
            stored = await self._store.rewrite(messages)
        except BaseException:
            live.forget_messages()
            raise
        for message in stored:
            live.take_changed(message)
        if stored:
            total = await self._store.count_corrections(live.conversation.id, len(stored))
            live.conversation = replace(live.conversation, corrections=total)
            authors = await self.authors(stored)
            numbered = enumerate(stored, start=total - len(stored) + 1)
            await self._sink.publish(
                [
                    MessageCorrected(message, authors.get(message.author_id) or _gone(message), number)
                    for number, message in numbered
                ]
            )
        return stored

    async def _count_hidden(self, actor: Actor, hiding: Hiding, piece: str) -> None:
        """What was hidden stays hidden also when it can't be counted."""
        try:
            await self._signals.count(
                actor,
                SignalKind.SHOULD_HAVE_BEEN_HIDDEN,
                hiding.hidden.label,
                Surface.CHAT,
                subject=(hiding.conversation_id, str(hiding.seq), hiding.hidden.key),
                traits=traits_of(piece),
            )
        except DomainError as error:
            logger.warning("a signal was not counted: %s", error.code)

    def _entry(self, action: str, actor_id: str, objects: tuple[str, ...], counts: dict[str, int]) -> AuditEntry:
        return AuditEntry(action=action, actor_id=actor_id, objects=objects, counts=counts, at=self._clock())


def _gone(message: Message) -> Actor:
    """The author of a message whose account is no more."""
    return Actor(message.author_id, Role.VISITOR, "", "—")
