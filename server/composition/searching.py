"""Builds the search. For `community` only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.composition.identity import Ground
from server.intake import Intake
from server.search.finding import Walker
from server.search.frequencies import Frequencies
from server.search.indexing import Indexer
from server.search.service import SearchService, Shelf
from server.search.store import MongoSearchStore
from server.search.titles import Titles


@dataclass(frozen=True, slots=True)
class Searching:
    """The search and what fills its index."""

    service: SearchService
    indexer: Indexer


@asynccontextmanager
async def open_search(ground: Ground, intake: Intake, shelf: Shelf) -> AsyncIterator[Searching]:
    """Build it and begin to read what it keeps in memory."""
    store = MongoSearchStore(ground.database)
    frequencies, titles = Frequencies(store), Titles()
    indexer = Indexer(store, frequencies, titles)
    service = SearchService(Walker(store, frequencies), shelf, intake, frequencies, titles, ground.limiter)
    await indexer.start()
    try:
        yield Searching(service, indexer)
    finally:
        await indexer.close()
