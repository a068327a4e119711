"""What reports weigh, and when they alone take a text away until a moderator has looked. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moderation.policy import Policy, at_level

_DOUBT: Final = 4
"""Reports that count as neither right nor wrong before anything is known of somebody's: two of each."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One report.

    Attributes:
        weight: see `weight`.
        urgent: whether it is about something that harms with each minute.
        by_staff: whether the company's own people made it.
    """

    weight: float
    urgent: bool = False
    by_staff: bool = False


def weight(level: int, agreed: int, disagreed: int, policy: Policy, *, by_staff: bool = False) -> float:
    """Say what a report weighs: more the more its maker is trusted, and the more often moderators agreed with them.

    Args:
        level: trust level of who reports.
        agreed: reports of theirs with which moderators agreed.
        disagreed: with which they did not.
        policy: the thresholds.
        by_staff: whether they are of the company.
    """
    if by_staff:
        return max(policy.flag_hide_at, policy.flag_urgent_hide_at)
    share = (agreed + _DOUBT / 2) / (agreed + disagreed + _DOUBT)
    return round(at_level(policy.flag_weights, level) * 2 * share, 3)


def hides(reports: Sequence[Weighed], author_level: int, policy: Policy, *, author_is_staff: bool = False) -> bool:
    """Whether reports alone hide a text for the time being. What staff wrote is never hidden so.

    Args:
        reports: all that were made.
        author_level: trust level of who wrote it.
        policy: the thresholds.
        author_is_staff: whether its author is of the company.
    """
    if author_is_staff or not reports:
        return False
    if any(report.by_staff for report in reports):
        return True
    if len(reports) < policy.flag_reporters:
        return False
    urgent = sum(report.urgent for report in reports) * 2 > len(reports)
    needed = policy.flag_urgent_hide_at if urgent else policy.flag_hide_at
    return sum(report.weight for report in reports) >= needed * at_level(policy.flag_shield, author_level)
