"""The figures that staff see, and the same as a file. Read from tallies, never by looking at items."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Protocol

from server.insight.model import Cell, Figures, Tally, day_of, figures_of
from server.kernel.errors import InvalidInput
from server.kernel.ports import Clock

MOST_DAYS: Final = 1096
_USUAL_DAYS: Final = 90


class FigureStore(Protocol):
    """What is needed of `insight.store`."""

    async def span(self, first: date, last: date) -> list[Tally]: ...
    async def waiting(self) -> list[Tally]: ...


class Insight:
    """Gives figures.

    Args:
        store: where tallies are kept.
        clock: the time.
    """

    def __init__(self, store: FigureStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def span(self, first: date | None, last: date | None) -> tuple[date, date]:
        """Give a span of days; what is left out is the last ninety days.

        Raises:
            InvalidInput: it ends before it begins, or is longer than three years.
        """
        end = last or day_of(self._clock())
        begin = first or end - timedelta(days=_USUAL_DAYS - 1)
        if not 0 <= (end - begin).days < MOST_DAYS:
            raise InvalidInput(fields={"first": "out_of_range"})
        return begin, end

    async def figures(self, first: date | None = None, last: date | None = None) -> Figures:
        """Give the figures of a span of days.

        Raises:
            InvalidInput: see `span`.
            Unavailable: the store does not answer.
        """
        begin, end = self.span(first, last)
        found, waiting = await self._store.span(begin, end), await self._store.waiting()
        return figures_of(begin, end, found, waiting, day_of(self._clock()))

    async def rows(self, first: date | None = None, last: date | None = None) -> Sequence[Sequence[str | int]]:
        """Give the tallies of a span of days as rows: the names of the columns, then a row for each day and cell.

        Raises:
            InvalidInput, Unavailable: see `figures`.
        """
        rows: list[Sequence[str | int]] = [("day", *Cell._fields, "items")]
        for one in await self._store.span(*self.span(first, last)):
            rows += [(one.day.isoformat(), *cell, count) for cell, count in sorted(one.cells.items())]
        return rows
