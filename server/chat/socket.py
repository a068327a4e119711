"""Support chat over Socket.IO: what clients may say, and how events look to them."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from server.chat.events import (
    ConversationChanged,
    MessageChanged,
    MessageCorrected,
    MessagePosted,
    MessagesDelivered,
    MessagesRead,
    TypingChanged,
)
from server.chat.markup import Rendered
from server.chat.model import Action, Conversation, Message, View, rule
from server.chat.schemas import (
    DeliveredUpTo,
    JoinConversation,
    JoinReply,
    ReadUpTo,
    SendMessage,
    Typing,
    conversation_out,
    message_event,
    messages_out,
)
from server.chat.service import ChatService
from server.kernel.actor import Actor
from server.kernel.errors import NotFound, NotPermitted, Unavailable
from server.realtime.events import AGENTS_ROOM, ClientEvent, Connection, Emission, account_room
from server.realtime.fanout import Fanout
from server.realtime.sockets import Sockets

_PREFIX = "conversation:"
_MOST_TOLD = 512


def room_of(conversation_id: str) -> str:
    """The room of those who have a conversation open."""
    return _PREFIX + conversation_id


class ChatSocket:
    """Chat's events in both directions."""

    def __init__(self, service: ChatService, sockets: Sockets, rendered: Rendered) -> None:
        self._service = service
        self._rendered = rendered
        self._sockets = sockets
        self._told: OrderedDict[tuple[str, int, int], dict[str, Any]] = OrderedDict()
        """What was just told of a message, until its sender's answer says the same."""
        sockets.on_left(self._on_left)

    def events(self) -> Sequence[ClientEvent]:
        """Declare what clients may say."""
        return (
            ClientEvent("chat:join", JoinConversation, self._join, rule(Action.READ)),
            ClientEvent("chat:send", SendMessage, self._send, rule(Action.POST), network_limit="message_network"),
            ClientEvent("chat:delivered", DeliveredUpTo, self._delivered, rule(Action.POST)),
            ClientEvent("chat:read", ReadUpTo, self._read, rule(Action.POST)),
            ClientEvent("chat:typing", Typing, self._typing, rule(Action.POST)),
        )

    def translate(self, fanout: Fanout) -> None:
        """Say how chat's events look on the wire."""
        fanout.translate(MessagePosted, self._message_posted)
        fanout.translate(MessageChanged, self._message_changed)
        fanout.translate(MessageCorrected, self._message_corrected)
        fanout.translate(ConversationChanged, self._conversation_changed)
        fanout.translate(MessagesDelivered, self._messages_delivered)
        fanout.translate(MessagesRead, self._messages_read)
        fanout.translate(TypingChanged, self._typing_changed)

    # --- from clients ----------------------------------------------------------------------------------------------

    async def _join(self, connection: Connection, command: JoinConversation) -> dict[str, Any]:
        """Enter first, then read: what is posted in between is in both and never in neither.

        Who only reads by way of exception is not shown as present: they are not there to answer.
        """
        conversation = await self._service.require_entry(connection.actor, command.conversation_id)
        room = room_of(command.conversation_id)
        first = await self._sockets.enter(connection, room)
        try:
            messages, last_seq = await self._service.join(connection.actor, command.conversation_id, command.after_seq)
            changed = await self._service.changed(conversation, command.changes, command.after_seq)
        except (NotFound, NotPermitted, Unavailable):
            # Lost in between, or not written down in the access log: no place in the room either.
            await self._sockets.leave(connection, room)
            raise
        if first and self._takes_part(connection, conversation):
            await self._sockets.emit(_presence(room, command.conversation_id, connection, online=True))
        authors = await self._service.authors([*messages, *(changed or ())])
        reply = JoinReply(
            messages=await messages_out(messages, authors, self._rendered),
            last_seq=last_seq,
            has_more=bool(messages) and messages[-1].seq < last_seq,
            # As it was before the messages were read: at worst it is too low, and they are read once more.
            corrections=conversation.corrections,
            changes=conversation.changes,
            changed=None if changed is None else await messages_out(changed, authors, self._rendered),
            online=sorted(
                {
                    member.actor.account_id
                    for member in self._sockets.members(room)
                    if self._takes_part(member, conversation)
                }
            ),
        )
        return reply.model_dump(mode="json")

    async def _send(self, connection: Connection, command: SendMessage) -> dict[str, Any]:
        message, _ = await self._service.send(
            connection.actor,
            command.conversation_id,
            command.client_message_id,
            command.text,
            reply_to=command.reply_to,
            attachment_ids=command.attachment_ids,
        )
        told = self._told.pop((message.conversation_id, message.seq, message.version), None)
        return {"message": told if told is not None else await self._event(message, connection.actor)}

    async def _delivered(self, connection: Connection, command: DeliveredUpTo) -> dict[str, Any]:
        await self._service.mark_delivered(connection.actor, command.conversation_id, command.seq)
        return {}

    async def _read(self, connection: Connection, command: ReadUpTo) -> dict[str, Any]:
        await self._service.mark_read(connection.actor, command.conversation_id, command.seq)
        return {}

    async def _typing(self, connection: Connection, command: Typing) -> dict[str, Any]:
        await self._service.set_typing(connection.actor, command.conversation_id, command.typing)
        return {}

    async def _on_left(self, connection: Connection, room: str) -> None:
        """Tell that an account is gone once its last connection has left."""
        if room.startswith(_PREFIX) and not self._sockets.is_present(room, connection.actor.account_id):
            await self._sockets.emit(_presence(room, room.removeprefix(_PREFIX), connection, online=False))

    # --- to clients ------------------------------------------------------------------------------------------------

    async def _message_posted(self, event: MessagePosted) -> Sequence[Emission]:
        message = event.message
        shown = await self._event(message, event.author)
        self._told[message.conversation_id, message.seq, message.version] = shown
        if len(self._told) > _MOST_TOLD:
            self._told.popitem(last=False)
        return (Emission(room_of(message.conversation_id), "chat:message", {"message": shown}),)

    async def _event(self, message: Message, author: Actor) -> dict[str, Any]:
        return message_event(message, author, await self._rendered.of(message) if message.marked else None)

    async def _message_changed(self, event: MessageChanged) -> Sequence[Emission]:
        data = {"message": await self._event(event.message, event.author), "changes": event.changes}
        return (Emission(room_of(event.message.conversation_id), "chat:changed", data),)

    async def _message_corrected(self, event: MessageCorrected) -> Sequence[Emission]:
        data = {"message": await self._event(event.message, event.author), "corrections": event.corrections}
        return (Emission(room_of(event.message.conversation_id), "chat:corrected", data),)

    async def _messages_delivered(self, event: MessagesDelivered) -> Sequence[Emission]:
        data = {"conversation_id": event.conversation_id, "account_id": event.account_id, "seq": event.seq}
        return (Emission(room_of(event.conversation_id), "chat:delivered", data),)

    async def _messages_read(self, event: MessagesRead) -> Sequence[Emission]:
        data = {"conversation_id": event.conversation_id, "account_id": event.account_id, "seq": event.seq}
        return (Emission(room_of(event.conversation_id), "chat:read", data),)

    async def _typing_changed(self, event: TypingChanged) -> Sequence[Emission]:
        data = {"conversation_id": event.conversation_id, "account_id": event.account_id, "typing": event.typing}
        return (Emission(room_of(event.conversation_id), "chat:typing", data),)

    async def _conversation_changed(self, event: ConversationChanged) -> Sequence[Emission]:
        """Tell those who may read it all of it, and the queue, where it is new to it, what the queue shows."""
        conversation = event.conversation
        if not event.progress:
            await self._show_out(conversation)
        people = await self._service.people([conversation])
        # As they are now: who has another role since takes part no more, though the record still names them.
        full = {who for who, actor in people.items() if self._service.view(actor, conversation) is View.FULL}
        reading = set(self._service.readers(conversation)) - full
        emissions: list[Emission] = []
        for view, accounts in ((View.FULL, full), (View.READING, reading)):
            if accounts:
                data = self._updated(conversation, people, view)
                emissions += [Emission(account_room(who), "chat:updated", data) for who in sorted(accounts)]
        if event.queue:
            data = self._updated(conversation, people, View.ROW)
            emissions.append(Emission(AGENTS_ROOM, "chat:updated", data, skip_accounts=frozenset(full | reading)))
        return emissions

    @staticmethod
    def _updated(conversation: Conversation, people: dict[str, Actor], view: View) -> dict[str, Any]:
        return {"conversation": conversation_out(conversation, people, view).model_dump(mode="json")}

    def _takes_part(self, connection: Connection, conversation: Conversation) -> bool:
        return self._service.view(connection.actor, conversation) is View.FULL

    async def _show_out(self, conversation: Conversation) -> None:
        """Whoever may no longer read the conversation leaves its room, and is told to forget what they have of it."""
        room = room_of(conversation.id)
        for member in self._sockets.members(room):
            if not self._service.may_read(member.actor, conversation):
                await self._sockets.leave(member, room)
                await self._sockets.tell(member, "chat:left", {"conversation_id": conversation.id})


def _presence(room: str, conversation_id: str, connection: Connection, *, online: bool) -> Emission:
    data = {"conversation_id": conversation_id, "account_id": connection.actor.account_id, "online": online}
    return Emission(room, "presence", data, skip_sid=connection.sid)
