"""How long keys stay."""

from server.kernel.retention import Ways, stays


def retention() -> Ways:
    """Give the rules: a person's key goes with its person, and everything that is sealed with it."""
    return Ways(
        stays("key:person", ("person_keys",), "account", "person"),
        stays("key:house", ("keystore",), "operation", "never"),
    )
