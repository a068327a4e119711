"""How long decisions of moderators stay, and reports."""

from server.kernel.retention import RetentionRule, Stock, Times, Ways, ends, stays
from server.review.model import Phase

_USUAL = 730


def retention(stock: Stock, times: Times) -> Ways:
    """Give the rules. What still waits for a decision stays; sanctions go with their person."""

    def rule(name: str, collection: str, *held_by: str) -> RetentionRule:
        keep = times.of(name, _USUAL)
        return RetentionRule(name, (collection,), "community", keep, "made", "AMANAH_RETENTION", held_by=held_by)

    return Ways(
        ends(
            rule("review:done", "review_items", "author_id", "target_id"),
            stock,
            "created_at",
            where=("phase", Phase.DONE.value),
        ),
        stays("review:waiting", ("review_items",), "community", "staff"),
        ends(rule("review:report", "review_reports", "reporter_id", "target_id"), stock, "at"),
        stays("review:sanction", ("review_sanctions", "review_reporters"), "community", "person"),
        stays("review:words", ("review_words", "review_figures", "review_lessons"), "operation", "never"),
    )
