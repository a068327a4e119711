"""Merging and splitting conversations of one customer. Who takes part in both, and has them, may do it.

A merged conversation is closed and points at the one that goes on, where all of its messages stand at the end. When its
customer writes into it again it opens again, and can be merged again: only what is new is written.
"""

from dataclasses import replace

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.custody import Custody
from server.chat.joining import Forms, Joining, new_id_of
from server.chat.model import Action, View
from server.chat.service import ChatService
from server.desk.cases import Cases
from server.desk.door import Door
from server.desk.model import Row
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound, NotPermitted
from server.kernel.ports import Clock
from server.kernel.text import RawText
from server.kernel.wire import MAX_SUBJECT


class Merging:
    """The use cases."""

    def __init__(
        self,
        door: Door,
        cases: Cases,
        chat: ChatService,
        custody: Custody,
        joining: Joining,
        intake: Intake,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._door = door
        self._cases = cases
        self._chat = chat
        self._custody = custody
        self._joining = joining
        self._intake = intake
        self._audit = audit
        self._clock = clock

    def bring(self, forms: Forms) -> None:
        """Have forms go along with their messages."""
        self._joining.bring(forms)

    async def others(self, actor: Actor, case_id: str) -> list[Row]:
        """Give those that may go on in the place of one: the same customer's open ones in which the actor takes part.

        Returns:
            The newest first.

        Raises:
            NotFound, NotPermitted: the actor does not have it.
        """
        conversation = await self._door.written(actor, case_id)
        if not await self._chat.may(actor, Action.CLOSE, case_id):
            raise NotPermitted
        found = [
            row
            for row in self._cases.board
            if row.conversation.customer_id == conversation.customer_id
            and row.conversation.id != case_id
            and self._door.view(actor, row.conversation) is View.FULL
        ]
        return sorted(found, key=lambda row: row.conversation.number, reverse=True)

    async def merge(self, actor: Actor, case_id: str, into_id: str) -> Row:
        """Let another conversation go on in the place of one. Safe to repeat.

        Returns:
            The one that goes on.

        Raises:
            NotFound, NotPermitted: the actor takes no part in one of them, or does not have the one that ends.
            InvalidInput: they are of two customers, or there are too many messages.
        """
        await self._door.written(actor, case_id)
        if not await self._chat.may(actor, Action.CLOSE, case_id):
            raise NotPermitted
        await self._door.written(actor, into_id)
        count = await self._joining.join(case_id, into_id)
        closed = await self._custody.close(actor, case_id)
        await self._cases.change(closed, lambda case: replace(case, merged_into=into_id))
        await self._note("desk:case:merged", actor, (case_id, into_id), count)
        return await self._cases.row(await self._door.listed(actor, into_id))

    async def split(self, actor: Actor, case_id: str, from_seq: int, subject: RawText | None) -> Row:
        """Let a conversation of its own begin with a message. Safe to repeat: the same gives the same conversation.

        Returns:
            The new one.

        Raises:
            NotFound, NotPermitted: the actor does not have it.
            InvalidInput: there is no such message, or see the gate.
        """
        conversation = await self._door.written(actor, case_id)
        if actor.role is not Role.AGENT or not await self._chat.may(actor, Action.CLOSE, case_id):
            raise NotPermitted
        template = None
        if subject is not None:
            people = await self._door.people([conversation])
            names = [person.display_name for person in people.values() if person.role is not Role.VISITOR]
            template = await self._intake.admit(
                subject,
                scope=new_id_of(case_id, from_seq),
                field="subject",
                max_length=MAX_SUBJECT,
                known_names=names,
                sender=actor.account_id,
            )
        made_id = await self._joining.begin(case_id, from_seq, template, actor.account_id)
        count = await self._joining.join(case_id, made_id, from_seq=from_seq)
        made = await self._chat.get_conversation(actor, made_id)
        if not self._door.may_read(actor, made):
            raise NotFound
        row = await self._cases.change(made, lambda case: replace(case, split_from=case_id))
        await self._note("desk:case:split", actor, (case_id, made_id), count)
        return row

    async def _note(self, action: str, actor: Actor, objects: tuple[str, ...], count: int) -> None:
        await self._audit.append([AuditEntry(action, actor.account_id, objects, self._clock(), {"messages": count})])
