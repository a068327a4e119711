"""Search terms of a text: what an index keeps of it, and what a query is turned into.

Folds case, accents and look-alike letters, leaves out stop words and placeholders, writes informal spellings out, and
takes words back to their stems: Indonesian ones by Nazief and Adriani's way with the later corrections (PySastrawi),
all others by Porter's for English (snowballstemmer). Text in, terms out; must never see a text that has not been
redacted, and keeps nothing but single words in its cache.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

import snowballstemmer
from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
from Sastrawi.Stemmer.Stemmer import Stemmer
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from nlp.normalise import normalise
from nlp.placeholders import PLACEHOLDER
from nlp.terms_words import INFORMAL, STOP_WORDS

MOST_TERMS: Final = 240
"""Different terms that are taken of one text: what a cold cache costs is bounded by it."""

MOST_WORDS: Final = 4_000
"""Words of a text that are looked at."""

_LONGEST: Final = 30
_LONGEST_NUMBER: Final = 10
_SHORTEST_STEM: Final = 4
_WORD: Final = re.compile(r"[^\W_]+(?:['\-+][^\W_]+)*")
_PART: Final = re.compile(r"[^\W_]+")
_TWICE: Final = re.compile(r"([a-z]{3,})2")
_URL: Final = re.compile(r"https?://(?:www\.)?([^/\s?#)>\]]{1,200})[^\s)>\]]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text that counts for the search.

    Attributes:
        start: its first code point in the text.
        end: the code point after its last.
        terms: its terms; more than one for compounds, none for stop words.
    """

    start: int
    end: int
    terms: tuple[str, ...]


def words_of(text: str) -> Iterator[Word]:
    """Give the words of a text in order, stop words with no terms. Nothing of a placeholder is a word."""
    position = 0
    for hidden in PLACEHOLDER.finditer(text):
        yield from _words(text[position : hidden.start()], position)
        position = hidden.end()
    yield from _words(text[position:], position)


def terms_of(text: str, *, most: int = MOST_TERMS) -> list[str]:
    """Give the different terms of a redacted text, in the order in which they come.

    Args:
        text: as it is stored; addresses of pages count by their hosts only.
        most: how many at most.
    """
    found: dict[str, None] = {}
    for word in islice(words_of(_URL.sub(r"\1", text)), MOST_WORDS):
        found.update(dict.fromkeys(word.terms))
        if len(found) >= most:
            break
    return list(found)[:most]


def matches(text: str, terms: Collection[str]) -> list[tuple[int, int]]:
    """Give the pieces of a text that are words of these terms: start and end in code points, ascending."""
    wanted = frozenset(terms)
    found = islice(words_of(text), MOST_WORDS)
    return [(word.start, word.end) for word in found if not wanted.isdisjoint(word.terms)]


def fold(text: str) -> str:
    """Give a text in lower case without accents; also for prefixes that somebody is still typing."""
    folded = normalise(text).text.casefold()
    if folded.isascii():
        return folded
    return "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))


def _words(piece: str, offset: int) -> Iterator[Word]:
    normal = normalise(piece)
    # Nothing is left to fold in most texts, and folding each word costs ten times as much as looking up its terms.
    folded = str.lower if normal.text.isascii() else fold
    for match in _WORD.finditer(normal.text):
        start, end = normal.original(*match.span())
        yield Word(offset + start, offset + end, word_terms(folded(match[0])))


@lru_cache(maxsize=65_536)
def word_terms(word: str) -> tuple[str, ...]:
    """Give the terms of one folded word, compounds with `-`, `'` or `+` included."""
    parts = _PART.findall(word)
    if len(parts) == 1:
        return _term(parts[0])
    short = min(len(part) for part in parts)
    if "'" in word and len(parts[-1]) <= 2:  # don't, it's, kantor's
        parts = ["".join(parts)] if parts[-1] == "t" else parts[:-1]
    elif short == 1 or max(len(part) for part in parts) <= 2:  # e-mail, x-ray, wi-fi, e-42
        parts = ["".join(parts)]
    terms = [term for part in parts for term in _term(part)]
    return tuple(dict.fromkeys(terms))


def _term(word: str) -> tuple[str, ...]:
    """The term of a single word, or nothing."""
    twice = _TWICE.fullmatch(word)  # masalah2: how people write masalah-masalah
    if twice and _is_root(twice[1]):
        word = twice[1]
    word = INFORMAL.get(word, word)
    if len(word) < 2 or len(word) > _LONGEST or word in STOP_WORDS or word.removeprefix("di") in STOP_WORDS:
        return ()
    if not word.isalpha():
        return (word,) if len(word) <= _LONGEST_NUMBER or not word.isdigit() else ()
    stem = _stem(word)
    return (INFORMAL.get(stem, stem),)


def _stem(word: str) -> str:
    """An Indonesian root where the word leads to one, the English stem elsewhere."""
    if len(word) < _SHORTEST_STEM or not word.isascii() or _is_root(word):
        return word
    stem = str(_INDONESIAN.stem_singular_word(word))
    if stem != word:
        return stem
    for clitic in ("nya", "ku", "mu"):  # at a borrowed word, that no list of roots has: printernya
        if word.endswith(clitic) and len(word) - len(clitic) >= _SHORTEST_STEM:
            return _stem(word.removesuffix(clitic))
    return _informal_root(word) or str(_ENGLISH.stemWord(word))


def _informal_root(word: str) -> str | None:
    """The root behind spoken affixes, which no grammar lists: bayarin, ngirim, ngeprint, nyetak, diupdate."""
    candidates: list[str] = []
    if word.startswith("nge"):
        candidates += [word[3:]]
    if word.startswith("ng"):
        candidates += [word[2:], f"k{word[2:]}"]
    if word.startswith("ny"):
        candidates += [f"s{word[2:]}", f"c{word[2:]}"]
    if word.startswith("di") and len(word) > 5:
        candidates += [word[2:]]
    for candidate in [word, *candidates]:
        for form in (candidate, candidate[:-2] if candidate.endswith("in") else candidate):
            if form != word and len(form) >= _SHORTEST_STEM - 1 and (_is_root(form) or form in INFORMAL):
                return form
    return None


def _is_root(word: str) -> bool:
    return word in _ROOTS


# Read once when the module is imported: 0.2 s and 4 MB. The library's own cache has no bound and is not used.
_ROOTS: Final = frozenset(StemmerFactory().get_words())
_INDONESIAN: Final = Stemmer(ArrayDictionary(list(_ROOTS)))
_ENGLISH: Final = snowballstemmer.stemmer("english")
