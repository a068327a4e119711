"""How long what people stopped stays, and the proof of erasures."""

from server.kernel.retention import Ways, stays


def retention() -> Ways:
    """Give the rules. An erasure's record knows opaque ids only, which lead to nobody any more."""
    return Ways(
        stays("rights:restraint", ("restraints",), "consent", "person"),
        stays("rights:erasure", ("erasures", "erasure_proofs", "erasures_repeated"), "proof", "never"),
    )
