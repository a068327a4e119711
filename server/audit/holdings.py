"""What the audit trail keeps of people: opaque ids, which lead to nobody once their account is gone, and no words.

The trail can't be cut out of: that is what it is for. Its length and its end are its own rules (`audit.retention`).
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from server.kernel.holdings import Fate, Held, Piece, no_pieces


class TrailHoldings:
    """Fills `kernel.holdings.Holdings`. Nothing is counted by person: there is no index of people, on purpose."""

    collections: Final = (
        "audit_blocks",
        "audit_anchors",
        "audit_checkpoints",
        "audit_cuts",
        "audit_holds",
        "audit_promises",
    )

    @property
    def name(self) -> str:
        """See `kernel.holdings.Holdings`."""
        return "audit"

    async def held(self, _person_id: str) -> Sequence[Held]:
        """See `kernel.holdings.Holdings`."""
        return ()

    def pieces(self, _person_id: str) -> AsyncIterator[Piece]:
        """See `kernel.holdings.Holdings`."""
        return no_pieces()

    async def preview(self, _person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        return ()

    async def erase(self, _person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        return ()
