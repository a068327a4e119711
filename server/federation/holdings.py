"""What sign-in by an identity provider keeps of people: that an account is linked, under a keyed digest."""

from typing import Final

from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_OWNED: Final = (
    Owned(
        "federation_links",
        "account_id",
        "provider_link",
        "security",
        {"created_at": "created_at"},
        rule="federation:link",
    ),
)


def federation_holdings(database: Database) -> OwnedHoldings:
    """Build them. Ways to the provider are digests that end within minutes."""
    return OwnedHoldings("federation", database, _OWNED, ("federation_links", "federation_states"))
