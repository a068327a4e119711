"""Turns tokens into the numbers that the names network reads.

What belongs to a word alone is computed once a word form; what belongs to its place in the message, every time.
Must not decide anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from murmurhash import hash as murmur_hash  # type: ignore[import-untyped]  # ships no stubs
from numpy.typing import NDArray

from nlp.names_lexicon import ANNOUNCEMENTS, FREQUENCY_BINS, NAME_KINDS, Lexicon, announcement

IntArray = NDArray[np.int64]

SHAPES = 48
PLACES = 14
CHAT_STYLE, NEWS_STYLE, MADE_STYLE = 11, 12, 13
_MAX_WORD = 24
_DIGITS_AS_LETTERS = str.maketrans("0134579", "oieastg")
# Offsets of the small tables that are laid end to end in one.
_KINDS_AT = SHAPES
_INDONESIAN_AT = _KINDS_AT + NAME_KINDS
_ENGLISH_AT = _INDONESIAN_AT + FREQUENCY_BINS
_ANNOUNCEMENT_AT = _ENGLISH_AT + FREQUENCY_BINS
_LENGTH_AT = _ANNOUNCEMENT_AT + ANNOUNCEMENTS
TRAITS = _LENGTH_AT + 12
TRAIT_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class WordFeatures:
    """What a word form alone tells.

    Attributes:
        word: Row of the word table; 0 for a word that the training data did not hold often enough.
        pieces: Rows of the table of letter groups.
        traits: Six rows of the table of traits.
    """

    word: int
    pieces: tuple[int, ...]
    traits: tuple[int, ...]


class FeatureExtractor:
    """Computes features; holds the vocabulary as 64-bit hashes, so no training text can be read back from it."""

    def __init__(self, lexicon: Lexicon, vocabulary: IntArray, piece_rows: int) -> None:
        self.lexicon = lexicon
        self.vocabulary = vocabulary
        self.piece_rows = piece_rows
        self._rows = {int(key): row for row, key in enumerate(vocabulary, start=1)}

    def word(self, form: str) -> WordFeatures:
        """Returns the features of a word form as written."""
        lower = folded(form, self.lexicon)[:_MAX_WORD]
        entry = self.lexicon.entry(lower)
        traits = (
            shape(form),
            _KINDS_AT + entry.kinds,
            _INDONESIAN_AT + entry.indonesian,
            _ENGLISH_AT + entry.english,
            _ANNOUNCEMENT_AT + announcement(lower),
            _LENGTH_AT + min(len(form), 11),
        )
        return WordFeatures(self._rows.get(word_key(lower), 0), self._pieces(lower), traits)

    def _pieces(self, lower: str) -> tuple[int, ...]:
        if not lower[0].isalpha():
            return ()
        edged = f"<{lower}>"
        groups = {edged[i : i + n] for n in (3, 4) for i in range(len(edged) - n + 1)} | {
            edged[:3] + "*",
            "*" + edged[-4:],
        }
        return tuple(sorted(murmur_hash(group, 7) % self.piece_rows for group in groups))


def folded(form: str, lexicon: Lexicon) -> str:
    """Returns a token as the lists would have it: small, without signs between its letters, digits read as letters.

    Digits are read so only between letters, or where a known name comes of it ("5iti", but not "3hari").
    """
    lower = form.lower()
    if lower.isalpha() or len(lower) < 4 or not (lower[0].isalpha() or lower[-1].isalpha()):
        return lower
    letters = "".join(char for char in lower if char.isalnum())
    read = letters.translate(_DIGITS_AS_LETTERS)
    return read if not letters[:1].isdigit() or lexicon.is_name(read) else letters


def word_key(lower: str) -> int:
    """Returns the key under which the vocabulary knows a lower-case word."""
    low, high = int(murmur_hash(lower, 1)), int(murmur_hash(lower, 2))
    return low & 0xFFFFFFFF | (high & 0x7FFFFFFF) << 32


def shape(form: str) -> int:
    """Returns the class of a token's form: letter case, number, white space, or which sign it is."""
    first = form[0]
    if first.isalpha():
        if form.islower():
            return 1 if len(form) > 1 else 2
        if form.isupper():
            return 3 if len(form) > 1 else 4
        if form.istitle():
            return 5
        return 6 if first.isupper() else 7
    if first.isdigit() and form[-1].isalpha():
        return 7
    if first.isdigit():
        return 8 + min(len(form), 4)
    if first.isspace():
        return 13 if "\n" in form else 14
    return 15 + ord(first) % 32


def places(words: Sequence[str], spaces: Sequence[bool]) -> IntArray:
    """Returns, for each token, four rows of the table of places: message case, line edges, what it is glued to, style.

    Shape: (tokens, 4). The style is chat; only training sets others, as news and made-up sentences call other things
    persons than people in a chat do.
    """
    count = len(words)
    out = np.full((count, 4), CHAT_STYLE, dtype=np.int64)
    letters = "".join(word for word in words if word[0].isalpha())
    out[:, 0] = 0 if not letters or letters.islower() else 1 if letters.isupper() else 2
    breaks = [word[0] == "\n" or ("\n" in word) for word in words]
    for i in range(count):
        starts = i == 0 or breaks[i - 1]
        ends = i == count - 1 or breaks[i + 1]
        out[i, 1] = 3 + starts + 2 * ends
        before = i == 0 or spaces[i - 1] or breaks[i - 1]
        out[i, 2] = 7 + before + 2 * spaces[i]
    return out
