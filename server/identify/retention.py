"""How long links to people of other sites stay."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Ways, ends, stays


def retention(stock: Stock) -> Ways:
    """Give the rules; the store removes used tokens by itself."""
    rule = RetentionRule(
        "site:token", ("site_tokens",), "security", timedelta(), "ending", by_store=True, unheld="secret"
    )
    return Ways(
        stays("site:settings", ("embedding_sites",), "operation", "staff"),
        stays("site:link", ("site_links",), "account", "person"),
        ends(rule, stock, "expires_at", grace=timedelta(hours=1)),
    )
