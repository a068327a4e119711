"""How long counts for the promises page stay."""

from server.kernel.retention import Ways, stays


def retention() -> Ways:
    """Give the rules: counts of a month are about nobody."""
    return Ways(stays("promise:count", ("evidence_months",), "figures", "never"))
