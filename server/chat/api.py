"""Support chat over HTTP."""

from collections.abc import Sequence

from server.chat.markup import Rendered
from server.chat.model import Action, Conversation, Message, rule
from server.chat.rows import Rows, shown_in
from server.chat.schemas import (
    ConversationPage,
    ConversationQuery,
    ConversationReply,
    MessagePage,
    MessageQuery,
    MessageReply,
    NewConversation,
    NewMessage,
    conversation_out,
    message_out,
    messages_out,
)
from server.chat.service import ChatService
from server.kernel.actor import Actor
from server.kernel.cursors import number_cursor, number_place
from server.web.endpoint import Access, Call, Encoded, Endpoint, Reply


def endpoints(service: ChatService, rendered: Rendered, rows: Rows) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def reply(actor: Actor, conversation: Conversation) -> ConversationReply:
        people = await service.people([conversation])
        view = service.view(actor, conversation)
        return ConversationReply(conversation=conversation_out(conversation, people, view, actor.account_id))

    async def page(messages: list[Message], last_seq: int) -> MessagePage:
        authors = await service.authors(messages)
        return MessagePage(items=await messages_out(messages, authors, rendered), last_seq=last_seq)

    async def open_conversation(call: Call) -> ConversationReply:
        return await reply(call.actor, await service.open_conversation(call.actor, call.body.subject))

    async def list_conversations(call: Call) -> Reply:
        query: ConversationQuery = call.query
        assignee = call.actor.account_id if query.assignee == "me" else query.assignee
        found = await service.list_conversations(
            call.actor,
            status=query.status,
            assignee_id=assignee,
            before_number=number_place(query.cursor),
            limit=query.limit,
        )
        listed = [(item, service.view(call.actor, item)) for item in found.items]
        people = await service.named({name for item, view in listed for name in shown_in(item, view)})
        next_cursor = number_cursor(found.next_number)
        return Reply(Encoded(rows.page(listed, people, call.actor.account_id, next_cursor)))

    async def get_conversation(call: Call) -> ConversationReply:
        return await reply(call.actor, await service.get_conversation(call.actor, call.path["id"]))

    async def list_messages(call: Call) -> MessagePage:
        query: MessageQuery = call.query
        if query.after_seq is not None:
            messages, last_seq = await service.join(call.actor, call.path["id"], query.after_seq)
            return await page(messages[: query.limit], last_seq)
        return await page(*await service.messages_before(call.actor, call.path["id"], query.before_seq, query.limit))

    async def send(call: Call) -> Reply:
        body: NewMessage = call.body
        message, is_new = await service.send(
            call.actor,
            call.path["id"],
            body.client_message_id,
            body.text,
            reply_to=body.reply_to,
            attachment_ids=body.attachment_ids,
        )
        shown = message_out(message, call.actor, await rendered.of(message))
        return Reply(MessageReply(message=shown), status=201 if is_new else 200)

    one = "/api/v1/conversations/{id}"
    return (
        Endpoint(
            "POST",
            "/api/v1/conversations",
            "Begin a conversation",
            open_conversation,
            ConversationReply,
            Access.CUSTOMER,
            body=NewConversation,
            status=201,
        ),
        Endpoint(
            "GET",
            "/api/v1/conversations",
            "Conversations that the caller may see, newest first",
            list_conversations,
            ConversationPage,
            query=ConversationQuery,
        ),
        Endpoint(
            "GET",
            one,
            "One conversation, without its messages; of what one does not take part in, its row in the queue",
            get_conversation,
            ConversationReply,
            rule=rule(Action.LIST),
        ),
        Endpoint(
            "GET",
            f"{one}/messages",
            "Messages, ascending by seq",
            list_messages,
            MessagePage,
            query=MessageQuery,
            rule=rule(Action.READ),
        ),
        Endpoint(
            "POST",
            f"{one}/messages",
            "Send a message; the same client_message_id again gives the first",
            send,
            MessageReply,
            body=NewMessage,
            status=201,
            other_status=200,
            rule=rule(Action.POST),
            network_limit="message_network",
        ),
    )
