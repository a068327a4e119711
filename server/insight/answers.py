"""Questions that are answered once: each answer is protected, paid for out of a budget, and kept.

Asking again gives the same answer and costs nothing, so that nobody averages the noise away. When the budget for some
data is spent, nothing new is told about them, ever: the budget does not come back with time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.insight.protection import Rules, Table, protect
from server.kernel.actor import Actor
from server.kernel.errors import Conflict
from server.kernel.ports import Clock


@dataclass(frozen=True, slots=True)
class Question:
    """One table that is asked for.

    Attributes:
        id: the same for the same question, whoever asks.
        budgets: names of the data that it is about, `month:2026-10`; each is charged.
    """

    id: str
    budgets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was told once and for all.

    Attributes:
        id: of the question.
        table: what is shown.
        smallest: k, as it was then.
        epsilon_milli: what it cost.
        at: aware, UTC.
    """

    id: str
    table: Table
    smallest: int
    epsilon_milli: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Budget:
    """What was spent of the budget for some data.

    Attributes:
        name: of the data.
        spent_milli: thousandths of epsilon.
        total_milli: what may be spent in all.
    """

    name: str
    spent_milli: int
    total_milli: int

    @property
    def left_milli(self) -> int:
        """What may still be spent."""
        return max(0, self.total_milli - self.spent_milli)


class AnswerStore(Protocol):
    """What is needed of `insight.store`."""

    async def answers(self, ids: Sequence[str]) -> dict[str, Answer]: ...

    async def insert_answer(self, answer: Answer) -> bool:
        """Keep an answer; False where the question has one."""
        ...

    async def spend(self, budget: str, milli: int, total: int) -> bool:
        """Take from a budget in one step, whatever other processes do; False where there is not enough."""
        ...

    async def give_back(self, budget: str, milli: int) -> None: ...
    async def spent(self, budgets: Sequence[str]) -> dict[str, int]: ...


class Noisy(Protocol):
    """What is needed of `insight.noise`."""

    async def on(self, counts: Mapping[str, int], rules: Rules) -> dict[str, int]: ...


class Counting(Protocol):
    """Counts people for a question; asked only where there is no answer yet."""

    async def __call__(self) -> Mapping[str, Mapping[str, int]]:
        """Give question id -> distinct people by cell, nobody in more cells of a question than the rules say."""
        ...


class Answers:
    """Answers questions.

    Args:
        store: where answers and budgets are kept.
        noise: draws noise.
        rules: how tables are protected.
        audit: the trail.
        clock: the time.
    """

    def __init__(self, store: AnswerStore, noise: Noisy, rules: Rules, audit: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._noise = noise
        self.rules = rules
        self._audit = audit
        self._clock = clock

    async def ask(self, actor: Actor, questions: Sequence[Question], counting: Counting) -> dict[str, Answer]:
        """Answer questions about the same data: all, or none.

        Args:
            actor: who has them answered; stands in the trail.
            questions: with the same budgets.
            counting: counts for those that have no answer yet.

        Raises:
            Conflict: the budget does not reach for those that have no answer yet.
            Unavailable: the store does not answer, or no noise could be drawn. What was charged for what was not told
                is given back; after a crash it stays charged, which is the safe side.
        """
        known = await self._store.answers([question.id for question in questions])
        new = [question for question in questions if question.id not in known]
        if not new:
            return known
        paid = await self._pay(new)
        try:
            counts = await counting()
            for question in new:
                known[question.id] = await self._answer(counts[question.id], question)
                paid[question.id] = ()
        finally:
            # What was not told: it failed before, or another process had told it first.
            for budgets in paid.values():
                for budget in budgets:
                    await self._store.give_back(budget, self.rules.epsilon_milli)
        await self._audit.append(
            [
                AuditEntry(
                    action="insight:budget:spent",
                    actor_id=actor.account_id,
                    objects=(),
                    at=self._clock(),
                    counts={"tables": len(new), "milli": len(new) * self.rules.epsilon_milli},
                )
            ]
        )
        return known

    async def answered(self, ids: Sequence[str]) -> dict[str, Answer]:
        """Give the answers that there are."""
        return await self._store.answers(ids)

    async def budgets(self, names: Sequence[str]) -> list[Budget]:
        """Say what was spent, in the same order."""
        spent = await self._store.spent(names)
        return [Budget(name, spent.get(name, 0), self.rules.budget_milli) for name in names]

    async def _pay(self, questions: Sequence[Question]) -> dict[str, tuple[str, ...]]:
        """Charge every budget for all questions, or none.

        Raises:
            Conflict: one does not reach.
        """
        cost = len(questions) * self.rules.epsilon_milli
        charged: list[str] = []
        for budget in questions[0].budgets:
            if not await self._store.spend(budget, cost, self.rules.budget_milli):
                for before in charged:
                    await self._store.give_back(before, cost)
                raise Conflict(fields={"budget": "budget_spent"})
            charged.append(budget)
        return {question.id: question.budgets for question in questions}

    async def _answer(self, counts: Mapping[str, int], question: Question) -> Answer:
        noisy = await self._noise.on(counts, self.rules)
        table = protect(counts, noisy, self.rules)
        answer = Answer(question.id, table, self.rules.smallest, self.rules.epsilon_milli, self._clock())
        if await self._store.insert_answer(answer):
            return answer
        for budget in question.budgets:
            await self._store.give_back(budget, self.rules.epsilon_milli)
        return (await self._store.answers([question.id]))[question.id]
