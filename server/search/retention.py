"""How long the search index of the forum stays."""

from server.kernel.retention import Ways, stays


def retention() -> Ways:
    """Give the rules: a line of the index goes with its post."""
    return Ways(stays("search:line", ("search_documents",), "community", "whole"))
