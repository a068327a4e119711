"""How long what is kept stays, as rules that a capability declares and `server.retention` carries out and reports.

A rule is about one collection in one state, for one purpose. Nothing here knows what is kept, nor where.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How long one kind of thing stays.

    Attributes:
        name: `conversation:closed`; its words are in the catalogues under `retention.<name>`.
        collections: where such things lie.
        purpose: what they are kept for (`held_for.<purpose>`).
        keep: from `since` on; None: until its person goes.
        since: what the time counts from, or what ends it where no time does; a word of the catalogue
            (`retention.since.<since>`): `closed`, `made`, `person`.
        setting: environment variable that changes it; empty where it is fixed.
        by_store: whether the store's own index removes it (TTL); the run then only proves that nothing is left.
        held_by: in what the ids stand whose hold it obeys: fields, or words where these are found otherwise.
        unheld: why it obeys none; a word of the catalogue (`retention.unheld.<unheld>`).
    """

    name: str
    collections: tuple[str, ...]
    purpose: str
    keep: timedelta | None
    since: str
    setting: str = ""
    by_store: bool = False
    held_by: tuple[str, ...] = ()
    unheld: str = ""

    def __post_init__(self) -> None:
        """Insist that what a time ends either obeys legal holds or says why not, and never both.

        Raises:
            ValueError: it says neither, or both. What no time ends goes with its person's erasure, which obeys.
        """
        if self.keep is not None and bool(self.held_by) == bool(self.unheld):
            raise ValueError("a rule that a time ends must obey holds or say why it does not")


Spared = Callable[[Collection[str]], frozenset[str]]
"""Of some ids of people and things, those under a legal hold."""


def nothing_held(_ids: Collection[str]) -> frozenset[str]:
    """Stand for holds where there are none."""
    return frozenset()


class Sweeper(Protocol):
    """Carries out the rules of one capability."""

    @property
    def rules(self) -> tuple[RetentionRule, ...]:
        """All of them."""
        ...

    async def due(self, rule: RetentionRule, now: datetime, spared: Spared) -> tuple[int, int]:
        """Count what has outlived a rule: how many would go, and how many stay for a hold. Changes nothing."""
        ...

    async def sweep(self, rule: RetentionRule, now: datetime, spared: Spared) -> int:
        """Remove a slice of it, some hundred at most, and say how many. 0: nothing is left. Safe to repeat.

        Raises:
            Unavailable: the store does not answer; do it again.
        """
        ...


class Stock(Protocol):
    """Reads and removes what lies in a collection by its age alone; what it means, the capability knows."""

    def older(
        self, collection: str, moment: str, before: datetime, reads: Sequence[str], *, hours: bool = False
    ) -> AsyncIterator[Sequence[Mapping[str, object]]]:
        """Give what is older, a little at a time, the oldest first.

        Args:
            collection: which.
            moment: its field of moments, which has an index.
            before: everything with an earlier moment is given.
            reads: fields to read beside `_id`; a path may lead into objects.
            hours: whether the field holds whole hours since 1970 and no moment; none is given that has only begun.
        """
        ...

    async def remove(self, collection: str, ids: Sequence[object]) -> int:
        """Remove documents; give how many there were."""
        ...


SLICE: Final = 500
"""How many things a sweep removes at a time, at most."""


@dataclass(frozen=True, slots=True)
class Way:
    """A rule and how it is carried out.

    Attributes:
        rule: the rule.
        due: as `Sweeper.due`.
        sweep: as `Sweeper.sweep`.
    """

    rule: RetentionRule
    due: Callable[[datetime, Spared], Awaitable[tuple[int, int]]]
    sweep: Callable[[datetime, Spared], Awaitable[int]]


class Ways:
    """Fills `Sweeper` by a table.

    Args:
        ways: all of a capability.
    """

    def __init__(self, *ways: Way) -> None:
        self._ways = {way.rule.name: way for way in ways}

    @property
    def rules(self) -> tuple[RetentionRule, ...]:
        """See `Sweeper`."""
        return tuple(way.rule for way in self._ways.values())

    async def due(self, rule: RetentionRule, now: datetime, spared: Spared) -> tuple[int, int]:
        """See `Sweeper`."""
        return await self._ways[rule.name].due(now, spared)

    async def sweep(self, rule: RetentionRule, now: datetime, spared: Spared) -> int:
        """See `Sweeper`."""
        return await self._ways[rule.name].sweep(now, spared)


def stays(name: str, collections: Sequence[str], purpose: str, until: str) -> Way:
    """Make the way of what no time ends.

    Args:
        name: of the rule.
        collections: where it lies.
        purpose: what it is kept for.
        until: what ends it: `person` (goes with its person), `whole` (with what it belongs to), `staff` (when somebody
            removes it), `never` (figures and settings that are about nobody).
    """

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        return 0, 0

    async def sweep(now: datetime, spared: Spared) -> int:
        return 0

    return Way(RetentionRule(name, tuple(collections), purpose, None, until), due, sweep)


def ends(
    rule: RetentionRule,
    stock: Stock,
    moment: str,
    *,
    where: tuple[str, object] | None = None,
    grace: timedelta = timedelta(),
) -> Way:
    """Make the way of what goes so long after a moment that it bears itself, by index.

    Args:
        rule: names one collection, and in `held_by` the fields with the ids whose hold it obeys.
        stock: reads and removes.
        moment: its field.
        where: a field and the value that it has in what the rule is about.
        grace: how much later it has to be gone: what the store removes by itself, it removes within a minute or so.
    """
    collection, keep, whose = rule.collections[0], (rule.keep or timedelta()) + grace, rule.held_by
    reads = (*whose, where[0]) if where else tuple(whose)

    async def windows(now: datetime) -> AsyncIterator[Sequence[Mapping[str, object]]]:
        async for window in stock.older(collection, moment, now - keep, reads):
            yield [one for one in window if where is None or one.get(where[0]) == where[1]]

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        go = held = 0
        async for window in windows(now):
            mine = _of(window, whose, spared)
            go, held = go + len(mine), held + len(window) - len(mine)
        return go, held

    async def sweep(now: datetime, spared: Spared) -> int:
        async for window in windows(now):
            mine = _of(window, whose, spared)
            if mine:
                return await stock.remove(collection, mine[:SLICE])
        return 0

    return Way(rule, due, sweep)


def _of(window: Sequence[Mapping[str, object]], whose: Sequence[str], spared: Spared) -> list[object]:
    """Give the ids of those that no hold spares."""
    named = {str(value) for document in window for field in whose if (value := _at(document, field)) is not None}
    held = spared(named) if named else frozenset()
    return [document["_id"] for document in window if not any(_at(document, field) in held for field in whose)]


def _at(document: Mapping[str, object], path: str) -> object:
    found: object = document
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


@dataclass(frozen=True, slots=True)
class Times:
    """How long things stay where the operator wants it otherwise: rule -> days."""

    days: Mapping[str, int] = field(default_factory=dict)

    def of(self, rule: str, usual: int) -> timedelta:
        """Give the time of a rule; `usual`: days where nothing else is set."""
        return timedelta(days=self.days.get(rule, usual))
