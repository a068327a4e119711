"""Sending a message: who may, its repeats, its way through the gate, its place. Knows neither HTTP nor MongoDB."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from server.chat.live import LiveConversation
from server.chat.markup import has_marks, readable
from server.chat.model import Action, Message
from server.chat.names import names_in
from server.chat.reach import Reach
from server.chat.registry import LiveConversations
from server.chat.writer import PLAIN, Draft, Extras, MessageWriter
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.attached import Attachments
from server.kernel.errors import DomainError, InvalidInput, Unavailable
from server.kernel.ports import Clock, Consents, Directory, Limiter
from server.kernel.text import RawText, RedactedTemplate, template_of

PURPOSE = "support_chat"
"""What a customer's words are used for here."""


@dataclass(frozen=True, slots=True)
class _Sending:
    """One call of `send` on its way to the writer."""

    live: LiveConversation
    actor: Actor
    client_message_id: str
    at: datetime
    outcome: "asyncio.Future[Message]"
    extras: Extras
    files: tuple[str, ...]


class Sender:
    """The use case."""

    def __init__(
        self,
        registry: LiveConversations,
        reach: Reach,
        writer: MessageWriter,
        intake: Intake,
        directory: Directory,
        consents: Consents,
        limiter: Limiter,
        clock: Clock,
        attachments: Attachments | None,
    ) -> None:
        self._registry = registry
        self._reach = reach
        self._writer = writer
        self._intake = intake
        self._directory = directory
        self._consents = consents
        self._limiter = limiter
        self._clock = clock
        self._attachments = attachments

    async def send(
        self,
        actor: Actor,
        conversation_id: str,
        client_message_id: str,
        text: RawText,
        *,
        reply_to: int | None = None,
        attachment_ids: Sequence[str] = (),
        extras: Extras = PLAIN,
    ) -> tuple[Message, bool]:
        """Take a message in and store it.

        Args:
            actor: the sender.
            conversation_id: where to.
            client_message_id: the sender's id of it; the same again gives the first message.
            text: what was typed; may be empty where there are files.
            reply_to: `seq` of the message that it answers.
            attachment_ids: files that the sender has given before, for this conversation.
            extras: what it has beside them.

        Returns:
            The message, durable and audited, and whether it is new.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
            ConsentRequired: a customer has withdrawn from the chat.
            RateLimited, InvalidInput, RedactionUnavailable, Unavailable: nothing is known to be stored; send it again
                under the same id.
        """
        live = await self._registry.get(conversation_id)
        self._reach.require(actor, Action.POST, live.conversation)
        key = (actor.account_id, client_message_id)
        earlier = live.sent.get(key)
        if earlier is not None:
            await self._limiter.spend("reading", actor.account_id)
            return await asyncio.shield(earlier), False
        if not actor.is_staff:
            await self._consents.require(actor.account_id, PURPOSE)
        await self._limiter.spend("message", actor.account_id)
        if reply_to is not None:
            if reply_to > live.conversation.last_seq:
                raise InvalidInput(fields={"reply_to": "not_allowed"})
            extras = replace(extras, reply_to=reply_to)
        at = self._clock()
        outcome: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        live.remember_sending(key, outcome)
        outcome.add_done_callback(lambda done: self._sent(live, key, done))
        try:
            await self._submit(
                _Sending(live, actor, client_message_id, at, outcome, extras, tuple(attachment_ids)), text
            )
        except BaseException as error:
            if not outcome.done():
                outcome.set_exception(error if isinstance(error, DomainError) else Unavailable())
            raise
        message = await asyncio.shield(outcome)
        return message, message.created_at == at

    async def _submit(self, sending: _Sending, text: RawText) -> None:
        """Redact, and queue in the order of arrival: redactions may overtake each other, messages may not."""
        live = sending.live
        before = live.tail
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        live.tail = place
        try:
            scope, taught = live.conversation.id, live.taught
            with self._writer.expecting():
                extras, template = await self._admit(sending, text)
            if before is not None:
                await asyncio.shield(before)
            # Asked again: meanwhile they may have lost it, and who loses a conversation writes nothing more into it.
            self._reach.require(sending.actor, Action.POST, live.conversation)
            while taught is not live.taught:
                # Somebody has taught it more meanwhile: nothing is submitted that would show it.
                taught = live.taught
                template = await self._intake.cover(template, scope, taught)
            self._writer.submit(
                Draft(live, sending.actor, sending.client_message_id, template, sending.at, sending.outcome, extras)
            )
        finally:
            place.set_result(None)
            if live.tail is place:
                live.tail = None

    async def _admit(self, sending: _Sending, text: RawText) -> tuple[Extras, RedactedTemplate]:
        """Through the gate, and with the files: theirs first, for of a text without any it is known at once."""
        live, actor, extras = sending.live, sending.actor, sending.extras
        if sending.files:
            if self._attachments is None:
                raise InvalidInput(fields={"attachment_ids": "unknown_file"})
            claimed = await self._attachments.claim(
                actor, live.conversation.id, sending.client_message_id, sending.files
            )
            extras = replace(extras, attachments=claimed)
            if len(text) == 0:
                return extras, template_of(())
        template = await self._intake.admit(
            text,
            scope=live.conversation.id,
            known_names=await names_in(self._directory, live.conversation, actor),
            sender=actor.account_id,
            taught=live.taught,
            read=readable,
        )
        return (replace(extras, marked=True) if has_marks(template) else extras), template

    def _sent(self, live: LiveConversation, key: tuple[str, str], outcome: "asyncio.Future[Message]") -> None:
        """A sending has ended, whether or not its sender still waits. One that failed may be repeated."""
        if outcome.cancelled() or outcome.exception() is not None:
            live.sent.pop(key, None)
        else:
            self._registry.touch(live)
