"""How long values of sealed records stay, and who was shown one."""

from datetime import datetime, timedelta
from typing import Protocol

from server.kernel.retention import RetentionRule, Spared, Stock, Times, Way, Ways, ends

_USUAL = 1_825


class Records(Protocol):
    """What removes values; `sealed.service` does."""

    async def sweep(self) -> int: ...


def retention(stock: Stock, records: Records, times: Times) -> Ways:
    """Give the rules: each value goes when its own time is over, the record with the last of them."""
    values = RetentionRule("sealed:value", ("sealed_records",), "forms", timedelta(), "ending")

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        found = 0
        async for window in stock.older("sealed_records", "due_at", now, ()):
            found += len(window)
        return found, 0

    async def sweep(now: datetime, spared: Spared) -> int:
        return await records.sweep()

    reveals = RetentionRule(
        "sealed:reveal",
        ("sealed_reveals",),
        "proof",
        times.of("sealed:reveal", _USUAL),
        "made",
        "AMANAH_RETENTION",
    )
    return Ways(Way(values, due, sweep), ends(reveals, stock, "at", whose=("record_id",)))
