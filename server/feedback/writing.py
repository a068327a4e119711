"""Writing into items: one change at a time, with the item's numbering, and no change lost. Must not know who may what.

The record's `revision` decides between writers, here and in other processes: who loses reads it again.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from weakref import WeakValueDictionary

from server.feedback.announced import announced
from server.feedback.model import Item
from server.feedback.records import Opened
from server.kernel.errors import Conflict, NotFound
from server.kernel.text import Numbering

_MOST_TRIES = 50

Make = Callable[[Item, Numbering], Item]
"""Gives an item's next form, of the item as it is at that moment and its numbering; may refuse."""


class ItemStore(Protocol):
    """What is needed of the store."""

    async def next_change(self) -> int: ...
    async def open(self, item_id: str) -> Opened | None: ...
    async def replace_item(
        self,
        before: Item,
        after: Item,
        *,
        numbers: Mapping[str, int] | None = None,
        tell: Sequence[str] = (),
        draws: bool = True,
    ) -> bool: ...
    async def count(
        self, item_id: str, change: int, *, votes: int = 0, weight: int = 0, followers: int = 0, heat: float = 0.0
    ) -> Item | None: ...


class Watcher(Protocol):
    """Hears of each change in this process at once."""

    def take(self, item: Item) -> None: ...


class Drawer(Protocol):
    """Draws what follows from a change, in the background."""

    def draw(self, item_id: str) -> None: ...


class ItemWriter:
    """Writes into items.

    Args:
        store: where they are kept.
        watcher: the board.
    """

    def __init__(self, store: ItemStore, watcher: Watcher) -> None:
        self._store = store
        self._watcher = watcher
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.drawer: Drawer | None = None

    def turn(self, item_id: str) -> asyncio.Lock:
        """Give the lock that an item's writers take turns with."""
        lock = self._turns.get(item_id)
        if lock is None:
            lock = self._turns[item_id] = asyncio.Lock()
        return lock

    async def change(
        self, item_id: str, make: Make, *, tell: Sequence[str] = (), draws: bool = True, silent: bool = False
    ) -> tuple[Item, Item]:
        """Change an item.

        Args:
            item_id: which.
            make: gives its next form.
            tell: of what its readers are to be told: `WHY`, or `WHY:ACCOUNT` with who did it and need not be.
            draws: whether consequences follow; they do in any case where other programs are told of it.
            silent: whether these are told nothing, whatever changes: what goes by its age is no news.

        Returns:
            The item before and after; the same twice where `make` changed nothing.

        Raises:
            NotFound: there is no such item.
            Conflict: it changes all the time.
        """
        async with self.turn(item_id):
            for _ in range(_MOST_TRIES):
                opened = await self._store.open(item_id)
                if opened is None:
                    raise NotFound
                before, numbering = opened.item, Numbering(opened.numbers)
                made = make(before, numbering)
                fresh = numbering.fresh()
                if made == before and not fresh:
                    return before, before
                after = replace(made, revision=before.revision + 1, change=await self._store.next_change())
                events = [] if silent else announced(before, after)
                follows = draws or bool(events)
                if await self._store.replace_item(before, after, numbers=fresh, tell=[*tell, *events], draws=follows):
                    self._watcher.take(after)
                    if follows and self.drawer is not None:
                        self.drawer.draw(item_id)
                    return before, after
        raise Conflict

    async def count(
        self, item_id: str, *, votes: int = 0, weight: int = 0, followers: int = 0, heat: float = 0.0
    ) -> Item:
        """Count on.

        Raises:
            NotFound: there is no such item.
        """
        change = await self._store.next_change()
        item = await self._store.count(item_id, change, votes=votes, weight=weight, followers=followers, heat=heat)
        if item is None:
            raise NotFound
        self._watcher.take(item)
        return item
