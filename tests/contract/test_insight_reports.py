"""From feedback in the store to figures and shared reports, with the real store and OpenDP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server.feedback.desk_store import DESK_COLLECTIONS, MongoDeskStore
from server.feedback.model import Area, Guess, Kind, Proposal, Sight, State, Step
from server.feedback.store import ITEM_COLLECTIONS, MongoItemStore
from server.insight.answers import Answers
from server.insight.counting import Counting
from server.insight.model import Promise
from server.insight.noise import Noise
from server.insight.protection import Rules
from server.insight.reading import FeedbackFacts, fact_of
from server.insight.reports import Reports
from server.insight.service import Insight
from server.insight.store import INSIGHT_COLLECTIONS, MongoInsightStore
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.feedback_items import given
from tests.harness.trail_house import House

_STAFF = Actor("petugas", Role.AGENT, "", "")
_NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
_OCTOBER = datetime(2026, 10, 6, 3, tzinfo=UTC)
_RULES = Rules(smallest=10, epsilon_milli=1000, budget_milli=9000)


@dataclass(frozen=True, slots=True)
class _Ward:
    items: MongoItemStore
    areas: MongoDeskStore
    store: MongoInsightStore
    counting: Counting
    insight: Insight
    reports: Reports
    house: House

    async def give(self, count: int, at: datetime = _OCTOBER, kind: Kind = Kind.COMPLAINT, **more: Any) -> None:
        """Let so many people give feedback."""
        for number in range(count):
            await given(self.items, at, kind, **{"author_id": f"{kind.value}-{at:%m}-{number}", **more})


@pytest.fixture
async def ward(database: Database, house: House) -> _Ward:
    """Insight on a fresh database, in November 2026."""
    await apply(database, (*ITEM_COLLECTIONS, *DESK_COLLECTIONS, *INSIGHT_COLLECTIONS))
    house.clock.now = _NOW
    items, areas, store = MongoItemStore(database), MongoDeskStore(database), MongoInsightStore(database)
    facts = FeedbackFacts(items, areas, house.clock)
    counting = Counting(facts, store, house.clock)
    answers = Answers(store, Noise(), _RULES, house.parts.trail, house.clock)
    reports = Reports(store, answers, counting, facts, house.parts.trail, house.clock)
    return _Ward(items, areas, store, counting, Insight(store, house.clock), reports, house)


def _kinds(ward: Sequence[Sequence[str | int]]) -> list[tuple[object, object, object]]:
    return [(row[0], row[1], row[-1]) for row in ward]


async def test_figures_follow_what_is_given_and_what_changes(ward: _Ward) -> None:
    await ward.give(3)
    await ward.counting.catch_up()
    item = await given(ward.items, _NOW, Kind.SUGGESTION)
    ward.counting.note(item.number, item.created_at)
    await ward.counting.settle()
    figures = await ward.insight.figures()
    assert figures.by["kind"] == {"complaint": 3, "suggestion": 1}
    assert figures.backlog == {"day": 1, "three_days": 0, "week": 0, "month": 0, "older": 3}
    hidden = await given(ward.items, _NOW, Kind.SUGGESTION, sight=Sight.HELD)
    ward.counting.note(hidden.number, hidden.created_at)
    await ward.counting.settle()
    assert (await ward.insight.figures()).total == 4
    assert _kinds(await ward.insight.rows(date(2026, 10, 1))) == [
        ("day", "kind", "items"),
        ("2026-10-06", "complaint", 3),
        ("2026-11-22", "suggestion", 1),
    ]


async def test_the_night_makes_right_what_no_event_told(ward: _Ward, database: Database) -> None:
    await ward.give(2)
    await ward.give(1, _NOW, Kind.IMPRESSION)
    await ward.counting.catch_up()
    await database["feedback_items"].delete_many({"kind": "impression"})
    assert (await ward.insight.figures()).total == 3
    ward.house.clock.now += timedelta(seconds=1)
    assert await ward.counting.recount() == 1
    figures = await ward.insight.figures()
    assert figures.by["kind"] == {"complaint": 2}
    assert figures.backlog["day"] == 0


async def test_one_process_counts_a_night(ward: _Ward) -> None:
    assert await ward.store.claim_recount(date(2026, 11, 22))
    assert not await ward.store.claim_recount(date(2026, 11, 22))
    assert await ward.store.claim_recount(date(2026, 11, 23))
    assert not await ward.store.claim_recount(date(2026, 11, 22))


async def test_an_older_count_does_not_overwrite_a_newer(ward: _Ward) -> None:
    await ward.give(2)
    await ward.counting.catch_up()
    older = (await ward.store.span(date(2026, 10, 6), date(2026, 10, 6)))[0]
    await ward.give(1, _OCTOBER, Kind.CRITICISM)
    ward.house.clock.now += timedelta(seconds=5)
    await ward.counting.recount()
    await ward.store.save(older, _NOW)
    assert (await ward.insight.figures()).total == 3


async def test_an_items_classes_come_from_its_record(ward: _Ward) -> None:
    guesses = {"sentiment": Guess("negative", 0.9, ("lambat",)), "topic": Guess(None, 0.2)}
    step = Step(State.ANSWERED, _OCTOBER + timedelta(hours=3), "petugas")
    item = await given(ward.items, _OCTOBER, area="kasir", proposal=Proposal(guesses), history=(step,))
    fact = fact_of(item, _NOW)
    assert (fact.sentiment, fact.topic, fact.area, fact.waited.value) == ("negative", None, "kasir", "day")
    assert fact.promise is Promise.NONE
    assert fact.is_open


async def test_a_shared_report_tells_of_groups_and_of_nobody(ward: _Ward) -> None:
    await ward.areas.put_area(Area("kasir", {"id": "Kasir", "en": "Checkout"}))
    await ward.give(90, area="kasir")
    await ward.give(70, kind=Kind.SUGGESTION)
    await ward.give(3, kind=Kind.CRITICISM)
    for _ in range(80):
        await given(ward.items, _OCTOBER, Kind.IMPRESSION)
    await ward.counting.catch_up()
    made = await ward.reports.make(_STAFF, date(2026, 10, 1), 1, 30)
    found = await ward.reports.read(made.id)
    assert set(found.tables) == {"kind", "area", "sentiment", "waited"}
    kinds = found.tables["kind"].table
    assert kinds.cells["criticism"] is None
    # Who is behind feedback without an account is not known: it is not counted as people.
    assert kinds.cells["impression"] is None
    assert kinds.cells["complaint"] is not None
    assert 40 < kinds.cells["complaint"] < 140
    assert set(found.tables["area"].table.cells) == {"kasir", "none"}
    assert [(one.name, one.spent_milli, one.left_milli) for one in found.budgets] == [("month:2026-10", 4000, 5000)]


async def test_a_second_report_about_the_same_costs_nothing_and_says_the_same(ward: _Ward) -> None:
    await ward.give(60)
    await ward.counting.catch_up()
    first = await ward.reports.make(_STAFF, date(2026, 10, 1), 1, 30)
    told = (await ward.reports.read(first.id)).tables
    # One more comes to light: what was told stays as it was.
    await ward.give(1, kind=Kind.SUGGESTION)
    await ward.counting.catch_up()
    second = await ward.reports.make(_STAFF, date(2026, 10, 1), 1, 7)
    assert second.id != first.id
    again = await ward.reports.read(second.id)
    assert again.tables == told
    assert again.budgets[0].spent_milli == 4000


async def test_overlapping_reports_spend_and_stop(ward: _Ward) -> None:
    """A month, then three, then twelve: the budget of the month that is in all of them does not reach."""
    await ward.give(40)
    await ward.counting.catch_up()
    await ward.reports.make(_STAFF, date(2026, 10, 1), 1, 30)
    quarter = await ward.reports.make(_STAFF, date(2026, 10, 1), 3, 30)
    assert [one.spent_milli for one in (await ward.reports.read(quarter.id)).budgets] == [5000, 5000, 9000]
    with pytest.raises(Conflict) as refused:
        await ward.reports.make(_STAFF, date(2026, 10, 1), 12, 30)
    assert refused.value.fields == {"budget": "budget_spent"}
    assert [one.spent_milli for one in (await ward.reports.budgets())[:4]] == [9000, 5000, 5000, 0]


async def test_a_link_runs_out_and_can_be_made_void(ward: _Ward) -> None:
    made = await ward.reports.make(_STAFF, date(2026, 10, 1), 1, 7)
    assert [one.id for one in await ward.reports.all()] == [made.id]
    ward.house.clock.now += timedelta(days=7)
    with pytest.raises(NotFound):
        await ward.reports.read(made.id)
    assert await ward.reports.all() == []
    other = await ward.reports.make(_STAFF, date(2026, 10, 1), 1, 7)
    await ward.reports.withdraw(_STAFF, other.id)
    for read in (ward.reports.read(other.id), ward.reports.withdraw(_STAFF, other.id)):
        with pytest.raises(NotFound):
            await read


@pytest.mark.parametrize(
    ("month", "months", "days"),
    [(date(2026, 11, 1), 1, 30), (date(2024, 1, 1), 1, 30), (date(2026, 10, 1), 2, 30), (date(2026, 10, 1), 1, 400)],
)
async def test_only_what_is_over_and_offered_is_told(ward: _Ward, month: date, months: int, days: int) -> None:
    with pytest.raises(InvalidInput):
        await ward.reports.make(_STAFF, month, months, days)
