"""What privacy itself keeps of people: their choices, who looked at what is theirs, openings by way of exception.

That somebody of staff opened something by way of exception stays, for whoever reviews it: without the person, and
without the words of the reason.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from server.kernel.erased import NOBODY
from server.kernel.holdings import Fate, Why
from server.privacy.service import ConsentLedger
from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_CHOICES: Final = Owned(
    "choices",
    "account_id",
    "choices",
    "consent",
    {"purpose": "purpose", "granted": "granted", "version": "version", "at": "at", "by": "by"},
    rule="consent",
)
_GUARDIANS: Final = Owned(
    "guardianships", "_id", "guardianships", "consent", {"ward": "ward", "since": "since"}, rule="consent"
)
_LOOKS: Final = Owned(
    "looks",
    "person_id",
    "looks",
    "proof",
    {"action": "action", "role": "role", "purpose": "purpose", "at": "at", "last_at": "last_at", "count": "count"},
    rule="access:look",
)
_GLASS: Final = Owned(
    "break_glass",
    "person_id",
    "break_glass",
    "proof",
    {"role": "role", "purpose": "purpose", "opened_at": "opened_at", "ends_at": "ends_at", "minutes": "minutes"},
    rule="access:glass",
)


class GlassStore(Protocol):
    """What is needed of the store of openings."""

    async def detach(self, person_id: str, nobody: str) -> int:
        """Take a person and the words about them out of openings; give of how many."""
        ...


class PrivacyHoldings(OwnedHoldings):
    """Fills `kernel.holdings.Holdings`. In an export, who of staff looked is told by role: a name would be another's.

    Args:
        database: where.
        ledger: remembers who agreed to what.
        glass: where openings are kept.
    """

    def __init__(self, database: Database, ledger: ConsentLedger, glass: GlassStore) -> None:
        super().__init__(
            "privacy",
            database,
            (_CHOICES, _GUARDIANS, _LOOKS, _GLASS),
            ("choices", "guardianships", "looks", "break_glass"),
        )
        self._ledger = ledger
        self._glass = glass

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        fates = await super().preview(person_id)
        return [_stays(fate) if fate.kind == _GLASS.kind else fate for fate in fates]

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        fates = [Fate(one.kind, await self.remove(one, person_id)) for one in (_CHOICES, _GUARDIANS, _LOOKS)]
        stayed = await self._glass.detach(person_id, NOBODY)
        await self._ledger.changed(person_id)
        return (*fates, _stays(Fate(_GLASS.kind, stayed)))


def _stays(fate: Fate) -> Fate:
    return Fate(fate.kind, 0, fate.gone, Why.PROOF if fate.gone else None)
