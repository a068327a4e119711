"""How long reports of retention runs stay, and legal holds that ended."""

from server.kernel.retention import RetentionRule, Stock, Times, Ways, ends, stays
from server.retention.model import SETTING

_RUNS, _HOLDS = 1_095, 1_825


def retention(stock: Stock, times: Times) -> Ways:
    """Give the rules: a hold stays as long as it stands, and five years as proof why something was kept."""
    runs = times.of("retention:run", _RUNS)
    holds = times.of("retention:hold", _HOLDS)
    return Ways(
        ends(
            RetentionRule("retention:run", ("retention_runs",), "proof", runs, "made", SETTING, unheld="nobody"),
            stock,
            "began_at",
        ),
        ends(
            RetentionRule(
                "retention:hold", ("legal_holds",), "proof", holds, "lifted", SETTING, held_by=("object_id", "owner_id")
            ),
            stock,
            "lifted_at",
        ),
        stays("retention:standing", ("legal_holds",), "proof", "staff"),
        stays("retention:lease", ("retention_leases",), "operation", "never"),
    )
