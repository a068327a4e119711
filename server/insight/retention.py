"""How long figures about feedback stay, and shared reports."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from server.insight.reports import Report
from server.kernel.retention import RetentionRule, Spared, Way, Ways, stays


class Reports(Protocol):
    """Where shared reports are kept; `insight.store` is."""

    async def reports(self) -> Sequence[Report]: ...
    async def delete_report(self, report_id: str) -> bool: ...


def retention(kept: Reports) -> Ways:
    """Give the rules: figures are about nobody; a shared report goes when its link has ended."""
    rule = RetentionRule("insight:report", ("insight_reports",), "figures", timedelta(), "ending", unheld="nobody")

    async def over(now: datetime) -> list[str]:
        return [report.id for report in await kept.reports() if report.expires_at < now]

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        return len(await over(now)), 0

    async def sweep(now: datetime, spared: Spared) -> int:
        return sum([await kept.delete_report(report_id) for report_id in await over(now)])

    figures = ("insight_days", "insight_marks", "insight_answers", "insight_budgets")
    return Ways(stays("insight:figures", figures, "figures", "never"), Way(rule, due, sweep))
