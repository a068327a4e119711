"""Reading all of a collection beside a running server: in pieces whose cost does not grow with the collection.

The embedded engine reads every match of a query before it answers, and nobody else is served meanwhile: one cursor over
100,000 messages stops it for seconds. It looks up a range of an indexed field at the cost of the range. After
each piece the reading rests as long as the piece took, so that it never takes more than half of the engine.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, TypeAlias, cast

from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorCollection

from server.storage.archive import RAW
from server.storage.mongo import Database, translate_errors
from server.storage.schema import Spread, Walk

RawCollection: TypeAlias = "AsyncIOMotorCollection[RawBSONDocument]"
Slice: TypeAlias = list[RawBSONDocument]

_CURSOR_BATCH = 200
_FEW, _MANY = 150, 400
# The engine compares what `$in` names with each other: twice as many cost four times as much.
_PLACES = 50
_FIRST_WIDTH = 256
_NUMBERS_END = 2**53
_DIGEST_BYTES = 16
_DIGESTS_END = 2**32
_FIRST_DIGESTS = 2**20


def raw(database: Database, name: str) -> RawCollection:
    """Give a collection whose documents are their bytes."""
    # Motor types `with_options` as if it could not change what documents are.
    return cast(RawCollection, database[name].with_options(codec_options=RAW))


async def slices(collection: RawCollection, walk: Walk | None) -> AsyncIterator[Slice]:
    """Read all documents of a collection.

    What is written meanwhile may be in or not; what is there from beginning to end comes once.

    Args:
        collection: of `raw`.
        walk: how; see `schema.CollectionSpec`.

    Raises:
        Unavailable: the store does not answer.
    """
    if walk is None:
        pieces = _by_cursor(collection)
    elif walk.spread is Spread.PLACES:
        pieces = _by_place(collection, walk)
    else:
        pieces = _by_range(collection, walk)
    started = time.monotonic()
    async for piece in pieces:
        took = time.monotonic() - started
        if piece:
            yield piece
        await asyncio.sleep(took)
        started = time.monotonic()


async def by_ids(collection: RawCollection, ids: Iterable[Any]) -> AsyncIterator[tuple[list[Any], Slice]]:
    """Look documents up.

    Returns:
        The `_id`s asked for, and what there is of them, in groups.
    """
    waiting = list(ids)
    for start in range(0, len(waiting), _PLACES):
        group = waiting[start : start + _PLACES]
        yield group, await _found(collection, {"_id": {"$in": group}})


async def _found(collection: RawCollection, query: Mapping[str, Any]) -> Slice:
    async with translate_errors():
        return await collection.find(query).to_list(None)


async def _by_cursor(collection: RawCollection) -> AsyncIterator[Slice]:
    cursor = collection.find({}, batch_size=_CURSOR_BATCH)
    while True:
        async with translate_errors():
            piece = await cursor.to_list(_CURSOR_BATCH)
        if not piece:
            return
        yield piece


async def _floor(collection: RawCollection, walk: Walk) -> int:
    """Behind which place the others begin."""
    if walk.floor is None:
        return 0
    name, field = walk.floor
    async with translate_errors():
        found = await collection.database[name].find({}, {field: 1}).to_list(None)
    return max((int(document[field]) for document in found), default=0)


async def _by_place(collection: RawCollection, walk: Walk) -> AsyncIterator[Slice]:
    field = walk.field
    above = floor = await _floor(collection, walk)
    while True:
        while piece := await _found(collection, {field: {"$in": list(range(above + 1, above + _PLACES + 1))}}):
            yield piece
            above += _PLACES
        # Places may have been given up just before they were read here.
        risen = await _floor(collection, walk)
        if risen <= above:
            break
        above = risen
    beyond = [above + 2**power for power in range(6, 53)]
    if not await _found(collection, {field: {"$in": beyond}}):
        return
    # A trail that was damaged. What came already is not given again.
    seen = range(floor + 1, above + 1)
    async for piece in _by_cursor(collection):
        yield [document for document in piece if document[field] not in seen]


async def _by_range(collection: RawCollection, walk: Walk) -> AsyncIterator[Slice]:
    """Ranges without a hole between them, the first and the last without an end; as wide as suits what is found."""
    numbers = walk.spread is Spread.NUMBERS
    top, width = (_NUMBERS_END, _FIRST_WIDTH) if numbers else (_DIGESTS_END, _FIRST_DIGESTS)
    above: int | None = None
    position = 0
    while position < top:
        position = min(position + width, top)
        bounds: dict[str, Any] = {}
        if above is not None:
            bounds["$gte"] = above if numbers else _digest(above)
        if position < top:
            bounds["$lt"] = position if numbers else _digest(position)
        piece = await _found(collection, {walk.field: bounds})
        yield piece
        if len(piece) < _FEW:
            width *= 2
        elif len(piece) > _MANY:
            width = max(1, width // 2)
        above = position


def _digest(position: int) -> bytes:
    return position.to_bytes(4, "big").ljust(_DIGEST_BYTES, b"\0")
