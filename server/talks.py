"""Builds everything about conversations: the chat, in whose hands each is, who looked, and by way of what exception.

For `parts` only.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from nlp.release import release
from server.chat import adoption_api, changes_api, corrections_api, hands_api, naming_api, rating_api
from server.chat import api as chat_api
from server.chat.adoption import Adoptions
from server.chat.changes import Changes
from server.chat.corrections import Corrections
from server.chat.custody import Custody
from server.chat.events import ConversationChanged, MessagePosted, MessagesRead
from server.chat.heads import Heads
from server.chat.markup import Rendered
from server.chat.model import Conversation
from server.chat.naming import Naming
from server.chat.numbers import Numbers
from server.chat.rating import Ratings
from server.chat.reach import Reach
from server.chat.registry import LiveConversations
from server.chat.rows import Rows
from server.chat.service import ChatService
from server.chat.silence import Silences
from server.chat.socket import ChatSocket
from server.chat.store import CHAT_COLLECTIONS, MongoChatStore
from server.chat.transcript import Transcripts
from server.chat.writer import MessageWriter
from server.hours import api as hours_api
from server.hours.service import SupportHours
from server.hours.store import HOURS_COLLECTIONS, MongoHoursStore
from server.identity import Ground, Identity
from server.intake import Intake
from server.kernel.attached import Attachments
from server.kernel.disclosure import Passes
from server.kernel.ports import Consents
from server.kernel.worktime import Hours
from server.notices import api as notices_api
from server.notices.model import Kind
from server.notices.service import Notices
from server.privacy import access_api
from server.privacy.access_log import AccessLog
from server.privacy.break_glass import BreakGlassService
from server.privacy.glass import Register
from server.privacy.store import MongoGlassStore, MongoLookStore
from server.realtime.fanout import Fanout
from server.realtime.sockets import Sockets
from server.relay import Relay
from server.signals import api as signals_api
from server.signals.service import SignalService
from server.signals.store import SIGNAL_COLLECTIONS, MongoSignalStore
from server.telling import TELLING_COLLECTIONS, Telling, open_telling
from server.web.endpoint import Endpoint

_TALK = "talk"
"""What notices of answers are about; those about `conversation` lead to the access log."""

TALK_COLLECTIONS = (*CHAT_COLLECTIONS, *HOURS_COLLECTIONS, *TELLING_COLLECTIONS, *SIGNAL_COLLECTIONS)


@dataclass(frozen=True, slots=True)
class Talks:
    """The running services around conversations."""

    chat: ChatService
    corrections: Corrections
    signals: SignalService
    custody: Custody
    telling: Telling
    access_log: AccessLog
    break_glass: BreakGlassService
    identity: Identity
    relay: Relay
    numbers: Numbers
    naming: Naming
    store: MongoChatStore
    live: LiveConversations
    writer: MessageWriter
    reach: Reach
    changes: Changes
    rendered: Rendered
    rows: Rows
    ratings: Ratings
    hours: SupportHours
    adoptions: Adoptions
    transcripts: Transcripts

    @property
    def notices(self) -> Notices:
        """What people are told."""
        return self.telling.notices

    async def conversation(self, conversation_id: str) -> Conversation:
        """Give a conversation as it is now, whoever asks.

        Raises:
            NotFound: there is none.
        """
        return (await self.live.get(conversation_id)).conversation

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return (
            *chat_api.endpoints(self.chat, self.rendered, self.rows),
            *changes_api.endpoints(self.changes, self.rendered),
            *corrections_api.endpoints(self.corrections, self.rendered),
            *signals_api.endpoints(self.signals),
            *hands_api.endpoints(self.chat, self.custody),
            *naming_api.endpoints(self.chat, self.naming),
            *rating_api.endpoints(self.chat, self.ratings, self.transcripts),
            *hours_api.endpoints(self.hours),
            *adoption_api.endpoints(self.adoptions),
            *access_api.endpoints(self.access_log, self.break_glass, self.identity.accounts),
            *notices_api.endpoints(self.notices, self.telling.push),
        )


@asynccontextmanager
async def open_talks(
    ground: Ground,
    identity: Identity,
    intake: Intake,
    consents: Consents,
    sockets: Sockets,
    fanout: Fanout,
    passes: Passes,
    attachments: Attachments | None = None,
) -> AsyncIterator[Talks]:
    """Build and start them; stop them in reverse order.

    Args:
        ground: what they stand on.
        identity: knows people.
        intake: the gate.
        consents: knows for what a person's words may be used.
        sockets: the live connections.
        fanout: hands live news on.
        passes: knows who has learnt how to keep data safe.
        attachments: knows files; without it nobody sends any.

    Raises:
        Unavailable: the store does not answer.
    """
    database, audit, limiter, clock = ground.database, ground.audit, ground.limiter, ground.clock
    async with AsyncExitStack() as stack:
        access_log = AccessLog(MongoLookStore(database), audit, limiter, clock)
        access_log.start()
        stack.push_async_callback(access_log.close)
        telling = await stack.enter_async_context(open_telling(ground, identity, fanout))
        notices = telling.notices
        notices.lead("conversation", _own_access)
        notices.lead("break_glass", _office)
        register = Register(clock)
        reach = Reach(register, access_log)
        relay = Relay(fanout)
        store = MongoChatStore(database)
        # Where there may be other servers, what they write is not known here.
        alone = not ground.settings.mongo_url
        live = LiveConversations(store, audit, relay, alone=alone)
        heads = Heads(store, live.current) if alone else None
        if heads is not None:
            relay.listen(ConversationChanged, heads.hear)
            await heads.start()
        writer = MessageWriter(store, audit, relay, attachments)
        rendered, rows = Rendered(), Rows()
        rendered.on_forget(rows.forget)
        custody = Custody(store, live, reach, audit, relay, identity.staff, clock)
        chat = ChatService(
            store,
            live,
            reach,
            writer,
            intake,
            audit,
            relay,
            identity.accounts,
            consents,
            limiter,
            clock,
            attachments,
            heads,
        )
        changes = Changes(
            store, reach, live, writer, intake, audit, relay, identity.accounts, consents, limiter, clock, attachments
        )
        ratings = Ratings(store, reach, live, writer, intake, audit, relay, identity.accounts, consents, limiter, clock)
        numbers = Numbers(live, writer, store)
        naming = Naming(store, reach, live, numbers, intake, audit, relay, identity.accounts, consents, limiter, clock)
        adoptions = Adoptions(store, identity.sessions, live, writer, audit, relay, identity.accounts, limiter, clock)
        adoptions.bring(access_log)
        hours = SupportHours(MongoHoursStore(database), Hours(), audit, clock)
        await hours.start()
        relay.listen(MessagePosted, _learning(live, hours))
        transcripts = Transcripts(
            store,
            reach,
            live,
            identity.accounts,
            identity.correspondence,
            audit,
            limiter,
            clock,
            lambda: hours.hours.zone,
        )
        chat_socket = ChatSocket(chat, sockets, rendered)
        sockets.declare(chat_socket.events())
        chat_socket.translate(fanout)
        stack.push_async_callback(chat.close)
        await chat.start()
        if ground.settings.chat_mail_minutes:
            patience = timedelta(minutes=ground.settings.chat_mail_minutes)
            notices.lead(_TALK, _talk_page)
            silences = Silences(store, live, _Told(notices), identity.accounts, clock, patience)
            relay.listen(MessagePosted, silences.posted)
            relay.listen(MessagesRead, silences.read)
            stack.push_async_callback(silences.close)
            await silences.start()
        signals = SignalService(MongoSignalStore(database), ground.keyring.derive("signals"), release(), clock)
        corrections = Corrections(
            store, chat, live, writer, intake, audit, relay, identity.accounts, signals, limiter, clock
        )
        stack.push_async_callback(corrections.close)
        await corrections.start()
        break_glass = BreakGlassService(
            MongoGlassStore(database),
            register,
            chat,
            intake,
            access_log,
            notices,
            identity.staff,
            passes,
            audit,
            limiter,
            clock,
        )
        stack.push_async_callback(break_glass.close)
        await break_glass.start()
        identity.staff.on_changed(break_glass.holder_changed)
        yield Talks(
            chat,
            corrections,
            signals,
            custody,
            telling,
            access_log,
            break_glass,
            identity,
            relay,
            numbers,
            naming,
            store,
            live,
            writer,
            reach,
            changes,
            rendered,
            rows,
            ratings,
            hours,
            adoptions,
            transcripts,
        )


def _learning(live: LiveConversations, hours: SupportHours) -> Callable[[MessagePosted], Awaitable[None]]:
    """Tell the hours of each first answer."""

    async def posted(event: MessagePosted) -> None:
        if not event.author.is_staff:
            return
        conversation = (await live.get(event.message.conversation_id)).conversation
        asked, answered = conversation.first_asked_at, conversation.first_answer_at
        if asked is not None and answered == event.message.created_at:
            await hours.answered(conversation.id, asked, answered)

    return posted


class _Told:
    """Fills `chat.silence.Caller` by notices."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def tell(self, account_id: str, conversation_id: str) -> None:
        """See `Caller`."""
        await self._notices.tell([account_id], Kind.CHAT_ANSWER, _TALK, conversation_id)

    async def settle(self, account_id: str, conversation_id: str) -> None:
        """See `Caller`."""
        await self._notices.settle(account_id, Kind.CHAT_ANSWER, _TALK, conversation_id)


async def _talk_page(conversation_id: str) -> str:
    """The page opens it to whose it is, once they have signed in; the id opens nothing by itself."""
    return f"/widget?conversation={conversation_id}"


async def _own_access(_conversation_id: str) -> str:
    """Who looked at what is one's own is on the account page."""
    return "/akun#access"


async def _office(_item_id: str) -> str:
    return "/desk"
