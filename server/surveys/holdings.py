"""What surveys keep of people: what they were asked, and what they answered. What was told of one stays as it is."""

from typing import Final

from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_OWNED: Final = (
    Owned(
        "survey_replies",
        "account_id",
        "survey_replies",
        "research",
        {"survey_id": "survey", "score": "score", "comment": "comment"},
        rule="survey:answer",
    ),
    Owned(
        "survey_invitations",
        "account_id",
        "survey_invitations",
        "research",
        {"survey_id": "survey"},
        rule="survey:answer",
    ),
)


def survey_holdings(database: Database) -> OwnedHoldings:
    """Build them."""
    return OwnedHoldings("surveys", database, _OWNED, ("surveys", "survey_replies", "survey_invitations"))
