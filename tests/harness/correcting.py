"""What takes part in a correction, on the real store and behind the real gate. Its process may end at any step."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from nlp.labels import Label
from nlp.pool import RedactorPool
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.chat.corrections import Corrected, Corrections
from server.chat.events import MessageCorrected
from server.chat.hiding import Hiding
from server.chat.live import LiveConversation
from server.chat.model import Conversation, Message, Status, View
from server.chat.registry import LiveConversations
from server.chat.store import CHAT_COLLECTIONS, MongoChatStore
from server.chat.writer import Draft, MessageWriter
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound
from server.kernel.events import Event
from server.kernel.text import Numbering, RawText
from server.limits import Unlimited
from server.signals.service import SignalService
from server.signals.store import SIGNAL_COLLECTIONS, MongoSignalStore
from server.storage.mongo import Database
from server.storage.schema import apply

KEY = bytes(range(32))
CUSTOMER = Actor("customer", Role.CUSTOMER, "", "Toko Contoh")
AGENT = Actor("agent", Role.AGENT, "", "Petugas")
OTHER = Actor("other", Role.CUSTOMER, "", "Orang lain")
OFFICER = Actor("officer", Role.PRIVACY_OFFICER, "", "Petugas privasi")
TALK = "talk"


class Heard:
    """Keeps what happened."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def publish(self, events: Sequence[Event]) -> None:
        """Keep it."""
        self.events += events

    @property
    def corrected(self) -> list[MessageCorrected]:
        """The corrections, in order."""
        return [event for event in self.events if isinstance(event, MessageCorrected)]


class People:
    """Everybody reads everything: who may is not this suite's affair. But there is only one conversation."""

    async def require_reader(self, _: Actor, conversation_id: str) -> Conversation:
        """Let them."""
        if conversation_id != TALK:
            raise NotFound
        return CONVERSATION

    def view(self, _: Actor, __: Conversation) -> View:
        """All of it."""
        return View.FULL

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        """Those who are asked for."""
        everybody = {actor.account_id: actor for actor in (CUSTOMER, AGENT, OTHER)}
        return {account_id: everybody[account_id] for account_id in account_ids if account_id in everybody}


class Crash(BaseException):
    """The process ends."""


class Mortal(MongoChatStore):
    """A store whose process ends before one of its commands is given."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.left: int | None = None

    def _step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Crash

    async def begin_hiding(self, hiding: Hiding) -> None:
        self._step()
        await super().begin_hiding(hiding)

    async def teach(self, *arguments: Any) -> None:
        self._step()
        await super().teach(*arguments)

    async def rewrite(self, messages: Sequence[Message]) -> list[Message]:
        self._step()
        return await super().rewrite(messages)

    async def count_corrections(self, conversation_id: str, more: int) -> int:
        self._step()
        return await super().count_corrections(conversation_id, more)

    async def rewrite_subject(self, *arguments: Any) -> bool:
        self._step()
        return await super().rewrite_subject(*arguments)

    async def end_hiding(self, hiding_id: str) -> None:
        self._step()
        await super().end_hiding(hiding_id)


CONVERSATION = Conversation(
    TALK, 1, None, (), Status.OPEN, "customer", None, 0, None, None, datetime(2026, 3, 1, tzinfo=UTC)
)


def now() -> datetime:
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Chat:
    """The parts of chat that take part in a correction."""

    def __init__(self, database: Database, pool: RedactorPool) -> None:
        self.heard = Heard()
        self.store = Mortal(database)
        self.audit = AuditTrail(MongoAuditStore(database), KEY)
        self.intake = Intake(pool, KEY)
        self.writer = MessageWriter(self.store, self.audit, self.heard)
        self.registry = LiveConversations(self.store, self.audit, self.heard, alone=True)
        self.signals = SignalService(MongoSignalStore(database), KEY, "names-1-0", now)
        people = People()
        self.corrections = Corrections(
            self.store,
            people,
            self.registry,
            self.writer,
            self.intake,
            self.audit,
            self.heard,
            people,
            self.signals,
            Unlimited(),
            now,
        )

    async def live(self) -> LiveConversation:
        """The conversation."""
        return await self.registry.get(TALK)

    async def send(self, text: str, actor: Actor = CUSTOMER, *, key: str | None = None) -> Message:
        """Store a message, the way the service does."""
        live = await self.live()
        taught = live.taught
        template = await self.intake.admit(RawText(text), scope=TALK, taught=taught)
        outcome: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        key = key or f"k{live.next_seq}-{len(self.heard.events)}"
        live.remember_sending((actor.account_id, key), outcome)
        while taught is not live.taught:
            taught = live.taught
            template = await self.intake.cover(template, TALK, taught)
        self.writer.submit(Draft(live, actor, key, template, now(), outcome))
        message = await outcome
        self.registry.touch(live)
        return message

    async def hide(
        self, seq: int, piece: str, label: Label = Label.PERSON, *, actor: Actor = AGENT, revision: int = 0
    ) -> Corrected:
        """Hide a piece of a message by what it is."""
        [message] = await self.store.messages(TALK, seq - 1, seq)
        start = message.text.value.index(piece)
        return await self.corrections.hide(actor, TALK, seq, revision, start, start + len(piece), label)

    async def texts(self) -> list[str]:
        """All that is stored."""
        live = await self.live()
        return [message.text.value for message in await self.store.messages(TALK, 0, live.conversation.last_seq)]


@asynccontextmanager
async def running_chat(database: Database, pool: RedactorPool) -> AsyncIterator[Chat]:
    """The parts, started; at the end everything they do in the background is done."""
    chat = Chat(database, pool)
    chat.writer.start()
    await chat.registry.start()
    await chat.corrections.start()
    try:
        yield chat
    finally:
        await chat.corrections.close()
        await chat.writer.close()
        await chat.registry.close()
        await chat.audit.close()


async def store_conversation(database: Database, pool: RedactorPool) -> None:
    """Store the one conversation, whose subject is `perihal jendela`."""
    await apply(database, (*AUDIT_COLLECTIONS, *CHAT_COLLECTIONS, *SIGNAL_COLLECTIONS))
    store = MongoChatStore(database)
    template = await Intake(pool, KEY).admit(RawText("perihal jendela"), scope=TALK)
    numbered = template.fill(Numbering())
    assert numbered.text.value == "perihal jendela"
    conversation = Conversation(
        TALK, 1, numbered.text, (), Status.OPEN, "customer", None, 0, None, None, datetime(2026, 3, 1, tzinfo=UTC)
    )
    await store.insert_conversation(conversation, {})
