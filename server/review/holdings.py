"""What moderation keeps of people: what was decided about their texts, what they reported, their sanctions."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol

from server.kernel.holdings import Fate, Held, Piece
from server.kernel.wire import rfc3339
from server.review.model import Item, Report


class ErasureStore(Protocol):
    """Finds what is kept of somebody, and removes it; see `erasure_store`."""

    async def items(self, account_id: str) -> list[Item]: ...
    async def sanctioned(self, account_id: str) -> int: ...
    async def reports(self, account_id: str) -> list[Report]: ...
    async def remove_items(self, account_id: str) -> int: ...
    async def remove_reports(self, account_id: str) -> int: ...
    async def remove_sanctions(self, account_id: str) -> int: ...


class ReviewHoldings:
    """Fills `kernel.holdings.Holdings`."""

    name: Final = "review"
    collections: Final = ("review_items", "review_reports", "review_sanctions", "review_reporters")

    def __init__(self, store: ErasureStore) -> None:
        self._store = store

    async def held(self, person_id: str) -> Sequence[Held]:
        """See `Holdings`."""
        held = (
            Held("review_items", len(await self._store.items(person_id)), "community"),
            Held("flags", len(await self._store.reports(person_id)), "community"),
            Held("sanctions", await self._store.sanctioned(person_id), "community"),
        )
        return [item for item in held if item.count]

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `Holdings`. Who decided, and who reported them, is others' affair."""
        items = await self._store.items(person_id)
        reports = await self._store.reports(person_id)
        if items or reports:
            document = {
                "decisions": [
                    {
                        "about": item.target,
                        "at": rfc3339(item.created_at),
                        "reason": item.category.value if item.category else None,
                        "words": item.note.text.value if item.note else None,
                        "appeal": item.appeal.text.value if item.appeal else None,
                    }
                    for item in items
                ],
                "reports": [
                    {
                        "about": f"{report.target_type}:{report.target_id}",
                        "at": rfc3339(report.at),
                        "reason": report.category.value,
                        "words": report.note.text.value if report.note else None,
                    }
                    for report in reports
                ],
            }
            yield Piece("forum/moderation.json", document, "export.about.moderation")

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        return [Fate(held.kind, held.count) for held in await self.held(person_id)]

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        return (
            Fate("review_items", await self._store.remove_items(person_id)),
            Fate("flags", await self._store.remove_reports(person_id)),
            Fate("sanctions", await self._store.remove_sanctions(person_id)),
        )
