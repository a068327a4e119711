"""The same done with many conversations: side by side, told in their order, and one that is refused keeps none back."""

import asyncio
from typing import Any, cast

from server.chat.custody import Custody
from server.chat.model import Conversation
from server.desk.handling import BulkWish, Handling
from server.desk.model import Work
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict

_NOBODY: Any = None


class _Meeting(Custody):
    """Closes the first conversation only once another is being closed too."""

    def __init__(self) -> None:
        self._inside = 0
        self._met = asyncio.Event()

    async def close(self, actor: Actor, conversation_id: str) -> Conversation:
        """Wait for the other."""
        if conversation_id == "taken":
            raise Conflict
        self._inside += 1
        if self._inside > 1:
            self._met.set()
        await self._met.wait()
        return cast(Conversation, None)


async def test_many_are_done_side_by_side_and_told_in_order() -> None:
    custody = _Meeting()
    handling = Handling(_NOBODY, _NOBODY, _NOBODY, _NOBODY, custody, _NOBODY, _NOBODY, _NOBODY, _NOBODY, clock=_NOBODY)
    agent = Actor("agent", Role.AGENT, "", "Rani")
    ids = ["b", "taken", "a", "b", *(str(number) for number in range(20))]
    async with asyncio.timeout(30):
        outcome = await handling.bulk(agent, ids, BulkWish(Work.CLOSE))
    assert outcome.done == ["b", "a", *(str(number) for number in range(20))]
    assert outcome.failed == [("taken", "conflict")]
