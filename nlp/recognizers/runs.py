"""Runs of digits, cut into windows that families of numbers may claim.

A window is one or more neighbouring groups of digits ("0812", "3456", "7890") with what a family needs to judge it:
the digits, how they were grouped, and the nearest cue words. Must not decide what a window is.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.lexicon import Cue
from nlp.scan import Scan

_GROUP: Final = re.compile(r"[0-9]+")
_JOINT: Final = re.compile(
    "[ \\t.\\-/()_*+\u2190-\u2bff\U0001f000-\U0001faff]{1,4}|,"
    r"|[ \t]{0,2}[-.]?[ \t]{0,2}\n[ \t>]{0,4}-?|\)[ \t]?[-.]?[ \t]?"
)
_PREFIX_CODE: Final = re.compile(r"[a-z]{1,6}[0-9]{0,4}-$")
_QUANTITY: Final = re.compile(
    r"[,.][0-9]|[ \t]?(?:juta|jt|ribu|rb|orang|org|pcs|kali|menit|jam|persen|%|biji|buah|hari)\b"
)
_GLUED_WORDS: Final = ("no", "nmr", "nomer", "nomor", "ke", "di", "hp", "wa", "telp", "tlp", "rek", "nik", "npwp")
_MAX_DIGITS: Final = 19
_MIN_DIGITS: Final = 5

NUMERIC_CUES: Final = frozenset(
    {Cue.PHONE, Cue.WALLET, Cue.BANK, Cue.TRANSFER, Cue.CARD, Cue.NIK, Cue.KK, Cue.NPWP, Cue.BPJS, Cue.PASSPORT}
    | {Cue.RECORD, Cue.OTHER, Cue.PIN, Cue.CVV, Cue.VERSION}
)
"""Cues that say what a number is."""


class Window:
    """Neighbouring groups of digits.

    Attributes:
        digits: All digits, without what separates them.
        sizes: Number of digits of each group.
        gaps: What stands between the groups.
        start, end: Offsets in the scanned text.
        left: Cue of numbers that comes before, nearest first, with its distance.
        right: Likewise after it, close by.
        plus: Whether a plus sign stands before it.
        bracket: Whether a bracket opens directly before it.
    """

    __slots__ = ("bracket", "digits", "end", "gaps", "left", "plus", "right", "scan", "sizes", "start")

    def __init__(self, scan: Scan, digits: str, sizes: list[int], gaps: list[str], start: int, end: int) -> None:
        self.scan, self.digits, self.sizes, self.gaps, self.start, self.end = scan, digits, sizes, gaps, start, end
        ahead = scan.lower[max(0, start - 2) : start]
        self.plus = "+" in ahead
        self.bracket = ahead.endswith("(")
        self.left = [(d, cue) for d, cue in scan.before(start, 48) if cue in NUMERIC_CUES]
        self.right = [(d, cue) for d, cue in scan.after(end, 22) if cue in NUMERIC_CUES]

    def nearest(self) -> tuple[int, Cue | None]:
        """The nearest cue before it and its distance; without one, no cue at distance 99."""
        return self.left[0] if self.left else (99, None)

    def announced(self, cue: Cue, width: int = 48) -> bool:
        """Whether the nearest cue before it is this one, within ``width``."""
        distance, nearest = self.nearest()
        return nearest is cue and distance <= width

    def followed(self, cue: Cue, width: int = 22) -> bool:
        """Whether the first cue after it is this one, within ``width``, on the same line."""
        if not self.right:
            return False
        distance, first = self.right[0]
        return first is cue and distance <= width and "\n" not in self.scan.lower[self.end : self.end + distance]

    def is_ragged(self) -> bool:
        """Whether the last group hardly belongs to the rest: short, loose, or on the next line or after a comma."""
        if len(self.sizes) < 2 or self.sizes[-1] > 2:
            return False
        gap = self.gaps[-1]
        if "\n" in gap or "," in gap:
            return min(self.sizes[:-1]) >= 3
        return gap not in {"-", "."} and min(self.sizes[:-1]) >= (3 if len(self.sizes) > 2 else 7)

    def is_amount(self) -> bool:
        """Written like a sum of money: 1.250.000."""
        return (
            len(self.sizes) > 1
            and self.sizes[0] <= 3
            and self.digits[0] != "0"
            and all(size == 3 for size in self.sizes[1:])
            and len(set(self.gaps)) == 1
            and self.gaps[0] in {".", ","}
        )

    def is_date(self) -> bool:
        """Written like a date with a year of four digits."""
        sizes = self.sizes
        if len(sizes) != 3 or len(self.digits) > 8:
            return False
        return (sizes[0] <= 2 and sizes[1] <= 2 and sizes[2] == 4) or (sizes[0] == 4 and sizes[1] <= 2 >= sizes[2])


def windows(scan: Scan) -> Iterator[Window]:
    """All windows of 5 to 19 digits that do not cut a group, nor a number held together by dashes or dots."""
    view = scan.digits
    least = _MIN_DIGITS if Cue.RECORD in scan.families else _MIN_DIGITS + 2
    groups = [found.span() for found in _GROUP.finditer(view.text)]
    for first, (start, _) in enumerate(groups):
        if not _may_start(scan, view.text, groups, first) or _goes_on(view.text, groups, first - 1, first):
            continue
        digits, sizes, gaps = "", [], []  # type: str, list[int], list[str]
        for index in range(first, min(first + _MAX_DIGITS, len(groups))):
            left, right = groups[index]
            if index > first:
                gap = view.text[groups[index - 1][1] : left]
                if not _JOINT.fullmatch(gap):
                    break
                gaps.append(gap)
            digits += view.text[left:right]
            sizes.append(right - left)
            if len(digits) > _MAX_DIGITS:
                break
            if len(digits) < least or (len(sizes) == len(digits) and _goes_on(view.text, groups, index, index + 1)):
                continue
            if _may_end(view.text, groups, index):
                yield Window(scan, digits, list(sizes), list(gaps), *view.original(start, right))


def _goes_on(text: str, groups: list[tuple[int, int]], left: int, right: int) -> bool:
    """Whether two neighbouring groups are digits spaced out one by one: such a run is never cut."""
    if left < 0 or right >= len(groups):
        return False
    if any(end - start > 1 for start, end in (groups[left], groups[right])):
        return False
    return _JOINT.fullmatch(text, groups[left][1], groups[right][0]) is not None


def _may_start(scan: Scan, text: str, groups: list[tuple[int, int]], index: int) -> bool:
    start = groups[index][0]
    if index and text[groups[index - 1][1] : start] in {"-", "."}:
        return False
    before = text[max(0, start - 12) : start]
    if not before or not (before[-1].isalpha() or before[-1] == "-"):
        return True
    cut = scan.digits.original(start, start + 1)[0]
    if before[-1].isalpha():
        glued = before.endswith(_GLUED_WORDS) or (len(before) >= 8 and before[-8:].isalpha())
        return glued or any(True for _ in scan.before(cut, 0))
    return _PREFIX_CODE.search(before) is None or any(True for _ in scan.before(cut, 1))


def _may_end(text: str, groups: list[tuple[int, int]], index: int) -> bool:
    start, end = groups[index]
    if end - start <= 3 and _QUANTITY.match(text, end):
        return False
    if index + 1 < len(groups) and text[end : groups[index + 1][0]] in {"-", "."}:
        return False
    if end >= len(text) or not text[end].isalpha() or text[end] in "yo":
        return True
    return end - start >= 10  # words glued to a long number do not change it
