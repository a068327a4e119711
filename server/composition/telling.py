"""Builds what tells people: notices, their digests by mail, and web push. For `parts` and its compositions only."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from server.composition.identity import Ground, Identity
from server.config import Settings
from server.notices import socket as notices_socket
from server.notices.desk_store import DESK_COLLECTIONS, MongoDeskStore
from server.notices.digests import Digests
from server.notices.push import Push, PushServices
from server.notices.push_client import PushClient, VapidKey
from server.notices.push_store import PUSH_COLLECTIONS, MongoSubscriptionStore
from server.notices.service import Notices
from server.notices.store import NOTICE_COLLECTIONS, MongoNoticeStore
from server.notices.unsubscribing import StopTokens
from server.realtime.fanout import Fanout

TELLING_COLLECTIONS = (*NOTICE_COLLECTIONS, *DESK_COLLECTIONS, *PUSH_COLLECTIONS)


@dataclass(frozen=True, slots=True)
class Telling:
    """The running services.

    Attributes:
        notices: what people are told.
        push: their devices.
        digests: letters once a day or week; None where there is no mail.
    """

    notices: Notices
    push: Push
    digests: Digests | None


@asynccontextmanager
async def open_telling(ground: Ground, identity: Identity, fanout: Fanout) -> AsyncIterator[Telling]:
    """Build and start them; stop them in reverse order."""
    database, keyring, clock = ground.database, ground.keyring, ground.clock
    origins = frozenset(ground.settings.push_origins.split())
    services = PushServices(origins)
    key = VapidKey(keyring.derive("notices/vapid"))
    trusted = frozenset(urlsplit(origin).hostname or "" for origin in origins)
    async with AsyncExitStack() as stack:
        client = PushClient(key, _contact(ground.settings), clock, trusted)
        await stack.enter_async_context(client)
        devices = MongoSubscriptionStore(database, ground.sealer, keyring.index("notices/push"))
        push = Push(devices, identity.sessions, client, services, key.public, ground.limiter, clock)
        identity.sessions.on_ended(push.end_session)
        push.start()
        stack.push_async_callback(push.close)
        notices_socket.translate(fanout)
        desks = MongoDeskStore(database)
        post = identity.correspondence
        tokens = StopTokens(keyring.derive("notices/unsubscribe"))
        notices = Notices(MongoNoticeStore(database), desks, fanout, post, push, tokens, ground.limiter, clock)
        digests = Digests(desks, post, notices.links_of_digest, clock) if post else None
        if digests is not None:
            digests.start()
            stack.push_async_callback(digests.close)
        yield Telling(notices, push, digests)


def _contact(settings: Settings) -> str:
    """Where a push service can reach the operator (RFC 8292, 2.1)."""
    if settings.mail_from:
        return f"mailto:{settings.mail_from}"
    parts = urlsplit(settings.public_url)
    return f"https://{parts.hostname}" if parts.scheme == "https" and parts.hostname else "https://localhost"
