"""How long reports of faults and counts of pages stay."""

from server.kernel.retention import RetentionRule, Stock, Times, Ways, ends

_FAULTS = 90
_PAGES = 400


def retention(stock: Stock, times: Times) -> Ways:
    """Give the rules: a fault so long after it was met last, a day's counts so long after that day."""
    setting = "AMANAH_RETENTION"
    faults = RetentionRule(
        "telemetry:fault",
        ("fault_reports",),
        "figures",
        times.of("telemetry:fault", _FAULTS),
        "made",
        setting,
        unheld="nobody",
    )
    pages = RetentionRule(
        "telemetry:pages",
        ("page_days",),
        "figures",
        times.of("telemetry:pages", _PAGES),
        "made",
        setting,
        unheld="nobody",
    )
    return Ways(ends(faults, stock, "last_at"), ends(pages, stock, "day"))
