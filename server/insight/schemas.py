"""What insight gives over the wire."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from server.kernel.wire import Moment, Schema

_Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class SpanQuery(Schema):
    """From which day to which; the last ninety days where left out."""

    first: date | None = None
    last: date | None = None


class CountOut(Schema):
    """How many items are of a class."""

    name: str
    count: int


class StepOut(Schema):
    """How many items were given from a day on until the next step."""

    begin: date
    count: int


class TopicOut(Schema):
    """A topic over time, with numbers of some items."""

    topic: str
    count: int
    series: list[StepOut]
    examples: list[int]


class FiguresOut(Schema):
    """Figures of a span of days. `by` has the dimensions kind, area, sentiment, state, waited and promise."""

    first: date
    last: date
    total: int
    by: dict[str, list[CountOut]]
    volume: list[StepOut]
    backlog: list[CountOut]
    topics: list[TopicOut]
    kept_percent: int | None


class FiguresReply(Schema):
    """The figures that staff see."""

    figures: FiguresOut


class BudgetOut(Schema):
    """What was spent of the privacy budget of some data, in thousandths of epsilon."""

    name: str
    spent_milli: int
    total_milli: int


class ReportOut(Schema):
    """A report that was shared. Whoever knows its id can read it until it expires."""

    id: str
    first_month: str
    months: int
    made_at: Moment
    expires_at: Moment


class ReportList(Schema):
    """The reports whose links work, and the budgets of the last twelve months."""

    reports: list[ReportOut]
    budgets: list[BudgetOut]


class ReportReply(Schema):
    """The report that was made."""

    report: ReportOut


class NewReport(Schema):
    """A report about one, three or twelve whole months that are over; `last_month` as `2026-10`."""

    last_month: _Month
    months: Literal[1, 3, 12]
    days: Literal[7, 30, 90]


class CellOut(Schema):
    """About how many people are in a class; null where it is not told."""

    name: str
    people: int | None


class TableOut(Schema):
    """One protected table."""

    name: str
    cells: list[CellOut]
    total: int | None
    smallest_group: int
    epsilon_milli: int


class OpenReportReply(Schema):
    """A report as anybody reads it who knows its id."""

    report: ReportOut
    tables: list[TableOut]
    budgets: list[BudgetOut]
