"""The parts of the audit trail put together, for the server and for the command line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from server.audit.checkpoints import Checkpoints
from server.audit.content import ContentCheck, ContentReport, TextKind
from server.audit.export import ExportStore
from server.audit.keeper import Keeper
from server.audit.model import VerificationReport
from server.audit.note import Signer
from server.audit.retention import Retention, RetentionStore
from server.audit.service import AuditTrail
from server.audit.verification import verify

ANCHOR: Final = "audit.anchor"
CHECKPOINTS: Final = "audit.checkpoints"


class WholeStore(RetentionStore, ExportStore, Protocol):
    """Everything that the parts need of the store."""


@dataclass(frozen=True, slots=True)
class AuditParts:
    """The audit trail of one database.

    Attributes:
        store: where it is kept.
        trail: takes entries.
        checkpoints: signs it.
        retention: cuts it.
        keeper: does both regularly, once it is started.
        files: the anchor and the checkpoints beside the store.
    """

    store: WholeStore
    trail: AuditTrail
    checkpoints: Checkpoints
    retention: Retention
    keeper: Keeper
    files: tuple[Path, Path]
    _key: bytes

    @classmethod
    def build(
        cls,
        store: WholeStore,
        derive: Callable[[str], bytes],
        folder: Path,
        *,
        days: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> "AuditParts":
        """Build the parts.

        Args:
            store: where the trail is kept.
            derive: gives the 32-byte key of a purpose; the same one for ever.
            folder: for the anchor and the checkpoints, out of reach of whoever can only change the store.
            days: how long entries are kept; 0 for ever.
            clock: the present moment, aware.
        """
        key, signer = derive("audit"), Signer(derive("audit-checkpoints"))
        files = folder / ANCHOR, folder / CHECKPOINTS
        trail = AuditTrail(store, key, anchor_file=files[0], clock=clock)
        checkpoints = Checkpoints(store, key, signer, file=files[1], clock=clock)
        retention = Retention(store, trail, key, signer, days=days, clock=clock)
        keeper = Keeper(trail, checkpoints, retention, clock=clock)
        return cls(store, trail, checkpoints, retention, keeper, files, key)

    async def verify(self) -> VerificationReport:
        """Check the whole trail with everything that belongs to it."""
        return await self.checkpoints.verify(self.files[0])

    async def verify_content(self, kinds: Sequence[TextKind]) -> tuple[VerificationReport, ContentReport]:
        """Check the whole trail, and the stored texts against it."""
        check = ContentCheck(self._key, self.store, kinds)
        report = await self.checkpoints.verify(self.files[0], check)
        return report, await check.report()

    async def renew_files(self) -> VerificationReport:
        """Check the trail and, when all of it fits, write the files where there are none: the end of a restore.

        For nothing else: that a file is missing beside a trail which has always been here is a finding of `verify`.

        Raises:
            OSError: a file can't be written.
        """
        report = await verify(self.store, self._key, verifier=self.checkpoints.signer)
        if report.ok:
            await self.trail.renew_anchor_file()
            await self.checkpoints.renew_file()
        return report

    async def close(self) -> None:
        """Wait for what is being appended."""
        await self.trail.close()
