"""Polls on the real store: what is asked of them stands in the step that counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from server.forum.extras_store import EXTRA_COLLECTIONS, MongoExtraStore
from server.forum.polls import MOST_VOTERS, Poll
from server.kernel.text import RedactedText
from server.storage.mongo import Database
from server.storage.schema import apply

_END = datetime(2026, 11, 22, 8, tzinfo=UTC)
_BEFORE = _END - timedelta(seconds=1)
_POLL = Poll("uji.1", (RedactedText("ya"), RedactedText("tidak")), multiple=False, closes_at=_END, counts=(0, 0))


async def test_nothing_is_counted_after_the_end_nor_beyond_the_bound(database: Database) -> None:
    """However early somebody looked; who has voted may change it where no more may vote."""
    await apply(database, EXTRA_COLLECTIONS)
    store = MongoExtraStore(database)
    await store.insert_poll(_POLL)
    await store.insert_poll(replace(_POLL, post_id="uji.2", closes_at=None))
    assert await store.vote(_POLL, "satu", (), [0], _BEFORE)
    assert not await store.vote(_POLL, "dua", (), [0], _END)
    assert not await store.vote(_POLL, "satu", [0], [1], _END)
    assert await store.vote(replace(_POLL, post_id="uji.2"), "satu", (), [0], _END)
    await database["forum_polls"].update_one({"_id": _POLL.post_id}, {"$set": {"voters": MOST_VOTERS}})
    assert not await store.vote(_POLL, "dua", (), [0], _BEFORE)
    assert await store.vote(_POLL, "satu", [0], [1], _BEFORE)
    found = (await store.polls([_POLL.post_id], "satu"))[_POLL.post_id]
    assert (found[0].counts, found[0].voters, found[1]) == ((0, 1), MOST_VOTERS, (1,))
