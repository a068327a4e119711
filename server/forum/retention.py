"""How long what people write in the forum stays."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Ways, ends, stays


def retention(stock: Stock) -> Ways:
    """Give the rules: texts go with their person; the store removes drafts by itself."""
    drafts = RetentionRule(
        "forum:draft", ("forum_drafts",), "community", timedelta(), "ending", by_store=True, unheld="unsent"
    )
    texts = ("forum_topics", "forum_posts", "forum_revisions", "forum_polls", "forum_moves")
    marks = ("forum_reads", "forum_bookmarks", "forum_follows")
    return Ways(
        stays("forum:text", texts, "community", "person"),
        stays("forum:mark", marks, "community", "person"),
        stays("forum:category", ("forum_categories",), "operation", "staff"),
        ends(drafts, stock, "expires_at", grace=timedelta(hours=1)),
    )
