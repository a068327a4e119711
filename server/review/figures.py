"""Public figures about moderation: how often what happened, by month. Counts only, and none of a small group.

There are no sums: with one, a figure that is left out could be worked out from the others.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from server.kernel.ports import Clock
from server.review.model import Category, Counted

MONTHS: Final = 12
_WHATS: Final = (
    *(f"flag_{category.value}" for category in Category),
    "held",
    "hidden_by_flags",
    *(f"decision_{what}" for what in ("approve", "edit", "hide", "reject", "warn", "silence", "suspend")),
    "appeal_made",
    "appeal_upheld",
    "appeal_overturned",
)


class FigureStore(Protocol):
    """What the service needs from its store."""

    async def count(self, month: str, what: str) -> None: ...
    async def figures(self, months: Sequence[str]) -> Mapping[tuple[str, str], int]: ...


class Figures:
    """Counts what happens, and gives it out coarsely.

    Args:
        store: where it is counted.
        smallest: no figure below this is given.
        clock: the time.
    """

    def __init__(self, store: FigureStore, smallest: int, clock: Clock) -> None:
        self._store = store
        self.smallest = smallest
        self._clock = clock

    async def count(self, what: str, at: datetime) -> None:
        """Count something.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._store.count(f"{at:%Y-%m}", what)

    async def read(self) -> list[Counted]:
        """Give the figures of the last twelve months, the newest first; months without any are left out.

        Raises:
            Unavailable: the store does not answer.
        """
        months = last_months(self._clock(), MONTHS)
        found = await self._store.figures(months)
        return [
            Counted(month, what, count if count >= self.smallest else None)
            for month in months
            for what in _WHATS
            if (count := found.get((month, what), 0)) > 0
        ]


def last_months(now: datetime, count: int) -> list[str]:
    """Give the last so many months, `2026-11` first in November 2026."""
    place = now.year * 12 + now.month - 1
    return [f"{(place - back) // 12:04d}-{(place - back) % 12 + 1:02d}" for back in range(count)]
