"""Finding every document of a collection in which some words stand, anywhere: in a key, in a value, however deep.

For what has no index and is asked once in a person's lifetime. Reads the collection as a backup does, so that a server
goes on serving meanwhile. Must not know what the words are.
"""

from collections.abc import AsyncIterator, Collection
from typing import Any

import bson

from server.storage.mongo import Database
from server.storage.schema import CollectionSpec
from server.storage.slices import raw, slices


async def having(database: Database, spec: CollectionSpec, words: Collection[str]) -> AsyncIterator[Any]:
    """Give the `_id` of each document that has one of some words in it, whatever their case in ASCII.

    Args:
        database: where.
        spec: of the collection.
        words: at least three characters each.

    Raises:
        Unavailable: the store does not answer.
    """
    needles = [word.lower().encode() for word in words]
    async for piece in slices(raw(database, spec.name), spec.walk):
        for item in piece:
            document = bytes(item.raw).lower()
            if any(needle in document for needle in needles):
                yield bson.decode(item.raw)["_id"]
