"""Builds webhooks: the queue, what talks to receivers, and what hears of events. For `parts` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.chat.store import MongoChatStore
from server.composition.identity import Ground, Identity
from server.feedback.comment_store import MongoCommentStore
from server.feedback.store import MongoItemStore
from server.kernel.actor import Role
from server.kernel.publishing import PublicationGate
from server.notices.model import Kind
from server.notices.service import Notices
from server.outside import Outside, networks_of
from server.web.endpoint import Endpoint
from server.webhooks import api
from server.webhooks.client import HookClient
from server.webhooks.delivering import Deliveries
from server.webhooks.guarding import GuardedContents
from server.webhooks.model import AddressRules
from server.webhooks.service import Webhooks
from server.webhooks.store import WEBHOOK_COLLECTIONS as WEBHOOK_COLLECTIONS
from server.webhooks.store import MongoHookStore
from server.webhooks.translating import (
    AllContents,
    ConversationAnnouncer,
    FeedbackAnnouncer,
    FeedbackContents,
    ForumAnnouncer,
)

_OBJECT = "webhook"


@dataclass(frozen=True, slots=True)
class Hooks:
    """The running services."""

    webhooks: Webhooks
    deliveries: Deliveries
    feedback: FeedbackAnnouncer
    forum: ForumAnnouncer
    conversations: ConversationAnnouncer

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return api.endpoints(self.webhooks)


class _Senders:
    """Fills `webhooks.guarding.Concerned`."""

    def __init__(self, items: MongoItemStore) -> None:
        self._items = items

    async def __call__(self, subject: str) -> tuple[str, ...]:
        """Give who sent the item that an event is about; nobody where nobody knows, or it is no item."""
        item = await self._items.find_item(subject.partition(".")[0])
        return (item.author_id,) if item is not None and item.author_id is not None else ()


class AdminBell:
    """Fills `webhooks.delivering.Bell` by notices."""

    def __init__(self, identity: Identity, notices: Notices) -> None:
        self._identity = identity
        self._notices = notices

    async def hook_disabled(self, hook_id: str) -> None:
        """See `webhooks.delivering.Bell`."""
        staff = await self._identity.staff.everybody()
        admins = [account.id for account in staff if account.role is Role.ADMIN and not account.is_disabled]
        await self._notices.tell(admins, Kind.WEBHOOK_DISABLED, _OBJECT, hook_id)


@asynccontextmanager
async def open_hooks(
    ground: Ground, identity: Identity, notices: Notices, gate: PublicationGate
) -> AsyncIterator[Hooks]:
    """Build and start them; stop them in reverse order."""
    settings, database, audit, clock = ground.settings, ground.database, ground.audit, ground.clock
    outside = Outside(networks=networks_of(settings.webhook_networks))
    rules = AddressRules(frozenset(map(int, settings.webhook_ports.split())), outside.is_ours, outside.allows)
    store = MongoHookStore(database, ground.keyring.sealer("webhooks"))
    feedback = FeedbackContents(MongoItemStore(database), MongoCommentStore(database), settings.public_url)
    contents = AllContents(feedback, MongoChatStore(database))
    async with HookClient(outside) as client:
        guarded = GuardedContents(contents, gate, _Senders(MongoItemStore(database)))
        deliveries = Deliveries(store, client, guarded, AdminBell(identity, notices), audit, clock)
        deliveries.start()
        try:
            yield Hooks(
                Webhooks(store, deliveries, rules, audit, ground.limiter, clock),
                deliveries,
                FeedbackAnnouncer(deliveries),
                ForumAnnouncer(deliveries),
                ConversationAnnouncer(deliveries),
            )
        finally:
            await deliveries.close()
