"""In whose hands a conversation is, over HTTP."""

from collections.abc import Sequence

from server.chat.custody import Custody
from server.chat.model import Action, Conversation, rule
from server.chat.schemas import Assignment, Colleague, ConversationReply, conversation_out
from server.chat.service import ChatService
from server.kernel.actor import Actor
from server.kernel.wire import Empty
from server.web.endpoint import Access, Call, Endpoint


def endpoints(service: ChatService, custody: Custody) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def reply(actor: Actor, conversation: Conversation) -> ConversationReply:
        people = await service.people([conversation])
        view = service.view(actor, conversation)
        return ConversationReply(conversation=conversation_out(conversation, people, view, actor.account_id))

    async def assign(call: Call) -> ConversationReply:
        agent_id = call.actor.account_id if call.body.agent_id == "me" else call.body.agent_id
        return await reply(call.actor, await custody.assign(call.actor, call.path["id"], agent_id))

    async def release(call: Call) -> ConversationReply:
        return await reply(call.actor, await custody.release(call.actor, call.path["id"]))

    async def bring_in(call: Call) -> ConversationReply:
        return await reply(call.actor, await custody.bring_in(call.actor, call.path["id"], call.body.agent_id))

    async def let_go(call: Call) -> ConversationReply:
        who = call.actor.account_id if call.path["account_id"] == "me" else call.path["account_id"]
        return await reply(call.actor, await custody.let_go(call.actor, call.path["id"], who))

    async def close(call: Call) -> ConversationReply:
        return await reply(call.actor, await custody.close(call.actor, call.path["id"]))

    async def reopen(call: Call) -> ConversationReply:
        return await reply(call.actor, await custody.reopen(call.actor, call.path["id"]))

    one = "/api/v1/conversations/{id}"
    return (
        Endpoint(
            "POST",
            f"{one}/assign",
            "Take the conversation, or give it to an agent",
            assign,
            ConversationReply,
            Access.DESK,
            body=Assignment,
            rule=rule(Action.ASSIGN),
        ),
        Endpoint(
            "POST",
            f"{one}/release",
            "Give the conversation back to the queue",
            release,
            ConversationReply,
            Access.DESK,
            body=Empty,
            rule=rule(Action.RELEASE),
        ),
        Endpoint(
            "POST",
            f"{one}/participants",
            "Bring a colleague in",
            bring_in,
            ConversationReply,
            Access.AGENT,
            body=Colleague,
            rule=rule(Action.BRING_IN),
        ),
        Endpoint(
            "DELETE",
            f"{one}/participants/{{account_id}}",
            "Let a colleague go, or leave: `me`",
            let_go,
            ConversationReply,
            Access.AGENT,
            rule=rule(Action.BRING_IN),
        ),
        Endpoint(
            "POST",
            f"{one}/close",
            "Mark as done",
            close,
            ConversationReply,
            Access.AGENT,
            body=Empty,
            rule=rule(Action.CLOSE),
        ),
        Endpoint(
            "POST",
            f"{one}/reopen",
            "Mark as not done",
            reopen,
            ConversationReply,
            Access.AGENT,
            body=Empty,
            rule=rule(Action.REOPEN),
        ),
    )
