"""What insight reads of feedback: classes and moments of each item, never a word of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from server.feedback.clocks import read
from server.feedback.model import FINISHED, SETTLED, Area, Item, Kind, Sight
from server.insight.model import Fact, Promise
from server.kernel.ports import Clock
from server.kernel.restraint import Restraints, Unrestrained, Use

SENTIMENTS: Final = ("negative", "neutral", "positive", "mixed")
"""What triage may take a text for."""


class Items(Protocol):
    """Items by their dense numbers."""

    async def last_number(self) -> int: ...
    async def numbered_window(self, above: int, up_to: int) -> Sequence[Item]: ...


class Areas(Protocol):
    """The product areas."""

    async def areas(self) -> Sequence[Area]: ...


class FeedbackFacts:
    """Fills `counting.FactSource` and `reports.Classes`.

    Args:
        items: the feedback.
        areas: the product areas.
        clock: the time.
        restraints: what people have stopped.
    """

    def __init__(self, items: Items, areas: Areas, clock: Clock, restraints: Restraints | None = None) -> None:
        self._items = items
        self._areas = areas
        self._clock = clock
        self._restraints = restraints or Unrestrained()

    async def last_number(self) -> int:
        """See `counting.FactSource`."""
        return await self._items.last_number()

    async def facts(self, first: int, last: int) -> Sequence[Fact]:
        """See `counting.FactSource`. What is held, hidden, withdrawn, or whose sender stopped it, is not counted."""
        now = self._clock()
        found = await self._items.numbered_window(first - 1, last)
        return [fact_of(item, now) for item in found if item.sight is Sight.SHOWN and not self._is_stopped(item)]

    def _is_stopped(self, item: Item) -> bool:
        return item.author_id is not None and self._restraints.stands(item.author_id, Use.INSIGHT)

    async def classes(self, table: str) -> Sequence[str]:
        """See `reports.Classes`."""
        if table == "kind":
            return [kind.value for kind in Kind]
        if table == "sentiment":
            return SENTIMENTS
        return sorted(area.key for area in await self._areas.areas())

    async def area_names(self, locale: str) -> dict[str, str]:
        """Give what areas are called, in their order."""
        found = sorted(await self._areas.areas(), key=lambda area: (area.position, area.key))
        return {area.key: area.name.get(locale, area.key) for area in found}


def fact_of(item: Item, now: datetime) -> Fact:
    """Give what is counted of an item."""
    guesses = item.proposal.guesses if item.proposal else {}
    answers = [step.at for step in item.history if step.state in SETTLED]
    if item.response is not None:
        answers.append(item.response.at)
    return Fact(
        number=item.number,
        kind=item.kind.value,
        area=item.area,
        sentiment=guesses["sentiment"].value if "sentiment" in guesses else None,
        topic=guesses["topic"].value if "topic" in guesses else None,
        state=item.state.value,
        is_open=item.state not in FINISHED,
        created_at=item.created_at,
        answered_at=min(answers, default=None),
        promise=promise_of(item, now),
        person=item.author_id,
    )


def promise_of(item: Item, now: datetime) -> Promise:
    """Say what became of the times that are promised for an item: missed where any was."""
    if item.clock is None:
        return Promise.NONE
    hands = read(item.clock).hands.values()
    if any(hand.late_at is not None or (hand.met_at is not None and not hand.kept) for hand in hands):
        return Promise.MISSED
    if all(hand.met_at is not None for hand in hands):
        return Promise.KEPT
    return Promise.MISSED if item.due is not None and item.due < now else Promise.RUNNING
