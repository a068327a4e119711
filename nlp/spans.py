"""Spans over a text and the rule by which overlapping ones become disjoint.

Pure: knows offsets, labels and scores, never the text itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from nlp.labels import LABELS, Label

_RANK = {label: rank for rank, label in enumerate(LABELS)}


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text that identifies somebody.

    Attributes:
        start: Offset of its first code point.
        end: Offset after its last code point.
        label: What kind of identifier it is.
        score: Strength of the evidence, 0 to 1.
        source: The recognizer that found it; for analysis only.
    """

    start: int
    end: int
    label: Label
    score: float = 1.0
    source: str = ""


def resolve(spans: Iterable[Span]) -> list[Span]:
    """Makes spans disjoint without uncovering anything that was found.

    - A name yields to every other label: one inside an e-mail address disappears, one that reaches over a phone number
      is cut around it.
    - Otherwise a span inside another disappears; of two with the same extent the higher score stays.
    - Of two that partly overlap, the higher score keeps its extent and the other keeps the rest; with the same label
      they become one.

    Args:
        spans: In any order, possibly overlapping or empty.

    Returns:
        Disjoint, non-empty spans sorted by start. Their union is the union of the input.
    """
    kept = [span for span in spans if span.start < span.end]
    if len(kept) < 2:
        return kept
    others = _disjoint([span for span in kept if span.label is not Label.PERSON])
    names = _disjoint([span for span in kept if span.label is Label.PERSON])
    if not others or not names:
        return others or names
    for name in names:
        others.extend(_outside(name, others))
    return sorted(others, key=lambda span: span.start)


def _disjoint(spans: list[Span]) -> list[Span]:
    """Left to right over spans sorted by start, longest first: each is compared with the last one kept only."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, -s.score, _RANK[s.label])):
        if not result or result[-1].end <= span.start:
            result.append(span)
            continue
        last = result[-1]
        if span.end <= last.end:
            continue
        if span.label is last.label:
            result[-1] = replace(last, end=span.end, score=max(last.score, span.score))
        elif span.score > last.score:
            result[-1] = replace(last, end=span.start)
            if result[-1].start == result[-1].end:
                result.pop()
            result.append(span)
        else:
            result.append(replace(span, start=last.end))
    return result


def _outside(span: Span, taken: list[Span]) -> list[Span]:
    """The pieces of ``span`` that no span of ``taken`` covers."""
    pieces = [span]
    for other in taken:
        cut: list[Span] = []
        for piece in pieces:
            if other.end <= piece.start or piece.end <= other.start:
                cut.append(piece)
                continue
            if piece.start < other.start:
                cut.append(replace(piece, end=other.start))
            if other.end < piece.end:
                cut.append(replace(piece, start=other.end))
        pieces = cut
    return pieces
