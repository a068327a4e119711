"""How long the trail stays, for the run of all retention rules; cutting it is `audit.retention`'s."""

from datetime import datetime, timedelta

from server.audit.retention import Retention
from server.kernel.retention import RetentionRule, Spared, Way, Ways, stays


def retention(cutting: Retention, days: int) -> Ways:
    """Give the rules.

    Args:
        cutting: cuts the trail's oldest blocks, unless a hold of its own stands.
        days: how long entries are kept; 0 for ever.
    """
    keep = timedelta(days=days) if days else None
    rule = RetentionRule(
        "audit:entries",
        ("audit_blocks",),
        "proof",
        keep,
        "made" if days else "never",
        "AMANAH_AUDIT_DAYS",
        unheld="own",
    )

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        plan = await cutting.plan()
        blocks = plan.last - plan.first + 1
        return (0, blocks) if plan.holds else (blocks, 0)

    async def sweep(now: datetime, spared: Spared) -> int:
        return sum(cut.through - cut.first + 1 for cut in await cutting.cut())

    rest = ("audit_anchors", "audit_checkpoints", "audit_cuts", "audit_holds", "audit_promises")
    return Ways(Way(rule, due, sweep), stays("audit:proof", rest, "proof", "never"))
