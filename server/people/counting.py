"""Counts what people do, in memory, until it is written together with what others did. Pure.

What was counted in the last seconds before a kill is lost: a level is reached one post later. Must not know a store.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from moderation.trust import Deed


@dataclass(frozen=True, slots=True)
class Counted:
    """What somebody did since it was last written.

    Attributes:
        account_id: who.
        deeds: how often what; not the days.
        day: the day on which they were here, as an ordinal; 0 when that is known already.
    """

    account_id: str
    deeds: Mapping[Deed, int]
    day: int = 0


class Tally:
    """Deeds that wait to be written."""

    def __init__(self) -> None:
        self._deeds: dict[str, dict[Deed, int]] = {}
        self._day = 0
        self._here: set[str] = set()
        self._fresh_days: dict[str, int] = {}

    def add(self, account_id: str, deed: Deed, count: int = 1) -> None:
        """Count a deed; a negative count takes one back."""
        deeds = self._deeds.setdefault(account_id, {})
        deeds[deed] = deeds.get(deed, 0) + count

    def visit(self, account_id: str, day: int) -> None:
        """Count a day, once."""
        if day != self._day:
            self._day = day
            self._here.clear()
        if account_id not in self._here:
            self._here.add(account_id)
            self._fresh_days[account_id] = day

    def drop(self, account_id: str) -> None:
        """Forget what somebody did."""
        self._deeds.pop(account_id, None)
        self._fresh_days.pop(account_id, None)
        self._here.discard(account_id)

    def take(self) -> list[Counted]:
        """Give all that waits; it waits no longer."""
        deeds, self._deeds = self._deeds, {}
        days, self._fresh_days = self._fresh_days, {}
        return [
            Counted(account_id, deeds.get(account_id, {}), days.get(account_id, 0))
            for account_id in dict.fromkeys([*deeds, *days])
        ]

    def put_back(self, counted: list[Counted]) -> None:
        """Let it wait again: it could not be written."""
        for item in counted:
            for deed, count in item.deeds.items():
                self.add(item.account_id, deed, count)
            if item.day:
                self._fresh_days.setdefault(item.account_id, item.day)
