"""A trail with its files at a time of one's choosing, and what an outsider says of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.audit.export import export
from server.audit.model import AuditEntry
from server.audit.parts import AuditParts
from server.audit.store import MongoAuditStore
from server.storage.mongo import Database
from tests.harness.auditor import audit_outside

KEYS = {"audit": bytes(range(32)), "audit-checkpoints": bytes(range(1, 33))}
START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class House:
    """A trail with its files, at a time of one's choosing."""

    def __init__(self, database: Database, folder: Path, *, days: int = 30) -> None:
        self.database, self.folder, self.clock = database, folder, Clock()
        self.parts = AuditParts.build(MongoAuditStore(database), KEYS.__getitem__, folder, days=days, clock=self.clock)
        self.key = self.parts.checkpoints.signer.described

    async def day(self, day: int, entries: int = 3) -> None:
        """Two blocks and a checkpoint on a day."""
        self.clock.now = START + timedelta(days=day)
        for block in range(2):
            names = [f"d{day}.{block}.{number}" for number in range(entries)]
            await self.parts.trail.append(
                [AuditEntry("chat:message:posted", "a1", ("c1", name), self.clock()) for name in names]
            )
        await self.parts.checkpoints.make()

    async def export(self, name: str = "export.jsonl") -> Path:
        """Write an export."""
        path = self.folder / name
        origin = self.parts.checkpoints.signer.origin
        path.write_bytes(b"".join([line async for line in export(self.parts.store, origin)]))
        return path

    async def held(self, name: str) -> Path:
        """Give the newest checkpoint to an outsider."""
        made = await self.parts.checkpoints.make()
        assert made is not None
        path = self.folder / name
        path.write_text(made.note)
        return path

    def outside(self, *arguments: str | Path) -> tuple[int, str]:
        """What the outside verifier says."""
        finished = audit_outside(self.folder, "--key", self.key, *arguments)
        return finished.status, finished.output + finished.errors
