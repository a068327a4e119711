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
    pieces = [piece for name in names for piece in _outside(name, others)]
    return sorted(others + pieces, key=lambda span: span.start)


def _disjoint(spans: list[Span]) -> list[Span]:
    """Merges within a label, drops what lies inside another, then lets the stronger keep what two of them share."""
    if len(spans) < 2:
        return spans
    outer: list[Span] = []
    for span in sorted(_merged(spans), key=lambda s: (s.start, -s.end, -s.score, _RANK[s.label])):
        if not outer or span.end > outer[-1].end:
            outer.append(span)
    # Starts and ends both rise now, so that a span shares only its edges with its neighbours.
    order = sorted(range(len(outer)), key=lambda index: (-outer[index].score, _RANK[outer[index].label], index))
    placed: dict[int, Span] = {}
    for index in order:
        start, end = outer[index].start, outer[index].end
        for left in range(index - 1, -1, -1):
            if outer[left].end <= outer[index].start:
                break
            if left in placed:
                start = max(start, placed[left].end)
        for right in range(index + 1, len(outer)):
            if outer[right].start >= outer[index].end:
                break
            if right in placed:
                end = min(end, placed[right].start)
        if start < end:
            placed[index] = replace(outer[index], start=start, end=end)
    return [placed[index] for index in sorted(placed)]


def _merged(spans: list[Span]) -> list[Span]:
    """Overlapping spans of the same label become one, unless one lies inside the other: then the outer one stays."""
    last: dict[Label, int] = {}
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, -s.score)):
        index = last.get(span.label)
        if index is None or merged[index].end <= span.start:
            last[span.label] = len(merged)
            merged.append(span)
        elif span.end > merged[index].end:
            merged[index] = replace(merged[index], end=span.end, score=max(merged[index].score, span.score))
    return merged


def _outside(span: Span, taken: list[Span]) -> list[Span]:
    """The pieces of ``span`` that no span of ``taken``, sorted and disjoint, covers."""
    pieces: list[Span] = []
    position = span.start
    for other in taken:
        if other.end <= position:
            continue
        if other.start >= span.end:
            break
        if position < other.start:
            pieces.append(replace(span, start=position, end=other.start))
        position = other.end
    if position < span.end:
        pieces.append(replace(span, start=position))
    return pieces
