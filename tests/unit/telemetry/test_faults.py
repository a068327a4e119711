"""Reports of faults: type and place, and never what an exception says."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from server.kernel.errors import Unavailable
from server.logs import looks_like
from server.telemetry.faults import Fault, FaultLog, Report, fault_of
from tests.privacy.canaries import CANARIES, Canary, traces_in

_NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class _Shelf:
    """Keeps counts, or fails."""

    def __init__(self) -> None:
        self.counts: dict[Fault, int] = {}
        self.down = False

    async def add_faults(self, counts: Mapping[Fault, int], at: datetime) -> None:
        if self.down:
            raise Unavailable
        for fault, count in counts.items():
            self.counts[fault] = self.counts.get(fault, 0) + count

    async def faults(self, limit: int) -> Sequence[Report]:
        return [Report(fault, count, _NOW, _NOW) for fault, count in self.counts.items()][:limit]


def _caught(text: str) -> Exception:
    try:
        looks_like(text).index("x", "y")  # type: ignore[arg-type]  # it has to fail
    except TypeError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("canary", CANARIES, ids=[canary.label.value for canary in CANARIES])
def test_a_report_says_nothing_of_what_was_worked_on(canary: Canary) -> None:
    """Neither the text of the exception, nor a value, nor the line of source that names one."""
    try:
        raise ValueError(canary.sentence)
    except ValueError as error:
        fault = fault_of(error, "GET /saran/{number}")
    assert (fault.type, fault.work) == ("ValueError", "GET /saran/{number}")
    assert traces_in(repr(fault).encode(), [canary]) == {}


def test_the_place_is_the_innermost_in_our_own_code() -> None:
    """A library's file stands for itself where none of ours was reached; an odd name of a type is told to nobody."""
    with pytest.raises(TypeError) as met:
        looks_like(None)  # type: ignore[arg-type]  # it has to fail
    assert fault_of(met.value, "task").place.startswith("server/logs.py:")
    assert fault_of(_caught("x"), "task").place.startswith("test_faults.py:")
    assert fault_of(ValueError(), "task").place == "unknown"
    assert fault_of(type("budi@contoh.id", (Exception,), {})(), "task").type == "unnamed"


async def test_equal_faults_are_one_and_none_is_lost_to_a_store_that_is_down() -> None:
    """Counted in memory until they are written."""
    shelf = _Shelf()
    log = FaultLog(shelf, lambda: _NOW)
    first, second = ValueError("a"), ValueError("b")
    assert log.note(first, "task").fingerprint == log.note(second, "task").fingerprint
    assert log.note(first, "event chat:send").fingerprint != log.note(first, "task").fingerprint
    shelf.down = True
    with pytest.raises(Unavailable):
        await log.flush()
    shelf.down = False
    await log.flush()
    await log.flush()
    assert sorted(report.count for report in await log.newest(10)) == [1, 3]
