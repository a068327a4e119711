"""How long notices stay."""

from server.kernel.retention import RetentionRule, Stock, Times, Ways, ends, stays

_USUAL = 400


def retention(stock: Stock, times: Times) -> Ways:
    """Give the rules."""
    keep = times.of("notice", _USUAL)
    rule = RetentionRule(
        "notice", ("notices",), "messages", keep, "made", "AMANAH_RETENTION", held_by=("account_id", "object_id")
    )
    return Ways(
        ends(rule, stock, "at"),
        stays("notice:desk", ("notice_desks",), "messages", "person"),
        stays("notice:push", ("push_subscriptions",), "messages", "person"),
    )
