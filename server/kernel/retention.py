"""How long what is kept stays, as rules that a capability declares and `server.retention` carries out and reports.

A rule is about one collection in one state, for one purpose. Nothing here knows what is kept, nor where.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How long one kind of thing stays.

    Attributes:
        name: `conversation:closed`; its words are in the catalogues under `retention.<name>`.
        collections: where such things lie.
        purpose: what they are kept for (`held_for.<purpose>`).
        keep: from `since` on; None: until its person goes.
        since: what the time counts from, a word of the catalogue: `closed`, `made`, `last_used`.
        setting: environment variable that changes it; empty where it is fixed.
        by_store: whether the store's own index removes it (TTL); the run then only proves that nothing is left.
    """

    name: str
    collections: tuple[str, ...]
    purpose: str
    keep: timedelta | None
    since: str
    setting: str = ""
    by_store: bool = False


Spared = Callable[[Collection[str]], frozenset[str]]
"""Of some account ids, those under a legal hold."""


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
