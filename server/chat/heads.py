"""The heads of conversations in memory: all that are open, the newest, and those of customers who asked of late.

Lists are made of them without a command to the store, however many conversations there are. Only for a server that is
alone with its store. What is told keeps them (`ConversationChanged`); what is newer than that, the registry knows. Must
not know who may see what.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Final, Protocol

from server.chat.events import ConversationChanged
from server.chat.model import Conversation, Status

_NEWEST: Final = 2_000
"""Of which those that are closed are kept too; twice as many before the oldest are let go."""

_OF_CUSTOMERS: Final = 10_000
"""Conversations kept for the lists of their customers; each head is some 2 KB."""

Current = Callable[[Conversation], Conversation]
"""Gives the state in memory where there is one."""

Wanted = Callable[[Conversation], bool]
"""Says whether a conversation belongs on a list."""


class HeadStore(Protocol):
    """What this needs from the store of chat, which says what each does."""

    async def last_number(self) -> int: ...
    async def in_window(self, above: int, up_to: int, status: Status | None) -> list[Conversation]: ...
    async def open_ones(self) -> list[Conversation]: ...
    async def of_customer(self, account_id: str) -> list[Conversation]: ...


class Heads:
    """Heads of conversations.

    Args:
        store: where they are read.
        current: knows what moved on since it was told.
        newest: how many of the newest are kept whatever their status.
        of_customers: how many are kept for customers.
    """

    def __init__(
        self, store: HeadStore, current: Current, *, newest: int = _NEWEST, of_customers: int = _OF_CUSTOMERS
    ) -> None:
        self._store = store
        self._current = current
        self._newest = newest
        self._of_customers = of_customers
        self._known: dict[int, Conversation] = {}
        """All that are open, and all above the floor."""
        self._order: list[int] = []
        self._open: list[int] = []
        self._floor = 0
        self._theirs: OrderedDict[str, dict[str, Conversation]] = OrderedDict()
        """Customer -> all of theirs."""
        self._whose: dict[str, str] = {}
        """Conversation -> for which customer it is kept."""
        self._reading: dict[str, object] = {}
        """Customer -> who reads theirs, as long as nothing was told of them since."""

    async def start(self) -> None:
        """Read what is open and what is new. What was told meanwhile stays.

        Raises:
            Unavailable: the store does not answer.
        """
        last = await self._store.last_number()
        self._floor = max(0, last - self._newest)
        newest = await self._store.in_window(self._floor, last, None)
        for item in [*newest, *(await self._store.open_ones())]:
            if item.number not in self._known:
                self._put(item)

    async def hear(self, event: ConversationChanged) -> None:
        """A conversation is so now."""
        conversation = self._current(event.conversation)
        self._put(conversation)
        before = self._whose.get(conversation.id)
        if before is not None and before != conversation.customer_id:
            del self._theirs[before][conversation.id], self._whose[conversation.id]
        theirs = self._theirs.get(conversation.customer_id)
        if theirs is not None:
            theirs[conversation.id] = conversation
            self._whose[conversation.id] = conversation.customer_id
        self._reading.pop(conversation.customer_id, None)

    def open_ones(self) -> list[Conversation]:
        """Give all that are open."""
        found = [self._current(self._known[number]) for number in self._open]
        return [item for item in found if item.status is Status.OPEN]

    def newest(
        self, before: int | None, status: Status | None, count: int, wanted: Wanted
    ) -> tuple[list[Conversation], int]:
        """Give the newest that are wanted.

        Args:
            before: only numbers below; None for all.
            status: only these; what is wanted has to ask for it too.
            count: how many at most.
            wanted: which.

        Returns:
            What was found, newest first; and up to which number the store has to be asked for more, 0 for not at all.
        """
        order, floor = (self._open, 0) if status is Status.OPEN else (self._order, self._floor)
        index = len(order) if before is None else bisect_left(order, before)
        found: list[Conversation] = []
        while index > 0 and len(found) < count and order[index - 1] > floor:
            index -= 1
            item = self._current(self._known[order[index]])
            if wanted(item):
                found.append(item)
        if len(found) >= count:
            return found, 0
        return found, floor if before is None else min(floor, max(0, before - 1))

    async def of_customer(self, account_id: str) -> Collection[Conversation]:
        """Give all of a customer's, as they are now; in no order.

        Raises:
            Unavailable: the store does not answer.
        """
        theirs = self._theirs.get(account_id)
        if theirs is None:
            reading = self._reading[account_id] = object()
            found = {item.id: item for item in await self._store.of_customer(account_id)}
            if self._reading.get(account_id) is not reading:
                # Something of theirs moved on while it was read.
                return [self._current(item) for item in found.values()]
            del self._reading[account_id]
            theirs = self._theirs[account_id] = found
            self._whose.update(dict.fromkeys(found, account_id))
            while len(self._whose) > self._of_customers:
                for conversation_id in self._theirs.popitem(last=False)[1]:
                    del self._whose[conversation_id]
        else:
            self._theirs.move_to_end(account_id)
        return [self._current(item) for item in theirs.values()]

    def _put(self, conversation: Conversation) -> None:
        number, is_open = conversation.number, conversation.status is Status.OPEN
        before = self._known.get(number)
        was_open = before is not None and before.status is Status.OPEN
        if is_open and not was_open:
            insort(self._open, number)
        elif was_open and not is_open:
            del self._open[bisect_left(self._open, number)]
        if is_open or number > self._floor:
            if before is None:
                insort(self._order, number)
            self._known[number] = conversation
            self._trim()
        elif before is not None:
            self._drop(number)

    def _trim(self) -> None:
        """Let the oldest closed ones go, many at a time."""
        if len(self._order) - len(self._open) <= 2 * self._newest:
            return
        self._floor = self._order[-self._newest]
        for number in [item for item in self._order if item <= self._floor]:
            if self._known[number].status is not Status.OPEN:
                del self._known[number]
        self._order = sorted(self._known)

    def _drop(self, number: int) -> None:
        del self._known[number], self._order[bisect_left(self._order, number)]
