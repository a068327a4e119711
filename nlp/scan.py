"""What every recognizer needs to know about one text, found once: its lower case, its cue words, its digits.

Must not decide anything: it only reads.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from nlp.lexicon import CUES, NUMBER_WORDS, Cue
from nlp.normalise import Normal
from nlp.placeholders import OPAQUE

_WORD: Final = re.compile(r"[a-z]+")
_ANY_DIGIT: Final = re.compile(r"[0-9]")
_NUMBER_WORD: Final = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_GROUPED: Final = re.compile(r"[0-9]{2}")
_SPOKEN: Final = re.compile(
    rf"(?<![a-z0-9])(?:(?:{_NUMBER_WORD}|double|dobel|triple|[0-9]{{1,4}}|o(?![a-z]))"
    r"[ .,_/()\[\]\n+-]{0,3}){3,60}(?![a-z])"
)
_SPOKEN_PART: Final = re.compile(rf"double|dobel|triple|{_NUMBER_WORD}|[0-9o]")
_REPEATS: Final = {"double": 1, "dobel": 1, "triple": 2}
_GLUED: Final = ("noldelapan", "kosongdelapan", "nollapan", "zeroeight")
_LEET: Final = re.compile(r"(?<![a-z0-9])[0-9oil]{2,32}(?![a-z0-9])")
_LEET_HINT: Final = re.compile(r"[0-9][oil]|[oil][0-9]|[0-9][ .-]{1,3}[oil][ .-]|o[ .-]{1,3}o[ .-]{1,3}[0-9]")
_SPACED_LEET: Final = re.compile(r"(?<![a-z0-9])(?:[0-9oil][ .-]{1,3}){4,40}[0-9oil](?![a-z0-9])")
_DISGUISED: Final = re.compile(
    r"(?P<password>p[a4@][s5$]{2}w[o0]rd|p4ss|s4nd[i1]|s[a4]nd1)|(?P<user>us[e3]rn[a4]m[e3]|l0g[i1]n|log1n)"
    r"|(?P<plate>n0p[o0]l|n[o0]p0l|p0l[i1]s[i1]|pl4t)|(?P<delivery>4l[a4]m[a4]t|alam4t|al4m[a4]t)"
    r"|(?P<npwp>n[ .]p[ .]w[ .]p)|(?P<nik>n[ .]i[ .]k|k[ .]t[ .]p)"
    r"|(?P<bpjs>b[ .]p[ .]j[ .]s)|(?P<pin>p[ .]i[ .]n|o[ .]t[ .]p|0tp)"
    r"|(?P<phone>n[ .]o[ .]h[ .]p|h[ .]p|w[ .]a)(?= ?[:0-9])"
)
_DISGUISED_HINT: Final = re.compile(r"[a-z][0-9@$][a-z]|[0-9][a-z]{2}|\b[a-z][ .][a-z][ .]")
_LEET_TABLE: Final = str.maketrans("oil", "011")


class CueHit(NamedTuple):
    """A cue word in the text."""

    start: int
    end: int
    cue: Cue


class Scan:
    """One text, read once.

    Attributes:
        text: In normal form; placeholders blanked out by spaces, so that no recognizer sees them.
        lower: The same in lower case, of the same length.
        words: All its words of ASCII letters, in lower case.
        cues: Its cue words, in order.
        digits: Lower case with spoken and look-alike digits turned into digits; maps back to ``text``.
        has_digits: Whether ``digits`` holds any.
    """

    __slots__ = ("_cue_ends", "_cue_starts", "cues", "digits", "families", "has_digits", "lower", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = _blank_placeholders(text)
        self.lower = self.text.lower()
        self.words = set(_WORD.findall(self.lower))
        self.cues = _cues(self.lower, CUES.keys() & self.words)
        if _DISGUISED_HINT.search(self.lower):
            self.cues = sorted(self.cues + _disguised(self.lower))
        self.families = {hit.cue for hit in self.cues}
        self._cue_starts = [hit.start for hit in self.cues]
        self._cue_ends = [hit.end for hit in self.cues]
        self.digits = _digit_view(self.lower, self.words)
        self.has_digits = _ANY_DIGIT.search(self.digits.text) is not None

    def before(self, position: int, width: int) -> Iterator[tuple[int, Cue]]:
        """Cues that end at most ``width`` code points before ``position``, nearest first, with their distance."""
        for index in range(bisect_right(self._cue_ends, position) - 1, -1, -1):
            distance = position - self._cue_ends[index]
            if distance > width:
                return
            yield distance, self.cues[index].cue

    def after(self, position: int, width: int) -> Iterator[tuple[int, Cue]]:
        """Cues that start at most ``width`` code points after ``position``, nearest first, with their distance."""
        for index in range(bisect_left(self._cue_starts, position), len(self.cues)):
            distance = self._cue_starts[index] - position
            if distance > width:
                return
            yield distance, self.cues[index].cue


def _cues(lower: str, words: set[str]) -> list[CueHit]:
    """Where these words stand; looked for one by one, since a message holds only a few of them."""
    hits: list[CueHit] = []
    for word in words:
        cue, size = CUES[word], len(word)
        start = lower.find(word)
        while start >= 0:
            end = start + size
            if not ("a" <= lower[start - 1 : start] <= "z" or "a" <= lower[end : end + 1] <= "z"):
                hits.append(CueHit(start, end, cue))
            start = lower.find(word, end)
    hits.sort()
    return hits


def _disguised(lower: str) -> list[CueHit]:
    """Cue words with digits for letters, or spaced out."""
    return [
        CueHit(found.start(), found.end(), Cue(found.lastgroup))
        for found in _DISGUISED.finditer(lower)
        if found.lastgroup is not None and not lower[max(0, found.start() - 1) : found.start()].isalpha()
    ]


def _blank_placeholders(text: str) -> str:
    if "\u27e6" not in text and "\u27ea" not in text:
        return text
    return OPAQUE.sub(lambda found: "\n" * len(found[0]), text)


def _digit_view(lower: str, words: set[str]) -> Normal:
    """Digits as digits: first letters used for digits, one for one, then spoken numbers, which need offsets."""
    if _ANY_DIGIT.search(lower) and _LEET_HINT.search(lower):
        lower = _LEET.sub(_leet, lower)
        lower = _SPACED_LEET.sub(lambda found: found[0].translate(_LEET_TABLE), lower)
    if NUMBER_WORDS.keys().isdisjoint(words) and not any(start in lower for start in _GLUED):
        return Normal(lower)
    return _spoken(lower)


def _leet(found: re.Match[str]) -> str:
    return found[0].translate(_LEET_TABLE) if _ANY_DIGIT.search(found[0]) else found[0]


def _spoken(lower: str) -> Normal:
    """Replaces runs of spoken digits by the digits, without what stood between them."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for run in _SPOKEN.finditer(lower):
        parts = list(_SPOKEN_PART.finditer(lower, run.start(), run.end()))
        words = sum(len(part[0]) > 1 for part in parts)
        if words < 3 and (words == 0 or len(parts) < 4 or _GROUPED.search(run[0])):
            continue
        _copy(lower, position, parts[0].start(), chars, starts, ends)
        for part, following in zip(parts, [*parts[1:], parts[-1]], strict=True):
            # "double nine four": the word before stands for one more of the digit after it.
            said = following[0] if part[0] in _REPEATS else part[0]
            digits = NUMBER_WORDS.get(said) or (said.replace("o", "0") if len(said) == 1 else "")
            for digit in digits * _REPEATS.get(part[0], 1):
                chars.append(digit)
                starts.append(part.start())
                ends.append(part.end())
        position = parts[-1].end()
    if not chars:
        return Normal(lower)
    _copy(lower, position, len(lower), chars, starts, ends)
    return Normal("".join(chars), starts, ends)


def _copy(lower: str, start: int, end: int, chars: list[str], starts: list[int], ends: list[int]) -> None:
    chars.extend(lower[start:end])
    starts.extend(range(start, end))
    ends.extend(range(start + 1, end + 1))
