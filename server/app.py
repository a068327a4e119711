"""The composition root: builds every part and is the only file that knows them all."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import orjson
from aiohttp import web

from nlp.errors import RedactorUnavailable
from nlp.pool import RedactorPool
from nlp.spans import Span
from server.accounts import api as accounts_api
from server.accounts import security_api, staff_api
from server.accounts.pages import LinkPages
from server.accounts.service import AccountService
from server.audit import api as audit_api
from server.audit.content import StoredTexts
from server.audit.model import VerificationReport
from server.audit.parts import ANCHOR, CHECKPOINTS, AuditParts
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.chat.store import MongoChatStore
from server.config import Settings
from server.factors import api as factors_api
from server.factors.service import FactorService
from server.federation import api as federation_api
from server.federation import pages as federation_pages
from server.identity import IDENTITY_COLLECTIONS, Ground, Identity, open_identity
from server.intake import Intake
from server.kernel.errors import DomainError, RedactionUnavailable
from server.kernel.fresh import FreshWindow
from server.kernel.ports import SpanFinder
from server.keyring import Keyring
from server.keys import (
    Keys,
    erased_file,
    key_migrations,
    key_source,
    keys_at_rest,
    open_keys,
    ring_of,
    rotation_of,
    vault_of,
)
from server.limits import GrowingDelays, SlidingLimiter, Unlimited
from server.privacy import api as privacy_api
from server.privacy.service import ConsentLedger, PrivacyService
from server.privacy.store import PRIVACY_COLLECTIONS, MongoChoiceStore
from server.proofs import Proofs, open_proofs
from server.realtime.fanout import Fanout
from server.realtime.sockets import Sockets
from server.storage.backup import back_up
from server.storage.embedded import EmbeddedStore, running_store_url
from server.storage.errors import RestoreRefused, RestoreUnfinished
from server.storage.migrations import migrate
from server.storage.mongo import Client, Database, open_client, ping
from server.storage.restore import find_key, finish, is_under_way, require_empty, require_whole, restore
from server.storage.schema import apply
from server.talks import TALK_COLLECTIONS, Talks, open_talks
from server.vault.masters import Masters
from server.vault.rotation import KeyList, Rotated, Rotation, adopt_root, open_root
from server.vault.store import PERSON_KEYS, VAULT_COLLECTIONS, MongoKeyStore
from server.visits import api as visits_api
from server.web import openapi, ops
from server.web.catalogue import Catalogues
from server.web.devices import DeviceCookies
from server.web.dispatch import MAX_BODY, Dispatcher
from server.web.endpoint import Endpoint
from server.web.metrics import Metrics
from server.web.middleware import make_middleware
from server.web.pages import Assets, Pages
from server.web.requests import PATIENCE_S, Origins

logger = logging.getLogger("amanah")

# The keys first, and so last in a backup: what is sealed with one is never in an archive without it.
COLLECTIONS = (*VAULT_COLLECTIONS, *IDENTITY_COLLECTIONS, *AUDIT_COLLECTIONS, *TALK_COLLECTIONS, *PRIVACY_COLLECTIONS)
"""Every collection there is."""

_KNOWING = ("audit_checkpoints", "audit_anchors", "audit_blocks", "conversations")
_RANK = {name: rank for rank, name in enumerate(_KNOWING)}
ARCHIVED = tuple(sorted(COLLECTIONS, key=lambda spec: (_RANK.get(spec.name, len(_RANK)), -COLLECTIONS.index(spec))))
"""All collections in the order of a backup: one whose documents know of another's documents comes before that other."""

_STORE_STOP_S = 7.0
_READY_S = 3.0


def now() -> datetime:
    """The present moment in UTC, in whole milliseconds: what the store keeps."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class _Gatekeeper:
    """The pool in the words of the domain."""

    def __init__(self, pool: RedactorPool) -> None:
        self._pool = pool

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        """See `kernel.ports.SpanFinder`."""
        try:
            return await self._pool.find(text, known_names=known_names)
        except RedactorUnavailable:
            raise RedactionUnavailable from None


@dataclass(frozen=True, slots=True)
class Parts:
    """The running services, for the server, the command line and the demo."""

    accounts: AccountService
    identity: Identity
    proofs: Proofs
    devices: DeviceCookies
    talks: Talks
    privacy: PrivacyService
    audit: AuditParts
    fanout: Fanout
    sockets: Sockets
    pool: RedactorPool
    client: Client
    metrics: Metrics
    catalogues: Catalogues


@asynccontextmanager
async def open_database(settings: Settings, *, attach: bool) -> AsyncIterator[tuple[Client, Database]]:
    """Open the store, starting the embedded one where it is ours to start.

    Args:
        settings: all settings.
        attach: whether to join the embedded store of a server that runs on the same folder. Commands do; a second
            is refused.

    Raises:
        StorageError, Unavailable: see `storage`.
    """
    async with AsyncExitStack() as stack:
        url = settings.mongo_url or (attach and running_store_url(settings.data_dir)) or ""
        if not url:
            embedded = EmbeddedStore(settings.data_dir)
            url = await embedded.start()
            stack.push_async_callback(_stop_store, embedded)
        client = open_client(url, embedded=not settings.mongo_url)
        stack.callback(client.close)
        await ping(client)
        yield client, client[settings.mongo_database]


async def _stop_store(embedded: EmbeddedStore) -> None:
    """Everything acknowledged is in the journal, so a slow close need not be waited for: it goes on by itself."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(embedded.stop(), _STORE_STOP_S)


def audit_of(database: Database, keyring: Keyring, settings: Settings) -> AuditParts:
    """Build the audit trail. Its files lie beside the master key, out of reach of whoever can only change the store."""
    store = MongoAuditStore(database)
    return AuditParts.build(store, keyring.derive, settings.data_dir, days=settings.audit_days, clock=now)


@asynccontextmanager
async def open_audit(settings: Settings) -> AsyncIterator[tuple[AuditParts, StoredTexts]]:
    """Build the audit trail alone, with the texts that it tells of; a server may run on the same store meanwhile."""
    masters = Masters(key_source(settings))
    async with open_database(settings, attach=True) as (_, database):
        await require_whole(database)
        await apply(database, AUDIT_COLLECTIONS)
        kept = audit_of(database, await ring_of(database, masters), settings)
        try:
            yield kept, MongoChatStore(database)
        finally:
            await kept.trail.close()


async def back_up_to(settings: Settings, archive: Path) -> Mapping[str, int]:
    """Write an archive of everything; a server may run meanwhile.

    Returns:
        How many documents of each collection are in it.
    """
    masters = Masters(key_source(settings, make=False))
    with keys_at_rest(settings.data_dir):
        key = (await masters.current()).archive_key()
        async with open_database(settings, attach=True) as (_, database):
            return (await back_up(database, ARCHIVED, archive, key, version=version("amanah"))).counts


async def restore_from(settings: Settings, archive: Path) -> tuple[Mapping[str, int], VerificationReport]:
    """Fill an empty store from an archive, then check the audit trail in it.

    Keys that were destroyed on this installation since the archive was made are not brought back.

    Returns:
        How many documents each collection got, and what the check found.
    """
    masters = Masters(key_source(settings, make=False))
    files = [settings.data_dir / name for name in (ANCHOR, CHECKPOINTS)]
    async with open_database(settings, attach=False) as (_, database):
        if not await is_under_way(database):
            await require_empty(database)
            for file in files:
                if file.exists():
                    raise RestoreRefused(f"{file} belongs to data that was here before: move it away")
        keys = {key.archive_key(): key for key in masters.known}
        key = find_key(archive, list(keys))
        erased = {PERSON_KEYS: set(erased_file(settings).ids())}
        counts = await restore(database, ARCHIVED, archive, key, version=version("amanah"), left_out=erased)
        store = MongoKeyStore(database)
        if await open_root(store, masters) is None:
            # Made before there were root keys: with the master key that everything was then derived from.
            await adopt_root(store, masters.known[0], keys[key].as_root(), now)
        await vault_of(database, masters, settings, now).apply_erasures()
        kept = audit_of(database, await ring_of(database, masters), settings)
        try:
            report = await kept.renew_files()
        except OSError as error:
            raise RestoreUnfinished(f"the files of the audit trail can't be written: {error.strerror}") from None
        finally:
            await kept.trail.close()
        await finish(database)
    return counts, report


@asynccontextmanager
async def _open_rotation(settings: Settings) -> AsyncIterator[Rotation]:
    """Build what changes the master key; a server may run meanwhile."""
    masters = Masters(key_source(settings, make=False))
    with keys_at_rest(settings.data_dir, changing=True):
        async with open_database(settings, attach=True) as (_, database):
            await _prepare(database, masters, settings)
            yield rotation_of(database, masters, now)


async def rotate_keys(settings: Settings) -> Rotated:
    """Change to a new master key, or bring the last change to its end."""
    async with _open_rotation(settings) as rotation:
        return await rotation.rotate()


async def forget_key(settings: Settings, key_id: str) -> int:
    """Take an older master key out of the key file."""
    async with _open_rotation(settings) as rotation:
        return await rotation.forget(key_id)


async def list_keys(settings: Settings) -> KeyList:
    """Say which master keys there are and what is wrapped with each."""
    masters = Masters(key_source(settings, make=False))
    async with open_database(settings, attach=True) as (_, database):
        return await rotation_of(database, masters, now).list()


async def _prepare(database: Database, masters: Masters, settings: Settings) -> Keys:
    """Bring a database up to this version and open its keys."""
    await require_whole(database)
    await apply(database, COLLECTIONS)
    await migrate(database, key_migrations(masters, settings, now))
    return await open_keys(database, masters, settings, now)


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Build and start every service; stop them in reverse order."""
    masters = Masters(key_source(settings))
    catalogues = Catalogues.load()
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        pool = RedactorPool(workers=settings.worker_count, deadline_s=settings.redactor_deadline_ms / 1000)
        starting_pool = asyncio.create_task(pool.start())
        stack.push_async_callback(pool.close)
        client, database = await stack.enter_async_context(open_database(settings, attach=False))
        keys = await _prepare(database, masters, settings)
        await starting_pool
        gate = _Gatekeeper(pool)
        limiter = SlidingLimiter() if settings.limits else Unlimited()
        delays = GrowingDelays() if settings.limits else Unlimited()
        kept = audit_of(database, keys.ring, settings)
        audit = kept.trail
        stack.push_async_callback(audit.close)
        stack.push_async_callback(kept.keeper.close)
        kept.keeper.start()
        ground = Ground(settings, database, keys.ring, keys.vault, gate, audit, limiter, delays, now)
        identity = await stack.enter_async_context(open_identity(ground, catalogues))
        accounts = identity.accounts
        proofs = await stack.enter_async_context(open_proofs(ground, identity))
        devices = DeviceCookies(keys.ring.derive("devices"))
        sockets = Sockets(
            identity.sessions,
            catalogues,
            metrics,
            _origins(settings),
            identity.visits,
            devices,
            limiter,
            default_locale=settings.default_locale,
        )
        identity.sessions.on_ended(sockets.end_session)
        fanout = Fanout(sockets)
        intake = Intake(gate, keys.ring.derive("placeholders"))
        consents = ConsentLedger(MongoChoiceStore(database), audit, now)
        talks = await stack.enter_async_context(open_talks(ground, identity, intake, consents, sockets, fanout))
        privacy = PrivacyService(consents, intake, limiter)
        yield Parts(
            accounts,
            identity,
            proofs,
            devices,
            talks,
            privacy,
            kept,
            fanout,
            sockets,
            pool,
            client,
            metrics,
            catalogues,
        )


def _origins(settings: Settings) -> Origins:
    return Origins(settings.public_url, settings.trusted_proxies)


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncIterator[AccountService]:
    """Build the accounts alone, for the command line; a server may run on the same store meanwhile."""
    async with _open_people(settings) as (_, identity):
        yield identity.accounts


@asynccontextmanager
async def open_factors(settings: Settings) -> AsyncIterator[tuple[AccountService, FactorService]]:
    """Build accounts and their second factors alone, likewise."""
    async with _open_people(settings) as (ground, identity), open_proofs(ground, identity) as proofs:
        yield identity.accounts, proofs.factors


@asynccontextmanager
async def _open_people(settings: Settings) -> AsyncIterator[tuple[Ground, Identity]]:
    masters = Masters(key_source(settings))
    async with AsyncExitStack() as stack:
        pool = RedactorPool(workers=1, deadline_s=settings.redactor_deadline_ms / 1000)
        stack.push_async_callback(pool.close)
        _, database = await stack.enter_async_context(open_database(settings, attach=True))
        keys = await _prepare(database, masters, settings)
        await pool.start()
        audit = audit_of(database, keys.ring, settings).trail
        stack.push_async_callback(audit.close)
        gate: SpanFinder = _Gatekeeper(pool)
        ground = Ground(settings, database, keys.ring, keys.vault, gate, audit, Unlimited(), Unlimited(), now)
        yield ground, await stack.enter_async_context(open_identity(ground, None))


def api_of(parts: Parts) -> list[Endpoint]:
    """Give every declared endpoint."""
    return [
        *accounts_api.endpoints(parts.accounts),
        *security_api.endpoints(parts.identity.recovery),
        *security_api.session_endpoints(parts.identity.sessions, parts.identity.recovery),
        *factors_api.endpoints(parts.proofs.factors),
        *federation_api.endpoints(
            federation_api.Offered(
                passkey=parts.proofs.factors.passkeys_offered,
                provider=parts.proofs.federation.name if parts.proofs.federation else None,
            )
        ),
        *visits_api.endpoints(parts.identity.visits),
        *staff_api.endpoints(parts.identity.staff, parts.sockets.is_online),
        *parts.talks.endpoints(),
        *privacy_api.endpoints(parts.privacy),
        *audit_api.endpoints(parts.audit.checkpoints),
    ]


def build(settings: Settings, parts: Parts, *, demo: bool = False) -> web.Application:
    """Build the web application around running services."""
    origins = _origins(settings)
    app = web.Application(
        client_max_size=MAX_BODY,
        middlewares=[
            make_middleware(
                parts.catalogues,
                parts.metrics,
                default_locale=settings.default_locale,
                embed_origins=settings.embed_origins,
                secure=settings.public_url.startswith("https:"),
            )
        ],
    )
    endpoints = api_of(parts)
    freshness = FreshWindow(timedelta(minutes=settings.fresh_minutes), now)
    identity = parts.identity
    dispatcher = Dispatcher(
        identity.sessions,
        origins,
        settings.default_locale,
        freshness,
        identity.visits,
        parts.devices,
        identity.limiter,
    )
    app.router.add_routes(dispatcher.routes(endpoints))
    if parts.proofs.federation is not None:
        ways = federation_pages.routes(parts.proofs.federation, origins, parts.devices, dispatcher.set_cookies)
        app.router.add_routes(ways)

    async def is_store_ready() -> bool:
        try:
            await asyncio.wait_for(ping(parts.client), _READY_S)
        except (DomainError, TimeoutError):
            return False
        return True

    def refresh() -> None:
        for name, value in asdict(parts.pool.stats).items():
            parts.metrics.redactor(name, value)

    app.router.add_routes(
        ops.routes(
            is_store_ready=is_store_ready,
            is_redactor_ready=lambda: parts.pool.ready,
            metrics=parts.metrics,
            refresh=refresh,
            api=orjson.dumps(openapi.document(endpoints, version("amanah"), parts.sockets.events)),
        )
    )
    assets = Assets()
    Pages(
        assets,
        parts.catalogues,
        default_locale=settings.default_locale,
        company_name=settings.company_name,
        visit_days=settings.visit_days,
        demo=demo,
    ).attach(app)
    LinkPages(
        identity.recovery, assets, parts.catalogues, origins, parts.devices, company=settings.company_name
    ).attach(app)
    parts.sockets.attach(app)
    return app


async def serve(
    settings: Settings, stopped: asyncio.Event, *, demo: Callable[[Parts, Path], Awaitable[None]] | None = None
) -> None:
    """Run the server until `stopped` is set, then finish what is in flight.

    Args:
        settings: all settings.
        stopped: set by the signal handlers.
        demo: fills an empty store before the doors open.
    """
    async with open_parts(settings) as parts:
        if demo is not None:
            await demo(parts, settings.data_dir)
        runner = web.AppRunner(
            build(settings, parts, demo=demo is not None),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=2.0,
            # Counts from the first moment of a connection too: who sends half of a request's head is not waited for.
            keepalive_timeout=PATIENCE_S,
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.host, settings.port, backlog=1024)
            await site.start()
            port = runner.addresses[0][1]
            print(f"listening on http://{settings.host}:{port}", flush=True)  # noqa: T201 (the contract's ready line)
            await stopped.wait()
            await site.stop()
            await parts.sockets.close()
        finally:
            await runner.cleanup()
