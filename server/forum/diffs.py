"""What changed between two texts, word by word. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_PIECES = re.compile(r"⟦[^⟧]*⟧|\w+|\s+|[^\w\s]")
_MOST_PAIRS = 30_000
"""Pairs of equal pieces, but for the commonest, up to which texts are compared piece by piece."""


class Change(StrEnum):
    """What became of a piece."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a comparison. Those that are the same and those added, joined, give the new text."""

    change: Change
    text: str


def compare(before: str, after: str) -> Sequence[Piece]:
    """Compare two texts; placeholders are never cut. Takes some ten milliseconds for the longest."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    pieces: list[Piece] = []
    for kind, i, j, k, end in _steps(old, new):
        if kind == "equal":
            pieces.append(Piece(Change.SAME, "".join(new[k:end])))
            continue
        if i < j:
            pieces.append(Piece(Change.REMOVED, "".join(old[i:j])))
        if k < end:
            pieces.append(Piece(Change.ADDED, "".join(new[k:end])))
    return pieces


def _steps(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """Give what is equal and what is not, as `SequenceMatcher.get_opcodes` does.

    That takes seconds for texts that were written to make it work: of those, all between their equal ends is changed.
    """
    there, here = Counter(old), Counter(new)
    usual = max(200, len(new)) // 100 + 1
    if sum(there[piece] * count for piece, count in here.items() if count <= usual) <= _MOST_PAIRS:
        return SequenceMatcher(None, old, new).get_opcodes()
    most = min(len(old), len(new))
    head = next((place for place in range(most) if old[place] != new[place]), most)
    most -= head
    tail = next((place for place in range(most) if old[-1 - place] != new[-1 - place]), most)
    inner, outer = len(old) - tail, len(new) - tail
    return (
        ("equal", 0, head, 0, head),
        ("replace", head, inner, head, outer),
        ("equal", inner, len(old), outer, len(new)),
    )
