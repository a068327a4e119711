"""Counts of the present month that nothing else keeps: texts and what was hidden in them by label, looks by purpose.

Counted in memory and added to the store now and then, so that the hot path waits for nothing. What was not written yet
when a process is killed is missing from the count. A count holds a class, a number and a month: no id, no text, no day.
"""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol

from server.kernel.disclosure import Purpose
from server.kernel.errors import DomainError
from server.kernel.ports import Clock
from server.kernel.text import Hidden, RedactedTemplate

Tally = tuple[str, str]
"""One of `KINDS`, and class (a label, a purpose, or the kind again)."""

KINDS: Final = ("text", "hidden", "preview", "look", "reveal", "page", "checkup")
_REVEALED: Final = frozenset({"field:revealed", "file:opened"})
_OK: Final = 200
_CHECKUP: Final = "/privasi/pemeriksaan"
"""Where people check their own settings (promise A6)."""
_PROGRAMS: Final = ("/api/", "/assets/", "/socket.io/", "/healthz", "/readyz", "/metrics", "none")
"""What programs ask for; a page has no dot in its route either."""


class TallyStore(Protocol):
    """What is needed of `promises.store`."""

    async def add(self, month: int, counts: Mapping[Tally, int]) -> None: ...
    async def month(self, month: int) -> Mapping[Tally, int]: ...


def month_number(moment: datetime) -> int:
    """Give the month of a moment, counted from the year 0, in UTC."""
    return moment.year * 12 + moment.month - 1


class Tallies:
    """Counts.

    Args:
        store: where counts are kept.
        clock: the time.
    """

    def __init__(self, store: TallyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: Counter[tuple[int, str, str]] = Counter()

    def text(self, template: RedactedTemplate) -> None:
        """Count a text that passed the gate, and what was hidden in it."""
        month = month_number(self._clock())
        self._waiting[month, "text", "text"] += 1
        for part in template.parts:
            if isinstance(part, Hidden):
                self._waiting[month, "hidden", part.label.value] += 1

    def preview(self) -> None:
        """Count that somebody was shown what would be hidden."""
        self._waiting[month_number(self._clock()), "preview", "preview"] += 1

    def look(self, action: str, purpose: Purpose) -> None:
        """Count that a look was written into somebody's access log."""
        month = month_number(self._clock())
        self._waiting[month, "look", purpose.value] += 1
        if action in _REVEALED:
            self._waiting[month, "reveal", purpose.value] += 1

    def request(self, route: str, method: str, status: int) -> None:
        """Count a page that was shown: nobody is told apart, and nothing is left in the browser."""
        if status == _OK and method == "GET" and not route.startswith(_PROGRAMS) and "." not in route:
            self._waiting[month_number(self._clock()), "page", "page"] += 1
            if route == _CHECKUP:
                self._waiting[month_number(self._clock()), "checkup", "checkup"] += 1

    async def flush(self) -> None:
        """Write what was counted.

        Raises:
            Unavailable: the store does not answer; it is written the next time.
        """
        waiting, self._waiting = self._waiting, Counter()
        try:
            for month in sorted({month for month, _, _ in waiting}):
                counts = {(kind, name): n for (when, kind, name), n in waiting.items() if when == month}
                await self._store.add(month, counts)
                for kind, name in counts:
                    del waiting[month, kind, name]
        except BaseException:
            self._waiting.update(waiting)
            raise

    async def this_month(self) -> Mapping[Tally, int]:
        """Give the counts of the present month, those of other processes too.

        Raises:
            Unavailable: the store does not answer.
        """
        await self.flush()
        return await self._store.month(month_number(self._clock()))

    async def close(self) -> None:
        """Write what was counted last, if the store answers."""
        with suppress(DomainError):
            await self.flush()
