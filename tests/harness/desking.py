"""The desk on a real store without HTTP; several of them are several processes, and one that is dropped was killed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from server.accounts.model import Account
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.chat.custody import Custody
from server.chat.events import ConversationChanged, MessagePosted
from server.chat.model import Conversation, Message, Status
from server.chat.reach import Reach
from server.chat.registry import LiveConversations
from server.chat.store import CHAT_COLLECTIONS, MongoChatStore
from server.desk.agents import Agents
from server.desk.case_store import CASE_COLLECTIONS, MongoCaseStore
from server.desk.cases import Cases
from server.desk.model import Availability
from server.desk.office_store import OFFICE_COLLECTIONS, MongoOfficeStore
from server.desk.settings import DeskSettings
from server.desk.steps import Steps
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.feast_days import FeastDays
from server.kernel.ids import new_id
from server.kernel.relay import Relay
from server.kernel.text import Numbering, template_of
from server.kernel.worktime import Calendar, Hours, Span
from server.privacy.glass import Register
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.correcting import Heard
from tests.harness.listening import Nothing

KEY = bytes(range(32))
ALWAYS = Calendar(Hours("UTC", ((Span(0, 1440),),) * 7, "", {}), FeastDays(""))
START = datetime(2026, 11, 23, 1, tzinfo=UTC)
CUSTOMER = Actor("pelanggan", Role.CUSTOMER, "", "Toko Contoh")


class Time:
    """A clock that stands until it is put on."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        """Give the moment."""
        return self.at

    def pass_by(self, span: timedelta) -> None:
        """Let time pass."""
        self.at += span


class Office:
    """Agents who are all there, and a log of readings that takes everything."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.given_to: list[tuple[str, str]] = []

    async def agents(self) -> list[Account]:
        """Give them."""
        return [Account(name, None, Role.AGENT, f"Petugas {name}", "", START) for name in self.names]

    async def role_of(self, account_id: str) -> Role | None:
        """Say what somebody is."""
        return Role.AGENT if account_id in self.names else None

    async def record(self, *_: object, **__: object) -> None:
        """Readings are not this suite's affair."""

    async def given(self, account_id: str, case_id: str) -> None:
        """Remember who was told."""
        self.given_to.append((account_id, case_id))


class Process:
    """What of the desk runs in one process."""

    def __init__(self, database: Database, time: Time, office: Office) -> None:
        self.time = time
        self.office = office
        self.heard = Heard()
        self.chat = MongoChatStore(database)
        self.store = MongoCaseStore(database)
        self.office_store = MongoOfficeStore(database)
        self.audit = AuditTrail(MongoAuditStore(database), KEY)
        self.relay = Relay(self.heard)
        self.live = LiveConversations(self.chat, self.audit, self.relay)
        reach = Reach(Register(time), office)
        self.custody = Custody(self.chat, self.live, reach, self.audit, self.relay, office, time)
        intake = Intake(Nothing(), KEY)
        self.settings = DeskSettings(self.office_store, lambda: ALWAYS, intake, self.audit, time)
        self.steps = Steps(self.settings.rules)
        self.cases = Cases(self.store, self.chat, self.conversation, self.steps, self.heard, time)
        self.relay.listen(ConversationChanged, self.cases.hear_conversation)
        self.relay.listen(MessagePosted, self.cases.hear_message)
        self.agents = Agents(
            self.office_store,
            self.store,
            office,
            self.cases,
            self.settings,
            self.custody,
            office,
            self.audit,
            self.heard,
            time,
            lambda _: True,
        )

    async def conversation(self, conversation_id: str) -> Conversation:
        """Give a conversation as it is now."""
        return (await self.live.get(conversation_id)).conversation

    async def begin(self, *texts: str) -> str:
        """Store a conversation with messages of its customer, and tell of it, as the chat does."""
        conversation = Conversation(
            id=new_id(),
            number=await self.chat.next_number(),
            subject=None,
            redactions=(),
            status=Status.OPEN,
            customer_id=CUSTOMER.account_id,
            assignee_id=None,
            last_seq=0,
            last_message_at=None,
            waiting_since=None,
            created_at=self.time(),
        )
        await self.chat.insert_conversation(conversation, {})
        await self.relay.publish([ConversationChanged(conversation)])
        for text in texts:
            await self.say(conversation.id, text)
        return conversation.id

    async def say(self, conversation_id: str, text: str, actor: Actor = CUSTOMER, *, told: bool = True) -> None:
        """Store a message; `told` says whether anybody hears of it before the process ends."""
        live = await self.live.get(conversation_id)
        redacted = template_of((text,)).fill(Numbering()).text
        seq = live.next_seq
        message = Message(conversation_id, seq, f"m{seq}", actor.account_id, redacted, (), (), self.time())
        live.next_seq += 1
        assert (await self.chat.insert_messages([message])).stored == 1
        live.take_over(message)
        self.live.touch(live)
        await self.live.save([live])
        if told:
            await self.relay.publish([MessagePosted(message, actor), ConversationChanged(live.conversation)])

    async def available(self) -> None:
        """Let all agents take conversations."""
        for name in self.office.names:
            await self.office_store.put_desk(name, {"status": Availability.AVAILABLE.value})


async def prepare(database: Database) -> None:
    """Make the collections."""
    await apply(database, (*AUDIT_COLLECTIONS, *CHAT_COLLECTIONS, *CASE_COLLECTIONS, *OFFICE_COLLECTIONS))


@asynccontextmanager
async def running(database: Database, time: Time, office: Office) -> AsyncIterator[Process]:
    """A process that ends well."""
    process = Process(database, time, office)
    await process.cases.start()
    try:
        yield process
    finally:
        await process.cases.close()
        await process.audit.close()
