"""Carries the retention rules out: every night, one server at a time, in slices, and proves that nothing is left.

A run that its server did not end is taken up by the next: what was removed is removed, and every rule is gone through
again from the beginning. After the last slice every rule is counted anew; what the report calls overdue is what is
really there. Knows capabilities as `kernel.retention.Sweeper` only.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.background import Background
from server.kernel.errors import Conflict, DomainError
from server.kernel.ids import new_id
from server.kernel.ports import Clock
from server.kernel.retention import RetentionRule, Spared, Sweeper
from server.retention.model import Line, RunReport, is_due

logger = logging.getLogger("amanah.retention")

SYSTEM: Final = "system"
_LOOK_S: Final = 60.0
_LEASE: Final = timedelta(minutes=5)
_MOST_SLICES: Final = 100_000


class RunStore(Protocol):
    """Where runs are kept; `retention.store` says what each does."""

    async def take_lease(self, holder: str, now: datetime, until: datetime) -> bool: ...
    async def give_lease_back(self, holder: str) -> None: ...
    async def insert_run(self, run: RunReport) -> None: ...
    async def save_run(self, run: RunReport) -> None: ...
    async def runs(self, limit: int, *, dry: bool | None = None) -> list[RunReport]: ...
    async def unfinished(self) -> RunReport | None: ...


@dataclass(frozen=True, slots=True)
class Task:
    """A rule with what carries it out."""

    rule: RetentionRule
    sweeper: Sweeper


class RetentionRuns:
    """The runs.

    Args:
        sweepers: of all capabilities, in the order in which their rules are carried out.
        store: of runs.
        spared: says what is under a legal hold.
        refresh: makes that up to date with what other servers wrote.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self,
        sweepers: Sequence[Sweeper],
        store: RunStore,
        spared: Spared,
        refresh: Callable[[], Awaitable[None]],
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._tasks = [Task(rule, sweeper) for sweeper in sweepers for rule in sweeper.rules]
        self._store = store
        self._spared = spared
        self._refresh = refresh
        self._audit = audit
        self._clock = clock
        self._holder = new_id()
        self._watch = Background()
        self._turn = asyncio.Lock()
        self._asked: asyncio.Task[None] | None = None

    @property
    def rules(self) -> tuple[RetentionRule, ...]:
        """All rules, in the order in which they are carried out."""
        return tuple(task.rule for task in self._tasks)

    def start(self) -> None:
        """Begin to look whether a run is due."""
        self._watch.start(self._go_on(), name="retention")

    async def close(self) -> None:
        """End; a run that is under way is taken up later."""
        await self._watch.stop()
        if self._asked is not None:
            self._asked.cancel()
            await asyncio.gather(self._asked, return_exceptions=True)
        try:
            await self._store.give_lease_back(self._holder)
        except DomainError:
            logger.warning("the lease of the retention run was not given back; it ends by itself")

    async def last(self) -> RunReport | None:
        """Give the last run that came to its end and removed what was due."""
        ended = [run for run in await self._store.runs(5, dry=False) if run.ended_at is not None]
        return ended[0] if ended else None

    async def latest(self, limit: int) -> list[RunReport]:
        """Give the last runs, dry ones too, the newest first."""
        return await self._store.runs(limit)

    async def dry_run(self, by: str) -> RunReport:
        """Count what a run would remove; nothing is removed. The report is kept.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._refresh()
        now = self._clock()
        lines = tuple([await self._counted(task, Line(task.rule.name), now) for task in self._tasks])
        report = RunReport(new_id(), by, dry=True, began_at=now, ended_at=self._clock(), lines=lines)
        await self._store.insert_run(report)
        counts = {"rules": len(lines), "due": report.overdue, "held": report.held}
        await self._audit.append([AuditEntry("retention:run:tried", by, (report.id,), now, counts)])
        return report

    async def run(self, by: str) -> RunReport:
        """Remove what is due, slice by slice, then count what is left.

        Raises:
            Conflict: it is done now, here or by another server.
            Unavailable: the store does not answer.
        """
        if self._turn.locked():
            raise Conflict
        async with self._turn:
            await self._hold_lease()
            try:
                return await self._run(by)
            finally:
                await self._store.give_lease_back(self._holder)

    async def begin(self, by: str) -> None:
        """Begin a run that goes on while nobody waits for it; `latest` tells how far it is.

        Raises:
            Conflict: one goes on.
            Unavailable: the store does not answer.
        """
        if self._turn.locked() or (self._asked is not None and not self._asked.done()):
            raise Conflict
        await self._hold_lease()
        self._asked = asyncio.create_task(self._in_peace(by), name="retention-asked")

    async def round(self) -> RunReport | None:
        """Begin a run where one is due, or take up one that nobody ended; give its report.

        Raises:
            Unavailable: the store does not answer.
        """
        last = await self.last()
        if not is_due(self._clock(), last.began_at if last else None) and await self._store.unfinished() is None:
            return None
        try:
            return await self.run(SYSTEM)
        except Conflict:
            return None

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _in_peace(self, by: str) -> None:
        try:
            await self.run(by)
        except Exception as error:
            logger.warning("the run that somebody asked for is taken up later: %s", type(error).__name__)

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                await self.round()
            except Exception as error:
                logger.warning("retention can't be carried out for now: %s", type(error).__name__)

    async def _hold_lease(self) -> None:
        now = self._clock()
        if not await self._store.take_lease(self._holder, now, now + _LEASE):
            raise Conflict

    async def _run(self, by: str) -> RunReport:
        await self._refresh()
        before = await self._store.unfinished()
        if before is None:
            run = RunReport(new_id(), by, dry=False, began_at=self._clock())
            await self._store.insert_run(run)
        else:
            run = replace(before, resumed=before.resumed + 1)
        known = {line.rule: line for line in run.lines}
        for task in self._tasks:
            known[task.rule.name] = await self._sweep(task, known.get(task.rule.name, Line(task.rule.name)), run, known)
        now = self._clock()
        lines = tuple([await self._counted(task, known[task.rule.name], now) for task in self._tasks])
        run = replace(run, lines=lines, ended_at=self._clock())
        await self._store.save_run(run)
        counts = {"gone": run.gone, "overdue": run.overdue, "held": run.held, "failed": run.failed}
        await self._audit.append([AuditEntry("retention:run:ended", run.by, (run.id,), self._clock(), counts)])
        if not run.proven:
            logger.error(
                "after the retention run %d things outlive their rules, %d rules failed", run.overdue, run.failed
            )
        return run

    async def _sweep(self, task: Task, line: Line, run: RunReport, known: dict[str, Line]) -> Line:
        """Carry a rule out slice by slice. What a slice removed is written down before the next."""
        line = replace(line, failed=False)
        for _ in range(_MOST_SLICES):
            began = time.monotonic()
            try:
                gone = await task.sweeper.sweep(task.rule, self._clock(), self._spared)
            except DomainError as error:
                logger.warning("rule %s is left to the next run: %s", task.rule.name, error.code)
                return replace(line, failed=True)
            if not gone:
                break
            line = replace(line, gone=line.gone + gone)
            known[task.rule.name] = line
            await self._hold_lease()
            await self._store.save_run(replace(run, lines=tuple(known.values())))
            # As long as it worked, so that what people do comes first.
            await asyncio.sleep(min(time.monotonic() - began, 1.0))
        return line

    async def _counted(self, task: Task, line: Line, now: datetime) -> Line:
        try:
            overdue, held = await task.sweeper.due(task.rule, now, self._spared)
        except DomainError:
            return replace(line, failed=True)
        return replace(line, overdue=overdue, held=held)
