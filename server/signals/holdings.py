"""What signals about the redaction keep of people: nothing. They count by day and class; marks are keyed digests."""

from server.storage.mongo import Database
from server.storage.owned import OwnedHoldings


def signal_holdings(database: Database) -> OwnedHoldings:
    """Build them."""
    return OwnedHoldings("signals", database, (), ("redaction_signals", "redaction_signal_marks"))
