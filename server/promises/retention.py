"""How long counts for the promises page stay."""

from server.kernel.retention import Ways, stays


def retention() -> Ways:
    """Give the rules: counts of a month, and the last checks of backups, are about nobody."""
    return Ways(
        stays("promise:count", ("evidence_months",), "figures", "never"),
        stays("promise:backup", ("backup_checks",), "proof", "never"),
    )
