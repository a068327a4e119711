"""Use cases of break-glass: open, end, list, review; and the watch that ends what is over.

Nothing is opened before it is recorded and announced. Reads conversations through the chat's service only.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.model import Action
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.disclosure import AccessLog, Passes, Purpose
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.text import NumberedText, Numbering, RawText
from server.kernel.waiting import news_within
from server.notices.model import Kind
from server.notices.service import Notices
from server.privacy.glass import (
    GLASS_PURPOSES,
    MAX_MINUTES,
    MAX_REASON,
    BreakGlass,
    Finding,
    Register,
    Review,
    can_end,
    can_review,
)

logger = logging.getLogger(__name__)

_RETRY_S = 1.0
_YEAR = 12
_SYSTEM = "system"


class GlassStore(Protocol):
    """What the service needs from its store."""

    async def insert(self, item: BreakGlass) -> None: ...
    async def find(self, item_id: str) -> BreakGlass | None: ...
    async def open_ones(self) -> list[BreakGlass]: ...
    async def end(self, item_id: str, at: datetime) -> bool: ...
    async def review(self, item_id: str, review: Review) -> bool: ...
    async def newest(self, before_id: str | None, limit: int, *, unreviewed: bool) -> list[BreakGlass]: ...
    async def counts(self, first_month: int) -> tuple[int, int]: ...


class Conversations(Protocol):
    """What the service needs of the chat."""

    async def person_of(self, conversation_id: str) -> str: ...
    async def may(self, actor: Actor, action: Action, conversation_id: str) -> bool: ...
    async def access_changed(self, conversation_id: str) -> None: ...


class Officers(Protocol):
    """Knows who the privacy officers are, and who is what."""

    async def privacy_officers(self) -> Sequence[str]: ...
    async def role_of(self, account_id: str) -> Role | None: ...


class BreakGlassService:
    """Openings by way of exception."""

    def __init__(
        self,
        store: GlassStore,
        register: Register,
        conversations: Conversations,
        intake: Intake,
        log: AccessLog,
        notices: Notices,
        officers: Officers,
        passes: Passes,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._register = register
        self._conversations = conversations
        self._intake = intake
        self._log = log
        self._notices = notices
        self._officers = officers
        self._passes = passes
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up what lasts from before, and begin to end what is over: also of holders who changed meanwhile.

        Raises:
            Unavailable: the store does not answer.
        """
        for item in await self._store.open_ones():
            same = await self._officers.role_of(item.actor_id) is item.role
            self._register.add(item if same else replace(item, ends_at=min(item.ends_at, self._clock())))
        self._watch = asyncio.create_task(self._end_what_is_over(), name="break-glass")

    async def close(self) -> None:
        """End the watch. What lasts goes on lasting: its time runs also while no server does."""
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

    async def open(
        self, actor: Actor, conversation_id: str, reason: RawText, purpose: Purpose, minutes: int
    ) -> BreakGlass:
        """Let the actor read a conversation for a while.

        Raises:
            NotFound: there is no such conversation.
            NotPermitted: the actor has it anyway, may not break the glass, or has not learnt how to keep data safe.
            Conflict: the actor has opened it already.
            InvalidInput: no purpose or time for this, or the reason was refused by the gate.
            RateLimited, RedactionUnavailable, Unavailable: nothing was opened.
        """
        if purpose not in GLASS_PURPOSES:
            raise InvalidInput(fields={"purpose": "not_allowed"})
        if not 1 <= minutes <= MAX_MINUTES:
            raise InvalidInput(fields={"minutes": "out_of_range"})
        person_id = await self._conversations.person_of(conversation_id)
        async with self._turn:
            if self._register.purpose(actor.account_id, conversation_id) is not None:
                raise Conflict
            if not await self._conversations.may(actor, Action.BREAK_GLASS, conversation_id):
                raise NotPermitted if await self._conversations.may(actor, Action.READ, conversation_id) else NotFound
            await self._passes.require(actor)
            await self._limiter.spend("break_glass", actor.account_id)
            glass_id = new_id()
            words = await self._admit(actor, reason, glass_id, "reason")
            now = self._clock()
            ends_at = now + timedelta(minutes=minutes)
            item = BreakGlass(
                glass_id,
                conversation_id,
                person_id,
                actor.account_id,
                actor.role,
                purpose,
                words.text,
                words.redactions,
                minutes,
                now,
                ends_at,
            )
            await self._announce(actor, item)
            await self._store.insert(item)
            self._register.add(item)
        self._news.set()
        await self._conversations.access_changed(conversation_id)
        return item

    async def end(self, actor: Actor, item_id: str) -> BreakGlass:
        """End one before its time; one that is over stays as it is.

        Raises:
            NotFound: there is none, or none that the actor may know of.
        """
        item = await self._store.find(item_id)
        if item is None or not can_end(actor, item):
            raise NotFound
        return await self._end(item, actor.account_id, self._clock()) if item.ended_at is None else item

    async def holder_changed(self, account_id: str) -> None:
        """End what somebody has open: it was opened under a role that they have no longer, or they are kept out.

        It is over at once, whether or not that can be written down yet.
        """
        now = self._clock()
        for item in self._register.items():
            if item.actor_id == account_id:
                over = replace(item, ends_at=min(item.ends_at, now))
                self._register.add(over)
                await self._try_to_end(over)
        self._news.set()

    def mine(self, actor: Actor) -> Sequence[BreakGlass]:
        """Give what the actor has opened and what still lasts."""
        return self._register.of_account(actor.account_id)

    async def list(self, actor: Actor, *, unreviewed: bool, before_id: str | None, limit: int) -> Sequence[BreakGlass]:
        """Give all that was ever opened, newest first. For privacy officers; the transport sees to it.

        Raises:
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        return await self._store.newest(before_id, limit, unreviewed=unreviewed)

    async def figures(self) -> tuple[int, int]:
        """Give how many openings there were in the last twelve months, and how many of them were reviewed.

        Raises:
            Unavailable: the store does not answer.
        """
        now = self._clock()
        return await self._store.counts(now.year * _YEAR + now.month - _YEAR)

    async def review(self, actor: Actor, item_id: str, finding: Finding, note: RawText | None) -> BreakGlass:
        """Say whether it was right.

        Raises:
            NotFound: there is none.
            NotPermitted: nobody reviews their own.
            Conflict: it has been reviewed.
            InvalidInput, RedactionUnavailable: see the gate.
        """
        item = await self._store.find(item_id)
        if item is None:
            raise NotFound
        if not can_review(actor, item):
            raise NotPermitted
        if item.review is not None:
            raise Conflict
        words = await self._admit(actor, note, item.id, "note") if note is not None else None
        review = Review(
            actor.account_id,
            finding,
            words.text if words else None,
            words.redactions if words else (),
            self._clock(),
        )
        if not await self._store.review(item.id, review):
            raise Conflict
        await self._append("privacy:break_glass:reviewed", actor.account_id, item, review.at)
        return replace(item, review=review)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _admit(self, actor: Actor, text: RawText, scope: str, field: str) -> NumberedText:
        template = await self._intake.admit(
            text, scope=scope, field=field, max_length=MAX_REASON, sender=actor.account_id, in_words=True
        )
        return template.fill(Numbering())

    async def _announce(self, actor: Actor, item: BreakGlass) -> None:
        """Write down and tell, before anything is opened."""
        await self._log.record(
            actor,
            person_id=item.person_id,
            action="break_glass:opened",
            object_id=item.conversation_id,
            purpose=item.purpose,
        )
        await self._append("privacy:break_glass:opened", item.actor_id, item, item.opened_at)
        officers = [officer for officer in await self._officers.privacy_officers() if officer != item.actor_id]
        await self._notices.tell([item.person_id], Kind.BREAK_GLASS_OPENED, "conversation", item.conversation_id)
        await self._notices.tell(officers, Kind.BREAK_GLASS_OPENED, "break_glass", item.id)

    async def _end(self, item: BreakGlass, by: str, at: datetime) -> BreakGlass:
        ended = replace(item, ended_at=at)
        if await self._store.end(item.id, at):
            await self._append("privacy:break_glass:ended", by, item, at)
        self._register.remove(item)
        await self._conversations.access_changed(item.conversation_id)
        return ended

    async def _append(self, action: str, by: str, item: BreakGlass, at: datetime) -> None:
        entry = AuditEntry(
            action=action,
            actor_id=by,
            objects=(item.id, item.conversation_id),
            counts={"minutes": item.minutes},
            at=at,
        )
        await self._audit.append([entry])

    async def _end_what_is_over(self) -> None:
        while True:
            self._news.clear()
            items = self._register.items()
            now = self._clock()
            for item in items:
                if item.ends_at <= now:
                    await self._try_to_end(item)
            waits = [(item.ends_at - self._clock()).total_seconds() for item in self._register.items()]
            await news_within(self._news, max(0.0, min(waits)) if waits else None)

    async def _try_to_end(self, item: BreakGlass) -> None:
        """Reading has ended by the clock already; this tells of it and empties the room."""
        try:
            await self._end(item, _SYSTEM, item.ends_at)
        except Exception as error:
            logger.error("ending a break-glass failed: %s", type(error).__name__)
            await asyncio.sleep(_RETRY_S)
