"""Retention as the server builds it, with hands that remove nothing where a test needs none."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from server.audit.parts import AuditParts
from server.audit.store import MongoAuditStore
from server.composition.retaining import Hands, KeepingFeedback, OnlyCounting, sweepers_of
from server.config import Settings
from server.kernel.retention import RetentionRule, Spared, Sweeper, Times
from server.notices import retention as notices
from server.retention.runs import RetentionRuns
from server.retention.store import MongoRetentionStore
from server.storage.mongo import Database, open_client
from server.storage.stock import MongoStock
from tests.harness.trail_house import KEYS


async def _nobody(account_ids: Sequence[str]) -> frozenset[str]:
    return frozenset()


async def _nothing(conversation_id: str) -> None:
    return None


def idle_hands(database: Database) -> Hands:
    """Hands for tests of what the store alone removes."""
    parts = AuditParts.build(MongoAuditStore(database), KEYS.__getitem__, Path(), days=30)
    return Hands(
        OnlyCounting(),
        OnlyCounting(),
        OnlyCounting(),
        OnlyCounting(),
        parts.retention,
        _nobody,
        _nothing,
        KeepingFeedback(),
    )


def rules_of(settings: Settings) -> list[RetentionRule]:
    """All rules, in their order; no store is asked."""
    client = open_client("mongodb://127.0.0.1:9/", embedded=True)
    try:
        database = client["nobody_asks"]
        return [rule for one in sweepers_of(settings, database, idle_hands(database)) for rule in one.rules]
    finally:
        client.close()


class _Stopping:
    """Removes two slices, says so, and comes to no end: somebody is about to kill this process."""

    def __init__(self, sweeper: Sweeper) -> None:
        self._sweeper, self._slices = sweeper, 0

    @property
    def rules(self) -> tuple[RetentionRule, ...]:
        return self._sweeper.rules

    async def due(self, rule: RetentionRule, now: datetime, spared: Spared) -> tuple[int, int]:
        return await self._sweeper.due(rule, now, spared)

    async def sweep(self, rule: RetentionRule, now: datetime, spared: Spared) -> int:
        if self._slices == 2:
            sys.stdout.write("half\n")
            sys.stdout.flush()
            await asyncio.Event().wait()
        self._slices += 1
        return await self._sweeper.sweep(rule, now, spared)


async def _carry_out(url: str, name: str, folder: Path) -> None:
    """Remove old notices as a server does, in a process of its own that can be killed."""
    client = open_client(url, embedded=True)
    database = client[name]
    parts = AuditParts.build(MongoAuditStore(database), KEYS.__getitem__, folder, days=30)

    async def refresh() -> None:
        return None

    def clock() -> datetime:
        return datetime.now(UTC)

    sweeper = _Stopping(notices.retention(MongoStock(database), Times()))
    runs = RetentionRuns([sweeper], MongoRetentionStore(database), lambda _: frozenset(), refresh, parts.trail, clock)
    await runs.run("system")


if __name__ == "__main__":
    asyncio.run(_carry_out(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
