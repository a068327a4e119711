"""What second factors keep of people: secrets of apps and digests of codes, which nobody is shown, and passkeys."""

from typing import Final

from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_OWNED: Final = (
    Owned("factor_codes", "_id", "codes", "security", {"since": "since"}, rule="factor:kept"),
    Owned(
        "passkeys",
        "account_id",
        "passkeys",
        "security",
        {"kind": "kind", "synced": "synced", "created_at": "created_at", "used_at": "used_at"},
        rule="factor:kept",
    ),
)


def factor_holdings(database: Database) -> OwnedHoldings:
    """Build them. Challenges are digests that end within minutes."""
    return OwnedHoldings("factors", database, _OWNED, ("factor_codes", "passkeys", "challenges"))
