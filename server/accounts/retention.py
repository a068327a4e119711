"""How long accounts, sessions and mailed links stay."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Way, Ways, ends, stays

_GRACE = timedelta(hours=1)
_UNVERIFIED = timedelta(days=7)


def retention(stock: Stock) -> Ways:
    """Give the rules. What nobody verified, and what has ended, the store removes by itself."""

    def ended(name: str, collection: str) -> Way:
        rule = RetentionRule(name, (collection,), "account", timedelta(), "ending", by_store=True, unheld="secret")
        return ends(rule, stock, "expires_at", grace=_GRACE)

    unverified = RetentionRule(
        "account:unverified", ("accounts",), "account", _UNVERIFIED, "made", by_store=True, unheld="unproven"
    )
    return Ways(
        stays("account:kept", ("accounts",), "account", "person"),
        ends(unverified, stock, "unverified_since", grace=_GRACE),
        ended("session", "sessions"),
        ended("link:mailed", "mailed_links"),
    )
