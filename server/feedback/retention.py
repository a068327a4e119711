"""How long feedback stays."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Ways, ends, stays


def retention(stock: Stock) -> Ways:
    """Give the rules: what people gave goes with them; traces of votes the store removes by itself after a week."""
    traces = RetentionRule(
        "feedback:trace", ("feedback_vote_traces",), "security", timedelta(days=7), "made", by_store=True
    )
    hanging = ("feedback_rings", "feedback_corrections", "feedback_merges")
    return Ways(
        stays("feedback:item", ("feedback_items", "feedback_comments"), "feedback", "person"),
        stays("feedback:mark", ("feedback_votes", "feedback_follows"), "feedback", "person"),
        stays("feedback:handling", hanging, "feedback", "whole"),
        stays("feedback:office", ("feedback_areas", "feedback_canned", "feedback_views"), "operation", "staff"),
        stays("feedback:terms", ("feedback_terms",), "operation", "staff"),
        ends(traces, stock, "at", grace=timedelta(hours=1)),
    )
