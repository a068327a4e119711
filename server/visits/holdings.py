"""What visits keep of people: when and from where they came, and digests by which their devices are known again."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from server.kernel.holdings import Fate, Piece
from server.kernel.wire import rfc3339
from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings
from server.visits.service import VisitLog, VisitStore

_OWNED: Final = (
    Owned("visits", "account_id", "visits", "security", rule="visit:rest"),
    Owned("known_devices", "account_id", "known_devices", "security", rule="device:known"),
)
_EVER: Final = 2**31 - 1
_A_PIECE: Final = 500


class VisitHoldings(OwnedHoldings):
    """Fills `kernel.holdings.Holdings`.

    Args:
        database: where.
        store: opens the full values that are still kept.
        visits: writes visits beside requests.
    """

    def __init__(self, database: Database, store: VisitStore, visits: VisitLog) -> None:
        super().__init__("visits", database, _OWNED, ("visits", "visit_sweeps", "known_devices"))
        self._store = store
        self._visits = visits

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `kernel.holdings.Holdings`. Digests of devices say nothing and stay."""
        found = sorted(await self._store.between(person_id, 0, _EVER), key=lambda visit: visit.id)
        for first in range(0, len(found), _A_PIECE):
            told = [
                {
                    "at": rfc3339(visit.at),
                    "signed_in": visit.signed_in,
                    "browser": visit.device.browser.value,
                    "system": visit.device.system.value,
                    "network": visit.place.network,
                    "address": visit.address,
                    "agent": visit.agent,
                }
                for visit in found[first : first + _A_PIECE]
            ]
            yield Piece(f"visits/visits-{first // _A_PIECE + 1}.json", told, "held.visits")

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        await self._visits.settle()
        return await super().erase(person_id)
