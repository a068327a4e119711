"""Changing what a conversation is about, over HTTP."""

from collections.abc import Sequence

from server.chat.model import Action, rule
from server.chat.naming import Naming
from server.chat.schemas import ConversationReply, NewSubject, conversation_out
from server.chat.service import ChatService
from server.web.endpoint import Call, Endpoint


def endpoints(service: ChatService, naming: Naming) -> Sequence[Endpoint]:
    """Declare the endpoint."""

    async def rename(call: Call) -> ConversationReply:
        renamed = await naming.rename(call.actor, call.path["id"], call.body.subject)
        people = await service.people([renamed])
        view = service.view(call.actor, renamed)
        return ConversationReply(conversation=conversation_out(renamed, people, view, call.actor.account_id))

    return (
        Endpoint(
            "PUT",
            "/api/v1/conversations/{id}/subject",
            "Give a conversation another subject",
            rename,
            ConversationReply,
            body=NewSubject,
            rule=rule(Action.POST),
        ),
    )
