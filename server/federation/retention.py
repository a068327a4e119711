"""How long links to an identity provider stay, and ceremonies that were begun."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Ways, ends, stays


def retention(stock: Stock) -> Ways:
    """Give the rules; the store removes ceremonies by itself."""
    rule = RetentionRule(
        "federation:state", ("federation_states",), "security", timedelta(), "ending", by_store=True, unheld="secret"
    )
    return Ways(
        stays("federation:link", ("federation_links",), "account", "person"),
        ends(rule, stock, "expires_at", grace=timedelta(hours=1)),
    )
