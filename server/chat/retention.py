"""How long conversations stay, with all that hangs on them: files, forms, notes of the desk, lines of its search.

A conversation that has gone leaves its shell: number and times, no text and nobody's name, because the trail has
digests of what was in it, and whoever checks it would call it missing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.chat.model import Conversation, Status
from server.kernel.erased import NOBODY
from server.kernel.retention import RetentionRule, Spared, Times, Way, Ways, stays

_CLOSED, _OPEN, _VISITOR = "conversation:closed", "conversation:open", "conversation:visitor"
_USUAL: Final = {_VISITOR: 180, _CLOSED: 730, _OPEN: 1_095}
_WINDOW: Final = 200
_SLICE: Final = 25
"""Conversations, each with everything that hangs on it, that one slice ends."""


class Shelf(Protocol):
    """Where conversations are kept; `chat.store` is."""

    async def last_number(self) -> int: ...
    async def in_window(self, above: int, up_to: int, status: Status | None) -> list[Conversation]: ...


Visitors = Callable[[Sequence[str]], Awaitable[frozenset[str]]]
"""Of some accounts, gives those of visitors."""

End = Callable[[str], Awaitable[None]]
"""Ends a conversation with all that hangs on it, the customer last. Safe to repeat."""


class OldConversations:
    """Finds conversations that have outlived their rule, window by window of their numbers.

    Args:
        shelf: where they are kept.
        visitors: knows visitors.
        times: the operator's own.
    """

    def __init__(self, shelf: Shelf, visitors: Visitors, times: Times) -> None:
        self._shelf = shelf
        self._visitors = visitors
        self._keep = {rule: times.of(rule, days) for rule, days in _USUAL.items()}
        self._floor = 0
        """Up to this number there are shells only; shells they stay."""

    def keep(self, rule: str) -> timedelta:
        """Give how long a rule lets them stay."""
        return self._keep[rule]

    async def of_rule(self, rule: str, now: datetime) -> AsyncIterator[Sequence[Conversation]]:
        """Give those that a rule ends now, the oldest first."""
        earliest = now - min(self._keep.values())
        above, last, shells = self._floor, await self._shelf.last_number(), True
        while above < last:
            window = await self._shelf.in_window(above, min(above + _WINDOW, last), None)
            whole = [one for one in window if one.customer_id != NOBODY]
            shells = shells and not whole
            above += _WINDOW
            if shells and above < last:
                self._floor = above
            # Numbers are given in the order of making: from here on all are too young for every rule.
            if window and min(one.created_at for one in window) > earliest:
                return
            quiet = [one for one in whole if _since(one) < earliest]
            found = await self._of(rule, quiet, now) if quiet else []
            if found:
                yield found

    async def _of(self, rule: str, quiet: Sequence[Conversation], now: datetime) -> list[Conversation]:
        visitors = await self._visitors(sorted({one.customer_id for one in quiet}))
        return [one for one in quiet if _rule_of(one, visitors) == rule and _since(one) < now - self._keep[rule]]


def retention(old: OldConversations, end: End) -> Ways:
    """Give the rules.

    Args:
        old: finds what is due.
        end: ends a conversation.
    """

    def way(name: str, since: str) -> Way:
        collections, held_by = ("conversations", "messages"), ("_id", "customer_id")
        rule = RetentionRule(name, collections, "support", old.keep(name), since, "AMANAH_RETENTION", held_by=held_by)

        async def due(now: datetime, spared: Spared) -> tuple[int, int]:
            go = held = 0
            async for window in old.of_rule(name, now):
                mine = _free(window, spared)
                go, held = go + len(mine), held + len(window) - len(mine)
            return go, held

        async def sweep(now: datetime, spared: Spared) -> int:
            async for window in old.of_rule(name, now):
                mine = _free(window, spared)[:_SLICE]
                for conversation in mine:
                    await end(conversation.id)
                if mine:
                    return len(mine)
            return 0

        return Way(rule, due, sweep)

    return Ways(
        way(_VISITOR, "last_used"),
        way(_CLOSED, "last_used"),
        way(_OPEN, "last_used"),
        stays("conversation:shell", ("conversations", "messages"), "proof", "never"),
        stays("conversation:work", ("unfinished_hidings", "unfinished_adoptions"), "operation", "never"),
        stays("house:counters", ("counters", "support_hours"), "operation", "never"),
    )


def _since(conversation: Conversation) -> datetime:
    return conversation.last_message_at or conversation.created_at


def _rule_of(conversation: Conversation, visitors: frozenset[str]) -> str:
    if conversation.customer_id in visitors:
        return _VISITOR
    return _CLOSED if conversation.status is Status.CLOSED else _OPEN


def _free(window: Sequence[Conversation], spared: Spared) -> list[Conversation]:
    """Give those that no hold spares, neither on them nor on their customer."""
    held = spared({name for one in window for name in (one.id, one.customer_id)})
    return [one for one in window if one.id not in held and one.customer_id not in held]
