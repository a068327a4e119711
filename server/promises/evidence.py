"""Evidence, gathered in the background and kept for some minutes, so that asking for it costs nobody anything.

A source that fails keeps what it gave last, with the time since when it could not be asked again. Nothing here raises
while a page is shown.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from server.kernel.background import Background
from server.kernel.ports import Clock
from server.promises.model import SOURCE_OF, Clause, Fact

logger = logging.getLogger("amanah.promises")

_PATIENCE_S: Final = 20.0
_SOON_S: Final = 30.0

Source = Callable[[], Awaitable[Sequence[Fact]]]
"""Gives facts; raises whatever it likes when it can't."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source gave last.

    Attributes:
        facts: its facts; none before it answered for the first time.
        at: when it gave them; None before.
        failing_since: since when it could not be asked; None while it answers.
    """

    facts: Sequence[Fact] = ()
    at: datetime | None = None
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A promise with what stands beside it.

    Attributes:
        clause: which.
        facts: the evidence, in the order that the clause names it.
        checked_at: when all of it had been checked; None while some was never.
        failing_since: since when some of it could not be checked; None where all is in order.
    """

    clause: Clause
    facts: Sequence[Fact]
    checked_at: datetime | None
    failing_since: datetime | None


class NotYet(Exception):
    """A source has nothing to tell so soon after the start; that is no failure."""


class Evidence:
    """Keeps evidence.

    Args:
        sources: name -> source, each in `model.SOURCES`.
        clock: the time.
        every_s: seconds from one gathering to the next.
    """

    def __init__(self, sources: Mapping[str, Source], clock: Clock, *, every_s: float) -> None:
        self._sources = sources
        self._clock = clock
        self._every_s = every_s
        self._readings: dict[str, Reading] = {name: Reading() for name in sources}
        self._listeners: list[Callable[[], None]] = []
        self._work = Background()

    def listen(self, listener: Callable[[], None]) -> None:
        """Be told when anything was gathered."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Begin to gather."""
        self._work.start(self._gather_now_and_then(), name="evidence")

    async def close(self) -> None:
        """Gather no more."""
        await self._work.stop()

    def kept(self, clause: Clause) -> Kept:
        """Give the evidence for a promise, from memory."""
        names = dict.fromkeys(SOURCE_OF[fact] for fact in clause.facts)
        readings = [self._readings.get(name, Reading()) for name in names]
        facts = [fact for name in clause.facts for fact in self._facts(name)]
        times = [reading.at for reading in readings]
        failing = [reading.failing_since for reading in readings if reading.failing_since is not None]
        checked = min(at for at in times if at is not None) if None not in times else None
        return Kept(clause, facts, checked, min(failing, default=None))

    async def gather(self, *names: str) -> None:
        """Ask sources once: those named, or all."""
        for name in names or tuple(self._sources):
            await self._ask(name, self._sources[name])
        for listener in self._listeners:
            listener()

    def _facts(self, name: str) -> Sequence[Fact]:
        reading = self._readings.get(SOURCE_OF[name], Reading())
        return [fact for fact in reading.facts if fact.name == name]

    async def _ask(self, name: str, source: Source) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                facts = await source()
        except NotYet:
            return
        except Exception as error:
            logger.warning("evidence can't be gathered from %s: %s", name, type(error).__name__)
            before = self._readings[name]
            self._readings[name] = replace(before, failing_since=before.failing_since or self._clock())
            return
        self._readings[name] = Reading(facts, self._clock())

    async def _gather_now_and_then(self) -> None:
        # Once more soon after the start, when the first work was done.
        pause = min(self._every_s, _SOON_S)
        while True:
            await self.gather()
            await asyncio.sleep(pause)
            pause = self._every_s
