"""Tells moderators that something waits for a decision: those who may decide it, and of several things at once once.

What is told names the item and nothing of it. Must not decide who may decide: that is `moderation.queue`'s affair.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from moderation.queue import can_be_decided_by
from server.kernel.errors import DomainError
from server.notices.model import Kind
from server.review.model import Item, Phase, Teller

OBJECT: Final = "review_waiting"
"""What such notices are about."""

DECIDED: Final = ("review_item", "review_ruling", "review_hidden")
"""What notices to authors are about."""

HOME: Final = "/moderasi"
OWN: Final = "/moderasi/saya"


class Moderators(Protocol):
    """Knows who decides; `accounts.staff` fills it."""

    async def moderators(self) -> Sequence[str]:
        """Give the accounts of those who may come in."""
        ...


class Items(Protocol):
    """Where items are."""

    async def find(self, item_id: str) -> Item | None: ...


class Bell:
    """Rings for moderators.

    Args:
        moderators: who they are.
        notices: tells them.
    """

    def __init__(self, moderators: Moderators, notices: Teller) -> None:
        self._moderators = moderators
        self._notices = notices

    async def ring(self, item: Item) -> None:
        """Say that an item waits. It is in the queue whether they hear of it or not, so this refuses nothing."""
        try:
            ids = [who for who in await self._moderators.moderators() if can_be_decided_by(item.case, who)]
            await self._notices.tell(ids, Kind.MODERATION_WAITING, OBJECT, item.id)
        except DomainError:
            # The store is away for a moment: the next item rings again, and the queue counts both.
            return


class WaitingPlace:
    """Where a notice of something that waits leads: to the item, or to the queue where that one is decided."""

    def __init__(self, items: Items) -> None:
        self._items = items

    async def __call__(self, item_id: str) -> str:
        """Give the address."""
        item = await self._items.find(item_id)
        return f"{HOME}/{item_id}" if item is not None and item.phase is not Phase.DONE else HOME


async def own_place(item_id: str) -> str:
    """Where an author sees what was decided about a text of theirs."""
    return f"{OWN}/{item_id}"
