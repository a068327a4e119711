"""Times are told from classes, to within their class."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from server.accounts.model import Account
from server.chat.model import Conversation, Status
from server.desk.board import Board
from server.desk.clocks import Aim, Terms
from server.desk.figures import EDGES, Counts, DeskFigures, kept_share, times_of
from server.desk.model import Case, Priority, Row
from server.desk.steps import Rules, Steps
from server.kernel.feast_days import FeastDays
from server.kernel.worktime import Calendar, Hours

_MINUTE = timedelta(minutes=1)
_MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""Eight o'clock in Jakarta, when it opens."""

_TERMS = dict.fromkeys(Priority, Terms({Aim.FIRST_RESPONSE: 60 * _MINUTE, Aim.RESOLUTION: 240 * _MINUTE}))
_STEPS = Steps(lambda: Rules(_TERMS, Calendar(Hours(country=""), FeastDays(""))))
_TALK = Conversation(
    id="talk",
    number=1,
    subject=None,
    redactions=(),
    status=Status.OPEN,
    customer_id="customer",
    assignee_id="agent",
    last_seq=1,
    last_message_at=_MONDAY,
    waiting_since=_MONDAY,
    created_at=_MONDAY,
)


class Shop:
    """A case, its steps, and what is counted of them; a step comes some minutes after the conversation began."""

    def __init__(self) -> None:
        self.case = Case("talk", 1)
        self.counted: Counter[str] = Counter()
        self.now = _MONDAY
        self.figures = DeskFigures(self, self, Board(), lambda: UTC, lambda: self.now)

    async def add(self, counts: Mapping[str, Counts]) -> None:
        for name, items in counts.items():
            if name.endswith(":agent"):
                self.counted.update(items)

    async def read(self, names: Sequence[str]) -> dict[str, Counts]:
        return {}

    async def agents(self) -> list[Account]:
        return []

    async def _took(self, case: Case) -> None:
        before, self.case = self.case, case
        self.figures.hear_case(before, Row(_TALK, case))
        await self.figures.flush()

    async def said(self, minutes: int, *, by_customer: bool) -> None:
        self.now = _MONDAY + minutes * _MINUTE
        await self._took(_STEPS.said(self.case, by_customer=by_customer, seq=1, at=self.now))

    async def is_now(self, minutes: int, status: Status) -> None:
        self.now = _MONDAY + minutes * _MINUTE
        await self._took(_STEPS.followed(self.case, replace(_TALK, status=status), self.now))


async def test_who_was_closed_without_an_answer_was_promised_one() -> None:
    """Late when it was closed, the first response was missed: once, whoever answers after it is opened again."""
    shop = Shop()
    await shop.said(0, by_customer=True)
    await shop.is_now(61, Status.CLOSED)
    assert kept_share(shop.counted, "first") == 0
    assert kept_share(shop.counted, "resolution") == 1
    await shop.is_now(90, Status.OPEN)
    await shop.said(91, by_customer=False)
    assert (shop.counted["first_missed"], shop.counted["first_kept"], shop.counted["first_n"]) == (1, 0, 1)


async def test_who_was_closed_before_an_answer_was_due_may_still_get_it() -> None:
    """What needs no answer is no broken promise."""
    shop = Shop()
    await shop.said(0, by_customer=True)
    await shop.is_now(20, Status.CLOSED)
    assert kept_share(shop.counted, "first") is None
    await shop.is_now(30, Status.OPEN)
    await shop.said(40, by_customer=False)
    assert (shop.counted["first_missed"], shop.counted["first_kept"]) == (0, 1)


@settings(deadline=None)
@given(st.lists(st.floats(0, 20_000), min_size=1, max_size=60))
def test_a_median_lies_within_its_class(minutes: list[float]) -> None:
    """Or in the one of the value beside it, where two stand in the middle."""
    counts: dict[str, int] = {"first_n": len(minutes), "first_sum": round(sum(minutes) * 60)}
    for value in minutes:
        key = f"first_{bisect_right(EDGES, value)}"
        counts[key] = counts.get(key, 0) + 1
    found = times_of(counts, "first")
    assert found.count == len(minutes)
    assert found.median is not None
    ordered = sorted(minutes)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    floors, ceilings = (0, *EDGES), (*EDGES, EDGES[-1])
    assert floors[bisect_right(EDGES, low)] - 0.1 <= found.median <= ceilings[bisect_right(EDGES, high)] + 0.1


def test_nothing_is_told_of_nothing() -> None:
    """No average of no times, no share of no promises."""
    assert times_of({}, "first").median is None
    assert kept_share({}, "first") is None
    assert kept_share({"first_kept": 3, "first_missed": 1}, "first") == 0.75
