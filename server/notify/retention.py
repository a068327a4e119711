"""How long letters wait to be sent."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Ways, ends

_LONGEST = timedelta(days=7)


def retention(stock: Stock) -> Ways:
    """Give the rules. A letter that does not get out is given up after two days; nothing of it stays behind."""
    rule = RetentionRule("mail:queued", ("mail_queue",), "messages", _LONGEST, "made", unheld="unsent")
    return Ways(ends(rule, stock, "created_at"))
