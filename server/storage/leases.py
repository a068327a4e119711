"""The right to do something alone, for a time, among several server processes on one store."""

from datetime import datetime, timedelta
from typing import Final

from pymongo.errors import DuplicateKeyError

from server.storage.mongo import Collection, Document, translate_errors

_ASTRAY: Final = timedelta(hours=1)
"""By how much the clocks of processes that work together never differ."""


class Leases:
    """One lease, in a collection of them.

    Args:
        leases: the collection, with `holder` (text) and `until` (date) in its validator.
        name: the lease's id.
        fresh: what else its document has when it is taken for the first time.
    """

    def __init__(self, leases: Collection, name: str, fresh: Document | None = None) -> None:
        self._leases = leases
        self._name = name
        self._fresh = fresh or {}

    async def take(self, holder: str, now: datetime, until: datetime) -> Document | None:
        """Take it, or prolong it; give its document, or None where another has it.

        Args:
            holder: who asks, by a name that no other process has.
            now: a lease that ended before is free, and one that ends so late that it was taken by a wrong clock: it
                would stand for as long as that was ahead.
            until: how long it is theirs.

        Raises:
            Unavailable: the store does not answer, so it is not known who has it.
        """
        theirs: Document = {"holder": holder, "until": until}
        free = {"_id": self._name, "$or": [{"until": {"$lt": now}}, {"until": {"$gt": until + _ASTRAY}}]}
        for query in ({"_id": self._name, "holder": holder}, free):
            async with translate_errors():
                found = await self._leases.find_one_and_update(query, {"$set": theirs}, return_document=True)
            if found is not None:
                return found
        fresh: Document = {"_id": self._name, **theirs, **self._fresh}
        try:
            async with translate_errors():
                await self._leases.insert_one(fresh)
        except DuplicateKeyError:
            return None
        return fresh

    @translate_errors()
    async def give_back(self, holder: str) -> None:
        """Let others have it; harmless where another does already."""
        await self._leases.delete_one({"_id": self._name, "holder": holder})
