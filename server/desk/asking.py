"""Turns a conversation into feedback, with its customer's say.

Staff write what the item would say; the customer reads exactly that, and only their yes gives it, in their name and as
a private one: nothing becomes public by this (promise T1). What was answered can't be answered otherwise; staff may ask
anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.model import Conversation
from server.chat.numbers import Numbers
from server.chat.service import ChatService
from server.desk.cases import Cases
from server.desk.door import Door
from server.feedback.giving import Giving, NewItem
from server.feedback.model import Kind, Visibility
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, NotFound
from server.kernel.events import Event
from server.kernel.ids import new_id
from server.kernel.ports import Clock, EventSink, Limiter
from server.kernel.text import RawText, RedactedText
from server.kernel.wire import MAX_SUBJECT, MAX_TEXT


class AskState(StrEnum):
    """What a customer has said."""

    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Ask:
    """What a customer is asked. Each conversation has one at most: the last."""

    id: str
    conversation_id: str
    kind: Kind
    title: RedactedText
    text: RedactedText
    by: str
    asked_at: datetime
    state: AskState = AskState.ASKED
    feedback_id: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerAsked(Event):
    """A customer was asked, or has answered."""

    ask: Ask
    customer_id: str


class AskStore(Protocol):
    """Where they are kept; `ask_store` says what each does."""

    async def find_ask(self, conversation_id: str) -> Ask | None: ...
    async def put_ask(self, ask: Ask) -> None: ...
    async def answer_ask(self, ask: Ask) -> bool: ...


class Asking:
    """The use cases."""

    def __init__(
        self,
        store: AskStore,
        door: Door,
        cases: Cases,
        chat: ChatService,
        numbers: Numbers,
        giving: Giving,
        intake: Intake,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._door = door
        self._cases = cases
        self._chat = chat
        self._numbers = numbers
        self._giving = giving
        self._intake = intake
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    async def ask(self, actor: Actor, case_id: str, kind: Kind, title: RawText, text: RawText) -> Ask:
        """Ask a customer whether this may be given as feedback of theirs.

        Raises:
            NotFound, NotPermitted: the actor takes no part in the conversation.
            Conflict: the customer has agreed to one already.
            InvalidInput, RedactionUnavailable: see the gate.
        """
        conversation = await self._door.written(actor, case_id)
        await self._limiter.spend("message", actor.account_id)
        await self._require_open(case_id)
        ask = Ask(
            new_id(),
            case_id,
            kind,
            await self._admitted(actor, conversation, title, "title"),
            await self._admitted(actor, conversation, text, "text"),
            actor.account_id,
            self._clock(),
        )
        # Asked again: the gate takes its time, and meanwhile they may have lost it, or its customer may have agreed.
        conversation = await self._door.written(actor, case_id)
        await self._require_open(case_id)
        await self._store.put_ask(ask)
        await self._cases.change(conversation, lambda case: replace(case, asked=True))
        await self._note("desk:feedback:asked", actor, ask)
        await self._sink.publish([CustomerAsked(ask, conversation.customer_id)])
        return ask

    async def find(self, actor: Actor, case_id: str) -> Ask | None:
        """Give what a customer was asked last, to those who may read the conversation; None where nothing.

        Raises:
            NotFound: the actor may not read the conversation.
        """
        await self._chat.require_reader(actor, case_id)
        return await self._store.find_ask(case_id)

    async def answer(self, actor: Actor, case_id: str, ask_id: str, network: str, *, agree: bool) -> Ask:
        """Say yes or no. A yes gives the item; the same again after a failure gives it once.

        Args:
            actor: the customer.
            case_id: their conversation.
            ask_id: the question that they read; only to that one is this an answer.
            network: where the call comes from, for limits.
            agree: yes or no.

        Raises:
            NotFound: it is not theirs.
            Conflict: nothing was asked, something else is asked by now, or it was answered otherwise before.
            NotPermitted, InvalidInput, RateLimited, RedactionUnavailable: see `Giving`.
        """
        conversation = await self._chat.get_conversation(actor, case_id)
        ask = await self._store.find_ask(case_id)
        if conversation.customer_id != actor.account_id:
            raise NotFound
        if ask is None or ask.id != ask_id:
            # Whoever asks could otherwise put other words under a yes that is on its way.
            raise Conflict
        wanted = AskState.AGREED if agree else AskState.DECLINED
        if ask.state is wanted:
            return ask
        if ask.state is not AskState.ASKED:
            raise Conflict
        feedback_id = None
        if agree:
            # Under the question's own id, so that a repeat after a crash gives the first item.
            new = NewItem(
                ask.kind,
                RawText(ask.title.value),
                RawText(ask.text.value),
                visibility=Visibility.PRIVATE,
                client_id=f"ask-{ask.id}",
            )
            feedback_id = (await self._giving.give(actor, new, network=network)).item.id
        answered = replace(ask, state=wanted, feedback_id=feedback_id)
        if not await self._store.answer_ask(answered):
            raise Conflict
        await self._cases.change(
            conversation, lambda case: replace(case, asked=False, feedback_id=feedback_id or case.feedback_id)
        )
        await self._note("desk:feedback:answered", actor, answered)
        await self._sink.publish([CustomerAsked(answered, conversation.customer_id)])
        return answered

    async def _require_open(self, case_id: str) -> None:
        before = await self._store.find_ask(case_id)
        if before is not None and before.state is AskState.AGREED:
            raise Conflict

    async def _admitted(self, actor: Actor, conversation: Conversation, typed: RawText, name: str) -> RedactedText:
        people = await self._door.people([conversation])
        names = [person.display_name for person in people.values() if person.role is not Role.VISITOR]
        template = await self._intake.admit(
            typed,
            scope=conversation.id,
            field=name,
            known_names=names,
            sender=actor.account_id,
            taught=await self._numbers.taught(conversation.id),
            max_length=MAX_SUBJECT if name == "title" else MAX_TEXT,
        )
        return (await self._numbers.fill(conversation.id, template)).text

    async def _note(self, action: str, actor: Actor, ask: Ask) -> None:
        counts = {"agreed": int(ask.state is AskState.AGREED)}
        objects = (ask.conversation_id, ask.id)
        await self._audit.append([AuditEntry(action, actor.account_id, objects, self._clock(), counts)])
