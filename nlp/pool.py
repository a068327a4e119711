"""Worker processes that redact off the event loop, in micro-batches and under a deadline.

An idle worker takes at once everything that waits; while it works, texts gather for its next batch, so batches grow
with the load and no text ever waits for company. Fails closed: no answer in time is `RedactorUnavailable`. Triage is
done by the same workers, one text at a time and only while nothing waits to be redacted. Must not log or keep any text;
metrics are counts.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nlp.errors import RedactorUnavailable
from nlp.frames import FrameError, decode_spans, encode_item, encode_question, encode_request
from nlp.spans import Span
from nlp.triage_proposal import TriageProposal, TriageUnavailable, from_rows
from nlp.workerlink import Models, WorkerLink

logger = logging.getLogger(__name__)

MAX_TEXT: Final = 10_000
"""Longest text, in code points, that is passed to a worker: it must be done well within the deadline."""

# Bytes of a text and the names that go with it.
_MAX_ITEM_BYTES: Final = 1024 * 1024
# Bytes of texts in a batch of several: about 0.1 s of work, so that long texts don't hold up short ones.
_MAX_BATCH_BYTES: Final = 8_192
_ATTEMPTS: Final = 2
# A batch may use this part of the deadline in processor time; then the worker tries its texts one by one.
_LIMIT_PART: Final = 0.1
# A worker silent for this part of the deadline is killed, which leaves time to try what it had elsewhere.
_STALLED_PART: Final = 0.5
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 5.0
_STEADY_SECONDS: Final = 30.0
# A proposal may come late: nobody waits before a screen for it.
_TRIAGE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Counts since the start; `waiting` is of now.

    Attributes:
        batches: sent to workers.
        texts: answered.
        failures: texts that got no answer.
        restarts: of workers.
        waiting: texts not yet sent to a worker.
    """

    batches: int
    texts: int
    failures: int
    restarts: int
    waiting: int


class _Request:
    """One text on its way."""

    __slots__ = ("attempts", "deadline", "decode", "future", "item", "question")

    def __init__(self, item: bytes, future: "asyncio.Future[Any]", deadline: float, *, question: bool = False) -> None:
        self.item = item
        self.future = future
        self.deadline = deadline
        self.question = question
        self.decode: Callable[[Sequence[Sequence[Any]]], Any] = from_rows if question else decode_spans
        self.attempts = 0


class RedactorPool:
    """A fixed number of workers and one queue before them.

    Args:
        workers: how many processes.
        deadline_s: seconds after which a text is refused, from the call of `find` on.
        max_batch: most texts in one batch.
        max_waiting: most texts that may wait; more are refused at once.
        model_path: of the pipeline; by default the one that ships.
        triage_path: of the triage model; by default none, and `propose` has no answer.
    """

    def __init__(
        self,
        *,
        workers: int,
        deadline_s: float = 2.0,
        max_batch: int = 32,
        max_waiting: int = 2_000,
        model_path: Path | None = None,
        triage_path: Path | None = None,
    ) -> None:
        self._deadline_s = deadline_s
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._slots = [_Slot(self, Models(model_path, triage_path)) for _ in range(workers)]
        self._queue: deque[_Request] = deque()
        self._questions: deque[_Request] = deque()
        # In order of arrival, which is the order of deadlines: one timer is enough for all.
        self._expiring: deque[_Request] = deque()
        self._expiry_timer: asyncio.TimerHandle | None = None
        self._starts: list[asyncio.Task[None]] = []
        self._dispatch_due = False
        self._open = False
        self._batches = 0
        self._texts = 0
        self._failures = 0

    @property
    def ready(self) -> bool:
        """Whether at least one worker can answer now."""
        return self._open and any(slot.ready for slot in self._slots)

    @property
    def stats(self) -> PoolStats:
        """What has been done so far."""
        restarts = sum(slot.restarts for slot in self._slots)
        return PoolStats(self._batches, self._texts, self._failures, restarts, len(self._queue))

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the workers that run now."""
        return [slot.link.pid for slot in self._slots if slot.link is not None]

    @property
    def stalled_s(self) -> float:
        """Seconds of silence after which a worker is taken for stuck."""
        return self._deadline_s * _STALLED_PART

    @property
    def limit_s(self) -> float:
        """Seconds of processor time for one batch."""
        return self._deadline_s * _LIMIT_PART

    async def start(self) -> None:
        """Start the workers and wait until all are loaded and warm.

        Must be called in the thread that lives as long as the process: the workers end with it.

        Raises:
            RedactorUnavailable: a worker can't be started, or its model can't be loaded.
        """
        self._open = True
        # Each is waited for, also when one fails: a start that goes on behind a closed pool would leave a process.
        self._starts = [asyncio.create_task(slot.start(), name="redactor-start") for slot in self._slots]
        failures = [end for end in await asyncio.gather(*self._starts, return_exceptions=True) if end is not None]
        if not self._open:
            raise RedactorUnavailable("the pool was closed while it started")
        if failures:
            await self.close()
            raise failures[0]

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> list[Span]:
        """Find what identifies anybody in a text.

        Args:
            text: any text up to `MAX_TEXT` code points.
            known_names: names known to be names there.

        Returns:
            Disjoint spans in code points of the text, sorted.

        Raises:
            RedactorUnavailable: no answer. The text must be refused.
        """
        if not self._open or len(self._queue) >= self._max_waiting or len(text) > MAX_TEXT:
            self._failures += 1
            raise RedactorUnavailable
        item = _encoded(text, known_names)
        if item is None:
            self._failures += 1
            raise RedactorUnavailable
        loop = asyncio.get_running_loop()
        request = _Request(item, loop.create_future(), loop.time() + self._deadline_s)
        self._queue.append(request)
        self._expiring.append(request)
        if self._expiry_timer is None:
            self._expiry_timer = loop.call_at(request.deadline, self._expire)
        self._dispatch_soon()
        found: list[Span] = await request.future
        return found

    async def propose(self, text: str, areas: Collection[str] | None = None) -> TriageProposal:
        """Say what a redacted text may be, once no text waits to be redacted.

        Args:
            text: redacted; up to `MAX_TEXT` code points are looked at.
            areas: product areas that there are; None for all that the model knows.

        Raises:
            TriageUnavailable: no model, too many questions, or no answer within a minute.
        """
        if not self._open or len(self._questions) >= self._max_waiting:
            raise TriageUnavailable("the pool takes no question")
        try:
            item = encode_question(text[:MAX_TEXT], areas)
        except ValueError:
            raise TriageUnavailable("the text cannot travel") from None
        loop = asyncio.get_running_loop()
        request = _Request(item, loop.create_future(), loop.time() + _TRIAGE_SECONDS, question=True)
        self._questions.append(request)
        self._dispatch_soon()
        try:
            async with asyncio.timeout_at(request.deadline):
                proposal: TriageProposal = await request.future
        except TimeoutError:
            raise TriageUnavailable("no answer in time") from None
        return proposal

    async def close(self) -> None:
        """Refuse what waits and end the workers."""
        self._open = False
        if self._expiry_timer is not None:
            self._expiry_timer.cancel()
            self._expiry_timer = None
        for request in self._expiring:
            self._refuse(request)
        self._expiring.clear()
        self._queue.clear()
        asked = [request for slot in self._slots for batch in slot.batches for request in batch if request.question]
        for request in (*self._questions, *asked):
            self._refuse(request)
        self._questions.clear()
        for start in self._starts:
            start.cancel()
        await asyncio.gather(*self._starts, return_exceptions=True)
        await asyncio.gather(*(slot.close() for slot in self._slots))

    def dispatch(self) -> None:
        """Hand what waits to workers: first to idle ones, then one full batch more to each, to bridge the way back."""
        self._dispatch_due = False
        for depth in (0, 1):
            for slot in self._slots:
                if not self._queue or (depth and len(self._queue) < self._max_batch):
                    break
                if slot.ready and len(slot.batches) == depth and (batch := self._next_batch()):
                    self._batches += 1
                    slot.send(batch)
        if not self._queue:
            self._dispatch_question()

    def answer(self, batch: Sequence[_Request], answers: Sequence[Sequence[Sequence[Any]] | None]) -> None:
        """Pass the answers of a batch on to those who wait for them."""
        for request, rows in zip(batch, answers, strict=True):
            if rows is None:
                self._refuse(request)
            elif not request.future.done():
                self._texts += not request.question
                request.future.set_result(request.decode(rows))
        while self._expiring and self._expiring[0].future.done():
            self._expiring.popleft()
        self.dispatch()

    def retry(self, batches: Sequence[Sequence[_Request]]) -> None:
        """Take back what a worker had when it died. Any text of its current batch may have been the cause.

        Args:
            batches: the one it worked on, then those it had not begun.
        """
        if batches:
            for request in batches[0]:
                # A proposal is not worth a second worker.
                request.attempts += _ATTEMPTS if request.question else 1
        for batch in reversed(batches):
            for request in reversed(batch):
                if request.attempts >= _ATTEMPTS:
                    self._refuse(request)
                elif not request.future.done():
                    (self._questions if request.question else self._queue).appendleft(request)
        self.dispatch()

    def _dispatch_soon(self) -> None:
        if not self._dispatch_due:
            # After this turn of the loop: what else it brings goes into the same batch.
            self._dispatch_due = True
            asyncio.get_running_loop().call_soon(self.dispatch)

    def _dispatch_question(self) -> None:
        """Hand one question to an idle worker; never to all, so that a text to redact finds one of several idle."""
        while self._questions and self._questions[0].future.done():
            self._questions.popleft()
        if any(batch[0].question for slot in self._slots for batch in slot.batches):
            return
        idle = [slot for slot in self._slots if slot.ready and not slot.batches]
        if self._questions and idle:
            idle[-1].send([self._questions.popleft()])

    def _next_batch(self) -> list[_Request]:
        """What goes next: suspects alone, so that one which kills its worker again takes nobody with it."""
        batch: list[_Request] = []
        size = 0
        while self._queue and len(batch) < self._max_batch:
            request = self._queue[0]
            if request.future.done():
                self._queue.popleft()
                continue
            size += len(request.item)
            if batch and (request.attempts or size > _MAX_BATCH_BYTES):
                break
            batch.append(self._queue.popleft())
            if request.attempts:
                break
        return batch

    def _refuse(self, request: _Request) -> None:
        if request.future.done():
            return
        if request.question:
            request.future.set_exception(TriageUnavailable("no answer"))
        else:
            self._failures += 1
            request.future.set_exception(RedactorUnavailable())

    def _expire(self) -> None:
        """Refuse what is past its deadline and look again when the next one is due."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._expiring and (self._expiring[0].future.done() or self._expiring[0].deadline <= now):
            self._refuse(self._expiring.popleft())
        # Texts that nobody waits for any more are let go of, also while there is no worker.
        while self._queue and self._queue[0].future.done():
            self._queue.popleft()
        due = bool(self._expiring)
        self._expiry_timer = loop.call_at(self._expiring[0].deadline, self._expire) if due else None


class _Slot:
    """The place of one worker: there is always one in it, or one about to be."""

    def __init__(self, pool: RedactorPool, models: Models) -> None:
        self._pool = pool
        self._models = models
        self._task: asyncio.Task[None] | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._number = 0
        self.link: WorkerLink | None = None
        self.batches: deque[list[_Request]] = deque()
        self.restarts = 0

    @property
    def ready(self) -> bool:
        return self.link is not None and self.link.usable

    async def start(self) -> None:
        """Fill the place; raises `RedactorUnavailable` when that fails the first time."""
        self.link = await WorkerLink.open(self._models, self._pool.limit_s, self._on_answer)
        self._task = asyncio.create_task(self._keep(), name="redactor-worker")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._stop_watching()
        if self.link is not None:
            await self.link.close()
            self.link = None

    def send(self, batch: list[_Request]) -> None:
        if self.link is None:
            return
        self._number += 1
        self.batches.append(batch)
        if len(self.batches) == 1:
            self._watch()
        self.link.write(encode_request(self._number, [request.item for request in batch]))

    def _on_answer(self, number: int, answers: Sequence[Sequence[Sequence[Any]] | None]) -> None:
        expected = self._number - len(self.batches) + 1
        if not self.batches or number != expected or len(answers) != len(self.batches[0]):
            raise FrameError("an answer to no question")
        batch = self.batches.popleft()
        self._stop_watching()
        if self.batches:
            self._watch()
        self._pool.answer(batch, answers)

    def _watch(self) -> None:
        if self.link is not None:
            loop = asyncio.get_running_loop()
            self._stall_timer = loop.call_later(self._pool.stalled_s, self.link.kill)

    def _stop_watching(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    async def _keep(self) -> None:
        """Wait for the worker's end and put another one in its place, for ever."""
        pause = _FIRST_PAUSE_SECONDS
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            if self.link is not None:
                status = await self.link.ended()
                logger.warning("a redaction worker ended with status %d", status)
                self.link = None
            self._stop_watching()
            lost = list(self.batches)
            self.batches.clear()
            self._pool.retry(lost)
            if loop.time() - began > _STEADY_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            self.restarts += 1
            try:
                self.link = await WorkerLink.open(self._models, self._pool.limit_s, self._on_answer)
            except (RedactorUnavailable, OSError) as error:
                logger.warning("a redaction worker can't be started: %s", type(error).__name__)
            self._pool.dispatch()


def _encoded(text: str, known_names: Sequence[str]) -> bytes | None:
    """The text as it travels, or None when it can't."""
    try:
        item = encode_item(text, known_names)
    except ValueError:
        return None
    return item if len(item) <= _MAX_ITEM_BYTES else None
