"""What staff do with cases: labels, priority, snooze, one by one or many at once, and handing on with a note.

Whose hands a conversation is in, the chat's `Custody` decides; here is what the desk adds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.custody import Custody
from server.chat.model import Action, Conversation
from server.chat.service import ChatService
from server.desk.cases import Cases
from server.desk.door import Door
from server.desk.entry import Make
from server.desk.model import Priority, Row, Work
from server.desk.notes import Notes
from server.desk.settings import DeskSettings
from server.desk.steps import Steps
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput
from server.kernel.ports import Clock
from server.kernel.text import RawText

T = TypeVar("T")

QUEUE: Final = "queue"
ME: Final = "me"
_LONGEST_SNOOZE: Final = timedelta(days=366)
_AT_ONCE: Final = 10
"""How many of many are done side by side: their lines of the trail and their journals are written together."""


@dataclass(frozen=True, slots=True)
class CaseWish:
    """What is to be another. `wakes` tells an empty `snoozed_until` from one that was not said."""

    priority: Priority | None = None
    labels: frozenset[str] | None = None
    snoozed_until: datetime | None = None
    wakes: bool = False


@dataclass(frozen=True, slots=True)
class BulkWish:
    """What is to be done with many."""

    work: Work
    agent_id: str | None = None
    label: str | None = None
    priority: Priority | None = None
    snoozed_until: datetime | None = None


@dataclass(slots=True)
class Outcome:
    """What became of many: what was done, and the code of the error of what was not."""

    done: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


class Teller(Protocol):
    """Tells an agent, without content."""

    async def given(self, account_id: str, case_id: str) -> None: ...


class Handling:
    """The use cases."""

    def __init__(
        self,
        door: Door,
        cases: Cases,
        steps: Steps,
        settings: DeskSettings,
        custody: Custody,
        chat: ChatService,
        notes: Notes,
        teller: Teller,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._door = door
        self._cases = cases
        self._steps = steps
        self._settings = settings
        self._custody = custody
        self._chat = chat
        self._notes = notes
        self._teller = teller
        self._audit = audit
        self._clock = clock

    async def get(self, actor: Actor, case_id: str) -> Row:
        """Give a case.

        Raises:
            NotFound: there is none.
        """
        return await self._cases.row(await self._door.listed(actor, case_id))

    async def change(self, actor: Actor, case_id: str, wish: CaseWish) -> Row:
        """Change a case.

        Raises:
            NotFound: there is none, or it is a colleague's.
            InvalidInput: a label that there is not, a moment that is over.
        """
        conversation = await self._door.triaged(actor, case_id)
        row = await self._cases.row(conversation)
        for label in sorted((wish.labels or frozenset()) - set(row.case.labels)):
            self._settings.require_label(label)
        at = self._clock()
        makes: list[tuple[str, Make]] = []
        if wish.priority is not None:
            priority = wish.priority
            makes.append(("desk:case:prioritised", lambda case: self._steps.prioritised(case, priority, at)))
        if wish.labels is not None:
            labels = wish.labels
            makes.append(("desk:case:labelled", lambda case: self._steps.labelled(case, labels)))
        if wish.snoozed_until is not None:
            makes.append(("desk:case:snoozed", self._snoozing(conversation, wish.snoozed_until, at)))
        elif wish.wakes:
            makes.append(("desk:case:woken", lambda case: self._steps.woken(case, at)))
        for action, make in makes:
            row = await self._apply(actor, conversation, action, make)
        return row

    async def _apply(self, actor: Actor, conversation: Conversation, action: str, make: Make) -> Row:
        before = (await self._cases.row(conversation)).case
        row = await self._cases.change(conversation, make)
        if row.case != before:
            entry = AuditEntry(action, actor.account_id, (conversation.id,), self._clock())
            await self._audit.append([entry])
        return row

    def _snoozing(self, conversation: Conversation, until: datetime, at: datetime) -> Make:
        if until.tzinfo is None or until > at + _LONGEST_SNOOZE:
            raise InvalidInput(fields={"snoozed_until": "out_of_range"})
        last_seq = conversation.last_seq
        # Whole milliseconds: what the store keeps.
        moment = until.replace(microsecond=until.microsecond // 1000 * 1000)
        return lambda case: self._steps.snoozed(case, moment, last_seq, at)

    async def label(self, actor: Actor, case_id: str, label: str, *, on: bool) -> Row:
        """Put a label on, or take it off; the others stay.

        Raises:
            NotFound, InvalidInput: see `change`.
        """
        conversation = await self._door.triaged(actor, case_id)
        if on:
            self._settings.require_label(label)
        step: Make = (
            (lambda case: self._steps.labelled(case, frozenset(case.labels) | {label}))
            if on
            else (lambda case: self._steps.labelled(case, frozenset(case.labels) - {label}))
        )
        return await self._apply(actor, conversation, "desk:case:labelled", step)

    async def assign(self, actor: Actor, case_id: str, agent_id: str) -> None:
        """Give a conversation to an agent, `me`, or back to the `queue`.

        Raises:
            NotFound, NotPermitted, InvalidInput, Conflict: see `Custody`.
        """
        if agent_id == QUEUE:
            await self._custody.release(actor, case_id)
            return
        whom = actor.account_id if agent_id == ME else agent_id
        await self._custody.assign(actor, case_id, whom)
        if whom != actor.account_id:
            await self._teller.given(whom, case_id)

    async def transfer(self, actor: Actor, case_id: str, agent_id: str, note: RawText | None) -> Row:
        """Hand a conversation on. The note is written first, while one may still write it.

        Raises:
            NotFound, NotPermitted, InvalidInput, Conflict: see `Custody` and `Notes`.
        """
        conversation = await self._door.listed(actor, case_id)
        wanted = Action.RELEASE if agent_id == QUEUE else Action.ASSIGN
        if note is not None and await self._chat.may(actor, wanted, case_id):
            await self._notes.write(actor, case_id, note)
        await self.assign(actor, case_id, agent_id)
        conversation = await self._door.listed(actor, case_id)
        return await self._cases.row(conversation)

    async def bulk(self, actor: Actor, case_ids: Sequence[str], wish: BulkWish) -> Outcome:
        """Do the same with many; each is asked for by itself.

        Raises:
            InvalidInput: what the work needs is missing.
        """
        work = self._work(actor, wish)

        async def refusal(case_id: str) -> str | None:
            try:
                await work(case_id)
            except DomainError as error:
                return error.code
            return None

        outcome = Outcome()
        ids = list(dict.fromkeys(case_ids))
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            # All have ended before anything unexpected is told: none goes on behind the answer.
            for case_id, code in zip(
                some, await asyncio.gather(*map(refusal, some), return_exceptions=True), strict=True
            ):
                if isinstance(code, BaseException):
                    raise code
                if code is None:
                    outcome.done.append(case_id)
                else:
                    outcome.failed.append((case_id, code))
        return outcome

    def _work(self, actor: Actor, wish: BulkWish) -> Callable[[str], Awaitable[object]]:
        """Give what is done with one of them."""
        match wish.work:
            case Work.ASSIGN:
                agent_id = _said(wish.agent_id, "agent_id")
                return lambda case_id: self.assign(actor, case_id, agent_id)
            case Work.RELEASE:
                return lambda case_id: self._custody.release(actor, case_id)
            case Work.CLOSE:
                return lambda case_id: self._custody.close(actor, case_id)
            case Work.REOPEN:
                return lambda case_id: self._custody.reopen(actor, case_id)
            case Work.LABEL | Work.UNLABEL:
                label, on = _said(wish.label, "label"), wish.work is Work.LABEL
                return lambda case_id: self.label(actor, case_id, label, on=on)
            case Work.PRIORITY:
                priority = _said(wish.priority, "priority")
                return lambda case_id: self.change(actor, case_id, CaseWish(priority=priority))
            case Work.SNOOZE:
                until = _said(wish.snoozed_until, "snoozed_until")
                return lambda case_id: self.change(actor, case_id, CaseWish(snoozed_until=until))
            case Work.WAKE:
                return lambda case_id: self.change(actor, case_id, CaseWish(wakes=True))


def _said(value: T | None, field_name: str) -> T:
    if value is None:
        raise InvalidInput(fields={field_name: "required"})
    return value
