"""How long decisions of moderators stay, and reports."""

from server.kernel.retention import RetentionRule, Stock, Times, Ways, ends, stays
from server.review.model import Phase

_USUAL = 730


def retention(stock: Stock, times: Times) -> Ways:
    """Give the rules. What still waits for a decision stays; sanctions go with their person."""

    def rule(name: str, collection: str) -> RetentionRule:
        return RetentionRule(name, (collection,), "community", times.of(name, _USUAL), "made", "AMANAH_RETENTION")

    return Ways(
        ends(
            rule("review:done", "review_items"),
            stock,
            "created_at",
            whose=("author_id", "target_id"),
            where=("phase", Phase.DONE.value),
        ),
        stays("review:waiting", ("review_items",), "community", "staff"),
        ends(rule("review:report", "review_reports"), stock, "at", whose=("reporter_id", "target_id")),
        stays("review:sanction", ("review_sanctions", "review_reporters"), "community", "person"),
        stays("review:words", ("review_words", "review_figures", "review_lessons"), "operation", "never"),
    )
