"""Builds what tells operators how the server does: traces, reports of faults, counts of pages. For `parts` only."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from aiohttp import web

from server.composition.identity import Ground
from server.config import Settings
from server.kernel.background import Background
from server.kernel.errors import Unavailable
from server.telemetry.exporting import CollectorExporter, FileExporter
from server.telemetry.faults import FaultLog
from server.telemetry.pages import TelemetryPages
from server.telemetry.pageviews import PageViews, Seen
from server.telemetry.spans import Kind
from server.telemetry.store import TELEMETRY_COLLECTIONS as TELEMETRY_COLLECTIONS
from server.telemetry.store import MongoTelemetryStore
from server.telemetry.tracing import Exporter, Tracer
from server.web.metrics import Metrics
from server.web.requests import Origins
from server.web.site.frame import Site
from server.web.watching import Asked

logger = logging.getLogger("amanah.observing")

_EVERY_S: Final = 30.0
_TO_FILE: Final = "file"
_FAILED: Final = 500
_TASK: Final = "task"


@dataclass(frozen=True, slots=True)
class Observing:
    """The running services. Fills `web.watching.Watching` and `realtime.sockets.Watching`."""

    tracer: Tracer
    faults: FaultLog
    views: PageViews
    metrics: Metrics
    origins: Origins
    least: int

    @contextmanager
    def request(self, request: web.Request, asked: Asked) -> Iterator[Callable[[int], None]]:
        """Trace a request; see `web.watching.Watching`."""
        name, parent = f"{asked.method} {asked.route}", request.headers.get("traceparent", "")
        with self.tracer.span(name, Kind.SERVER, parent=parent) as span:

            def told(status: int) -> None:
                if span is not None:
                    span.attributes["http.request.method"] = asked.method
                    span.attributes["http.route"] = asked.route
                    span.attributes["http.response.status_code"] = status
                    span.failed = status >= _FAILED

            yield told

    def answered(self, request: web.Request, asked: Asked, status: int) -> None:
        """Count a page; see `web.watching.Watching`."""
        headers = request.headers
        self.views.seen(
            Seen(
                asked.route,
                asked.method,
                status,
                headers.get("Referer", ""),
                self.origins.address(request) or self.origins.network(request),
                headers.get("User-Agent", ""),
                request.host,
                headers.get("Sec-GPC") == "1" or headers.get("DNT") == "1",
            )
        )

    def failed(self, error: BaseException, work: str) -> None:
        """Take a report; see `web.watching.Watching`."""
        fault = self.faults.note(error, work)
        self.metrics.fault(fault.type, fault.place)
        self.tracer.failed(error)

    @contextmanager
    def event(self, name: str) -> Iterator[None]:
        """Trace an event of a socket, by its name in the table of events."""
        with self.tracer.span(f"event {name}", Kind.SERVER) as span:
            if span is not None:
                span.attributes["messaging.operation.name"] = name
            yield

    def refresh(self) -> None:
        """Bring the figures about traces up to date before they are shown."""
        for why, count in self.tracer.lost.items():
            self.metrics.spans_lost(why, count)

    def attach(self, site: Site, app: web.Application) -> None:
        """Put the page into the application."""
        TelemetryPages(site, self.views, self.faults, self.tracer, self.least).attach(app)


def exporter_of(settings: Settings) -> Exporter | None:
    """Give where traces go, as the setting says; None for nowhere."""
    if not settings.traces:
        return None
    if settings.traces == _TO_FILE:
        return FileExporter(settings.data_dir / "traces.jsonl", version("amanah"))
    return CollectorExporter(settings.traces, version("amanah"))


@asynccontextmanager
async def open_observing(ground: Ground, metrics: Metrics, origins: Origins) -> AsyncIterator[Observing]:
    """Build and start them; what they counted is written when they end."""
    settings = ground.settings
    store = MongoTelemetryStore(ground.database)
    tracer = Tracer(
        exporter_of(settings), share=settings.trace_percent / 100, continues=settings.trace_parents == "continue"
    )
    faults = FaultLog(store, ground.clock)
    views = PageViews(store, ground.clock, settings.report_group)
    observing = Observing(tracer, faults, views, metrics, origins, settings.report_group)
    writing = Background()
    tracer.start()
    writing.start(_write_now_and_then(faults, views), name="observing")
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_noting(observing))
    try:
        yield observing
    finally:
        loop.set_exception_handler(None)
        await writing.stop()
        await tracer.close()
        try:
            await views.end()
            await faults.flush()
        except Unavailable:
            logger.warning("the store did not answer: the last counts of pages and faults are lost")


def _noting(observing: Observing) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """What nobody awaited failed: it is reported like what failed in a request, and then logged as ever."""

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            observing.failed(error, _TASK)
        loop.default_exception_handler(context)

    return handle


async def _write_now_and_then(faults: FaultLog, views: PageViews) -> None:
    while True:
        await asyncio.sleep(_EVERY_S)
        try:
            await views.flush()
            await faults.flush()
        except Unavailable:
            logger.warning("the store did not answer; counts of pages and faults are written later")
        except Exception as error:
            logger.error("writing counts of pages and faults failed: %s", type(error).__name__)
