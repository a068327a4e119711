"""How long passes of training stay."""

from server.kernel.retention import Ways, stays


def retention() -> Ways:
    """Give the rules: a pass shows that somebody may see data; it goes with its holder."""
    return Ways(stays("training:pass", ("training_passes",), "training", "person"))
