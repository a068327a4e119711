"""What identity by the word of sites keeps of people: that a site's somebody is an account, under a keyed digest."""

from typing import Final

from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_OWNED: Final = (
    Owned(
        "site_links",
        "account_id",
        "site_links",
        "account",
        {"site_id": "site", "created_at": "created_at"},
        rule="site:link",
    ),
)


def site_holdings(database: Database) -> OwnedHoldings:
    """Build them. Used tokens are digests that end within minutes."""
    return OwnedHoldings("identify", database, _OWNED, ("embedding_sites", "site_links", "site_tokens"))
