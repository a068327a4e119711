"""What the mail queue keeps of people: letters that wait, with the address they go to, sealed."""

from typing import Final

from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_OWNED: Final = (
    Owned(
        "mail_queue",
        "account_id",
        "letters",
        "messages",
        {"letter": "kind", "created_at": "created_at"},
        rule="mail:queued",
    ),
)


def mail_holdings(database: Database) -> OwnedHoldings:
    """Build them. The queue's memory holds ids alone: what is not in the store any more is not sent."""
    return OwnedHoldings("notify", database, _OWNED, ("mail_queue",))
