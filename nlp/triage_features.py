"""What the triage model sees of a text: its words, their stems, letters and neighbours, and signs of the whole.

Pure: a text in, evidence out, and nothing kept but single words in a bounded cache. Placeholders are blanks: neither
their label nor their number can be evidence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from nlp.placeholders import OPAQUE
from nlp.terms import fold, word_terms
from nlp.terms_words import INFORMAL, STOP_WORDS
from nlp.triage_words import CONCEPTS, SAME

MOST_WORDS: Final = 400
"""Words of a text that are looked at: what a text costs is bounded by it."""

WORD, PAIR, LETTERS, CONCEPT, SIGN = "w", "p", "c", "k", "s"
GROUPS: Final = (WORD, PAIR, LETTERS, CONCEPT, SIGN)
"""The first character of a feature says of which group it is."""

_TOKEN: Final = re.compile(r"[^\W_]+(?:['\-][^\W_]+)*")
_EMOJI: Final = re.compile("[\u2190-\u21ff\u2600-\u27bf\U0001f300-\U0001faff]")
_DRAWN_OUT: Final = re.compile(r"(.)\1{2,}")
_TWICE: Final = re.compile(r"([a-z]{3,})2(nya|in|an)?")
_LONGEST: Final = 24
_GRAMS: Final = (3, 4, 5)
_SHOUTED: Final = 0.6
_HEARD: Final = 2_000


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text.

    Attributes:
        start: its first code point in the text.
        end: the code point after its last.
        keys: what it counts as; stems, or stop words as they are.
        content: whether it can be what a text is about.
    """

    start: int
    end: int
    keys: tuple[str, ...]
    content: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the model sees it.

    Attributes:
        words: in order.
        features: each with the positions of the words that it comes from; none for signs of the whole.
    """

    words: tuple[Word, ...]
    features: Mapping[str, tuple[int, ...]]


def read(text: str) -> Reading:
    """Read a redacted text of any length; words after `MOST_WORDS` are not looked at."""
    blank = OPAQUE.sub(lambda hidden: " " * len(hidden[0]), text)
    words: list[Word] = []
    found: dict[str, list[int]] = {}
    previous = "^"
    for position, (word, form) in enumerate(_words(blank)):
        words.append(word)
        for key in word.keys:
            found.setdefault(f"{WORD}{key}", []).append(position)
            found.setdefault(f"{PAIR}{previous} {key}", []).append(position)
            for concept in _CONCEPTS.get(key, ()):
                found.setdefault(f"{CONCEPT}{concept}", []).append(position)
            previous = key
        for gram in letters_of(form):
            found.setdefault(f"{LETTERS}{gram}", []).append(position)
    features = {name: tuple(dict.fromkeys(places)) for name, places in found.items()}
    features.update(dict.fromkeys((f"{SIGN}{sign}" for sign in _signs(blank, len(words))), ()))
    return Reading(tuple(words), MappingProxyType(features))


def concepts_in(text: str) -> dict[str, int]:
    """Count how many words of a text speak for each concept."""
    features = read(text).features
    return {name[1:]: len(places) for name, places in features.items() if name[0] == CONCEPT}


@lru_cache(maxsize=16_384)
def keys_of(form: str) -> tuple[str, ...]:
    """Give what a folded word counts as: its stem, or the word that it is another spelling of."""
    short = _DRAWN_OUT.sub(r"\1", form)
    twice = _TWICE.fullmatch(short)
    if twice:
        short = twice[1] + (twice[2] or "")
    told = _SAME.get(short) or _SAME.get(INFORMAL.get(short, ""))
    if told:
        return told
    short = INFORMAL.get(short, short)
    if short in STOP_WORDS:
        return (short,)
    if any(char.isdigit() for char in short):
        return ("0" * min(len(short), 4),) if short.isdigit() else ("0a",)
    terms = word_terms(short)
    return tuple(key for term in terms for key in _SAME.get(term, (term,))) or (short,)


@lru_cache(maxsize=16_384)
def letters_of(form: str) -> tuple[str, ...]:
    """Give the groups of letters of a folded word, its edges marked."""
    if any(char.isdigit() for char in form):
        return ()
    short = _DRAWN_OUT.sub(r"\1", form)[:_LONGEST]
    edged = f"^{short}$"
    return tuple(dict.fromkeys(edged[at : at + size] for size in _GRAMS for at in range(len(edged) - size + 1)))


def _words(text: str) -> Iterator[tuple[Word, str]]:
    for count, match in enumerate(_TOKEN.finditer(text)):
        if count == MOST_WORDS:
            return
        form = fold(match[0])
        keys = keys_of(form)
        content = len(form) > 2 and not form[0].isdigit() and not all(key in STOP_WORDS for key in keys)
        yield Word(*match.span(), keys, content), form


def _signs(text: str, words: int) -> Iterator[str]:
    """Signs of the whole text: how loud, how long, which faces."""
    marks = text.count("!")
    if marks:
        yield "!" if marks < 3 else "!!!"
    if "?" in text:
        yield "?"
    letters = [char for char in text[:_HEARD] if char.isalpha()]
    if len(letters) > 8 and sum(map(str.isupper, letters)) > _SHOUTED * len(letters):
        yield "loud"
    yield "short" if words < 7 else "middling" if words < 16 else "long" if words < 40 else "longer"
    yield from sorted(set(_EMOJI.findall(text)))


def _same() -> dict[str, tuple[str, ...]]:
    pairs = (line.partition(":") for line in SAME.strip().splitlines())
    return {spelling: tuple(words.split()) for spelling, _, words in pairs}


_SAME: Final = _same()


def _concepts() -> dict[str, tuple[str, ...]]:
    """Which concepts a key speaks for."""
    found: dict[str, dict[str, None]] = {}
    for line in CONCEPTS.strip().splitlines():
        concept, _, words = line.partition(":")
        for word in words.split():
            for key in keys_of(word.replace("-", "")) if "-" in word else keys_of(word):
                found.setdefault(key, {})[concept] = None
    return {key: tuple(concepts) for key, concepts in found.items()}


_CONCEPTS: Final = _concepts()
