"""Answers on the real store with OpenDP's noise: what is told, what it costs, and what an attacker gets out of it."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from server.insight.answers import Answers, Question
from server.insight.noise import Noise
from server.insight.noise_worker import measurement, noisy
from server.insight.protection import Rules, people_by_cell, protect
from server.insight.store import INSIGHT_COLLECTIONS, MongoInsightStore
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.trail_house import House

_RULES = Rules(smallest=10, epsilon_milli=500, budget_milli=1500)
_STAFF = Actor("petugas", Role.AGENT, "", "")
_CELLS = ("complaint", "criticism", "impression", "suggestion")
_OCTOBER = "month:2026-10"
_NEVER = 1e-12
"""A chance with which a test may fail although nothing is wrong."""


def _question(name: str, *budgets: str) -> Question:
    return Question(f"feedback:2026-10:1:{name}", budgets or (_OCTOBER,))


class _Count:
    """Counts people of given rows, and how often it was asked to."""

    def __init__(self, questions: Sequence[Question], rows: Sequence[tuple[str, str]]) -> None:
        self._questions, self._rows, self.asked = questions, rows, 0

    async def __call__(self) -> Mapping[str, Mapping[str, int]]:
        self.asked += 1
        counts = people_by_cell(self._rows, _CELLS, _RULES.most)
        return {question.id: counts for question in self._questions}


def _people(count: int, cell: str, name: str = "orang") -> list[tuple[str, str]]:
    return [(f"{name}-{cell}-{number}", cell) for number in range(count)]


@pytest.fixture
async def answers(database: Database, house: House) -> Answers:
    """Answers with a budget for three tables."""
    await apply(database, INSIGHT_COLLECTIONS)
    return Answers(MongoInsightStore(database), Noise(), _RULES, house.parts.trail, house.clock)


def _another(database: Database, house: House) -> Answers:
    """Those of another process on the same store."""
    return Answers(MongoInsightStore(database), Noise(), _RULES, house.parts.trail, house.clock)


async def _spent(answers: Answers, budget: str = _OCTOBER) -> int:
    return (await answers.budgets([budget]))[0].spent_milli


async def test_the_same_question_gets_the_same_answer_and_costs_once(answers: Answers) -> None:
    """So that nobody averages the noise away, however often they ask."""
    question = _question("kind")
    count = _Count([question], _people(300, "complaint") + _people(200, "suggestion"))
    first = await answers.ask(_STAFF, [question], count)
    for _ in range(20):
        assert await answers.ask(_STAFF, [question], count) == first
    assert (count.asked, await _spent(answers)) == (1, 500)


async def test_when_the_budget_is_spent_nothing_new_is_told(answers: Answers) -> None:
    rows = _people(300, "complaint")
    told = []
    for name in ("kind", "area", "sentiment"):
        told.append(await answers.ask(_STAFF, [_question(name)], _Count([_question(name)], rows)))
    late = _Count([_question("waited")], rows)
    with pytest.raises(Conflict) as refused:
        await answers.ask(_STAFF, [_question("waited")], late)
    assert refused.value.fields == {"budget": "budget_spent"}
    assert (late.asked, await _spent(answers)) == (0, 1500)
    # What was told before can still be read; other data have a budget of their own.
    assert await answers.ask(_STAFF, [_question("kind")], late) == told[0]
    november = Question("feedback:2026-11:1:kind", ("month:2026-11",))
    assert await answers.ask(_STAFF, [november], _Count([november], rows))


async def test_a_report_over_months_is_charged_to_each_or_to_none(answers: Answers) -> None:
    await answers.ask(_STAFF, [_question(name) for name in "abc"], _Count([_question(n) for n in "abc"], []))
    both = [Question("feedback:2026-09:2:kind", ("month:2026-09", _OCTOBER))]
    with pytest.raises(Conflict):
        await answers.ask(_STAFF, both, _Count(both, []))
    assert await _spent(answers, "month:2026-09") == 0


async def test_processes_that_ask_at_once_spend_no_more_than_there_is(
    answers: Answers, database: Database, house: House
) -> None:
    """Eight different questions at the same moment, with a budget for three."""
    processes = [answers, _another(database, house)]
    asked = [
        processes[number % 2].ask(_STAFF, [_question(f"q{number}")], _Count([_question(f"q{number}")], []))
        for number in range(8)
    ]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert (len(refused), await _spent(answers)) == (5, 1500)
    assert len([outcome for outcome in outcomes if isinstance(outcome, dict)]) == 3


async def test_processes_that_ask_the_same_at_once_tell_the_same(
    answers: Answers, database: Database, house: House
) -> None:
    """One of them tells; the other gets its money back."""
    question = _question("kind")
    count = _Count([question], _people(500, "complaint") + _people(500, "suggestion"))
    found = await asyncio.gather(
        answers.ask(_STAFF, [question], count), _another(database, house).ask(_STAFF, [question], count)
    )
    assert found[0] == found[1]
    assert await _spent(answers) == 500


async def test_what_could_not_be_told_is_not_paid_for(answers: Answers) -> None:
    async def broken() -> Mapping[str, Mapping[str, int]]:
        raise Conflict

    with pytest.raises(Conflict):
        await answers.ask(_STAFF, [_question("kind")], broken)
    assert await _spent(answers) == 0


async def test_a_small_group_is_in_no_answer(answers: Answers) -> None:
    """Nor can it be worked out: what is left out is never alone."""
    question = _question("kind")
    rows = _people(9, "criticism") + _people(400, "complaint") + _people(300, "suggestion")
    answer = (await answers.ask(_STAFF, [question], _Count([question], rows)))[question.id]
    assert answer.table.cells["criticism"] is None
    assert answer.table.cells["impression"] is None
    left_out = [cell for cell, count in answer.table.cells.items() if count is None]
    assert len(left_out) >= 2


def test_opendp_itself_says_what_a_table_costs() -> None:
    """Held against its own privacy map, not against our formula."""
    for most, epsilon in ((1, 0.5), (1, 1.0), (2, 0.25), (3, 2.0)):
        assert measurement(most, epsilon).map(most) <= epsilon
        assert measurement(most, epsilon).map(most + 1) > epsilon


def test_noise_is_drawn_anew_and_is_as_wide_as_promised() -> None:
    """Mean distance of discrete Laplace noise of scale b from nothing is 2r / (1 - r^2), r = exp(-1 / b)."""
    drawn, cost = noisy([0] * 20_000, 1, 0.5)
    assert cost <= 0.5
    ratio = math.exp(-0.5)
    expected = 2 * ratio / (1 - ratio**2)
    # Cut at 80, which none reaches but with a chance of e^-40 each, Hoeffding's bound holds.
    slack = 80 * math.sqrt(math.log(2 / _NEVER) / (2 * len(drawn)))
    assert abs(sum(min(80, abs(value)) for value in drawn) / len(drawn) - expected) < slack
    assert len(set(drawn)) > 3


def _guessed(with_them: bool, rows: list[tuple[str, str]], rounds: int, rules: Rules) -> float:
    """How often an attacker who knows everybody else guesses that a person is among the complaints.

    They ask for the table once and compare it with what they know: the strongest thing to do with one answer.
    """
    truth = people_by_cell([*rows, *([("korban", "complaint")] if with_them else [])], _CELLS, rules.most)
    known = people_by_cell(rows, _CELLS, rules.most)["complaint"]
    values = [truth["complaint"]] * rounds
    drawn, _ = noisy(values, 1, rules.epsilon)
    # Each draw is a table of its own: the noise on one cell does not depend on the others.
    tables = (protect(truth, {**truth, "complaint": value}, rules).cells["complaint"] for value in drawn)
    return sum(shown is not None and shown > known for shown in tables) / rounds


def test_whoever_knows_everybody_else_learns_next_to_nothing_of_one_person() -> None:
    """The differencing attack on one person: with noise it is hardly better than a coin, without it is always right."""
    rules = replace(_RULES, epsilon_milli=500)
    rows = _people(200, "complaint") + _people(200, "suggestion") + _people(90, "criticism") + _people(90, "impression")
    rounds = 6000
    seen, unseen = _guessed(True, rows, rounds, rules), _guessed(False, rows, rounds, rules)
    slack = 2 * math.sqrt(math.log(2 / _NEVER) / (2 * rounds))
    assert seen <= math.exp(rules.epsilon) * unseen + slack
    assert 1 - unseen <= math.exp(rules.epsilon) * (1 - seen) + slack
    known = people_by_cell(rows, _CELLS, 1)["complaint"]
    exact = people_by_cell([*rows, ("korban", "complaint")], _CELLS, 1)["complaint"]
    assert exact - known == 1


async def test_differencing_two_reports_does_not_single_out_a_small_group(answers: Answers) -> None:
    """Two months less one of them is the other month, of which nothing may be told: and nothing can be, exactly.

    Whatever is shown of the longer span has noise of its own, so that its difference to the shorter is no count; and
    the shorter alone leaves its small group out.
    """
    september = _people(150, "complaint") + _people(150, "suggestion")
    october = _people(4, "complaint", "baru")
    one = [Question("feedback:2026-10:1:kind", (_OCTOBER,))]
    both = [Question("feedback:2026-09:2:kind", ("month:2026-09", _OCTOBER))]
    small = (await answers.ask(_STAFF, one, _Count(one, october)))[one[0].id]
    assert small.table.total is None
    assert set(small.table.cells.values()) == {None}
    whole = (await answers.ask(_STAFF, both, _Count(both, september + october)))[both[0].id]
    assert (await answers.ask(_STAFF, both, _Count(both, september)))[both[0].id] == whole
    assert await _spent(answers) == 1000


async def test_no_secret_goes_through_the_noise_but_counts() -> None:
    """The process of its own gets numbers and gives numbers."""
    drawn = await Noise().on({"complaint": 100, "suggestion": 0}, _RULES)
    assert set(drawn) == {"complaint", "suggestion"}
    assert all(isinstance(value, int) for value in drawn.values())
