"""The desk's figures over HTTP, and as a file."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Final

from server.chat.schemas import person
from server.desk.api import ROOT
from server.desk.figures import Counts, Figures, kept_share, times_of
from server.desk.figures import DeskFigures as Service
from server.desk.office_schemas import DeskFigures, FigureAgent, FigureDay, FigureQuery, Satisfaction, Spans
from server.kernel.actor import Actor
from server.kernel.wire import Empty
from server.web.endpoint import Access, Call, Download, Endpoint

_CSV: Final = "text/csv"
_SCORES: Final = range(1, 6)


def endpoints(figures: Service) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def read(call: Call) -> Figures:
        query: FigureQuery = call.query
        return await figures.figures(call.actor, query.from_, query.to)

    async def show(call: Call) -> DeskFigures:
        return _out(await read(call))

    async def export(call: Call) -> Download:
        return Download(_CSV, "layanan.csv", _lines(_out(await read(call))))

    path = f"{ROOT}/figures"
    return (
        Endpoint("GET", path, "How the desk does", show, DeskFigures, Access.DESK, query=FigureQuery),
        Endpoint(
            "GET",
            f"{path}.csv",
            "How the desk does, day by day, as a file",
            export,
            Empty,
            Access.DESK,
            query=FigureQuery,
            downloads=(_CSV,),
        ),
    )


def _out(found: Figures) -> DeskFigures:
    days = [_day(day, counts) for day, counts in found.days]
    return DeskFigures(
        days=days,
        total=_day(found.days[0][0], found.total),
        agents=[
            FigureAgent(
                agent=person(Actor(account.id, account.role, "", account.display_name), account.id),
                answers=counts.get("answers", 0),
                closed=counts.get("closed", 0),
                load=load,
                first_response=_spans(counts, "first"),
                resolution=_spans(counts, "resolution"),
                satisfaction=_satisfaction(counts),
            )
            for account, counts, load in found.agents
        ],
        hours=found.hours,
        kept={
            "first_response": kept_share(found.total, "first"),
            "resolution": kept_share(found.total, "resolution"),
        },
    )


def _day(day: date, counts: Counts) -> FigureDay:
    return FigureDay(
        day=day,
        opened=counts.get("opened", 0),
        closed=counts.get("closed", 0),
        messages=counts.get("messages", 0),
        first_response=_spans(counts, "first"),
        resolution=_spans(counts, "resolution"),
        satisfaction=_satisfaction(counts),
    )


def _spans(counts: Counts, what: str) -> Spans:
    times = times_of(counts, what)
    return Spans(count=times.count, average=times.average, median=times.median, p90=times.p90)


def _satisfaction(counts: Counts) -> Satisfaction:
    scores = {score: counts.get(f"score_{score}", 0) for score in _SCORES}
    count = sum(scores.values())
    average = round(sum(score * number for score, number in scores.items()) / count, 2) if count else None
    return Satisfaction(count=count, average=average, scores={str(score): number for score, number in scores.items()})


async def _lines(figures: DeskFigures) -> AsyncIterator[bytes]:
    """One line a day. Numbers and dates only, so no cell is taken for a formula."""
    yield _line(
        "day",
        "opened",
        "closed",
        "customer_messages",
        "first_responses",
        "first_response_median_minutes",
        "first_response_p90_minutes",
        "resolutions",
        "resolution_median_minutes",
        "resolution_p90_minutes",
        "ratings",
        "rating_average",
    )
    for day in figures.days:
        yield _line(
            day.day.isoformat(),
            day.opened,
            day.closed,
            day.messages,
            day.first_response.count,
            day.first_response.median,
            day.first_response.p90,
            day.resolution.count,
            day.resolution.median,
            day.resolution.p90,
            day.satisfaction.count,
            day.satisfaction.average,
        )


def _line(*cells: object) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(["" if cell is None else cell for cell in cells])
    return text.getvalue().encode()
