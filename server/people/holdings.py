"""What is kept of people as others see them: handles, words about themselves, what they did in figures."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from server.kernel.holdings import Fate, Held, Piece, Why
from server.people.service import People


class PeopleHoldings:
    """Fills `kernel.holdings.Holdings`."""

    name: Final = "people"
    collections: Final = ("people", "handles")

    def __init__(self, people: People) -> None:
        self._people = people

    async def held(self, person_id: str) -> Sequence[Held]:
        """See `Holdings`."""
        profile = await self._people.known(person_id)
        handles = await self._people.handles_of(person_id)
        held = [Held("profile", 1, "community")] if profile else []
        return [*held, Held("handles", len(handles), "community")] if handles else held

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `Holdings`."""
        profile = await self._people.known(person_id)
        if profile is not None:
            document = {
                "handle": profile.handle,
                "handles": list(await self._people.handles_of(person_id)),
                "about": profile.bio.text.value if profile.bio else None,
                "level": profile.level,
                "deeds": {deed.value: count for deed, count in profile.totals.items()},
            }
            yield Piece("forum/profile.json", document, "export.about.profile")

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        return [Fate(held.kind, held.count) for held in await self.held(person_id) if held.kind == "profile"] + [
            Fate(held.kind, held.count, held.count, Why.SAFETY)
            for held in await self.held(person_id)
            if held.kind == "handles"
        ]

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`. After the forum, which asks for the handles."""
        count = await self._people.forget(person_id)
        return (Fate("profile", 1), Fate("handles", count, count, Why.SAFETY))
