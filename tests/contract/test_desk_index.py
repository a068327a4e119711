"""Old pieces of the desk's search are brought up to date: which message says what. On the real store."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from server.chat.model import Message
from server.desk.backlog import Backlog
from server.desk.indexing import Indexer
from server.desk.pieces import PIECE, Piece, piece_id, pieces_of
from server.desk.reading_in import ReadingIn
from server.desk.recent import Recent
from server.desk.retelling import Retelling
from server.desk.search_store import SEARCH_COLLECTIONS, MongoDeskSearchStore, piece_document
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.desking import Office, Process, Time, prepare, running

_OLD = 60
"""More than are looked at in one step."""

_HOUR = timedelta(hours=1)


class _Counted(Indexer):
    """Remembers which pieces it told."""

    told: list[str]

    async def tell(self, pieces: Sequence[Piece]) -> None:
        self.told = [*getattr(self, "told", []), *(piece.id for piece in pieces)]
        await super().tell(pieces)


def _indexer(process: Process, database: Database, recent: Recent | None = None) -> _Counted:
    store = MongoDeskSearchStore(database)
    return _Counted(store, process.chat, process.conversation, recent)


def _retelling(process: Process, database: Database, indexer: Indexer) -> Backlog:
    return Backlog(Retelling(MongoDeskSearchStore(database), indexer), process.office_store, process.time)


@pytest.fixture
async def desk(database: Database) -> Database:
    """A database with the desk's collections."""
    await prepare(database)
    await apply(database, SEARCH_COLLECTIONS)
    return database


async def _written_before(process: Process, database: Database, talk: str) -> Message:
    """Write the piece of a conversation as it was written once, and many others that tell everything."""
    [message] = await process.chat.messages(talk, 0, 1)
    [share] = pieces_of(await process.conversation(talk), [message])
    document = piece_document(share, 1)
    del document["said"]
    await database["desk_search"].insert_one(document)
    others = [piece_document(share, number) for number in range(2, _OLD + 1)]
    for other in others:
        other["conversation_id"] = f"other-{other['number']}"
        other["_id"] = piece_id(other["conversation_id"], 0)
    await database["desk_search"].insert_many(others)
    await database["counters"].update_one({"_id": "desk_search"}, {"$set": {"value": _OLD}}, upsert=True)
    return message


async def test_what_does_not_tell_is_told_once(desk: Database) -> None:
    """From the newest to the oldest; a restart goes on, and when all is done there is nothing to do."""
    async with running(desk, Time(), Office(["ani"])) as process:
        talk = await process.begin("mesin kasir mati")
        await _written_before(process, desk, talk)
        store = MongoDeskSearchStore(desk)
        [before] = await store.numbered(0, 1)
        assert not before.is_told
        first = _indexer(process, desk)
        assert await _retelling(process, desk, first).step()
        assert not hasattr(first, "told")
        process.time.pass_by(_HOUR)
        # Another process: the first one ended.
        second = _indexer(process, desk)
        assert not await _retelling(process, desk, second).step()
        assert second.told == [piece_id(talk, 0)]
        [after] = await store.numbered(0, 1)
        assert after.is_told
        assert after.keys == before.keys
        process.time.pass_by(_HOUR)
        third = _indexer(process, desk)
        assert not await _retelling(process, desk, third).step()
        assert not hasattr(third, "told")


async def test_what_is_in_memory_tells_it_too(desk: Database) -> None:
    """So a search reads one message of it, and not all."""
    async with running(desk, Time(), Office(["ani"])) as process:
        talk = await process.begin("mesin kasir mati")
        await _written_before(process, desk, talk)
        recent, store = Recent(), MongoDeskSearchStore(desk)
        recent.begin(_OLD)
        recent.take_in(await store.numbered(0, _OLD), 0)
        [spot] = [spot for spot in recent.newest(["kasir"], [], _OLD, _OLD) if spot.conversation_id == talk]
        assert spot.places is None
        retelling = _retelling(process, desk, _indexer(process, desk, recent))
        while await retelling.step():
            pass
        [spot] = [spot for spot in recent.newest(["kasir"], [], _OLD, _OLD) if spot.conversation_id == talk]
        assert spot.seqs(all_of_them=False) == [1]


async def test_what_is_written_meanwhile_stays(desk: Database) -> None:
    """A message that comes between the reading of a piece and its telling is found, and told of."""
    async with running(desk, Time(), Office(["ani"])) as process:
        talk = await process.begin("mesin kasir mati")
        await _written_before(process, desk, talk)
        indexer = _indexer(process, desk)
        store = MongoDeskSearchStore(desk)
        old = await store.numbered(0, 1)
        await process.say(talk, "struk tidak keluar")
        indexer.mend(talk, 0)
        await indexer.flush()
        await indexer.tell(old)
        [piece] = await store.numbered(0, 1)
        assert piece.is_told
        assert len(piece.said) == 2 <= PIECE


async def test_what_was_there_before_the_index_is_taken_in_once(desk: Database) -> None:
    """Window by window, over processes that end in between; then never again."""
    async with running(desk, Time(), Office(["ani"])) as process:
        talks = [await process.begin(f"mesin kasir mati {number}") for number in range(25)]
        store = MongoDeskSearchStore(desk)
        assert await store.find([piece_id(talk, 0) for talk in talks]) == {}
        more = []
        for _ in range(3):
            task = ReadingIn(process.chat, _indexer(process, desk))
            more.append(await Backlog(task, process.office_store, process.time).step())
            process.time.pass_by(_HOUR)
        assert more == [True, False, False]
        assert await store.find([piece_id(talk, 0) for talk in talks]) == {piece_id(talk, 0): 1 for talk in talks}
        assert await store.last_number() == len(talks)
