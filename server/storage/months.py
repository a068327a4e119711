"""Growing lists of somebody's entries, newest first, read month by month so that a page costs what it holds.

Entries have ids that begin with their time (`kernel.ids`) and the month of that id as a number; an index on whose they
are and the month finds a month's without looking at the others. Must not know any capability.
"""

from datetime import UTC, datetime
from typing import Any, Final

from server.kernel.ids import moment_of
from server.storage.mongo import Collection, Document

FIRST_MONTH: Final = 2026 * 12
"""Before the first version there were no entries."""


def month_of(entry_id: str) -> int:
    """Give the month in which an id was made, counted from the year 0."""
    return month_at(moment_of(entry_id))


def month_at(moment: datetime) -> int:
    """Give the month of a moment, counted likewise."""
    return moment.year * 12 + moment.month - 1


async def newest(
    collection: Collection, whose: Document, before_id: str | None, limit: int, *, now: datetime | None = None
) -> list[dict[str, Any]]:
    """Read the newest entries.

    Args:
        collection: with an index on the fields of `whose`, then `month`.
        whose: equality on those fields.
        before_id: where the page before ended, or None for the first page.
        limit: how many at most.
        now: the present moment, for the first page.
    """
    moment = now or datetime.now(UTC)
    top = month_of(before_id) if before_id else moment.year * 12 + moment.month
    width = 1
    found: list[Document] = []
    while top >= FIRST_MONTH and len(found) < limit:
        bottom = top - width
        window = collection.find({**whose, "month": {"$gt": bottom, "$lte": top}})
        entries = [item async for item in window if before_id is None or item["_id"] < before_id]
        found.extend(sorted(entries, key=lambda item: str(item["_id"]), reverse=True))
        top, width = bottom, width * 2
    return found[:limit]
