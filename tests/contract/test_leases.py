"""Who does something alone, among several processes that want to at the same moment."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from server.storage.leases import Leases
from server.storage.mongo import Database

_NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
_LONG = timedelta(minutes=2)


@pytest.fixture
def lease(database: Database) -> Leases:
    return Leases(database["leases"], "watch", {"last": ""})


async def test_one_of_many_has_it(lease: Leases) -> None:
    """Also when nobody has had it before, which is when they all write at once."""
    names = [f"proses-{number}" for number in range(6)]
    taken = await asyncio.gather(*(lease.take(name, _NOW, _NOW + _LONG) for name in names))
    assert sum(document is not None for document in taken) == 1
    again = await asyncio.gather(*(lease.take(name, _NOW, _NOW + _LONG) for name in names))
    assert [document is not None for document in again] == [document is not None for document in taken]


async def test_it_goes_on_when_its_time_is_over_or_it_is_given_back(lease: Leases) -> None:
    """With what was noted beside it; who has it no more takes nothing from who has."""
    assert await lease.take("satu", _NOW, _NOW + _LONG) is not None
    later = _NOW + _LONG + timedelta(seconds=1)
    assert await lease.take("dua", _NOW, _NOW + _LONG) is None
    found = await lease.take("dua", later, later + _LONG)
    assert found is not None
    assert (found["holder"], found["last"]) == ("dua", "")
    await lease.give_back("satu")
    assert await lease.take("satu", later, later + _LONG) is None
    await lease.give_back("dua")
    assert await lease.take("satu", later, later + _LONG) is not None


async def test_one_that_was_taken_by_a_wrong_clock_is_free(lease: Leases) -> None:
    """As at a start before the time is set: whoever comes then does not wait until the wrong time has come."""
    ahead = _NOW + timedelta(hours=7)
    assert await lease.take("satu", ahead, ahead + _LONG) is not None
    assert await lease.take("dua", _NOW, _NOW + _LONG) is not None
    assert await lease.take("tiga", _NOW - timedelta(minutes=30), _NOW) is None, "a clock that is a little behind"


async def test_two_leases_know_nothing_of_each_other(lease: Leases, database: Database) -> None:
    other = Leases(database["leases"], "run")
    assert await lease.take("satu", _NOW, _NOW + _LONG) is not None
    assert await other.take("dua", _NOW, _NOW + _LONG) is not None
