"""How long profiles stay, and handles that were given up."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Ways, ends, stays


def retention(stock: Stock) -> Ways:
    """Give the rules; the store lets handles go by itself."""
    rule = RetentionRule(
        "handle:given_up",
        ("handles",),
        "community",
        timedelta(),
        "ending",
        "AMANAH_HANDLE_KEPT_DAYS",
        by_store=True,
        unheld="guard",
    )
    return Ways(
        stays("person:profile", ("people", "handles"), "community", "person"),
        ends(rule, stock, "until", grace=timedelta(hours=1)),
    )
