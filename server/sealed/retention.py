"""How long values of sealed records stay, and who was shown one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from server.kernel.retention import RetentionRule, Spared, Stock, Times, Way, Ways, ends
from server.sealed.model import holdable

_USUAL = 1_825


class Records(Protocol):
    """What removes values; `sealed.service` does."""

    async def sweep(self, spared: Spared) -> int: ...


def retention(stock: Stock, records: Records, times: Times) -> Ways:
    """Give the rules: each value goes when its own time is over, the record with the last of them."""
    values = RetentionRule(
        "sealed:value", ("sealed_records",), "forms", timedelta(), "ending", held_by=("person_id", "grants")
    )

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        go = held = 0
        async for window in stock.older("sealed_records", "due_at", now, ("person_id", "grants.circle")):
            kept = sum(bool(spared(holdable(str(one["person_id"]), _circles(one)))) for one in window)
            go, held = go + len(window) - kept, held + kept
        return go, held

    async def sweep(now: datetime, spared: Spared) -> int:
        return await records.sweep(spared)

    reveals = RetentionRule(
        "sealed:reveal",
        ("sealed_reveals",),
        "proof",
        times.of("sealed:reveal", _USUAL),
        "made",
        "AMANAH_RETENTION",
        held_by=("record_id", "person_id", "actor_id"),
    )
    return Ways(Way(values, due, sweep), ends(reveals, stock, "at"))


def _circles(record: Mapping[str, object]) -> list[str]:
    grants = record.get("grants")
    return [str(grant["circle"]) for grant in grants] if isinstance(grants, list) else []
