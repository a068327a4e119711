"""What retention keeps of people: that their data once had to stay, and why. One that stands makes an erasure wait."""

from typing import Final

from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_OWNED: Final = (Owned("legal_holds", "object_id", "legal_holds", "proof", {"set_at": "set_at"}),)


def retention_holdings(database: Database) -> OwnedHoldings:
    """Build them."""
    return OwnedHoldings("retention", database, _OWNED, ("legal_holds", "retention_runs", "retention_leases"))
