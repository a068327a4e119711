"""Notices, letters and pushes on the real store, mail server and push service, built as the server builds them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from server.accounts.correspondence import Correspondence
from server.accounts.model import Account
from server.accounts.store import ACCOUNT_COLLECTIONS, MongoAccountStore
from server.composition.telling import TELLING_COLLECTIONS
from server.kernel.actor import Actor, Role
from server.kernel.events import Event
from server.kernel.ids import new_id
from server.limits import SlidingLimiter, Unlimited
from server.notices.desk_store import MongoDeskStore
from server.notices.digests import Digests
from server.notices.push import Push, PushServices
from server.notices.push_client import PushClient, VapidKey
from server.notices.push_store import MongoSubscriptionStore
from server.notices.service import Notices
from server.notices.store import MongoNoticeStore
from server.notices.unsubscribing import StopTokens
from server.notify.composing import Composer
from server.notify.service import MailQueue
from server.notify.smtp import MailServer, SmtpCarrier
from server.notify.store import MAIL_COLLECTIONS, MongoLetterStore
from server.storage.mongo import Database
from server.storage.schema import apply
from server.vault.store import VAULT_COLLECTIONS
from server.web.catalogue import Catalogues
from tests.harness.database import TO_COME
from tests.harness.keys import RING, vault_on
from tests.harness.mail import MailSink
from tests.harness.process import eventually
from tests.harness.push_service import PushService

ROOT = "https://bantuan.example"


class HandClock:
    """A clock that is moved by hand. Begins at `TO_COME`, which see."""

    def __init__(self) -> None:
        self.now = TO_COME

    def __call__(self) -> datetime:
        return self.now


class Heard:
    """Keeps what happened."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def publish(self, events: Sequence[Event]) -> None:
        self.events += events


@dataclass(frozen=True, slots=True)
class Lasting:
    """A session that lasts."""

    id: str


class TellingParts:
    """The parts, built as the server builds them, on one database; `restarted` builds them anew."""

    def __init__(self, database: Database, folder: Path, sink: MailSink, service: PushService) -> None:
        self.database, self.folder, self.sink, self.service = database, folder, sink, service
        self.clock, self.heard = HandClock(), Heard()
        self.vault = vault_on(database, folder)
        self.accounts = MongoAccountStore(database, self.vault, RING.index("accounts"))
        self.client = PushClient(
            VapidKey(RING.derive("notices/vapid")), "mailto:bantuan@toko.example", self.clock, frozenset({"127.0.0.1"})
        )
        self.lasting: dict[str, set[str]] = {}
        """account -> its sessions that last"""
        self.build(Unlimited())

    def build(self, limiter: Unlimited | SlidingLimiter) -> None:
        server = MailServer.parse(self.sink.url, "bantuan@toko.example", "Toko")
        letters = MongoLetterStore(self.database, RING.sealer("mail"))
        composer = Composer(Catalogues.load(), "Toko")
        self.queue = MailQueue(letters, SmtpCarrier(server, self.clock), composer, self.clock)
        self.post = Correspondence(self.accounts, self.queue, limiter, ROOT)
        self.devices = MongoSubscriptionStore(self.database, self.vault, RING.index("notices/push"))
        services = PushServices(frozenset({self.service.origin}))
        key = VapidKey(RING.derive("notices/vapid"))
        self.push = Push(self.devices, self, self.client, services, key.public, limiter, self.clock)
        self.desks = MongoDeskStore(self.database)
        tokens = StopTokens(RING.derive("notices/unsubscribe"))
        store = MongoNoticeStore(self.database)
        self.notices = Notices(store, self.desks, self.heard, self.post, self.push, tokens, limiter, self.clock)
        self.digests = Digests(self.desks, self.post, self.notices.links_of_digest, self.clock)

    async def of_account(self, account_id: str) -> Sequence[Lasting]:
        """Give an account's sessions that last."""
        return [Lasting(session_id) for session_id in self.lasting.get(account_id, set())]

    async def account(self, *, verified: bool = True, locale: str = "id") -> tuple[Actor, str]:
        account_id = new_id()
        email = f"{account_id}@contoh.example"
        account = Account(account_id, Role.CUSTOMER, "Uji", email, locale, self.clock.now, verified)
        await self.accounts.insert_account(account, None)
        self.lasting[account_id] = {"s"}
        return Actor(account_id, Role.CUSTOMER, "s", "Uji"), email

    async def mailed(self, email: str) -> int:
        """How many letters went out, once nothing waits in the queue."""

        async def is_empty() -> bool:
            return await self.database["mail_queue"].find_one({"held": {"$ne": True}}) is None

        await eventually(is_empty, "the queue is empty")
        return len(self.sink.to(email))


@asynccontextmanager
async def telling(database: Database, tmp_path: Path) -> AsyncIterator[TellingParts]:
    """The parts on an empty store."""
    collections = (*VAULT_COLLECTIONS, *ACCOUNT_COLLECTIONS, *MAIL_COLLECTIONS, *TELLING_COLLECTIONS)
    await apply(database, collections)
    sink, service = MailSink(), PushService()
    await sink.start()
    await service.start()
    parts = TellingParts(database, tmp_path, sink, service)
    await parts.queue.start()
    parts.push.start()
    async with parts.client:
        yield parts
        await parts.push.close()
    await parts.queue.close()
    await service.stop()
    await sink.stop()
