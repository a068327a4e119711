"""What a triage model says of a text, as plain data, and how it travels from a worker. Pure: must load no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class TriageUnavailable(Exception):
    """There is no proposal: no usable model, or no answer. Its message holds no text."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text is taken for in one task.

    Attributes:
        value: None where the model abstains.
        confidence: 0 to 1, calibrated: of guesses with .8 about eight in ten are right. Also where it abstains.
        words: words of the text that led to it, the strongest first; few.
    """

    value: str | None
    confidence: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TriageProposal:
    """A guess for each task."""

    kind: Guess
    area: Guess
    topic: Guess
    sentiment: Guess
    urgency: Guess


NOTHING = TriageProposal(*[Guess(None, 0.0)] * 5)
"""Of a text without a word."""


def as_rows(proposal: TriageProposal) -> list[list[Any]]:
    """Give a proposal as plain lists, in the order of its fields: value, confidence, words."""
    guesses = (proposal.kind, proposal.area, proposal.topic, proposal.sentiment, proposal.urgency)
    return [[guess.value, guess.confidence, list(guess.words)] for guess in guesses]


def from_rows(rows: Sequence[Sequence[Any]]) -> TriageProposal:
    """Give back what `as_rows` gave."""
    return TriageProposal(*(Guess(value, confidence, tuple(words)) for value, confidence, words in rows))
