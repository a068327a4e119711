"""Prometheus metrics. Labels are routes, methods, codes and identifier labels; never an id, a text or an address."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from server.logs import dropped

Watcher = Callable[[str, str, int], None]
"""Is told of each answered request: route, method, status."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """All metrics of one server, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        # Memory, open files and their limit, time of the start: of this process, under the names that everybody uses.
        ProcessCollector(registry=self._registry)
        # Looking a child up by its labels takes as long as counting.
        self._answered: dict[tuple[str, str, int], Histogram] = {}
        self._requests = Histogram(
            "amanah_http_request_seconds",
            "Time to answer, by route",
            ["route", "method", "status"],
            registry=self._registry,
            buckets=(0.005, 0.02, 0.1, 0.5, 2.0, 10.0),
        )
        self._events = Counter(
            "amanah_socket_events", "Client events, by outcome", ["event", "outcome"], registry=self._registry
        )
        self._connections = Gauge("amanah_socket_connections", "Live connections", registry=self._registry)
        self._watchers: list[Watcher] = []
        self._dropped = Gauge(
            "amanah_log_dropped", "Log lines that lost their words, by kind", ["kind"], registry=self._registry
        )
        self._faults = Counter(
            "amanah_faults",
            "Exceptions that nobody expected, by type and place",
            ["type", "place"],
            registry=self._registry,
        )
        self._spans = Gauge(
            "amanah_spans_lost", "Spans that did not leave, or not whole, by why", ["why"], registry=self._registry
        )
        self._mail = Gauge(
            "amanah_mail",
            "The mail queue: letters waiting, sent, postponed, dropped",
            ["what"],
            registry=self._registry,
        )
        self._store_restarts = Counter(
            "amanah_store_restarts", "Times that the embedded store was started again", registry=self._registry
        )
        self._limits_away = Gauge(
            "amanah_limits_away", "1 while the Redis that counts limits does not answer", registry=self._registry
        )
        self._redactor = Gauge(
            "amanah_redactor", "The redactor pool: texts, batches, restarts, waiting", ["what"], registry=self._registry
        )

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        labels = route, method, status
        counted = self._answered.get(labels)
        if counted is None:
            counted = self._answered[labels] = self._requests.labels(route, method, str(status))
        counted.observe(seconds)
        for watcher in self._watchers:
            watcher(route, method, status)

    def watch(self, watcher: Watcher) -> None:
        """Say who counts answered requests elsewhere."""
        self._watchers.append(watcher)

    def event(self, name: str, outcome: str) -> None:
        """Count an answered client event."""
        self._events.labels(name, outcome).inc()

    def connections(self, change: int) -> None:
        """Count a connection that came (+1) or went (-1)."""
        self._connections.inc(change)

    def fault(self, kind: str, place: str) -> None:
        """Count an exception that nobody expected."""
        self._faults.labels(kind, place).inc()

    def spans_lost(self, why: str, count: int) -> None:
        """Set how many spans did not leave."""
        self._spans.labels(why).set(count)

    def redactor(self, what: str, value: float) -> None:
        """Set a figure of the redactor pool."""
        self._redactor.labels(what).set(value)

    def mail(self, what: str, value: float) -> None:
        """Set a figure of the mail queue."""
        self._mail.labels(what).set(value)

    def store_restarted(self) -> None:
        """Count a start of the embedded store that followed its end."""
        self._store_restarts.inc()

    def limits_away(self, away: bool) -> None:
        """Say whether the Redis that counts limits did not answer when it was last asked."""
        self._limits_away.set(away)

    def text(self) -> bytes:
        """Give all in Prometheus' text format."""
        for kind, count in dropped().items():
            self._dropped.labels(kind).set(count)
        return generate_latest(self._registry)
