"""Reports that may be shared: a link that nobody can guess and that runs out, to tables about whole past months.

Each table goes through `insight.protection` and is paid for out of the budget of each month that it is about. Of a
month that is not over nothing is told: what is told once stays as it was told.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.insight.answers import Answer, Answers, Budget, Question
from server.insight.combinations import together
from server.insight.model import NONE, Fact, Waited, day_of, next_month
from server.insight.protection import people_by_cell
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.ports import Clock

SPANS: Final = (1, 3, 12)
"""Months that a report may be about. Few, so that what is asked for is mostly what was answered before."""

LIFETIMES: Final = (7, 30, 90)
"""Days for which a link may work."""

MONTHS_BACK: Final = 24
_ID_BYTES: Final = 20


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was shared.

    Attributes:
        id: its address; 160 random bits.
        first: first day of its first month.
        months: how many.
        made_by: account of staff.
        made_at: aware, UTC.
        expires_at: when the link stops to work.
    """

    id: str
    first: date
    months: int
    made_by: str
    made_at: datetime
    expires_at: datetime

    @property
    def last(self) -> date:
        """Its last day."""
        return after(self.first, self.months) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A report as it is read.

    Attributes:
        report: which.
        tables: name of a table (`TABLES`, `month`) -> what is told.
        budgets: of each of its months.
    """

    report: Report
    tables: Mapping[str, Answer]
    budgets: Sequence[Budget]


class ReportStore(Protocol):
    """What is needed of `insight.store`."""

    async def insert_report(self, report: Report) -> None: ...
    async def find_report(self, report_id: str) -> Report | None: ...
    async def reports(self) -> list[Report]: ...
    async def delete_report(self, report_id: str) -> bool: ...


class Facts(Protocol):
    """What is needed of `insight.counting`."""

    async def facts(self, first: date, last: date) -> Sequence[Fact]: ...


class Classes(Protocol):
    """Knows the classes of each table without looking at feedback."""

    async def classes(self, table: str) -> Sequence[str]:
        """Give all classes of `kind`, `area` or `sentiment`; beside them there is `NONE`."""
        ...


_CLASS_OF: Final[Mapping[str, Callable[[Fact], str]]] = {
    "kind": lambda fact: fact.kind,
    "area": lambda fact: fact.area or NONE,
    "sentiment": lambda fact: fact.sentiment or NONE,
    "waited": lambda fact: fact.waited.value,
    "month": lambda fact: f"{fact.day:%Y-%m}",
}
TABLES: Final = tuple(_CLASS_OF)
"""All tables; the last only where a report is about several months."""


def after(month: date, months: int) -> date:
    """Give the first day of the month so many months after one."""
    for _ in range(months):
        month = next_month(month)
    return month


def months_of(first: date, months: int) -> Iterator[date]:
    """Give the first days of so many months."""
    for place in range(months):
        yield after(first, place)


def budget_of(month: date) -> str:
    """Name the budget of a month."""
    return f"month:{month:%Y-%m}"


class Reports:
    """Makes and shows reports.

    Args:
        store: where they are kept.
        answers: answers questions.
        facts: the feedback.
        classes: the classes of tables.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self,
        store: ReportStore,
        answers: Answers,
        facts: Facts,
        classes: Classes,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._answers = answers
        self._facts = facts
        self._classes = classes
        self._audit = audit
        self._clock = clock

    @property
    def rules(self) -> tuple[int, int, int]:
        """The smallest group, what a table costs and what there is, in thousandths."""
        rules = self._answers.rules
        return rules.smallest, rules.epsilon_milli, rules.budget_milli

    def months(self) -> list[date]:
        """Give the months that a report may end with, the newest first."""
        month, found = day_of(self._clock()).replace(day=1), []
        for _ in range(MONTHS_BACK):
            month = (month - timedelta(days=1)).replace(day=1)
            found.append(month)
        return found

    async def budgets(self) -> list[Budget]:
        """Say what was spent on each of the last twelve months, the newest first."""
        return await self._answers.budgets([budget_of(month) for month in self.months()[:12]])

    async def make(self, actor: Actor, last_month: date, months: int, days: int) -> Report:
        """Make a report and pay for what of it was not told before.

        Args:
            actor: who shares it.
            last_month: first day of its last month.
            months: one of `SPANS`.
            days: for how long the link works; one of `LIFETIMES`.

        Raises:
            InvalidInput: the month is not over or too long ago, or another value is not offered.
            Conflict: the budget of one of its months does not reach.
            Unavailable: the store does not answer, or no noise could be drawn.
        """
        if last_month not in self.months():
            raise InvalidInput(fields={"month": "not_allowed"})
        if months not in SPANS:
            raise InvalidInput(fields={"months": "not_allowed"})
        if days not in LIFETIMES:
            raise InvalidInput(fields={"days": "not_allowed"})
        first = last_month
        for _ in range(months - 1):
            first = (first - timedelta(days=1)).replace(day=1)
        now = self._clock()
        report = Report(secrets.token_hex(_ID_BYTES), first, months, actor.account_id, now, now + timedelta(days=days))
        await self._answers.ask(actor, list(_questions(report).values()), lambda: self._counts(report))
        await self._store.insert_report(report)
        await self._note("insight:report:made", actor, report)
        return report

    async def read(self, report_id: str) -> OpenReport:
        """Give a report, to whoever knows its address.

        Raises:
            NotFound: there is none, or the link has run out.
        """
        report = await self._store.find_report(report_id)
        if report is None or report.expires_at <= self._clock():
            raise NotFound
        questions = _questions(report)
        answers = await self._answers.answered([question.id for question in questions.values()])
        tables = {name: answers[one.id] for name, one in questions.items() if one.id in answers}
        smallest = max([self._answers.rules.smallest, *(answer.smallest for answer in tables.values())])
        fit = together({name: answer.table for name, answer in tables.items()}, smallest)
        tables = {name: replace(answer, table=fit[name]) for name, answer in tables.items()}
        budgets = await self._answers.budgets([budget_of(month) for month in months_of(report.first, report.months)])
        return OpenReport(report, tables, budgets)

    async def all(self) -> list[Report]:
        """Give the reports whose links work, the newest first."""
        now = self._clock()
        return [report for report in await self._store.reports() if report.expires_at > now]

    async def withdraw(self, actor: Actor, report_id: str) -> None:
        """Let a link stop to work. What was told stays told, and paid for.

        Raises:
            NotFound: there is none.
        """
        report = await self._store.find_report(report_id)
        if report is None or not await self._store.delete_report(report_id):
            raise NotFound
        await self._note("insight:report:withdrawn", actor, report)

    async def _counts(self, report: Report) -> dict[str, dict[str, int]]:
        facts = await self._facts.facts(report.first, report.last)
        most = self._answers.rules.most
        counts: dict[str, dict[str, int]] = {}
        for name, question in _questions(report).items():
            class_of = _CLASS_OF[name]
            # Of who sent something without an account nobody knows how often they did: they can't be counted as people.
            rows = [(fact.person, class_of(fact)) for fact in facts if fact.person is not None]
            counts[question.id] = people_by_cell(rows, await self._cells(name, report), most)
        return counts

    async def _cells(self, table: str, report: Report) -> Sequence[str]:
        if table == "waited":
            return [name.value for name in Waited]
        if table == "month":
            return [f"{month:%Y-%m}" for month in months_of(report.first, report.months)]
        return [*await self._classes.classes(table), *([NONE] if table != "kind" else [])]

    async def _note(self, action: str, actor: Actor, report: Report) -> None:
        # The address itself is a secret: whoever reads the trail shall not read reports by it.
        entry = AuditEntry(
            action=action,
            actor_id=actor.account_id,
            objects=(budget_of(report.first).replace(":", "-"),),
            at=self._clock(),
            counts={"months": report.months},
        )
        await self._audit.append([entry])


def _questions(report: Report) -> dict[str, Question]:
    budgets = tuple(budget_of(month) for month in months_of(report.first, report.months))
    names = TABLES if report.months > 1 else TABLES[:-1]
    return {name: Question(f"feedback:{report.first:%Y-%m}:{report.months}:{name}", budgets) for name in names}
