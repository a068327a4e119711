"""How far somebody reaches into a conversation at this moment: the table, what exceptions are granted, and the log.

The one place where chat asks who may do what. Must not change anything but the access log.
"""

from collections.abc import Sequence

from server.chat.model import Action, Conversation, Relation, View, can, relation_to, require, view_of
from server.kernel.actor import Actor
from server.kernel.disclosure import AccessLog, Grants, Purpose

READ = "conversation:read"
"""What the access log calls the reading of messages."""


class Reach:
    """Answers from memory; only the first reading in a while is written down."""

    def __init__(self, grants: Grants, log: AccessLog) -> None:
        self._grants = grants
        self._log = log

    def can(self, actor: Actor, action: Action, conversation: Conversation) -> bool:
        """Say whether the actor may do this now."""
        if can(actor, action, conversation):
            return True
        return self._glass(actor, conversation) is not None and can(actor, action, conversation, glass=True)

    def require(self, actor: Actor, action: Action, conversation: Conversation) -> None:
        """Insist on it.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
        """
        require(actor, action, conversation, glass=self._glass(actor, conversation) is not None)

    def view(self, actor: Actor, conversation: Conversation) -> View:
        """Say how much somebody sees who may list it."""
        plain = view_of(actor, conversation)
        if plain is View.ROW and self._glass(actor, conversation) is not None:
            return view_of(actor, conversation, glass=True)
        return plain

    def readers(self, conversation: Conversation) -> Sequence[str]:
        """Give the accounts that may read it by way of exception."""
        return self._grants.holders(conversation.id)

    def granted(self, actor: Actor) -> Sequence[str]:
        """Give the ids of what the actor may read by way of exception."""
        return self._grants.conversations(actor.account_id) if actor.is_staff else ()

    async def note_reading(self, actor: Actor, conversation: Conversation) -> None:
        """Write down that staff are about to read it; what is not written down is not shown.

        Raises:
            Unavailable: it could not be written.
        """
        relation = relation_to(actor, conversation)
        if relation is Relation.CUSTOMER:
            return
        takes_part = relation in {Relation.ASSIGNEE, Relation.PARTICIPANT}
        glass = None if takes_part else self._glass(actor, conversation)
        await self._log.record(
            actor,
            person_id=conversation.customer_id,
            action=READ,
            object_id=conversation.id,
            purpose=glass or Purpose.SUPPORT,
        )

    def _glass(self, actor: Actor, conversation: Conversation) -> Purpose | None:
        return self._grants.purpose(actor.account_id, conversation.id) if actor.is_staff else None
