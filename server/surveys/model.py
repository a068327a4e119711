"""Surveys: one question with a scale, room for a sentence, and the rules about who is asked and who sees what. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from server.kernel.text import RedactedText

PURPOSE: Final = "research"
"""What a person must have agreed to, at the moment of asking and at that of answering (promise P4)."""

MAX_TITLE: Final = 120
MAX_QUESTION: Final = 400
MAX_COMMENT: Final = 1000
LIFETIMES: Final = (7, 14, 30)
"""Days for which a survey may be answered."""


class Scale(StrEnum):
    """How the question is answered."""

    CSAT = "csat"
    """1 to 5: how satisfied one is."""
    NPS = "nps"
    """0 to 10: how likely one is to recommend it (Reichheld, 2003)."""
    TEXT = "text"
    """In one's own words only."""


STEPS: Final[Mapping[Scale, tuple[int, ...]]] = {
    Scale.CSAT: tuple(range(1, 6)),
    Scale.NPS: tuple(range(11)),
    Scale.TEXT: (),
}


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey.

    Attributes:
        id: opaque; its address.
        title: redacted.
        question: redacted.
        scale: how it is answered.
        made_by: account of staff.
        made_at: aware, UTC.
        ends_at: until when it may be answered; nothing is told of it before.
        invited: how many people were asked.
    """

    id: str
    title: RedactedText
    question: RedactedText
    scale: Scale
    made_by: str
    made_at: datetime
    ends_at: datetime
    invited: int = 0

    @property
    def budget(self) -> str:
        """Name of its privacy budget."""
        return f"survey:{self.id}"

    @property
    def path(self) -> str:
        """Its address."""
        return f"/survei/{self.id}"

    def is_open(self, now: datetime) -> bool:
        """Whether it may be answered."""
        return now < self.ends_at


@dataclass(frozen=True, slots=True)
class Reply:
    """What one person answered, once.

    Attributes:
        survey_id: to which.
        account_id: who.
        score: a step of its scale; None where the scale has none.
        comment: in their words, redacted; or None.
    """

    survey_id: str
    account_id: str
    score: int | None
    comment: RedactedText | None


def groups(scale: Scale, replies: Iterable[Reply]) -> dict[str, int]:
    """Count people by what is told of a scale: its steps; of NPS the three groups that it is made of."""
    if scale is Scale.NPS:
        counts = dict.fromkeys(("detractors", "passives", "promoters"), 0)
        for reply in replies:
            if reply.score is not None:
                counts["promoters" if reply.score >= 9 else "passives" if reply.score >= 7 else "detractors"] += 1
        return counts
    counts = {str(step): 0 for step in STEPS[scale]}
    for reply in replies:
        if reply.score is not None:
            counts[str(reply.score)] += 1
    return counts


def net_promoters(cells: Mapping[str, int | None]) -> int | None:
    """Give the net promoter score of what is told, -100 to 100; None where a group is not told."""
    told = [count for count in cells.values() if count is not None]
    total = sum(told)
    if len(told) < len(cells) or total <= 0:
        return None
    return round(100 * ((cells["promoters"] or 0) - (cells["detractors"] or 0)) / total)


def comments_to_show(replies: Iterable[Reply], smallest: int) -> list[RedactedText]:
    """Give the comments, if they are of enough people; in an order that says nothing of who wrote when."""
    found = [reply.comment for reply in replies if reply.comment is not None]
    if len(found) < smallest:
        return []
    return sorted(found, key=lambda comment: sha256(comment.value.encode()).digest())
