"""The names of those who take part in a conversation: evidence for the redactor."""

from server.chat.model import Conversation
from server.kernel.actor import Actor, Role
from server.kernel.ports import Directory


def ids_in(conversation: Conversation) -> set[str]:
    """Give the accounts that are named in a conversation's record."""
    named = {conversation.customer_id, *conversation.participant_ids}
    return named | {conversation.assignee_id} if conversation.assignee_id else named


async def names_in(directory: Directory, conversation: Conversation, actor: Actor) -> tuple[str, ...]:
    """Give the names of who takes part, and of who writes now. Neutral visitor names are none."""
    people = await directory.actors(sorted(ids_in(conversation)))
    people[actor.account_id] = actor
    return tuple(person.display_name for person in people.values() if person.role is not Role.VISITOR)
