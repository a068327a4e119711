"""What the register of incidents keeps of people: who was told of one. Lists of the affected are sealed, ids only."""

from typing import Final

from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_OWNED: Final = (Owned("incident_told", "account_id", "incident_notices", "security", {"at": "at"}),)


def incident_holdings(database: Database) -> OwnedHoldings:
    """Build them."""
    return OwnedHoldings(
        "incidents", database, _OWNED, ("incidents", "incident_people", "incident_told", "incident_leases")
    )
