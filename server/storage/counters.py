"""Dense numbers, allotted by counters that the store keeps."""

from typing import Final

from server.kernel.errors import Unavailable
from server.storage.mongo import Collection, translate_errors

_TRIES: Final = 10


@translate_errors()
async def allot(counters: Collection, name: str, count: int = 1) -> int:
    """Allot the next numbers of a counter, which begins at 1; give the last of them.

    Raises:
        Unavailable: the store does not answer, or allots nothing.
    """
    for _ in range(_TRIES):
        document = await counters.find_one_and_update(
            {"_id": name}, {"$inc": {"value": count}}, upsert=True, return_document=True
        )
        # The embedded engine gives nothing to those who make a counter at the same moment as another.
        if document is not None:
            return int(document["value"])
    raise Unavailable


@translate_errors()
async def last(counters: Collection, name: str) -> int:
    """Give the highest number that a counter allotted; 0 when there is none.

    Raises:
        Unavailable: the store does not answer.
    """
    document = await counters.find_one({"_id": name})
    return int(document["value"]) if document else 0
