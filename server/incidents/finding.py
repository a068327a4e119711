"""Finds whom an incident concerns: by names, by what somebody looked at, by when they wrote or were here.

Gives opaque ids and nothing else; each way costs what lies in its span of time.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.incidents.model import Query
from server.kernel.erased import NOBODY


class Spans(Protocol):
    """Reads what lies in a span of time, through an index; `storage.stock` does."""

    def between(
        self, collection: str, moment: str, begins: datetime, ends: datetime, reads: Sequence[str], *, hours: bool
    ) -> AsyncIterator[Sequence[Mapping[str, object]]]: ...


class Talks(Protocol):
    """Knows whose conversations went on in a span of time."""

    async def active(self, begins: datetime, ends: datetime) -> frozenset[str]:
        """Give their customers."""
        ...


Named = Callable[[str], Awaitable[str | None]]
"""Gives the account that somebody named by id or address; None where there is none."""

MOST_NAMED: Final = 200


class Finder:
    """The ways.

    Args:
        spans: reads by time.
        talks: knows conversations.
        named: knows people.
    """

    def __init__(self, spans: Spans, talks: Talks, named: Named) -> None:
        self._spans = spans
        self._talks = talks
        self._named = named

    async def person(self, named: str) -> str | None:
        """Give the account that somebody named; None where there is none."""
        return await self._named(named)

    async def people(self, names: Sequence[str]) -> frozenset[str]:
        """Give the accounts of those that were named; who is unknown is left out."""
        found = [await self._named(name) for name in names[:MOST_NAMED]]
        return frozenset(one for one in found if one is not None)

    async def within(self, query: Query, subject: str, begins: datetime, ends: datetime) -> frozenset[str]:
        """Give whom a query about a span of time finds."""
        if query is Query.CONVERSATIONS:
            found = set(await self._talks.active(begins, ends))
        elif query is Query.LOOKED_AT:
            found = await self._looked_at(subject, begins, ends)
        else:
            found = await self._here(begins, ends)
        return frozenset(found - {NOBODY, ""})

    async def _looked_at(self, subject: str, begins: datetime, ends: datetime) -> set[str]:
        found: set[str] = set()
        # A look is written down when it begins and counted on for a while: one may have begun before the span.
        async for window in self._spans.between("looks", "at", begins - _COUNTED_ON, ends, _LOOK, hours=False):
            found |= {str(one["person_id"]) for one in window if one["actor_id"] == subject and _later(one, begins)}
        return found - {subject}

    async def _here(self, begins: datetime, ends: datetime) -> set[str]:
        found: set[str] = set()
        async for window in self._spans.between("visits", "hour", begins, ends, ("account_id",), hours=True):
            found |= {str(one["account_id"]) for one in window}
        return found


_LOOK: Final = ("person_id", "actor_id", "last_at")
_COUNTED_ON: Final = timedelta(days=2)


def _later(look: Mapping[str, object], begins: datetime) -> bool:
    last = look["last_at"]
    return isinstance(last, datetime) and last >= begins
