"""What people taught one conversation to hide, without keeping what it is. Pure.

A value that somebody said should have been hidden is kept as two kinds of keyed digests beside the conversation's
numbers, and as nothing else:

- of the whole value's form, which leads to the placeholder that stands for it. Any run of words of a later text is
  brought into the same form and looked up, so the value is recognised when it comes again; nothing can be read back.
- of each word of a name. A word of a later text that has such a digest is given to the redactor as a known name, like
  a participant's. The redactor decides; a word that is a name and also something else is not hidden blindly.

The key is one per conversation and in no store (`server.intake`): the digests of two conversations can't be compared,
and a list of names can't be tried against them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from nlp.labels import Label
from nlp.normalise import normalise
from server.kernel.text import Hidden

MOST_WORDS: Final = 10
"""A value of more words is hidden where it stands and looked for nowhere else."""

MOST_TAUGHT: Final = 400
"""Digests that one conversation keeps: some 25 KB. What is taught later is hidden, but not recognised again."""

_WORD: Final = re.compile(r"[^\W_]+")
_LEAST_LETTERS: Final = 2
_LEAST_DIGITS: Final = 4
_LEAST_NAME: Final = 3
_NAME: Final = "name"


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in a row: where they stand in the text, in code points, and their form."""

    start: int
    end: int
    form: str


@dataclass(frozen=True, slots=True)
class Taught:
    """All that one conversation was taught. Compare by identity: each change makes a new one.

    Attributes:
        values: digest of a value's form -> what stands for it.
        names: digests of the words of names.
    """

    values: Mapping[str, Hidden]
    names: frozenset[str]

    @classmethod
    def of(cls, entries: Mapping[str, str]) -> "Taught":
        """Read what is stored: digest -> `LABEL:digest`, or `name`."""
        if not entries:
            return NOTHING
        values = {key: _hidden(entry) for key, entry in entries.items() if entry != _NAME}
        return cls(MappingProxyType(values), frozenset(key for key, entry in entries.items() if entry == _NAME))

    def with_entries(self, entries: Mapping[str, str]) -> "Taught":
        """Learn more; what would be too much is left out."""
        fresh = {key: entry for key, entry in entries.items() if key not in self.values and key not in self.names}
        if not fresh or len(self.values) + len(self.names) + len(fresh) > MOST_TAUGHT:
            return self
        more = Taught.of(fresh)
        return Taught(MappingProxyType({**self.values, **more.values}), self.names | more.names)


NOTHING: Final = Taught(MappingProxyType({}), frozenset())


def entries_of(value: str | None, names: list[str], hidden: Hidden) -> dict[str, str]:
    """Give the stored form of a lesson.

    Args:
        value: digest of the value's form, or None where it is not to be looked for.
        names: digests of its words, where it is a name.
        hidden: what stands for it.
    """
    entries = dict.fromkeys(names, _NAME)
    if value is not None:
        entries[value] = hidden.key
    return entries


def form_of(value: str) -> str | None:
    """The form under which a value is recognised, or None where it is too little or too much to look for.

    Words in lower case (case-folded), whatever stands between them; where there are digits, without anything between,
    so that a number is the same however it is grouped. A number of fewer than four digits is a house number or an
    amount far too often.
    """
    words = [word for _, _, word in _words(value)]
    form = _form(words)
    if not words or len(words) > MOST_WORDS:
        return None
    least = _LEAST_DIGITS if form.isdecimal() else _LEAST_LETTERS
    return form if len(form) >= least else None


def name_words(label: Label, value: str) -> list[str]:
    """The words of a name by which it may come again in part; none for other labels."""
    if label is not Label.PERSON:
        return []
    words = [word for _, _, word in _words(value)][:MOST_WORDS]
    return [word for word in dict.fromkeys(words) if len(word) >= _LEAST_NAME and not word.isdecimal()]


def runs(text: str) -> Iterator[list[Run]]:
    """For each word of a text the runs that begin with it, the longest first."""
    words = list(_words(text))
    for first in range(len(words)):
        last = min(first + MOST_WORDS, len(words))
        yield [
            Run(words[first][0], words[end - 1][1], _form([word for _, _, word in words[first:end]]))
            for end in range(last, first, -1)
        ]


def words_of(text: str) -> dict[str, str]:
    """The words of a text: form -> as it is written."""
    return {form: text[start:end] for start, end, form in _words(text)}


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    """Each word's place in the text and its form. Of the normal form, so that no disguise makes another word of it."""
    normal = normalise(text)
    for found in _WORD.finditer(normal.text):
        yield *normal.original(found.start(), found.end()), found[0].casefold()


def _form(words: list[str]) -> str:
    joined = "".join(words)
    return joined if any(character.isdecimal() for character in joined) else " ".join(words)


def _hidden(entry: str) -> Hidden:
    label, _, digest = entry.partition(":")
    return Hidden(Label(label), digest)
