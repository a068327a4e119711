"""How long announcements stay, and who was told of them."""

from server.kernel.retention import Ways, stays


def retention() -> Ways:
    """Give the rules: announcements are public; who uses what, and who was told, goes with its person."""
    return Ways(
        stays("status:event", ("services", "service_events"), "operation", "staff"),
        stays("status:user", ("service_users",), "messages", "person"),
        stays("news:text", ("product_news",), "operation", "staff"),
        stays("news:reader", ("product_news_readers",), "messages", "person"),
    )
