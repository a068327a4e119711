"""What went wrong for a reason of ours, told by type and place: never by its text, by a value or by whom it met.

Equal faults are one, under a fingerprint of type, place and kind of work, with a count and two moments.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Final, Protocol

from server.kernel.ports import Clock

_ROOT: Final = Path(__file__).resolve().parents[2]
_PACKAGES: Final = ("server/", "nlp/", "moderation/")
_TYPE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_LETTERS: Final = 16
_MOST_KINDS: Final = 2_000
"""Kinds of faults that one process tells of before its next writing; there are as many as lines that can fail."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault.

    Attributes:
        type: of the exception.
        place: where in our code, `server/chat/store.py:42 find`; the library's file where none of ours was reached.
        work: a route's template, an event's name, `task`.
    """

    type: str
    place: str
    work: str

    @property
    def fingerprint(self) -> str:
        """Equal for equal faults."""
        text = "\0".join((self.type, self.place, self.work))
        return hashlib.sha256(text.encode()).hexdigest()[:_LETTERS]


@dataclass(frozen=True, slots=True)
class Report:
    """How often a fault was met.

    Attributes:
        fault: which.
        count: how often.
        first_at: aware, UTC.
        last_at: likewise.
    """

    fault: Fault
    count: int
    first_at: datetime
    last_at: datetime


class FaultStore(Protocol):
    """Keeps reports; see `store.MongoTelemetryStore`."""

    async def add_faults(self, counts: Mapping[Fault, int], at: datetime) -> None: ...
    async def faults(self, limit: int) -> Sequence[Report]: ...


def fault_of(error: BaseException, work: str) -> Fault:
    """Say what went wrong and where; nothing of the exception but its type and its trace is read."""
    name = type(error).__name__
    return Fault(name if _TYPE.fullmatch(name) else "unnamed", place_of(error.__traceback__), work)


def place_of(trace: TracebackType | None) -> str:
    """Give the innermost place in our own code; without one, the library's file and line."""
    ours = last = ""
    for frame, line in walk_tb(trace):
        code = frame.f_code
        path = Path(code.co_filename)
        own = path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else ""
        if own.startswith(_PACKAGES):
            ours = f"{own}:{line} {code.co_name}"
        last = f"{path.name}:{line}"
    return ours or last or "unknown"


class FaultLog:
    """Counts faults.

    Args:
        store: where reports are kept.
        clock: the time.
    """

    def __init__(self, store: FaultStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: dict[Fault, int] = {}

    def note(self, error: BaseException, work: str) -> Fault:
        """Count a fault; costs a look along the trace."""
        fault = fault_of(error, work)
        if fault in self._waiting or len(self._waiting) < _MOST_KINDS:
            self._waiting[fault] = self._waiting.get(fault, 0) + 1
        return fault

    async def flush(self) -> None:
        """Write what was counted.

        Raises:
            Unavailable: the store does not answer; what was counted is written the next time.
        """
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        try:
            await self._store.add_faults(waiting, self._clock())
        except BaseException:
            for fault, count in waiting.items():
                self._waiting[fault] = self._waiting.get(fault, 0) + count
            raise

    async def newest(self, limit: int) -> Sequence[Report]:
        """Give what was met last, the latest first."""
        return await self._store.faults(limit)
