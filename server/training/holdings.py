"""What training keeps of staff: which modules they passed."""

from typing import Final

from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_OWNED: Final = (
    Owned(
        "training_passes",
        "account_id",
        "training_passes",
        "training",
        {"module": "module", "version": "version", "percent": "percent", "at": "at"},
        rule="training:pass",
    ),
)


def training_holdings(database: Database) -> OwnedHoldings:
    """Build them."""
    return OwnedHoldings("training", database, _OWNED, ("training_passes",))
