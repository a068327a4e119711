"""Changing what was sent, over HTTP: edit, delete, react."""

from collections.abc import Sequence

from server.chat.changes import Changes
from server.chat.corrections_api import place_in
from server.chat.markup import Rendered
from server.chat.model import Action, Message, rule
from server.chat.schemas import MessageChange, MessageReply, message_out
from server.kernel.actor import Actor
from server.web.endpoint import Call, Endpoint


def endpoints(changes: Changes, rendered: Rendered) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def reply(message: Message) -> MessageReply:
        author: Actor | None = await changes.author(message)
        return MessageReply(message=message_out(message, author, await rendered.of(message)))

    def of(call: Call) -> tuple[str, int]:
        return call.path["id"], place_in(call.path["seq"])

    async def edit(call: Call) -> MessageReply:
        body: MessageChange = call.body
        return await reply(
            await changes.edit(call.actor, call.path["id"], place_in(call.path["seq"]), body.revision, body.text)
        )

    async def delete(call: Call) -> MessageReply:
        return await reply(await changes.delete(call.actor, *of(call)))

    async def give(call: Call) -> MessageReply:
        emoji = call.path["emoji"]
        return await reply(
            await changes.react(call.actor, call.path["id"], place_in(call.path["seq"]), emoji, given=True)
        )

    async def take_back(call: Call) -> MessageReply:
        emoji = call.path["emoji"]
        return await reply(
            await changes.react(call.actor, call.path["id"], place_in(call.path["seq"]), emoji, given=False)
        )

    one = "/api/v1/conversations/{id}/messages/{seq}"
    return (
        Endpoint(
            "PATCH",
            one,
            "Give a message of one's own another text; a newer revision is a conflict",
            edit,
            MessageReply,
            body=MessageChange,
            rule=rule(Action.POST),
            network_limit="message_network",
        ),
        Endpoint(
            "DELETE",
            one,
            "Delete a message: one's own, or as the one who has the conversation",
            delete,
            MessageReply,
            rule=rule(Action.POST),
        ),
        Endpoint(
            "PUT",
            f"{one}/reactions/{{emoji}}",
            "Give a message a reaction: one emoji",
            give,
            MessageReply,
            rule=rule(Action.POST),
        ),
        Endpoint(
            "DELETE",
            f"{one}/reactions/{{emoji}}",
            "Take a reaction back",
            take_back,
            MessageReply,
            rule=rule(Action.POST),
        ),
    )
