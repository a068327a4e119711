"""Runs of digits, cut into windows that families of numbers may claim.

A window is one or more neighbouring groups of digits ("0812", "3456", "7890") with what a family needs to judge it:
the digits, how they were grouped, and the nearest cue words. Must not decide what a window is.
"""

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from nlp.lexicon import Cue
from nlp.scan import FILL, Scan

_GROUP: Final = re.compile(r"[0-9]+")
_JOINT: Final = re.compile(
    "[ \\t.\\-/()_*+\u2190-\u2bff\U0001f000-\U0001faff]{1,4}|,"
    r"|[ \t]{0,2}[-.]?[ \t]{0,2}\n[ \t>]{0,4}-?|\)[ \t]?[-.]?[ \t]?"
)
# What else may stand between the groups of a number that somebody hides, or of several numbers in a table.
_LOOSE: Final = re.compile(r"(?:[^\w,;\n]|_){1,8}|;|[ \t]?(?:[ \t.\-]?\n){1,4}[ \t]{0,4}")
_IMITATED: Final = re.compile(rf"[ \t\n.\-_/*|{FILL}]{{3,80}}")
# A tag with hardly any digits: those of a link or a title would be part of the text.
_TAG: Final = re.compile(r"</?(?P<name>[a-z]+)[^<>\n0-9]{0,40}[0-9]{0,2}[^<>\n0-9]{0,40}>")
_INLINE: Final = frozenset(
    ["b", "i", "u", "s", "a", "em", "strong", "span", "font", "mark", "small", "big", "code", "wbr"]
)
_GROUP_OR_TAG: Final = re.compile(rf"{_TAG.pattern}|[0-9]+")
# Without a cue word only a mobile number, a card and a NIK are seen in loose groups.
_LIKELY: Final = re.compile(r"(?:0|62|0062)?8[1-35-9][0-9]{7,11}\Z|[0-9]{13,19}\Z")
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


class Joint(NamedTuple):
    """What stands between two groups of one number; loose if it hardly ever does."""

    text: str
    loose: bool


SAID_PLUS: Final = "plus "
"""Before the code of a country, where the digits are words too."""


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
        loose: Whether something stands between its groups that hardly ever joins a number.
        imitated: Whether some of its groups were dressed up as placeholders.
    """

    __slots__ = (
        "bracket",
        "digits",
        "end",
        "gaps",
        "imitated",
        "left",
        "loose",
        "plus",
        "right",
        "scan",
        "sizes",
        "start",
    )

    def __init__(
        self, scan: Scan, digits: str, sizes: list[int], gaps: list[str], start: int, end: int, *, loose: bool = False
    ) -> None:
        self.scan, self.digits, self.sizes, self.gaps, self.start, self.end = scan, digits, sizes, gaps, start, end
        ahead = scan.lower[max(0, start - 2) : start]
        self.plus = "+" in ahead or scan.lower.endswith(SAID_PLUS, 0, start)
        self.bracket = ahead.endswith("(")
        self.left = [(d, cue) for d, cue in scan.before(start, 48) if cue in NUMERIC_CUES]
        self.loose = loose
        self.imitated = loose and any(FILL in gap for gap in gaps)
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

    def groups(self) -> list[str]:
        """Its groups of digits."""
        return [self.digits[end - size : end] for size, end in zip(self.sizes, accumulate(self.sizes), strict=True)]

    def is_continued(self) -> bool:
        """Whether further digits stand right beside it."""
        text = self.scan.lower
        around = text[max(0, self.start - 2) : self.start], text[self.end : self.end + 2]
        return any(char.isdigit() for piece in around for char in piece)

    def holds_together(self) -> bool:
        """Whether a loose window is written like one number rather than like cells of a table or items of a list."""
        sizes, gaps = self.sizes, set(self.gaps)
        if sizes[0] == 2 and self.digits.startswith("62"):
            sizes = sizes[1:]
        if min(sizes) >= 3 or max(sizes) == 1:
            return True
        if len(gaps) > 1 or ":" in self.gaps[0]:
            return False
        if set(sizes) == {2}:  # hours and days of the month stop at 31
            return any(group > "31" for group in self.groups())
        return (
            min(sizes) == 2
            and len(self.digits) >= (10 if self.left else 11)
            and not any(char.isspace() for char in self.gaps[0])
        )

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
    groups = _groups(view.text)
    joints = [_joint(view.text[left:right]) for (_, left), (right, _) in pairwise(groups)]
    for first, (start, _) in enumerate(groups):
        if not _may_start(scan, view.text, groups, first) or _goes_on(groups, joints, first - 1):
            continue
        digits, sizes, gaps = "", [], []  # type: str, list[int], list[str]
        loose = False
        for index in range(first, min(first + _MAX_DIGITS, len(groups))):
            left, right = groups[index]
            if index > first:
                gap = joints[index - 1]
                if gap is None:
                    break
                gaps.append(gap.text)
                loose = loose or gap.loose
            digits += view.text[left:right]
            sizes.append(right - left)
            if len(digits) > _MAX_DIGITS:
                break
            if len(digits) < least or (len(sizes) == len(digits) and _goes_on(groups, joints, index)):
                continue
            if loose and not _LIKELY.match(digits) and scan.families.isdisjoint(NUMERIC_CUES):
                continue
            if _may_end(view.text, groups, index):
                yield Window(scan, digits, list(sizes), list(gaps), *view.original(start, right), loose=loose)


def _groups(text: str) -> list[tuple[int, int]]:
    """Extents of the groups of digits, without those inside tags."""
    if "<" not in text:
        return [found.span() for found in _GROUP.finditer(text)]
    return [found.span() for found in _GROUP_OR_TAG.finditer(text) if found["name"] is None]


def _joint(gap: str) -> Joint | None:
    """What joins two groups, without tags; nothing if they are apart."""
    if _JOINT.fullmatch(gap):
        return Joint(gap, loose=False)
    if "<" in gap:
        gap = _TAG.sub(lambda tag: "" if tag["name"] in _INLINE else "\n", gap)
        if not gap:
            return Joint(gap, loose=False)
    if _LOOSE.fullmatch(gap) or _IMITATED.fullmatch(gap):
        return Joint(gap, loose=True)
    return None


def _goes_on(groups: list[tuple[int, int]], joints: list[Joint | None], index: int) -> bool:
    """Whether a group and the next are digits spaced out one by one, the same way as before or after: never cut."""
    if index < 0 or index >= len(joints) or any(end - start > 1 for start, end in groups[index : index + 2]):
        return False
    joint = joints[index]
    if joint is None or not joint.loose:
        return joint is not None
    return joint in joints[max(0, index - 1) : index] or joint in joints[index + 1 : index + 2]


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
