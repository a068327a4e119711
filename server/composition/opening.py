"""Opening the store, its keys and its audit trail: what the server and each command begin with.

It knows every collection, so that preparing, backing up and restoring can't forget one. It builds no services.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from nlp.errors import RedactorUnavailable
from nlp.pool import RedactorPool
from nlp.spans import Span
from server.attachments.store import ATTACHMENT_COLLECTIONS
from server.audit.parts import AuditParts
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.composition.announcing import ANNOUNCEMENT_COLLECTIONS
from server.composition.community import COMMUNITY_COLLECTIONS
from server.composition.desking import DESK_COLLECTIONS
from server.composition.erasing import ERASURE_COLLECTIONS
from server.composition.explaining import TRAINING_COLLECTIONS
from server.composition.hooking import WEBHOOK_COLLECTIONS
from server.composition.identifying import IDENTIFY_COLLECTIONS
from server.composition.identity import IDENTITY_COLLECTIONS
from server.composition.insighting import INSIGHT_COLLECTIONS
from server.composition.keys import Keys, key_migrations, open_keys
from server.composition.listening import LISTENING_COLLECTIONS
from server.composition.observing import TELEMETRY_COLLECTIONS
from server.composition.permitting import PUBLICATION_COLLECTIONS
from server.composition.pledging import EVIDENCE_COLLECTIONS
from server.composition.promising import PROMISE_COLLECTIONS
from server.composition.righting import RIGHTS_COLLECTIONS
from server.composition.sealing import SEALING_COLLECTIONS
from server.composition.surveying import SURVEY_COLLECTIONS
from server.composition.talks import TALK_COLLECTIONS
from server.config import Settings
from server.files.store import FILE_COLLECTIONS
from server.incidents.store import INCIDENT_COLLECTIONS
from server.kernel.errors import RedactionUnavailable, Unavailable
from server.keyring import Keyring
from server.people.store import PEOPLE_COLLECTIONS
from server.privacy.store import PRIVACY_COLLECTIONS
from server.retention.store import RETENTION_COLLECTIONS
from server.review.store import REVIEW_COLLECTIONS
from server.storage.directory import require_used
from server.storage.embedded import EmbeddedStore, running_store_url
from server.storage.errors import StoreAway, StoreRefused
from server.storage.migrations import migrate, require_known
from server.storage.mongo import Client, Database, open_client, ping
from server.storage.restore import require_whole
from server.storage.schema import apply
from server.vault.masters import Masters
from server.vault.store import VAULT_COLLECTIONS

# The keys first, and so last in a backup: what is sealed with one is never in an archive without it.
COLLECTIONS = (
    *VAULT_COLLECTIONS,
    *IDENTITY_COLLECTIONS,
    *AUDIT_COLLECTIONS,
    *TALK_COLLECTIONS,
    *PRIVACY_COLLECTIONS,
    *PEOPLE_COLLECTIONS,
    *ATTACHMENT_COLLECTIONS,
    *FILE_COLLECTIONS,
    *REVIEW_COLLECTIONS,
    *COMMUNITY_COLLECTIONS,
    *LISTENING_COLLECTIONS,
    *DESK_COLLECTIONS,
    *INSIGHT_COLLECTIONS,
    *ANNOUNCEMENT_COLLECTIONS,
    *SURVEY_COLLECTIONS,
    *TRAINING_COLLECTIONS,
    *EVIDENCE_COLLECTIONS,
    *PROMISE_COLLECTIONS,
    *WEBHOOK_COLLECTIONS,
    *IDENTIFY_COLLECTIONS,
    *SEALING_COLLECTIONS,
    *PUBLICATION_COLLECTIONS,
    *RETENTION_COLLECTIONS,
    *INCIDENT_COLLECTIONS,
    *ERASURE_COLLECTIONS,
    *RIGHTS_COLLECTIONS,
    *TELEMETRY_COLLECTIONS,
)
"""Every collection there is."""

_KNOWING = ("audit_checkpoints", "audit_anchors", "audit_blocks", "conversations")
_RANK = {name: rank for rank, name in enumerate(_KNOWING)}
ARCHIVED = tuple(sorted(COLLECTIONS, key=lambda spec: (_RANK.get(spec.name, len(_RANK)), -COLLECTIONS.index(spec))))
"""All collections in the order of a backup: one whose documents know of another's documents comes before that other."""

_STORE_STOP_S = 7.0


def now() -> datetime:
    """The present moment in UTC, in whole milliseconds: what the store keeps."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Gatekeeper:
    """The pool in the words of the domain."""

    def __init__(self, pool: RedactorPool) -> None:
        self._pool = pool

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        """See `kernel.ports.SpanFinder`."""
        try:
            return await self._pool.find(text, known_names=known_names)
        except RedactorUnavailable:
            raise RedactionUnavailable from None


@asynccontextmanager
async def open_database(
    settings: Settings, *, attach: bool, begin: bool = False, on_restart: Callable[[], None] = lambda: None
) -> AsyncIterator[tuple[Client, Database]]:
    """Open the store, starting the embedded one where it is ours to start.

    Args:
        settings: all settings.
        attach: whether to join the embedded store of a server that runs on the same folder. Commands do; a second
            is refused.
        begin: whether a data directory without data may become one with an empty store. What looks at data refuses it:
            of a folder that was mistyped it would say that all is well.
        on_restart: is told of each time that the embedded store has to be started again.

    Raises:
        StorageError, Unavailable: see `storage`.
    """
    async with AsyncExitStack() as stack:
        url = settings.mongo_url or (attach and running_store_url(settings.data_dir)) or ""
        if not url:
            if not begin:
                require_used(settings.data_dir)
            embedded = EmbeddedStore(settings.data_dir, on_restart=on_restart)
            url = await embedded.start()
            stack.push_async_callback(_stop_store, embedded)
        client = open_client(url, embedded=not settings.mongo_url)
        stack.callback(client.close)
        try:
            await ping(client)
        except Unavailable:
            if settings.mongo_url:
                raise StoreAway(
                    "no answer from AMANAH_MONGO_URL: is it running, and can this machine reach it?"
                ) from None
            raise
        except StoreRefused as error:
            if settings.mongo_url and error.code is None:
                raise StoreAway("AMANAH_MONGO_URL names no host that is known, or options that there are not") from None
            if settings.mongo_url:
                raise StoreAway("MongoDB does not accept the name and password in AMANAH_MONGO_URL") from None
            raise
        yield client, client[settings.mongo_database]


async def _stop_store(embedded: EmbeddedStore) -> None:
    """Everything acknowledged is in the journal, so a slow close need not be waited for: it goes on by itself."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(embedded.stop(), _STORE_STOP_S)


def audit_of(database: Database, keyring: Keyring, settings: Settings) -> AuditParts:
    """Build the audit trail. Its files lie beside the master key, out of reach of whoever can only change the store."""
    store = MongoAuditStore(database)
    return AuditParts.build(store, keyring.derive, settings.data_dir, days=settings.audit_days, clock=now)


async def require_ours(database: Database, masters: Masters, settings: Settings) -> None:
    """Refuse a database that this program must write nothing into.

    Raises:
        RestoreUnfinished: it holds a part of an archive.
        SchemaConflict: it is a newer version's, whose declarations of collections this one's would replace.
    """
    await require_whole(database)
    await require_known(database, key_migrations(masters, settings, now))


async def prepare(database: Database, masters: Masters, settings: Settings) -> Keys:
    """Bring a database up to this version and open its keys."""
    await require_ours(database, masters, settings)
    await apply(database, COLLECTIONS)
    await migrate(database, key_migrations(masters, settings, now))
    return await open_keys(database, masters, settings, now)
