"""How long second factors stay, and challenges to show one."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Ways, ends, stays


def retention(stock: Stock) -> Ways:
    """Give the rules; the store removes challenges by itself."""
    rule = RetentionRule(
        "factor:challenge", ("challenges",), "security", timedelta(), "ending", by_store=True, unheld="secret"
    )
    return Ways(
        stays("factor:kept", ("factor_codes", "passkeys"), "security", "person"),
        ends(rule, stock, "expires_at", grace=timedelta(hours=1)),
    )
