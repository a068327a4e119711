"""How long visits stay: full addresses some days, the rest a year."""

from datetime import datetime, timedelta
from typing import Protocol

from server.kernel.retention import RetentionRule, Spared, Stock, Way, Ways, ends, stays
from server.visits.model import HOUR, KEPT

_GRACE = timedelta(hours=1)
_DEVICES = timedelta(days=400)


class Log(Protocol):
    """What removes visits; `visits.service` does."""

    async def sweep(self) -> int: ...


def retention(stock: Stock, log: Log, days: int) -> Ways:
    """Give the rules.

    Args:
        stock: reads by age.
        log: removes hour by hour, and notes how far it came.
        days: after which full values go.
    """
    full = RetentionRule("visit:full", ("visits",), "security", timedelta(days=days), "made", "AMANAH_VISIT_DAYS")
    rest = RetentionRule("visit:rest", ("visits",), "security", KEPT, "made")
    devices = RetentionRule("device:known", ("known_devices",), "security", _DEVICES, "last_used", by_store=True)

    async def due_full(now: datetime, spared: Spared) -> tuple[int, int]:
        return await _counted(stock, now - timedelta(days=days) - HOUR, full=True), 0

    async def due_rest(now: datetime, spared: Spared) -> tuple[int, int]:
        return await _counted(stock, now - KEPT - HOUR, full=False), 0

    async def sweep(now: datetime, spared: Spared) -> int:
        return await log.sweep()

    return Ways(
        Way(full, due_full, sweep),
        Way(rest, due_rest, sweep),
        stays("visit:progress", ("visit_sweeps",), "operation", "never"),
        ends(devices, stock, "seen_at", grace=_GRACE),
    )


async def _counted(stock: Stock, before: datetime, *, full: bool) -> int:
    """Count visits of hours that are over by then."""
    found = 0
    async for window in stock.older("visits", "hour", before, ("address", "agent") if full else (), hours=True):
        found += sum(1 for visit in window if not full or "address" in visit or "agent" in visit)
    return found
