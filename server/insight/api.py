"""Insight over HTTP: figures for staff, reports that may be shared."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from server.insight.answers import Budget
from server.insight.model import Figures, Step
from server.insight.reports import OpenReport, Report, Reports
from server.insight.schemas import (
    BudgetOut,
    CellOut,
    CountOut,
    FiguresOut,
    FiguresReply,
    NewReport,
    OpenReportReply,
    ReportList,
    ReportOut,
    ReportReply,
    SpanQuery,
    StepOut,
    TableOut,
    TopicOut,
)
from server.insight.service import Insight
from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.wire import Empty
from server.web.endpoint import Access, Call, Download, Endpoint

CSV: Final = "text/csv"
EXPORT: Final = "/api/v1/insight/export"
_REPORTS: Final = "/api/v1/insight/reports"
_DESK: Final = frozenset({Role.AGENT, Role.ADMIN})
READ_REPORT: Final = Rule("report", own=frozenset(Role), others=frozenset(Role))
"""Whoever knows the address of a report may read it: that is what it is made for, and its tables tell of nobody."""

WITHDRAW_REPORT: Final = Rule("report", own=_DESK, others=_DESK)


@dataclass(frozen=True, slots=True)
class Desk:
    """The services that endpoints and pages stand on."""

    insight: Insight
    reports: Reports


def endpoints(desk: Desk) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_figure_endpoints(desk), *_report_endpoints(desk))


def _figure_endpoints(desk: Desk) -> Sequence[Endpoint]:

    async def figures(call: Call) -> FiguresReply:
        query: SpanQuery = call.query
        return FiguresReply(figures=_figures_out(await desk.insight.figures(query.first, query.last)))

    async def export(call: Call) -> Download:
        query: SpanQuery = call.query
        rows = await desk.insight.rows(query.first, query.last)
        return Download(CSV, "wawasan.csv", _lines(rows))

    return (
        Endpoint(
            "GET",
            "/api/v1/insight",
            "Figures about feedback",
            figures,
            FiguresReply,
            Access.STAFF,
            query=SpanQuery,
        ),
        Endpoint(
            "GET",
            EXPORT,
            "The same by day and class, as a file",
            export,
            Empty,
            Access.STAFF,
            query=SpanQuery,
            downloads=(CSV,),
        ),
    )


def _report_endpoints(desk: Desk) -> Sequence[Endpoint]:

    async def list_reports(_: Call) -> ReportList:
        found, budgets = await desk.reports.all(), await desk.reports.budgets()
        return ReportList(reports=[_report_out(one) for one in found], budgets=[_budget_out(one) for one in budgets])

    async def make(call: Call) -> ReportReply:
        body: NewReport = call.body
        month = date.fromisoformat(f"{body.last_month}-01")
        return ReportReply(report=_report_out(await desk.reports.make(call.actor, month, body.months, body.days)))

    async def read(call: Call) -> OpenReportReply:
        return _open_out(await desk.reports.read(call.path["id"]))

    async def withdraw(call: Call) -> Empty:
        await desk.reports.withdraw(call.actor, call.path["id"])
        return Empty()

    one = f"{_REPORTS}/{{id}}"
    return (
        Endpoint("GET", _REPORTS, "Reports whose links work", list_reports, ReportList, Access.STAFF),
        Endpoint(
            "POST",
            _REPORTS,
            "Make a report that may be shared, and pay for it out of the privacy budget",
            make,
            ReportReply,
            Access.DESK,
            body=NewReport,
            status=201,
        ),
        Endpoint("GET", one, "Read a shared report", read, OpenReportReply, Access.PUBLIC, rule=READ_REPORT),
        Endpoint("DELETE", one, "Make a report's link void", withdraw, Empty, Access.DESK, rule=WITHDRAW_REPORT),
    )


async def _lines(rows: Sequence[Sequence[str | int]]) -> AsyncIterator[bytes]:
    for start in range(0, len(rows), 500):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([[_plain(value) for value in row] for row in rows[start : start + 500]])
        yield text.getvalue().encode()


def _plain(value: str | int) -> str | int:
    """Spreadsheets take what begins so for a formula. Keys of areas are an administrator's words."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _counts_out(counts: Mapping[str, int]) -> list[CountOut]:
    return [CountOut(name=name, count=count) for name, count in counts.items()]


def _steps_out(steps: Sequence[Step]) -> list[StepOut]:
    return [StepOut(begin=step.begin, count=step.count) for step in steps]


def _figures_out(figures: Figures) -> FiguresOut:
    return FiguresOut(
        first=figures.first,
        last=figures.last,
        total=figures.total,
        by={name: _counts_out(counts) for name, counts in figures.by.items()},
        volume=_steps_out(figures.volume),
        backlog=_counts_out(figures.backlog),
        topics=[
            TopicOut(topic=one.topic, count=one.count, series=_steps_out(one.series), examples=list(one.examples))
            for one in figures.topics
        ],
        kept_percent=figures.kept_percent,
    )


def _budget_out(budget: Budget) -> BudgetOut:
    return BudgetOut(name=budget.name, spent_milli=budget.spent_milli, total_milli=budget.total_milli)


def _report_out(report: Report) -> ReportOut:
    return ReportOut(
        id=report.id,
        first_month=f"{report.first:%Y-%m}",
        months=report.months,
        made_at=report.made_at,
        expires_at=report.expires_at,
    )


def _open_out(found: OpenReport) -> OpenReportReply:
    return OpenReportReply(
        report=_report_out(found.report),
        tables=[
            TableOut(
                name=name,
                cells=[CellOut(name=cell, people=people) for cell, people in answer.table.cells.items()],
                total=answer.table.total,
                smallest_group=answer.smallest,
                epsilon_milli=answer.epsilon_milli,
            )
            for name, answer in found.tables.items()
        ],
        budgets=[_budget_out(budget) for budget in found.budgets],
    )
