"""How long forms stay."""

from server.kernel.retention import Ways, stays


def retention() -> Ways:
    """Give the rules: a form goes with its conversation; what was typed has times of its own (`sealed:value`)."""
    return Ways(
        stays("form:template", ("form_templates",), "operation", "staff"),
        stays("form", ("forms",), "forms", "whole"),
    )
