"""Watched words: what happens to a text in which one stands, whatever its spelling.

Pure. Words are compared folded (`moderation.folding`): `jud1`, `j u d i`, `ju-di`, `juuudi` and `ĵudi` are `judi`,
while `judicial` is not, unless the word was written with a star at its end (`judi*`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from moderation.folding import Token, plain, tokens

MAX_WORD: Final = 60
_MASK: Final = "\u25a0"


class Watch(StrEnum):
    """What is done, the mildest first."""

    FLAG = "flag"
    """It is published, and a moderator is told."""
    CENSOR = "censor"
    """The word is made unreadable."""
    HOLD = "hold"
    """A moderator decides before anybody sees it."""
    BLOCK = "block"
    """It is refused; the writer is told why and keeps the draft."""


@dataclass(frozen=True, slots=True)
class WatchedWord:
    """One entry of the list.

    Attributes:
        word: a word or several, folded; with a `*` at its end, also what begins so.
        action: what is done.
    """

    word: str
    action: Watch


@dataclass(frozen=True, slots=True)
class Sighting:
    """A watched word in a text.

    Attributes:
        start: code point where it begins.
        end: code point after its last.
        entry: which it is.
    """

    start: int
    end: int
    entry: WatchedWord


def fold_word(typed: str) -> str | None:
    """Give the form in which a word is kept; None where nothing of it could ever be found."""
    star = "*" if typed.rstrip().endswith("*") else ""
    words = ["".join(c for c in plain(word) if c.isalnum()) for word in typed.split()]
    folded = " ".join(word for word in words if word)
    return folded + star if 2 <= len(folded) <= MAX_WORD else None


class WatchList:
    """Finds watched words. Built once for a list and used for many texts.

    Args:
        entries: the list, folded (`fold_word`).
    """

    def __init__(self, entries: Iterable[WatchedWord]) -> None:
        self._exact: dict[str, list[tuple[tuple[str, ...], WatchedWord]]] = {}
        self._starts: list[tuple[str, WatchedWord]] = []
        for entry in entries:
            words = entry.word.removesuffix("*").split()
            if not words:
                continue
            if entry.word.endswith("*") and len(words) == 1:
                self._starts.append((_seen(words[0]), entry))
            else:
                seen = tuple(map(_seen, words))
                self._exact.setdefault(seen[0], []).append((seen, entry))

    def sightings(self, text: str) -> list[Sighting]:
        """Give all watched words in a redacted text, in their order."""
        if not self._exact and not self._starts:
            return []
        found: dict[tuple[int, int, str], Sighting] = {}
        listed = list(tokens(text))
        starts: dict[int, list[Token]] = {}
        for token in listed:
            starts.setdefault(token.start, []).append(token)
        order = sorted(starts)
        for token in listed:
            for sighting in self._at(token, starts, order):
                found[sighting.start, sighting.end, sighting.entry.word] = sighting
        return sorted(found.values(), key=lambda item: (item.start, item.end, item.entry.word))

    def _at(self, token: Token, starts: dict[int, list[Token]], order: list[int]) -> Iterable[Sighting]:
        forms = {_seen(form) for form in token.forms}
        for begin, entry in self._starts:
            if any(form.startswith(begin) for form in forms):
                yield Sighting(token.start, token.end, entry)
        for form in forms:
            for words, entry in self._exact.get(form, ()):
                end = _follow(words[1:], token.end, starts, order)
                if end is not None:
                    yield Sighting(token.start, end, entry)


def _follow(words: tuple[str, ...], end: int, starts: dict[int, list[Token]], order: list[int]) -> int | None:
    """Where the rest of several words ends when it stands right behind; None where it does not."""
    for word in words:
        begin = next((place for place in order if place >= end), None)
        if begin is None or begin - end > 3:
            return None
        fitting = [token for token in starts[begin] if word in {_seen(form) for form in token.forms}]
        if not fitting:
            return None
        end = fitting[0].end
    return end


def _seen(word: str) -> str:
    """`l` and `i` can't be told apart once digits stand for letters."""
    return word.replace("l", "i")


def sternest(sightings: Iterable[Sighting]) -> Watch | None:
    """Give the sternest action of several, or None for none."""
    order = list(Watch)
    return max((sighting.entry.action for sighting in sightings), key=order.index, default=None)


def censor(text: str, sightings: Sequence[Sighting]) -> str:
    """Make the words that are to be censored unreadable, code point for code point, so that nothing else moves."""
    letters = list(text)
    for sighting in sightings:
        if sighting.entry.action is Watch.CENSOR:
            for place in range(sighting.start, sighting.end):
                if not letters[place].isspace():
                    letters[place] = _MASK
    return "".join(letters)
