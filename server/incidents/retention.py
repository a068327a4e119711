"""How long incidents stay."""

from datetime import datetime
from typing import Protocol

from server.kernel.retention import RetentionRule, Spared, Stock, Times, Way, Ways, stays

_USUAL = 1_825
"""Five years after its end, as long as somebody may ask what happened to their data."""

_SLICE = 20


class Register(Protocol):
    """Where incidents are kept; `incidents.store` is."""

    async def told(self, incident_id: str) -> frozenset[str]: ...
    async def remove(self, incident_id: str) -> None: ...


def retention(stock: Stock, register: Register, times: Times) -> Ways:
    """Give the rules. An incident goes with who was affected and who was told, unless one of these is held."""
    keep = times.of("incident:ended", _USUAL)
    everything = ("incidents", "incident_people", "incident_told")
    rule = RetentionRule(
        "incident:ended", everything, "proof", keep, "closed", "AMANAH_RETENTION", held_by=("account_id",)
    )

    async def found(now: datetime, spared: Spared) -> tuple[list[str], int]:
        go: list[str] = []
        held = 0
        async for window in stock.older("incidents", "ended_at", now - keep, ()):
            for incident_id in [str(one["_id"]) for one in window]:
                if spared([incident_id, *await register.told(incident_id)]):
                    held += 1
                else:
                    go.append(incident_id)
        return go, held

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        go, held = await found(now, spared)
        return len(go), held

    async def sweep(now: datetime, spared: Spared) -> int:
        go, _ = await found(now, spared)
        for incident_id in go[:_SLICE]:
            await register.remove(incident_id)
        return len(go[:_SLICE])

    return Ways(
        Way(rule, due, sweep),
        stays("incident:open", everything, "proof", "staff"),
        stays("incident:lease", ("incident_leases",), "operation", "never"),
    )
