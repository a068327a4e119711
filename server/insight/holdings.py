"""What insight keeps of people: nothing. Figures count by day and group, with a smallest group, and name nobody."""

from server.storage.mongo import Database
from server.storage.owned import OwnedHoldings


def insight_holdings(database: Database) -> OwnedHoldings:
    """Build them."""
    collections = ("insight_days", "insight_marks", "insight_answers", "insight_budgets", "insight_reports")
    return OwnedHoldings("insight", database, (), collections)
