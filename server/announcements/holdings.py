"""What announcements keep of people: which services they use, and which news they were sent."""

from typing import Final

from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_OWNED: Final = (
    Owned("service_users", "_id", "services_used", "messages", {"services": "services"}, rule="status:user"),
    Owned("product_news_readers", "account_id", "news_sent", "messages", {"news_id": "news"}, rule="news:reader"),
)


def announcement_holdings(database: Database) -> OwnedHoldings:
    """Build them."""
    collections = ("services", "service_events", "service_users", "product_news", "product_news_readers")
    return OwnedHoldings("announcements", database, _OWNED, collections)
