"""How long feedback stays: by what it is, whom it is for, and how far it has come.

What is private goes when its handling ended long ago; what was taken back, or never shown, goes soon; what everybody
may read stays, and forgets its sender. What nobody has answered yet stays until somebody does.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.feedback.model import FINISHED, SETTLED, Kind, Sight
from server.feedback.removal import Aged
from server.kernel.retention import RetentionRule, Spared, Stock, Times, Way, Ways, ends, stays

_COMPLAINT, _PRIVATE, _WITHDRAWN = "feedback:complaint", "feedback:private", "feedback:withdrawn"
_SENDER = "feedback:sender"
_USUAL: Final = {_COMPLAINT: 1_095, _PRIVATE: 730, _WITHDRAWN: 90, _SENDER: 730}
_ENDED: Final = SETTLED | FINISHED
_TAKEN_BACK: Final = frozenset({Sight.WITHDRAWN, Sight.REJECTED})
_WINDOW: Final = 200
_SLICE: Final = 25
"""Items, each with everything that hangs on it, that one slice removes."""


class Shelf(Protocol):
    """Where items are found by their age; `feedback.removal_store` is."""

    async def last_number(self) -> int: ...
    async def aged(self, above: int, up_to: int) -> list[Aged]: ...
    async def begun(self) -> list[str]: ...


class Remover(Protocol):
    """What removes; `feedback.removal` does."""

    async def finish(self) -> int: ...
    async def remove(self, item_id: str, goes: Callable[[Aged], bool]) -> bool: ...
    async def unlink(self, item_id: str, goes: Callable[[Aged], bool]) -> bool: ...


class OldItems:
    """Finds items that have outlived their rule, window by window of their numbers.

    Args:
        shelf: where they are kept.
        times: the operator's own.
    """

    def __init__(self, shelf: Shelf, times: Times) -> None:
        self._shelf = shelf
        self._keep = {rule: times.of(rule, days) for rule, days in _USUAL.items()}

    def keep(self, rule: str) -> timedelta:
        """Give how long a rule lets them stay."""
        return self._keep[rule]

    def is_over(self, rule: str, now: datetime) -> Callable[[Aged], bool]:
        """Give what says of an item whether a rule ends it now."""
        return lambda item: rule_of(item) == rule and item.changed_at < now - self._keep[rule]

    async def of_rule(self, rule: str, now: datetime) -> AsyncIterator[Sequence[Aged]]:
        """Give those that a rule ends now, the oldest first; what is being removed already is left out."""
        over, going = self.is_over(rule, now), frozenset(await self._shelf.begun())
        above, last = 0, await self._shelf.last_number()
        while above < last:
            window = await self._shelf.aged(above, min(above + _WINDOW, last))
            above += _WINDOW
            # Numbers are given in the order of giving: from here on all are too young.
            if window and min(one.created_at for one in window) > now - self._keep[rule]:
                return
            found = [one for one in window if over(one) and one.id not in going]
            if found:
                yield found

    async def unfinished(self) -> int:
        """Give how many items were being removed when a process ended."""
        return len(await self._shelf.begun())


def rule_of(item: Aged) -> str:
    """Give the rule that ends an item, or its link to its sender; empty where none does as it is now."""
    if item.sight in _TAKEN_BACK:
        return _WITHDRAWN
    if item.state not in _ENDED:
        return ""
    if item.is_public:
        return _SENDER if item.is_linked else ""
    return _COMPLAINT if item.kind is Kind.COMPLAINT else _PRIVATE


def retention(stock: Stock, old: OldItems, remover: Remover) -> Ways:
    """Give the rules.

    Args:
        stock: reads by age.
        old: finds what is due.
        remover: removes items, and links to their senders.
    """
    traces = RetentionRule(
        "feedback:trace",
        ("feedback_vote_traces",),
        "security",
        timedelta(days=7),
        "made",
        by_store=True,
        unheld="elsewhere",
    )
    hanging = ("feedback_rings", "feedback_corrections", "feedback_merges")
    return Ways(
        _way(_WITHDRAWN, "taken_back", old, remover, remover.remove),
        _way(_COMPLAINT, "closed", old, remover, remover.remove),
        _way(_PRIVATE, "closed", old, remover, remover.remove),
        _way(_SENDER, "closed", old, remover, remover.unlink),
        stays("feedback:item", ("feedback_items", "feedback_comments"), "feedback", "person"),
        stays("feedback:mark", ("feedback_votes", "feedback_follows"), "feedback", "person"),
        stays("feedback:handling", hanging, "feedback", "whole"),
        stays("feedback:removal", ("feedback_removals",), "operation", "never"),
        stays("feedback:office", ("feedback_areas", "feedback_canned", "feedback_views"), "operation", "staff"),
        stays("feedback:terms", ("feedback_terms",), "operation", "staff"),
        ends(traces, stock, "at", grace=timedelta(hours=1)),
    )


def _way(
    name: str,
    since: str,
    old: OldItems,
    remover: Remover,
    carry_out: Callable[[str, Callable[[Aged], bool]], Awaitable[bool]],
) -> Way:
    collections, held_by = ("feedback_items", "feedback_comments"), ("_id", "author_id")
    rule = RetentionRule(name, collections, "feedback", old.keep(name), since, "AMANAH_RETENTION", held_by=held_by)

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        # What was begun belongs to no rule any more; the first answers for it.
        go, held = await old.unfinished() if name == _WITHDRAWN else 0, 0
        async for window in old.of_rule(name, now):
            mine = _free(window, spared)
            go, held = go + len(mine), held + len(window) - len(mine)
        return go, held

    async def sweep(now: datetime, spared: Spared) -> int:
        finished = await remover.finish()
        if finished:
            return finished
        async for window in old.of_rule(name, now):
            mine = _free(window, spared)[:_SLICE]
            gone = [await carry_out(one.id, old.is_over(name, now)) for one in mine]
            if any(gone):
                return sum(gone)
        return 0

    return Way(rule, due, sweep)


def _free(window: Sequence[Aged], spared: Spared) -> list[Aged]:
    """Give those that no hold spares, neither on them nor on their sender."""
    held = spared({name for one in window for name in (one.id, one.author_id or "")})
    return [one for one in window if one.id not in held and one.author_id not in held]
