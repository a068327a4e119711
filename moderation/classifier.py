"""A small spam classifier that learns from what moderators decide: naive Bayes over hashed words.

Pure. It keeps counts in a fixed number of places and no text; the places come from a keyed hash, so that nobody without
the key can look up a word. It says nothing before moderators have decided often enough either way, and nothing about a
text of which it knows too little.

The estimate is multinomial naive Bayes on presence with Laplace smoothing (Manning, Raghavan, Schütze, *Introduction to
Information Retrieval*, 2008, chapter 13), its log odds divided by the square root of the number of features, because
words are far from independent and long texts would otherwise always seem certain.
"""

import hashlib
import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from moderation.domains import links
from moderation.folding import plain

PLACES: Final = 8_192
_WORD: Final = re.compile(r"[^\W_]{2,30}")
_MOST_FEATURES: Final = 400
_FEWEST_KNOWN: Final = 4
_MOST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Lessons:
    """What was learnt: counts, and nothing else.

    Attributes:
        spam: texts that were spam.
        ham: texts that were not.
        spam_places: for each place, in how many spam texts it occurred.
        ham_places: the same for the others.
    """

    spam: int = 0
    ham: int = 0
    spam_places: tuple[int, ...] = (0,) * PLACES
    ham_places: tuple[int, ...] = (0,) * PLACES

    def pack(self) -> bytes:
        """Give the form in which it is stored: unsigned 32-bit numbers, big-endian."""
        return struct.pack(f">{2 + 2 * PLACES}I", self.spam, self.ham, *self.spam_places, *self.ham_places)

    @classmethod
    def unpack(cls, data: bytes) -> "Lessons":
        """Read what `pack` gave.

        Raises:
            ValueError: it is not of that form.
        """
        if len(data) != 4 * (2 + 2 * PLACES):
            raise ValueError("these are no lessons of this version")
        numbers = struct.unpack(f">{2 + 2 * PLACES}I", data)
        return cls(numbers[0], numbers[1], numbers[2 : 2 + PLACES], numbers[2 + PLACES :])


class Classifier:
    """Tells spam by what it has learnt.

    Args:
        key: of the hash; in no store.
        enough: decisions of either kind without which it says nothing.
        lessons: what was learnt before.
    """

    def __init__(self, key: bytes, enough: int, lessons: Lessons | None = None) -> None:
        self._key = key
        self._enough = enough
        self.lessons = lessons or Lessons()

    def chance(self, text: str) -> float | None:
        """Give the chance that a redacted text is spam, 0 to 1; None where nothing can be said."""
        learnt = self.lessons
        if min(learnt.spam, learnt.ham) < self._enough:
            return None
        known = [place for place in self._features(text) if learnt.spam_places[place] + learnt.ham_places[place] >= 2]
        if len(known) < _FEWEST_KNOWN:
            return None
        odds = sum(
            math.log((learnt.spam_places[place] + 1) / (learnt.spam + 2))
            - math.log((learnt.ham_places[place] + 1) / (learnt.ham + 2))
            for place in known
        )
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, odds / math.sqrt(len(known)) * 2))))

    def learn(self, text: str, *, spam: bool) -> Lessons:
        """Learn that a redacted text is spam, or is not; give all that is known then."""
        return self._change(text, spam=spam, by=1)

    def unlearn(self, text: str, *, spam: bool) -> Lessons:
        """Take back what was learnt from a text: a decision was overturned."""
        return self._change(text, spam=spam, by=-1)

    def _change(self, text: str, *, spam: bool, by: int) -> Lessons:
        before = self.lessons
        places = list(before.spam_places if spam else before.ham_places)
        for place in self._features(text):
            places[place] = _bounded(places[place] + by)
        if spam:
            self.lessons = Lessons(_bounded(before.spam + by), before.ham, tuple(places), before.ham_places)
        else:
            self.lessons = Lessons(before.spam, _bounded(before.ham + by), before.spam_places, tuple(places))
        return self.lessons

    def _features(self, text: str) -> Sequence[int]:
        """The places of a text's words, pairs of words and links, each once."""
        words = _WORD.findall(plain(text))
        traits = [f"links:{min(len(links(text)), 3)}"]
        pairs = [f"{first} {second}" for first, second in pairwise(words)]
        named = dict.fromkeys([*traits, *words, *pairs])
        return sorted({self._place(name) for name in list(named)[:_MOST_FEATURES]})

    def _place(self, name: str) -> int:
        digest = hashlib.blake2b(name.encode(), key=self._key, digest_size=4).digest()
        return int.from_bytes(digest, "big") % PLACES


def _bounded(count: int) -> int:
    return max(0, min(count, _MOST))
