"""Who may do what with a case: asked of the chat each time, as things are now (promise S5). Changes nothing."""

from collections.abc import Sequence
from typing import Final

from server.chat.model import Conversation, Relation, View, relation_to
from server.chat.service import ChatService
from server.kernel.access import Rule
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound, NotPermitted

TRIAGE: Final = Rule("conversation", own=frozenset({Role.AGENT}), others=frozenset({Role.ADMIN}))
"""Labels, priority, snooze: for those who take part, for all agents while nobody has it, and for administrators."""

_TRIAGING: Final = frozenset({Relation.ASSIGNEE, Relation.PARTICIPANT, Relation.QUEUE, Relation.ADMINISTRATOR})


class Door:
    """Lets people in.

    Args:
        chat: knows who may do what with conversations.
    """

    def __init__(self, chat: ChatService) -> None:
        self._chat = chat

    async def listed(self, actor: Actor, case_id: str) -> Conversation:
        """Give a conversation of which somebody of the desk may know.

        Raises:
            NotFound: there is none.
        """
        conversation = await self._chat.get_conversation(actor, case_id)
        if not actor.is_staff:
            raise NotFound
        return conversation

    async def triaged(self, actor: Actor, case_id: str) -> Conversation:
        """Give a conversation whose case somebody may put in order.

        Raises:
            NotFound: there is none, or it is a colleague's.
        """
        conversation = await self.listed(actor, case_id)
        if not may_triage(actor, conversation):
            raise NotFound
        return conversation

    async def read(self, actor: Actor, case_id: str) -> Conversation:
        """Give a conversation that somebody may read, and write down that they do.

        Raises:
            NotFound: there is none, or they may not.
        """
        if not actor.is_staff:
            raise NotFound
        return await self._chat.require_reader(actor, case_id)

    async def written(self, actor: Actor, case_id: str) -> Conversation:
        """Give a conversation in which somebody of staff takes part.

        Raises:
            NotFound: there is none, or they may not read it.
            NotPermitted: they only read it, by way of exception.
        """
        conversation = await self.read(actor, case_id)
        if self._chat.view(actor, conversation) is not View.FULL:
            raise NotPermitted
        return conversation

    def may_read(self, actor: Actor, conversation: Conversation) -> bool:
        """Say whether somebody may read it now."""
        return self._chat.may_read(actor, conversation)

    def view(self, actor: Actor, conversation: Conversation) -> View:
        """Say how much of it somebody sees."""
        return self._chat.view(actor, conversation)

    async def people(self, conversations: Sequence[Conversation]) -> dict[str, Actor]:
        """Give those who are named in some conversations, for display."""
        return await self._chat.people(conversations)


def may_triage(actor: Actor, conversation: Conversation) -> bool:
    """Say whether somebody may put a case in order."""
    return relation_to(actor, conversation) in _TRIAGING
