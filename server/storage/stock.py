"""Reads and removes documents by their age, month by month, so that no command costs more than what one month holds.

Fills `kernel.retention.Stock`. Must not know any capability.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from server.storage.mongo import Database, Document, translate_errors
from server.storage.months import FIRST_MONTH

_IDS_AT_ONCE: Final = 50
"""The cost of a filter with ids grows with the square of their number on the embedded engine."""

_A_MOMENT: Final = timedelta(milliseconds=1)
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class MongoStock:
    """Reads and removes.

    Args:
        database: where everything is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def older(
        self, collection: str, moment: str, before: datetime, reads: Sequence[str], *, hours: bool = False
    ) -> AsyncIterator[Sequence[Mapping[str, object]]]:
        """See `kernel.retention.Stock`."""
        fields = dict.fromkeys(("_id", *reads), 1)
        low = _BEGINNING
        month = FIRST_MONTH
        while low < before:
            high = min(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC), before)
            if high > low:
                async with translate_errors():
                    span: Document = {"$gte": _hour(low), "$lt": _hour(high)} if hours else {"$gte": low, "$lt": high}
                    cursor = self._database[collection].find({moment: span}, fields)
                    found = [document async for document in cursor]
                if found:
                    yield found
            low, month = max(low, high), month + 1

    async def between(
        self, collection: str, moment: str, begins: datetime, ends: datetime, reads: Sequence[str], *, hours: bool
    ) -> AsyncIterator[Sequence[Mapping[str, object]]]:
        """Give what lies in a span of time, both ends included, month by month.

        Args:
            collection: which.
            moment: its field of moments, or of whole hours since 1970; it has an index.
            begins: of the span.
            ends: of the span.
            reads: fields to read beside `_id`.
            hours: whether the field holds whole hours.
        """
        fields = dict.fromkeys(("_id", *reads), 1)
        low = begins
        while low <= ends:
            high = min(datetime(low.year + low.month // 12, low.month % 12 + 1, 1, tzinfo=UTC), ends + _A_MOMENT)
            span: Document = {"$gte": low, "$lt": high}
            if hours:
                span = {"$gte": _hour(low), "$lte": _hour(high - _A_MOMENT)}
            async with translate_errors():
                found = [one async for one in self._database[collection].find({moment: span}, fields)]
            if found:
                yield found
            low = high

    async def remove(self, collection: str, ids: Sequence[object]) -> int:
        """See `kernel.retention.Stock`."""
        gone = 0
        for first in range(0, len(ids), _IDS_AT_ONCE):
            async with translate_errors():
                done = await self._database[collection].delete_many(
                    {"_id": {"$in": list(ids[first : first + _IDS_AT_ONCE])}}
                )
            gone += int(done.deleted_count)
        return gone


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // 3600)
