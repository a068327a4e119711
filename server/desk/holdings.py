"""What the desk keeps beside its customers' conversations: notes, cases, and what they are found by."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

from server.chat.model import Conversation
from server.desk.erasure import DeskErasure
from server.kernel.holdings import Fate, Held, Piece, Why, no_pieces

Conversations = Callable[[str], Awaitable[Sequence[Conversation]]]
"""Gives a customer's conversations."""


class DeskHoldings:
    """Fills `kernel.holdings.Holdings`.

    Args:
        desk: removes what stands beside conversations.
        conversations: knows whose are whose.
    """

    name: Final = "desk"
    collections: Final = ("desk_cases", "desk_notes", "desk_asks", "desk_search", "desk_views", "desk_agents")

    def __init__(self, desk: DeskErasure, conversations: Conversations) -> None:
        self._desk = desk
        self._conversations = conversations

    async def held(self, person_id: str) -> Sequence[Held]:
        """See `Holdings`."""
        found = await self._conversations(person_id)
        notes = sum([await self._desk.notes(item) for item in found])
        held = [Held("desk_cases", len(found), "support")] if found else []
        return [*held, Held("desk_notes", notes, "support")] if notes else held

    def pieces(self, _person_id: str) -> AsyncIterator[Piece]:
        """See `Holdings`. Notes are what staff wrote for themselves; that there are some, `held` says."""
        return no_pieces()

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        found = await self._conversations(person_id)
        if not found:
            return ()
        notes = sum([await self._desk.notes(item) for item in found])
        return (Fate("desk_notes", notes), Fate("desk_cases", 0, len(found), Why.COUNTED))

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`. After the conversations' texts, for these would be found again."""
        found = await self._conversations(person_id)
        notes = sum([await self._desk.forget(item) for item in found])
        await self._desk.forget_own(person_id)
        return (Fate("desk_notes", notes), Fate("desk_cases", 0, len(found), Why.COUNTED))
