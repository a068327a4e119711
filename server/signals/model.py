"""Signals about the redaction: what is counted and how coarsely. Pure.

A signal says that something was hidden wrongly or should have been hidden, and in classes what kind of thing it was. It
holds no text, no id, no offset and no time finer than a day, and the classes are so coarse that they fit almost
everything: nothing in a counter can lead to a message or to a person.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from nlp.labels import Label


class SignalKind(StrEnum):
    """What somebody says."""

    HIDDEN_WRONGLY = "hidden_wrongly"
    SHOULD_HAVE_BEEN_HIDDEN = "should_have_been_hidden"


class SaidBy(StrEnum):
    """Who says it."""

    WRITER = "writer"
    """A customer, about an own message."""
    STAFF = "staff"


class Surface(StrEnum):
    """Where the text stood."""

    CHAT = "chat"


class SignalCode(StrEnum):
    """What a thing that was hidden wrongly is instead."""

    WORD = "word"
    PLACE = "place"
    COMPANY = "company"
    PRODUCT = "product"
    PUBLIC_PERSON = "public_person"
    NUMBER = "number"
    OTHER = "other"


class WordClass(StrEnum):
    """How many words it has."""

    ONE = "1"
    TWO = "2"
    THREE = "3"
    MORE = "4+"
    UNKNOWN = "unknown"
    """It was hidden before it was stored: nobody can know."""


class LengthClass(StrEnum):
    """How many letters and digits it has."""

    SHORT = "1-3"
    MIDDLE = "4-8"
    LONG = "9-16"
    LONGER = "17+"
    UNKNOWN = "unknown"


class ShapeClass(StrEnum):
    """How it is written."""

    LOWER = "lower"
    UPPER = "upper"
    CAPITALISED = "capitalised"
    MIXED = "mixed"
    DIGITS = "digits"
    LETTERS_AND_DIGITS = "letters_and_digits"
    OTHER_SCRIPT = "other_script"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Traits:
    """What may be remembered of a piece of a text."""

    words: WordClass = WordClass.UNKNOWN
    length: LengthClass = LengthClass.UNKNOWN
    shape: ShapeClass = ShapeClass.UNKNOWN


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that was said, as it is counted.

    Attributes:
        day: `YYYY-MM-DD`, UTC, on which it was said.
        kind: what.
        label: that it has, or should have.
        surface: where.
        who: said it.
        model: name and version of the redactor in use.
        traits: of the piece.
        code: what it is instead; None where it was not said, and for what should have been hidden.
    """

    day: str
    kind: SignalKind
    label: Label
    surface: Surface
    who: SaidBy
    model: str
    traits: Traits
    code: SignalCode | None = None

    @property
    def key(self) -> str:
        """Equal for signals that are counted together."""
        traits = self.traits
        parts = (self.day, self.kind, self.label, self.surface, self.who, self.model)
        return "|".join([*parts, traits.words, traits.length, traits.shape, self.code or ""])


@dataclass(frozen=True, slots=True)
class Counted:
    """A signal and how often it came."""

    signal: Signal
    count: int


def traits_of(piece: str) -> Traits:
    """Put a piece of a text into its classes."""
    significant = [character for character in piece if character.isalnum()]
    if not significant:
        return Traits()
    words = len([word for word in piece.split() if any(character.isalnum() for character in word)])
    return Traits(
        words=(WordClass.ONE, WordClass.TWO, WordClass.THREE)[words - 1] if words <= 3 else WordClass.MORE,
        length=_length(len(significant)),
        shape=_shape(piece, significant),
    )


def _length(count: int) -> LengthClass:
    if count <= 3:
        return LengthClass.SHORT
    if count <= 8:
        return LengthClass.MIDDLE
    return LengthClass.LONG if count <= 16 else LengthClass.LONGER


def _shape(piece: str, significant: list[str]) -> ShapeClass:
    letters = [character for character in significant if character.isalpha()]
    if not letters:
        return ShapeClass.DIGITS
    if any(not _is_latin(letter) for letter in letters):
        return ShapeClass.OTHER_SCRIPT
    if len(letters) < len(significant):
        return ShapeClass.LETTERS_AND_DIGITS
    if piece.islower():
        return ShapeClass.LOWER
    if piece.isupper():
        # One capital letter alone begins a word, too.
        return ShapeClass.UPPER if len(letters) > 1 else ShapeClass.CAPITALISED
    return ShapeClass.CAPITALISED if all(_is_capitalised(word) for word in piece.split()) else ShapeClass.MIXED


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("LATIN ", "FEMININE ", "MASCULINE "))


def _is_capitalised(word: str) -> bool:
    letters = [character for character in word if character.isalpha()]
    return not letters or (letters[0].isupper() and not any(letter.isupper() for letter in letters[1:]))
