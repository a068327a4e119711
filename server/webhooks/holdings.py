"""What webhooks keep of people: nothing. A delivery that waits holds ids and states of things; texts are read when it
is sent, and what was erased until then is not told.
"""

from server.storage.mongo import Database
from server.storage.owned import OwnedHoldings


def hook_holdings(database: Database) -> OwnedHoldings:
    """Build them."""
    return OwnedHoldings("webhooks", database, (), ("webhooks", "webhook_deliveries"))
