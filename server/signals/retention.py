"""How long signals about the redaction stay."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Ways, ends, stays

_MARKS = timedelta(days=400)


def retention(stock: Stock) -> Ways:
    """Give the rules; signals are counts about nobody, and the store removes the marks of repetitions by itself."""
    rule = RetentionRule(
        "signal:mark", ("redaction_signal_marks",), "figures", _MARKS, "made", by_store=True, unheld="nobody"
    )
    return Ways(
        stays("signal:count", ("redaction_signals",), "figures", "never"),
        ends(rule, stock, "at", grace=timedelta(hours=1)),
    )
