"""When a backup was last read from end to end, and what came of it. Pure: not where it lies, nothing of its content."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FRESH: Final = timedelta(days=7)
"""A backup that was read longer ago is told as late."""


@dataclass(frozen=True, slots=True)
class BackupCheck:
    """A backup that was read from end to end.

    Attributes:
        at: when it was read; aware, UTC.
        ok: whether it was whole and unchanged.
        made_at: when it was made; None where that can't be read.
        documents: how many are in it; likewise.
    """

    at: datetime
    ok: bool
    made_at: datetime | None = None
    documents: int | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether it shows that there is a good backup: whole, and neither read nor made too long ago."""
        return self.ok and self.made_at is not None and now - min(self.at, self.made_at) <= FRESH
