"""What triage proposes for an item. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TASKS: Final = ("kind", "area", "topic", "sentiment", "urgency")
"""What a proposal guesses, and corrections are about."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a model takes something for.

    Attributes:
        value: None where it abstains.
        confidence: 0 to 1, calibrated.
        words: those of the text that led to it.
    """

    value: str | None
    confidence: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Similar:
    """An item that is much like another.

    Attributes:
        item_id: which.
        number: of it.
        likeness: 0 to 1.
    """

    item_id: str
    number: int
    likeness: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """What triage proposes for an item: one guess for each task, and what it may be a duplicate of.

    Attributes:
        guesses: task (`kind`, `area`, `topic`, `sentiment`, `urgency`) -> guess.
        duplicates: the likeliest first.
    """

    guesses: Mapping[str, Guess]
    duplicates: tuple[Similar, ...] = ()
