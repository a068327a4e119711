"""Traces of requests, socket events and calls to others: begun, ended, filtered, and handed on in the background.

Nothing waits for whoever collects them: what can't be handed on is counted and dropped. Off unless a setting says where
they go; a span then costs some microseconds. Must not see a path, a query, a body or the text of an exception.
"""

import asyncio
import logging
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol

from server.kernel.background import Background
from server.telemetry.spans import Context, Kind, Span, Value, clean, new_context, parse_parent

logger = logging.getLogger("amanah.traces")

_MOST_WAITING: Final = 4_096
_AT_ONCE: Final = 512
_EVERY_S: Final = 2.0
_STATUS: Final = "http.response.status_code"


class Exporter(Protocol):
    """Hands spans on."""

    async def export(self, spans: Sequence[Span]) -> bool:
        """Hand some on; say whether they were taken. Never raises but for cancellation."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...


class Begun:
    """A span that is going on; `attributes` may be added to, `failed` set.

    Args:
        context: its ids.
        parent_id: of what it is a part; empty for the first.
        name: what kind of work.
        kind: in relation to others.
    """

    __slots__ = ("attributes", "began_ns", "context", "failed", "kind", "name", "parent_id", "started")

    def __init__(self, context: Context, parent_id: str, name: str, kind: Kind) -> None:
        self.context = context
        self.parent_id = parent_id
        self.name = name
        self.kind = kind
        self.began_ns = time.time_ns()
        self.started = time.perf_counter_ns()
        self.attributes: dict[str, Value] = {}
        self.failed = False


_HERE: ContextVar[Begun | None] = ContextVar("amanah_span", default=None)
"""The span that the running task is a part of."""


def parent_header() -> Mapping[str, str]:
    """Give the header with which a call to a system of the company's own goes on with the trace that the task is in.

    Strangers' systems (push services, receivers of webhooks) get none: it would tell which requests belong together.
    """
    here = _HERE.get()
    return {} if here is None else {"traceparent": here.context.header()}


class Tracer:
    """All spans of one server.

    Args:
        exporter: where they go; None switches tracing off.
        share: of traces that are kept, 0 to 1.
        continues: whether a trace that a caller brings is continued: only where a proxy of ours draws its ids, for a
            caller could write anything into them.
        chance: gives numbers from 0 to 1.
    """

    def __init__(
        self,
        exporter: Exporter | None,
        *,
        share: float = 1.0,
        continues: bool = False,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._exporter = exporter
        self._share = share
        self._continues = continues
        self._chance = chance
        self._waiting: deque[Span] = deque()
        self._sending = Background()
        self.lost: Counter[str] = Counter()
        """What did not leave: by what it looked like, `full` or `refused`."""

    @property
    def on(self) -> bool:
        """Whether anything is traced."""
        return self._exporter is not None

    def start(self) -> None:
        """Begin to hand spans on."""
        if self._exporter is not None:
            self._sending.start(self._send_now_and_then(self._exporter), name="traces")

    async def close(self) -> None:
        """Hand on what waits, and end."""
        await self._sending.stop()
        if self._exporter is not None:
            await self._send(self._exporter)
            await self._exporter.close()

    @contextmanager
    def span(self, name: str, kind: Kind = Kind.INTERNAL, *, parent: str = "") -> Iterator[Begun | None]:
        """Trace a piece of work; what it calls is a part of it.

        Args:
            name: what kind of work, in words of ours.
            kind: in relation to others.
            parent: a `traceparent` that a caller brought.

        Yields:
            The span, to be told how it ended; None where nothing is traced.
        """
        if self._exporter is None:
            yield None
            return
        here = _HERE.get()
        around: Context | None = here.context if here is not None else None
        if around is None and self._continues and parent:
            around = parse_parent(parent)
        sampled = around.sampled if around is not None else self._chance() < self._share
        begun = Begun(new_context(around, sampled=sampled), around.span_id if around else "", name, kind)
        before = _HERE.set(begun)
        try:
            yield begun
        except Exception as error:
            if _STATUS not in begun.attributes:
                self.failed(error)
            raise
        finally:
            _HERE.reset(before)
            if sampled:
                self._keep(begun)

    def failed(self, error: BaseException) -> None:
        """Say of the span that the running task is in that it failed, and of what type the exception is."""
        here = _HERE.get()
        if here is not None:
            here.failed = True
            here.attributes["error.type"] = type(error).__name__

    def _keep(self, begun: Begun) -> None:
        span, lost = clean(
            Span(
                begun.context,
                begun.parent_id,
                begun.name,
                begun.kind,
                begun.began_ns,
                time.perf_counter_ns() - begun.started,
                begun.attributes,
                begun.failed,
            )
        )
        if lost:
            self.lost[lost] += 1
        if span is None:
            return
        if len(self._waiting) >= _MOST_WAITING:
            self.lost["full"] += 1
            return
        self._waiting.append(span)

    async def _send_now_and_then(self, exporter: Exporter) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            await self._send(exporter)

    async def _send(self, exporter: Exporter) -> None:
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            if not await exporter.export(some):
                self.lost["refused"] += len(some)
                return
