"""Lets the families of numbers judge every window of digits and keeps the best disjoint ones."""

from collections.abc import Callable, Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.recognizers import bank, identity, phone, record
from nlp.recognizers.identity import NPWP_GROUPS, is_civil_number
from nlp.recognizers.runs import SAID_PLUS, Window, windows
from nlp.scan import Scan
from nlp.spans import Span

Classify = Callable[[Window], Iterator[tuple[Label, float]]]

_LOOSE_PENALTY: Final = 0.2

_FAMILIES: Final[tuple[Classify, ...]] = (
    identity.classify,
    bank.classify,
    phone.classify,
    record.classify,
)

# A second number written just like a first one is its correction: "RM 60.31.7782, bukan 60.31.7728".
_TWINS: Final = frozenset(
    {Label.MEDICAL_RECORD, Label.BANK_ACCOUNT, Label.NIK, Label.KK, Label.BPJS, Label.NPWP, Label.CARD}
)


def find(scan: Scan) -> Iterator[Span]:
    """Spans of all numbers that a family claims; the strongest claim first, then the longest."""
    if not scan.has_digits:
        return
    found = list(windows(scan))
    claims = [
        (score, window, Span(_begin(window, label), window.end, label, score, "numbers"))
        for window in found
        for classify in _FAMILIES
        for label, score in _judged(window, classify)
    ]
    if not claims:
        return
    claims.sort(key=lambda claim: (-claim[0], -len(claim[1].digits), claim[2].start))
    taken: list[Span] = []
    shapes: dict[str, Label] = {}
    for _, window, span in claims:
        if _is_free(span, taken):
            taken.append(span)
            if span.label in _TWINS:
                shapes[_shape(window)] = span.label
    for window in found:
        label = shapes.get(_shape(window))
        twin = Span(window.start, window.end, label, 0.6, "numbers") if label else None
        if twin is not None and _is_free(twin, taken):
            taken.append(twin)
    yield from taken


def _begin(window: Window, label: Label) -> int:
    """A plus that was said is part of the number; one that was typed has nothing to hide."""
    said = label is Label.PHONE and window.scan.lower.endswith(SAID_PLUS, 0, window.start)
    return window.start - len(SAID_PLUS) if said else window.start


def _judged(window: Window, classify: Classify) -> Iterator[tuple[Label, float]]:
    """What a family claims, unless the groups only stand side by side; a loose claim comes after all others."""
    if not window.loose:
        yield from classify(window)
    elif window.imitated or window.sizes == NPWP_GROUPS or window.holds_together():
        for label, score in classify(window):
            if _is_hidden(window, label):
                yield label, score - _LOOSE_PENALTY


def _is_hidden(window: Window, label: Label) -> bool:
    """Whether a number with this label is likely to be written in so odd a way."""
    match label:
        case Label.PHONE:
            return (
                window.digits.startswith(("08", "628", "00628")) or window.announced(Cue.PHONE, 20) or window.imitated
            )
        case Label.NIK | Label.KK if is_civil_number(window.digits):
            return True
        case Label.NPWP if window.sizes == NPWP_GROUPS:
            return True
        case Label.MEDICAL_RECORD:
            return False
    if window.imitated:
        return max(window.sizes) >= 3
    tight = len(set(window.gaps)) == 1 and not any(char.isspace() for char in window.gaps[0])
    sums = any(group.endswith("000") for group in window.groups())
    return tight and not sums and len(window.sizes) >= 3 and max(window.sizes) <= 6


def _is_free(span: Span, taken: list[Span]) -> bool:
    return all(span.end <= other.start or other.end <= span.start for other in taken)


def _shape(window: Window) -> str:
    return f"{window.sizes}{window.gaps}"
