"""What is wanted now: each vote counts half as much every two weeks that it is older. Pure.

Weights grow with time instead of shrinking with age, so that nothing needs to be counted again as time goes by.
"""

from datetime import UTC, datetime
from typing import Final

_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
_HALVED_S: Final = 14 * 24 * 3600.0


def heat_at(moment: datetime) -> float:
    """Give what a vote of a moment adds. A double holds that for some forty years."""
    return float(2.0 ** ((moment - _EPOCH).total_seconds() / _HALVED_S))
