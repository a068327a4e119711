"""Digits in disguise: letters that stand for digits, and spoken digits, turned into digits with offsets back.

Must not judge what a number is. Pure and stdlib-only.
"""

import re
from typing import Final

from nlp.lexicon import NUMBER_WORDS
from nlp.normalise import Normal

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
_LEET_TABLE: Final = str.maketrans("oil", "011")


def digit_view(lower: str) -> Normal:
    """Digits as digits: first letters used for digits, one for one, then spoken numbers, which need offsets."""
    if _ANY_DIGIT.search(lower) and _LEET_HINT.search(lower):
        lower = _LEET.sub(_leet, lower)
        lower = _SPACED_LEET.sub(lambda found: found[0].translate(_LEET_TABLE), lower)
    if NUMBER_WORDS.keys().isdisjoint(_WORD.findall(lower)) and not any(start in lower for start in _GLUED):
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
        if words < 3 and (words == 0 or len(parts) < 4 or (_GROUPED.search(run[0]) and not _is_long(run[0], words))):
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


def _is_long(run: str, words: int) -> bool:
    """Figures with a word or two among them ("0812 satu977 6634"): as long as a number of somebody, and no sum."""
    figures = sum(char.isdigit() for char in run)
    edges = run[0].isdigit() and run.rstrip(" .")[-1].isdigit()  # "the old one 0819 2203 771"
    return edges and 6 <= figures <= 14 and 9 <= figures + words <= 16 and "," not in run and "\n" not in run


def _copy(lower: str, start: int, end: int, chars: list[str], starts: list[int], ends: list[int]) -> None:
    chars.extend(lower[start:end])
    starts.extend(range(start, end))
    ends.extend(range(start + 1, end + 1))
