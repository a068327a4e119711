"""What every recognizer needs to know about one text, found once: its lower case, its cue words, its digits.

Must not decide anything: it only reads.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from nlp.digits import digit_view
from nlp.lexicon import CUES, Cue
from nlp.placeholders import OPAQUE, imitations

FILL: Final = "\ue001"
"""Stands for what is around the digits of an imitated placeholder. Private use: no normal form holds it."""

_WORD: Final = re.compile(r"[a-z]+")
_ANY_DIGIT: Final = re.compile(r"[0-9]")
_DISGUISED: Final = re.compile(
    r"(?P<password>p[a4@][s5$]{2}w[o0]rd|p4ss|s4nd[i1]|s[a4]nd1)|(?P<user>us[e3]rn[a4]m[e3]|l0g[i1]n|log1n)"
    r"|(?P<plate>n0p[o0]l|n[o0]p0l|p0l[i1]s[i1]|pl4t)|(?P<delivery>4l[a4]m[a4]t|alam4t|al4m[a4]t)"
    r"|(?P<npwp>n[ .]p[ .]w[ .]p)|(?P<nik>n[ .]i[ .]k|k[ .]t[ .]p)"
    r"|(?P<bpjs>b[ .]p[ .]j[ .]s)|(?P<pin>p[ .]i[ .]n|o[ .]t[ .]p|0tp)"
    r"|(?P<phone>n[ .]o[ .]h[ .]p|h[ .]p|w[ .]a)(?= ?[:0-9])"
)
_DISGUISED_HINT: Final = re.compile(r"[a-z][0-9@$][a-z]|[0-9][a-z]{2}|\b[a-z][ .][a-z][ .]")


class CueHit(NamedTuple):
    """A cue word in the text."""

    start: int
    end: int
    cue: Cue


class Scan:
    """One text, read once.

    Attributes:
        text: In normal form; placeholders blanked out, so that no recognizer sees them.
        lower: The same in lower case, of the same length.
        words: All its words of ASCII letters, in lower case.
        cues: Its cue words, in order.
        digits: Lower case with spoken and look-alike digits turned into digits, and imitated placeholders that spell a
            number reduced to their digits between ``FILL``; maps back to ``text``.
        has_digits: Whether ``digits`` holds any.
    """

    __slots__ = ("_cue_ends", "_cue_starts", "cues", "digits", "families", "has_digits", "lower", "text", "words")

    def __init__(self, text: str) -> None:
        opaque, spelling = imitations(text)
        blanks = [_blank(*extent) for extent in opaque]
        like = [_blank(*hit.span()) for hit in spelling if OPAQUE.fullmatch(hit[0])]
        self.text = _instead(text, blanks + like)
        self.lower = self.text.lower()
        self.words = set(_WORD.findall(self.lower))
        self.cues = _cues(self.lower, CUES.keys() & self.words)
        if _DISGUISED_HINT.search(self.lower):
            self.cues = sorted(self.cues + _disguised(self.lower))
        self.families = {hit.cue for hit in self.cues}
        self._cue_starts = [hit.start for hit in self.cues]
        self._cue_ends = [hit.end for hit in self.cues]
        bared = _instead(text, blanks + [_bare(hit) for hit in spelling]).lower() if spelling else self.lower
        self.digits = digit_view(bared)
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


def _instead(text: str, instead: list[tuple[int, int, str]]) -> str:
    """Writes as many other characters over pieces of a text."""
    if not instead:
        return text
    pieces: list[str] = []
    position = 0
    for start, end, written in sorted(instead):
        pieces += (text[position:start], written)
        position = end
    return "".join([*pieces, text[position:]])


def _blank(start: int, end: int) -> tuple[int, int, str]:
    return start, end, "\n" * (end - start)


def _bare(hit: re.Match[str]) -> tuple[int, int, str]:
    return hit.start(), hit.end(), FILL * (hit.start("n") - hit.start()) + hit["n"] + FILL
