"""Accounts for display: read together, kept, and never as they were before they changed."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from server.accounts.cards import Cards
from server.accounts.model import Account
from server.kernel.actor import Role
from server.kernel.errors import Unavailable

_NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _account(account_id: str, name: str) -> Account:
    return Account(account_id, Role.AGENT, name, None, "id", _NOW)


class _Shelf:
    """Answers when it is let, with what it holds when it is asked."""

    def __init__(self) -> None:
        self.names = {f"a{number}": f"Ani {number}" for number in range(200)}
        self.asked: list[list[str]] = []
        self.let = asyncio.Event()
        self.let.set()
        self.was_asked = asyncio.Event()
        self.away = False

    async def find(self, account_ids: Sequence[str]) -> list[Account]:
        self.asked.append(list(account_ids))
        self.was_asked.set()
        found = [_account(one, self.names[one]) for one in account_ids if one in self.names]
        await self.let.wait()
        if self.away:
            raise Unavailable
        return found


async def _until(shelf: _Shelf, count: int) -> None:
    while len(shelf.asked) < count:
        await shelf.was_asked.wait()
        shelf.was_asked.clear()


async def test_what_several_want_is_read_with_one_command_while_another_is_under_way() -> None:
    shelf = _Shelf()
    cards = Cards(shelf.find)
    shelf.let.clear()
    first = asyncio.create_task(cards.of(["a1"]))
    await _until(shelf, 1)
    others = [asyncio.create_task(cards.of(["a1", f"a{number}"])) for number in (2, 3)]
    await asyncio.sleep(0)
    shelf.let.set()
    found = [await task for task in (first, *others)]
    assert [sorted(item) for item in found] == [["a1"], ["a1", "a2"], ["a1", "a3"]]
    assert shelf.asked == [["a1"], ["a2", "a3"]]
    assert sorted(await cards.of(["a1", "a3", "nobody"])) == ["a1", "a3"]
    assert shelf.asked[2:] == [["nobody"]]


async def test_many_are_read_in_pieces() -> None:
    shelf = _Shelf()
    assert len(await Cards(shelf.find).of(shelf.names)) == 200
    assert [len(asked) for asked in shelf.asked] == [50, 50, 50, 50]


async def test_who_changes_while_they_are_read_is_read_again() -> None:
    shelf = _Shelf()
    cards = Cards(shelf.find)
    shelf.let.clear()
    reading = asyncio.create_task(cards.of(["a1"]))
    await _until(shelf, 1)
    shelf.names["a1"] = "Ani Lestari"
    cards.forget("a1")
    shelf.let.set()
    await reading
    assert (await cards.of(["a1"]))["a1"].display_name == "Ani Lestari"


async def test_few_are_kept() -> None:
    shelf = _Shelf()
    cards = Cards(shelf.find, kept=2)
    for number in range(5):
        await cards.of([f"a{number}"])
    await cards.of(["a0"])
    assert len(shelf.asked) == 6


async def test_an_outage_reaches_who_asked_and_passes() -> None:
    shelf = _Shelf()
    cards = Cards(shelf.find)
    shelf.away = True
    with pytest.raises(Unavailable):
        await cards.of(["a1"])
    shelf.away = False
    assert "a1" in await cards.of(["a1"])
