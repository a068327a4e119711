"""How long visits stay: full addresses some days, the rest a year."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from server.kernel.retention import SLICE, RetentionRule, Spared, Stock, Way, Ways, ends, stays
from server.visits.model import HOUR, KEPT

_GRACE = timedelta(hours=1)
_DEVICES = timedelta(days=400)
_PERSON = ("account_id",)


class Log(Protocol):
    """What removes visits; `visits.service` does."""

    async def sweep(self, spared: Spared) -> int: ...
    async def drop_again(self, hours: Collection[int], spared: Spared, *, full: bool) -> int: ...


def retention(stock: Stock, log: Log, days: int) -> Ways:
    """Give the rules.

    Args:
        stock: reads by age.
        log: removes hour by hour, and notes how far it came.
        days: after which full values go.
    """
    full = RetentionRule(
        "visit:full",
        ("visits",),
        "security",
        timedelta(days=days),
        "made",
        "AMANAH_VISIT_DAYS",
        held_by=_PERSON,
    )
    rest = RetentionRule("visit:rest", ("visits",), "security", KEPT, "made", held_by=_PERSON)
    devices = RetentionRule(
        "device:known", ("known_devices",), "security", _DEVICES, "last_used", by_store=True, unheld="elsewhere"
    )
    return Ways(
        _way(full, stock, log, full=True),
        _way(rest, stock, log, full=False),
        stays("visit:progress", ("visit_sweeps",), "operation", "never"),
        ends(devices, stock, "seen_at", grace=_GRACE),
    )


def _way(rule: RetentionRule, stock: Stock, log: Log, *, full: bool) -> Way:
    age = (rule.keep or timedelta()) + HOUR

    async def old(now: datetime) -> AsyncIterator[Sequence[Mapping[str, object]]]:
        """Give what lies in hours that are over by then."""
        reads = ("hour", "account_id", *(("address", "agent") if full else ()))
        async for window in stock.older("visits", "hour", now - age, reads, hours=True):
            yield [visit for visit in window if not full or "address" in visit or "agent" in visit]

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        go = held = 0
        async for window in old(now):
            mine = _free(window, spared)
            go, held = go + len(mine), held + len(window) - len(mine)
        return go, held

    async def sweep(now: datetime, spared: Spared) -> int:
        gone = await log.sweep(spared)
        if gone:
            return gone
        # What a hold kept until now lies behind the hours that the log has come to.
        async for window in old(now):
            mine = _free(window, spared)[:SLICE]
            if mine:
                return await log.drop_again({int(str(visit["hour"])) for visit in mine}, spared, full=full)
        return 0

    return Way(rule, due, sweep)


def _free(window: Sequence[Mapping[str, object]], spared: Spared) -> list[Mapping[str, object]]:
    kept = spared({str(visit["account_id"]) for visit in window})
    return [visit for visit in window if visit["account_id"] not in kept]
