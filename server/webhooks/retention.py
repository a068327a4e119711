"""How long the log of webhooks stays."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Ways, ends, stays
from server.webhooks.model import KEPT


def retention(stock: Stock) -> Ways:
    """Give the rules; the store removes the log by itself."""
    rule = RetentionRule(
        "webhook:log", ("webhook_deliveries",), "operation", KEPT, "made", by_store=True, unheld="elsewhere"
    )
    return Ways(
        stays("webhook", ("webhooks",), "operation", "staff"), ends(rule, stock, "at", grace=timedelta(hours=1))
    )
