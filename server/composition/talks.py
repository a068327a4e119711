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
from server.composition.identity import Ground, Identity
from server.composition.telling import TELLING_COLLECTIONS, Telling, open_telling
from server.hours import api as hours_api
from server.hours.service import SupportHours
from server.hours.store import HOURS_COLLECTIONS, MongoHoursStore
from server.intake import Intake
from server.kernel.attached import Attachments
from server.kernel.disclosure import Passes
from server.kernel.ports import Consents
from server.kernel.relay import Relay
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
from server.signals import api as signals_api
from server.signals.service import SignalService
from server.signals.store import SIGNAL_COLLECTIONS, MongoSignalStore
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
    audit, limiter, clock = ground.audit, ground.limiter, ground.clock
    accounts = identity.accounts
    async with AsyncExitStack() as stack:
        base = await _base(stack, ground, identity, fanout, attachments)
        store, live, reach, writer, relay = base.store, base.live, base.reach, base.writer, base.relay
        custody = Custody(store, live, reach, audit, relay, identity.staff, clock)
        chat = _chat(ground, identity, intake, consents, base, attachments)
        changes = Changes(
            store, reach, live, writer, intake, audit, relay, accounts, consents, limiter, clock, attachments
        )
        ratings = Ratings(store, reach, live, writer, intake, audit, relay, accounts, consents, limiter, clock)
        numbers = Numbers(live, writer, store)
        naming = Naming(store, reach, live, numbers, intake, audit, relay, accounts, consents, limiter, clock)
        adoptions = Adoptions(store, identity.sessions, live, writer, audit, relay, accounts, limiter, clock)
        adoptions.bring(base.access_log)
        hours = await _hours(ground, base)
        transcripts = Transcripts(
            store, reach, live, accounts, identity.correspondence, audit, limiter, clock, lambda: hours.hours.zone
        )
        await _begin(stack, chat, base, sockets, fanout)
        if ground.settings.chat_mail_minutes:
            await _mind_silences(stack, ground, identity, base)
        signals = SignalService(MongoSignalStore(ground.database), ground.keyring.derive("signals"), release(), clock)
        corrections = Corrections(store, chat, live, writer, intake, audit, relay, accounts, signals, limiter, clock)
        stack.push_async_callback(corrections.close)
        await corrections.start()
        break_glass = await _break_glass(stack, ground, identity, intake, passes, chat, base)
        yield Talks(
            chat,
            corrections,
            signals,
            custody,
            base.telling,
            base.access_log,
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
            base.rendered,
            base.rows,
            ratings,
            hours,
            adoptions,
            transcripts,
        )


@dataclass(frozen=True, slots=True)
class _Base:
    """What everything around conversations stands on."""

    telling: Telling
    access_log: AccessLog
    register: Register
    reach: Reach
    relay: Relay
    store: MongoChatStore
    live: LiveConversations
    heads: Heads | None
    writer: MessageWriter
    rendered: Rendered
    rows: Rows


async def _base(
    stack: AsyncExitStack, ground: Ground, identity: Identity, fanout: Fanout, attachments: Attachments | None
) -> _Base:
    """Who looked, who is told, what is stored and what of it is in memory."""
    access_log = AccessLog(MongoLookStore(ground.database), ground.audit, ground.limiter, ground.clock)
    access_log.start()
    stack.push_async_callback(access_log.close)
    telling = await stack.enter_async_context(open_telling(ground, identity, fanout))
    telling.notices.lead("conversation", _own_access)
    telling.notices.lead("break_glass", _office)
    register = Register(ground.clock)
    relay = Relay(fanout)
    store = MongoChatStore(ground.database)
    # Where there may be other servers, what they write is not known here.
    alone = not ground.settings.mongo_url
    live = LiveConversations(store, ground.audit, relay, alone=alone)
    heads = Heads(store, live.current) if alone else None
    if heads is not None:
        relay.listen(ConversationChanged, heads.hear)
        await heads.start()
    writer = MessageWriter(store, ground.audit, relay, attachments)
    rendered, rows = Rendered(), Rows()
    rendered.on_forget(rows.forget)
    reach = Reach(register, access_log)
    return _Base(telling, access_log, register, reach, relay, store, live, heads, writer, rendered, rows)


def _chat(
    ground: Ground,
    identity: Identity,
    intake: Intake,
    consents: Consents,
    base: _Base,
    attachments: Attachments | None,
) -> ChatService:
    """The chat itself."""
    return ChatService(
        base.store,
        base.live,
        base.reach,
        base.writer,
        intake,
        ground.audit,
        base.relay,
        identity.accounts,
        consents,
        ground.limiter,
        ground.clock,
        attachments,
        base.heads,
    )


async def _hours(ground: Ground, base: _Base) -> SupportHours:
    """When somebody is there, and how long first answers take."""
    hours = SupportHours(MongoHoursStore(ground.database), Hours(), ground.audit, ground.clock)
    await hours.start()
    base.relay.listen(MessagePosted, _learning(base.live, hours))
    return hours


async def _begin(stack: AsyncExitStack, chat: ChatService, base: _Base, sockets: Sockets, fanout: Fanout) -> None:
    """Let the chat work, and live connections reach it."""
    chat_socket = ChatSocket(chat, sockets, base.rendered)
    sockets.declare(chat_socket.events())
    chat_socket.translate(fanout)
    stack.push_async_callback(chat.close)
    await chat.start()


async def _mind_silences(stack: AsyncExitStack, ground: Ground, identity: Identity, base: _Base) -> None:
    """Tell customers by mail of answers that they did not read."""
    patience = timedelta(minutes=ground.settings.chat_mail_minutes)
    notices = base.telling.notices
    notices.lead(_TALK, _talk_page)
    silences = Silences(base.store, base.live, _Told(notices), identity.accounts, ground.clock, patience)
    base.relay.listen(MessagePosted, silences.posted)
    base.relay.listen(MessagesRead, silences.read)
    stack.push_async_callback(silences.close)
    await silences.start()


async def _break_glass(
    stack: AsyncExitStack,
    ground: Ground,
    identity: Identity,
    intake: Intake,
    passes: Passes,
    chat: ChatService,
    base: _Base,
) -> BreakGlassService:
    """Reading by way of exception."""
    break_glass = BreakGlassService(
        MongoGlassStore(ground.database),
        base.register,
        chat,
        intake,
        base.access_log,
        base.telling.notices,
        identity.staff,
        passes,
        ground.audit,
        ground.limiter,
        ground.clock,
    )
    stack.push_async_callback(break_glass.close)
    await break_glass.start()
    identity.staff.on_changed(break_glass.holder_changed)
    return break_glass


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
