"""The check of the whole audit trail that the server runs by itself, and the figures that are counted on the way.

What is counted is what was checked: a figure comes from entries that fit. A check takes at most about one part in two
hundred of the time and lets others go first after each window of blocks.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import orjson

from server.audit.model import Block, VerificationReport
from server.audit.verification import Observer
from server.kernel.background import Background
from server.kernel.ports import Clock
from server.promises.tallies import month_number

logger = logging.getLogger("amanah.promises")

_ENTRY_S: Final = 0.004
"""Pause for each entry that was checked. One takes some 20 microseconds: a two-hundredth of the time at most."""

_SOON_S: Final = 30.0
_LONGEST_S: Final = 24 * 3600.0
_WINDOW: Final = 50
_YEAR: Final = 12

Verify = Callable[[Observer], Awaitable[VerificationReport]]
"""Checks the whole trail and shows what fits."""


class MonthlyActions:
    """Counts the entries of the last twelve months by month and action. Fills `audit.verification.Observer`.

    Args:
        month: the present one.
    """

    def __init__(self, month: int) -> None:
        self._first = month - _YEAR + 1
        self._seen = 0
        self.counts: Counter[tuple[int, str]] = Counter()

    def begin(self) -> None:
        """Count from nothing."""
        self.counts.clear()

    async def take(self, block: Block) -> None:
        """Count a block's entries."""
        self._seen += 1
        if self._seen % _WINDOW == 0:
            await asyncio.sleep(0)
        month = month_number(datetime.fromtimestamp(block.at / 1000, UTC))
        if month < self._first:
            return
        for line in block.lines:
            self.counts[month, str(orjson.loads(line)[0])] += 1


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Attributes:
        report: of the check.
        at: when it was done.
        month: the month in which it was.
        counts: month and action -> entries; of the last twelve months.
    """

    report: VerificationReport
    at: datetime
    month: int
    counts: Mapping[tuple[int, str], int]

    def this_month(self, *actions: str) -> int:
        """Count entries of the month of the check."""
        return sum(self.counts.get((self.month, action), 0) for action in actions)

    def this_year(self, *actions: str) -> int:
        """Count entries of the last twelve months."""
        return sum(count for (_, action), count in self.counts.items() if action in actions)


class Checking:
    """Checks the trail now and then.

    Args:
        verify: checks it.
        clock: the time.
        every_s: seconds from one check to the next at least; more where the trail is long.
    """

    def __init__(self, verify: Verify, clock: Clock, *, every_s: float) -> None:
        self._verify = verify
        self._clock = clock
        self._every_s = every_s
        self._work = Background()
        self._listeners: list[Callable[[], Awaitable[None]]] = []
        self.last: Checked | None = None

    def listen(self, listener: Callable[[], Awaitable[None]]) -> None:
        """Be told when a check was done."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Begin."""
        self._work.start(self._check_now_and_then(), name="audit-check")

    async def close(self) -> None:
        """Check no more."""
        await self._work.stop()

    async def check(self) -> Checked:
        """Check once.

        Raises:
            Unavailable: the store does not answer.
        """
        month = month_number(self._clock())
        seen = MonthlyActions(month)
        report = await self._verify(seen)
        if not report.ok:
            logger.error("the audit trail does not fit; run `amanah audit verify`")
        self.last = Checked(report, self._clock(), month, dict(seen.counts))
        return self.last

    async def _check_now_and_then(self) -> None:
        least_s = min(self._every_s, _SOON_S)
        while True:
            try:
                await self.check()
                for listener in self._listeners:
                    await listener()
            except Exception as error:
                logger.warning("the audit trail can't be checked for now: %s", type(error).__name__)
            entries = self.last.report.entries if self.last is not None else 0
            await asyncio.sleep(min(_LONGEST_S, max(least_s, _ENTRY_S * entries)))
            least_s = self._every_s
