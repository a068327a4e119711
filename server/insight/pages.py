"""Insight as pages: the figures for staff with charts, and reports as anybody reads them who has their address.

Complete without JavaScript: charts are drawn here, and each has its table beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from aiohttp import web
from babel.dates import format_date
from markupsafe import Markup

from server.insight.api import EXPORT, Desk
from server.insight.charts import Bar, bars, columns
from server.insight.model import Figures, Step
from server.insight.reports import LIFETIMES, SPANS, OpenReport
from server.kernel.access import Access, can_call
from server.kernel.errors import DomainError, InvalidInput, NotFound
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

HOME: Final = "/wawasan"
REPORT: Final = "/laporan"
_QUERY: Final = ("dari", "sampai")
_DIMENSIONS: Final = ("kind", "area", "sentiment", "waited", "promise", "state")


class AreaNames(Protocol):
    """Knows what areas are called."""

    async def area_names(self, locale: str) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its table.

    Attributes:
        name: unique in its page.
        title: what it shows.
        drawing: the chart.
        head: what the rows of the table are.
        rows: label and value in words.
    """

    name: str
    title: str
    drawing: Markup
    head: str
    rows: Sequence[tuple[str, str]]


class InsightPages:
    """The pages.

    Args:
        site: the frame.
        desk: the services.
        areas: what areas are called.
    """

    def __init__(self, site: Site, desk: Desk, areas: AreaNames) -> None:
        self._site = site
        self._desk = desk
        self._areas = areas

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._figures, query=_QUERY))
        app.router.add_post(HOME, posted(self._act))
        app.router.add_get(f"{REPORT}/{{id}}", shown(self._report))

    # --- figures ---------------------------------------------------------------------------------------------------

    async def _figures(self, visit: Visit) -> Page:
        return await self._figures_page(visit, None)

    async def _figures_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.STAFF)
        try:
            first, last = _day(visit, "dari"), _day(visit, "sampai")
            figures = await self._desk.insight.figures(first, last)
        except InvalidInput as error:
            refusal = refusal or self._site.refusal(visit, error)
            figures = await self._desk.insight.figures()
        words = _Words(self._site, visit.locale, await self._areas.area_names(visit.locale))
        reports = self._desk.reports
        context = {
            "figures": figures,
            "charts": _charts(words, figures),
            "topics": _topics(words, figures),
            "export": f"{EXPORT}?{urlencode({'first': figures.first, 'last': figures.last})}",
            "shares": can_call(Access.DESK, actor.role),
            "reports": [(one, words.months(one.first, one.months)) for one in await reports.all()],
            "budgets": [(words.month(month), one) for month, one in await self._budgets()],
            "rules": reports.rules,
            "months": [(f"{month:%Y-%m}", words.month(month)) for month in reports.months()],
            "spans": SPANS,
            "lifetimes": LIFETIMES,
            "refusal": refusal,
        }
        return Page("insight/figures.html", context, refusal.status if refusal else 200)

    async def _budgets(self) -> list[tuple[date, Any]]:
        return list(zip(self._desk.reports.months(), await self._desk.reports.budgets(), strict=False))

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require_access(Access.DESK)
        form = visit.form
        try:
            if form.word("act") == "withdraw":
                await self._desk.reports.withdraw(actor, form.word("report"))
                return self._site.to(f"{HOME}#laporan")
            month = _month(form.word("month"))
            made = await self._desk.reports.make(actor, month, form.number("months") or 0, form.number("days") or 0)
        except NotFound:
            raise
        except DomainError as error:
            return await self._figures_page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{REPORT}/{made.id}")

    # --- reports ---------------------------------------------------------------------------------------------------

    async def _report(self, visit: Visit) -> Page:
        found = await self._desk.reports.read(visit.part["id"])
        words = _Words(self._site, visit.locale, await self._areas.area_names(visit.locale))
        names = dict(zip([one.name for one in found.budgets], _months_of(found), strict=True))
        context = {
            "report": found.report,
            "span": words.months(found.report.first, found.report.months),
            "tables": [
                (words.title(name), words.rows(name, answer.table.cells), answer)
                for name, answer in found.tables.items()
            ],
            "budgets": [(words.month(names[one.name]), one) for one in found.budgets],
            "smallest": max((answer.smallest for answer in found.tables.values()), default=0),
            "epsilon": words.milli(max((answer.epsilon_milli for answer in found.tables.values()), default=0)),
            "milli": words.milli,
        }
        # An address that is a secret is told to nobody on the way out.
        headers = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
        return Page("insight/report.html", context, headers=headers)


class _Words:
    """How classes and moments are called in one language."""

    def __init__(self, site: Site, locale: str, areas: Mapping[str, str]) -> None:
        self._site = site
        self._locale = locale
        self._areas = areas

    def text(self, key: str, **values: str | int) -> str:
        """Give a text of insight."""
        return self._site.text(self._locale, f"insight.{key}", **values)

    def title(self, dimension: str) -> str:
        """Name a dimension."""
        return self.text(f"by.{dimension}")

    def name(self, dimension: str, value: str) -> str:
        """Name a class."""
        if dimension == "area" and value in self._areas:
            return self._areas[value]
        if dimension == "month":
            return self.month(_month(value))
        if dimension in {"area", "topic"} and value != "none":
            return value
        return self.text(f"{'none' if value == 'none' else dimension}.{value}")

    def rows(self, dimension: str, cells: Mapping[str, int | None]) -> list[tuple[str, int | None]]:
        """Name the classes of a protected table."""
        return [(self.name(dimension, cell), people) for cell, people in cells.items()]

    def month(self, month: date) -> str:
        """Name a month."""
        return format_date(month, "MMMM y", locale=self._locale)

    def months(self, first: date, count: int) -> str:
        """Name a span of months."""
        last = first.month - 1 + count - 1
        end = date(first.year + last // 12, last % 12 + 1, 1)
        return self.month(first) if count == 1 else f"{self.month(first)} – {self.month(end)}"

    def day(self, day: date) -> str:
        """Name a day."""
        return format_date(day, "d MMM y", locale=self._locale)

    def milli(self, milli: int) -> str:
        """Give thousandths in words."""
        text = f"{milli / 1000:.3f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if self._locale == "id" else text

    def chart(self, dimension: str, counts: Mapping[str, int], of: str) -> Chart:
        """Draw a chart of classes."""
        rows = [Bar(self.name(dimension, name), count, str(count)) for name, count in counts.items()]
        title = self.title(of)
        said = ", ".join(f"{row.label} {row.shown}" for row in rows)
        drawing = bars(f"c-{of}", title, said or self.text("nothing"), rows)
        return Chart(of, title, drawing, self.title(of), [(row.label, row.shown) for row in rows])

    def series(self, name: str, title: str, steps: Sequence[Step]) -> Chart:
        """Draw a chart over time."""
        rows = [Bar(self.day(step.begin), step.count, str(step.count)) for step in steps]
        said = self.text("series.said", first=rows[0].label, last=rows[-1].label, n=sum(step.count for step in steps))
        drawing = columns(f"c-{name}", title, said, rows)
        return Chart(name, title, drawing, self.text("from"), [(row.label, row.shown) for row in rows])


def _charts(words: _Words, figures: Figures) -> list[Chart]:
    drawn = [words.series("volume", words.title("volume"), figures.volume)]
    drawn += [words.chart(name, figures.by[name], name) for name in _DIMENSIONS]
    return [*drawn, words.chart("age", figures.backlog, "age")]


def _topics(words: _Words, figures: Figures) -> list[tuple[str, int, Chart, Sequence[int]]]:
    return [
        (one.topic, one.count, words.series(f"topic-{place}", one.topic, one.series), one.examples)
        for place, one in enumerate(figures.topics)
    ]


def _months_of(found: OpenReport) -> list[date]:
    return [_month(one.name.rpartition(":")[2]) for one in found.budgets]


def _day(visit: Visit, name: str) -> date | None:
    """Give a day of the query, or None.

    Raises:
        InvalidInput: it is no day.
    """
    text = visit.request.query.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(fields={name: "malformed"}) from None


def _month(text: str) -> date:
    """Give the first day of a month.

    Raises:
        InvalidInput: it is none.
    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise InvalidInput(fields={"month": "malformed"}) from None
