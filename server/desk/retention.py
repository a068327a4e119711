"""How long what the desk keeps beside conversations stays."""

from server.kernel.retention import Ways, stays


def retention() -> Ways:
    """Give the rules: what hangs on a conversation goes with it."""
    texts = ("desk_notes", "desk_asks", "desk_search", "desk_cases")
    return Ways(
        stays("desk:case", texts, "support", "whole"),
        stays("desk:office", ("desk_canned", "desk_macros", "desk_views", "desk_settings"), "operation", "staff"),
        stays("desk:agent", ("desk_agents",), "operation", "person"),
        stays("desk:figures", ("desk_figures", "desk_leases"), "figures", "never"),
    )
