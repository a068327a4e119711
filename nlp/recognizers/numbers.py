"""Lets the families of numbers judge every window of digits and keeps the best disjoint ones."""

from collections.abc import Callable, Iterator
from typing import Final

from nlp.labels import Label
from nlp.recognizers import bank, identity, phone, record
from nlp.recognizers.runs import Window, windows
from nlp.scan import Scan
from nlp.spans import Span

_FAMILIES: Final[tuple[Callable[[Window], Iterator[tuple[Label, float]]], ...]] = (
    identity.classify,
    bank.classify,
    phone.classify,
    record.classify,
)


def find(scan: Scan) -> Iterator[Span]:
    """Spans of all numbers that a family claims; the strongest claim first, then the longest."""
    if not scan.has_digits:
        return
    claims = [
        (score, len(window.digits), Span(window.start, window.end, label, score, "numbers"))
        for window in windows(scan)
        for classify in _FAMILIES
        for label, score in classify(window)
    ]
    claims.sort(key=lambda claim: (-claim[0], -claim[1], claim[2].start))
    taken: list[Span] = []
    for _, _, span in claims:
        if all(span.end <= other.start or other.end <= span.start for other in taken):
            taken.append(span)
            yield span
