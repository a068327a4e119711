"""What the commands of an operator do with a store: archives, master keys, the trail, people's accounts.

Each opens just what it needs, mostly beside a running server, and closes it. What is printed is the commands' matter.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from nlp.pool import RedactorPool
from server.accounts.service import AccountService
from server.audit.content import TextKind
from server.audit.model import VerificationReport
from server.audit.parts import ANCHOR, CHECKPOINTS, AuditParts
from server.audit.store import AUDIT_COLLECTIONS
from server.chat import trail as chat_trail
from server.chat.store import MongoChatStore
from server.composition.identity import Ground, Identity, open_identity
from server.composition.keys import erased_file, key_source, keys_at_rest, ring_of, rotation_of, vault_of
from server.composition.opening import ARCHIVED, Gatekeeper, audit_of, now, open_database, prepare, require_ours
from server.composition.proofs import open_proofs
from server.composition.retaining import count_overdue
from server.config import Settings
from server.factors.service import FactorService
from server.forum import trail as forum_trail
from server.forum.post_store import MongoPostStore
from server.kernel.ports import SpanFinder
from server.limits import Unlimited
from server.promises.backup_store import BACKUP_COLLECTIONS, BackupChecks
from server.promises.backups import BackupCheck
from server.retention.model import RunReport
from server.storage.backup import back_up
from server.storage.errors import ArchiveUnusable, RestoreRefused, RestoreUnfinished
from server.storage.inventory import Inventory
from server.storage.mongo import Database
from server.storage.restore import find_key, finish, is_under_way, read_through, require_empty, restore
from server.storage.schema import apply
from server.vault.masters import Masters
from server.vault.rotation import KeyList, Rotated, Rotation, adopt_root, open_root
from server.vault.store import PERSON_KEYS, MongoKeyStore


@asynccontextmanager
async def open_audit(settings: Settings) -> AsyncIterator[tuple[AuditParts, Sequence[TextKind]]]:
    """Build the audit trail alone, with the texts that it tells of; a server may run on the same store meanwhile."""
    masters = Masters(key_source(settings, make=False))
    async with open_database(settings, attach=True) as (_, database):
        await require_ours(database, masters, settings)
        await apply(database, AUDIT_COLLECTIONS)
        kept = audit_of(database, await ring_of(database, masters), settings)
        try:
            yield kept, text_kinds(database)
        finally:
            await kept.trail.close()


def text_kinds(database: Database) -> Sequence[TextKind]:
    """Say which stored texts the trail has digests of: each capability that keeps texts names its own here."""
    return (
        TextKind("message", chat_trail.TEXT_ACTIONS, MongoChatStore(database)),
        TextKind(
            "post", forum_trail.TEXT_ACTIONS, MongoPostStore(database), after_crash=frozenset({forum_trail.MENDED})
        ),
    )


async def back_up_to(settings: Settings, archive: Path) -> Mapping[str, int]:
    """Write an archive of everything; a server may run meanwhile.

    Returns:
        How many documents of each collection are in it.

    Raises:
        KeyringError: the master key is not the one that the data needs. An archive under another one would open, and
            nothing that is sealed in it.
    """
    masters = Masters(key_source(settings, make=False))
    with keys_at_rest(settings.data_dir):
        key = (await masters.current()).archive_key()
        async with open_database(settings, attach=True) as (_, database):
            await require_ours(database, masters, settings)
            await ring_of(database, masters)
            made = await back_up(database, ARCHIVED, archive, key, version=version("amanah"))
            await _note_check(database, made)
            return made.counts


async def verify_backup(settings: Settings, archive: Path) -> Inventory:
    """Read an archive from end to end and write down what came of it; a server may run meanwhile.

    Raises:
        ArchiveUnusable: it is not whole, was changed, or has another key. That is written down too.
    """
    masters = Masters(key_source(settings, make=False))
    keys = [key.archive_key() for key in masters.known]
    async with open_database(settings, attach=True) as (_, database):
        await require_ours(database, masters, settings)
        try:
            found = read_through(archive, keys)
        except ArchiveUnusable:
            await _note_check(database, None)
            raise
        await _note_check(database, found)
    return found


async def _note_check(database: Database, found: Inventory | None) -> None:
    await apply(database, BACKUP_COLLECTIONS)
    read = (found.at, sum(found.counts.values())) if found is not None else (None, None)
    await BackupChecks(database).note(BackupCheck(now(), found is not None, *read))


async def restore_from(settings: Settings, archive: Path) -> tuple[Mapping[str, int], VerificationReport]:
    """Fill an empty store from an archive, then check the audit trail in it.

    Keys that were destroyed on this installation since the archive was made are not brought back.

    Returns:
        How many documents each collection got, and what the check found.
    """
    masters = Masters(key_source(settings, make=False))
    files = [settings.data_dir / name for name in (ANCHOR, CHECKPOINTS)]
    async with open_database(settings, attach=False, begin=True) as (_, database):
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
            await prepare(database, masters, settings)
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


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncIterator[AccountService]:
    """Build the accounts alone, for the command line; a server may run on the same store meanwhile."""
    async with _open_people(settings, begin=True) as (_, identity):
        yield identity.accounts


@asynccontextmanager
async def open_factors(settings: Settings) -> AsyncIterator[tuple[AccountService, FactorService]]:
    """Build accounts and their second factors alone, likewise."""
    async with _open_people(settings) as (ground, identity), open_proofs(ground, identity) as proofs:
        yield identity.accounts, proofs.factors


async def count_old(settings: Settings) -> RunReport:
    """Count what has outlived its rule; a server may run on the same store meanwhile.

    Raises:
        SettingsError: the operator names a rule that there is not.
    """
    async with _open_people(settings) as (ground, identity):
        return await count_overdue(ground, identity, audit_of(ground.database, ground.keyring, settings).retention)


@asynccontextmanager
async def _open_people(settings: Settings, *, begin: bool = False) -> AsyncIterator[tuple[Ground, Identity]]:
    masters = Masters(key_source(settings, make=begin))
    async with AsyncExitStack() as stack:
        pool = RedactorPool(workers=1, deadline_s=settings.redactor_deadline_ms / 1000)
        stack.push_async_callback(pool.close)
        _, database = await stack.enter_async_context(open_database(settings, attach=True, begin=begin))
        keys = await prepare(database, masters, settings)
        await pool.start()
        audit = audit_of(database, keys.ring, settings).trail
        stack.push_async_callback(audit.close)
        gate: SpanFinder = Gatekeeper(pool)
        ground = Ground(settings, database, keys.ring, keys.vault, gate, audit, Unlimited(), Unlimited(), now)
        yield ground, await stack.enter_async_context(open_identity(ground, None))
