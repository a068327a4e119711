"""Numbered changes to what is stored already, each done once per database, by one process at a time.

A migration must be safe to repeat: a process that dies in the middle leaves it to be run again from its beginning.
Must not know any capability.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from pymongo.errors import DuplicateKeyError

from server.storage.errors import MigrationsBusy, SchemaConflict
from server.storage.mongo import Collection, Database, translate_errors

logger = logging.getLogger(__name__)

COLLECTION = "schema_migrations"
_LOCK = "lock"
_LEASE = timedelta(seconds=60)
_RENEW_SECONDS = 15.0
_RETRY_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Migration:
    """One change.

    Attributes:
        version: from 1 up, without gaps.
        name: what it does, in a few words.
        up: does it; safe to repeat.
    """

    version: int
    name: str
    up: Callable[[Database], Awaitable[None]]


async def migrate(database: Database, migrations: Sequence[Migration], *, patience_s: float = 600.0) -> list[int]:
    """Run what has not been run, in order.

    Processes that start at once wait for the one that came first. Its claim is a lease that it renews while it works,
    so the claim of a process that died lapses after a minute.

    Args:
        database: where.
        migrations: all that this program knows, in order.
        patience_s: seconds to wait for another process.

    Returns:
        The versions run by this call.

    Raises:
        SchemaConflict: the database has seen a migration that this program does not know, or another of that number.
        MigrationsBusy: another process works longer than the patience.
        Unavailable: the store does not answer.
    """
    if [migration.version for migration in migrations] != list(range(1, len(migrations) + 1)):
        raise ValueError("migrations are numbered from 1 without gaps")
    records = database[COLLECTION]
    if not await _pending(records, migrations):
        return []
    holder = token_hex(8)
    await _claim(records, holder, patience_s)
    renewal = asyncio.create_task(_renew(records, holder), name="migration-lease")
    try:
        done = []
        for migration in await _pending(records, migrations):
            await migration.up(database)
            async with translate_errors():
                await records.insert_one({"_id": migration.version, "name": migration.name, "at": datetime.now(UTC)})
            logger.info("migration %d done: %s", migration.version, migration.name)
            done.append(migration.version)
        return done
    finally:
        renewal.cancel()
        with suppress(asyncio.CancelledError):
            await renewal
        async with translate_errors():
            await records.delete_one({"_id": _LOCK, "holder": holder})


async def require_known(database: Database, migrations: Sequence[Migration]) -> None:
    """Refuse the data of a newer version. Asked before anything is written, declarations of collections included.

    Args:
        database: where.
        migrations: all that this program knows, in order.

    Raises:
        SchemaConflict: the database has seen a migration that this program does not know, or another of that number.
        Unavailable: the store does not answer.
    """
    await _pending(database[COLLECTION], migrations)


async def _pending(records: Collection, migrations: Sequence[Migration]) -> list[Migration]:
    """What is still to do. The list of what is done is short by nature: one record a migration ever written."""
    async with translate_errors():
        seen = {record["_id"]: record.get("name") async for record in records.find({}) if record["_id"] != _LOCK}
    known = {migration.version: migration.name for migration in migrations}
    for version, name in seen.items():
        if known.get(version) != name:
            raise SchemaConflict(f"the database has had migration {version}, which this program does not know")
    return [migration for migration in migrations if migration.version not in seen]


async def _claim(records: Collection, holder: str, patience_s: float) -> None:
    until = time.monotonic() + patience_s
    while True:
        now = datetime.now(UTC)
        try:
            async with translate_errors():
                # A claim that has lapsed is taken over; an upsert that finds a living one collides with its `_id`.
                await records.update_one(
                    {"_id": _LOCK, "expires_at": {"$lt": now}},
                    {"$set": {"holder": holder, "expires_at": now + _LEASE}},
                    upsert=True,
                )
            return
        except DuplicateKeyError:
            if time.monotonic() > until:
                raise MigrationsBusy("another process is migrating the database") from None
        await asyncio.sleep(_RETRY_SECONDS)


async def _renew(records: Collection, holder: str) -> None:
    while True:
        await asyncio.sleep(_RENEW_SECONDS)
        async with translate_errors():
            expires_at = datetime.now(UTC) + _LEASE
            await records.update_one({"_id": _LOCK, "holder": holder}, {"$set": {"expires_at": expires_at}})
