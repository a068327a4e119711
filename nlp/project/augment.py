"""Varies training messages the way people's typing varies: letter case, slips, missing signs, other names.

Deterministic for a given generator. Tags stay as they were, token for token.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from nlp.names_network import BEGIN, INSIDE, OUTSIDE
from nlp.project.corpora import Example

_KEYS = "qwertyuiopasdfghjklzxcvbnm"
_DIGITS = {"a": "4", "e": "3", "g": "9", "i": "1", "o": "0", "s": "5", "t": "7", "A": "4", "E": "3", "I": "1", "O": "0"}
_SIGNS = frozenset(".,;:!?-()\"'")


class Augmenter:
    """Makes variants of examples.

    Args:
        given: Lower-case given names to put in the place of others.
        family: The same for second and later parts of a name.
        rng: The source of chance.
        swap: Share of messages with names whose names are exchanged.
    """

    def __init__(self, given: Sequence[str], family: Sequence[str], rng: Random, swap: float = 0.3) -> None:
        self._given = given
        self._family = family
        self._rng = rng
        self._swap = swap

    def vary(self, example: Example) -> Example:
        """Returns a variant, or the example itself."""
        rng = self._rng
        if rng.random() < self._swap and BEGIN in example.tags:
            example = self._exchange_names(example)
        if rng.random() < 0.15:
            example = self._mistype(example)
        if rng.random() < 0.08:
            example = _without_signs(example)
        example = self._recase(example)
        return self._disguise_names(example) if rng.random() < 0.03 else example

    def _exchange_names(self, example: Example) -> Example:
        rng = self._rng
        known: dict[str, str] = {}
        words = list(example.words)
        for i, (word, tag) in enumerate(zip(example.words, example.tags, strict=True)):
            if tag not in (BEGIN, INSIDE) or len(word) < 3 or not word.isalpha():
                continue
            pool = self._given if tag == BEGIN or rng.random() < 0.4 else self._family
            new = known.setdefault(word.lower(), rng.choice(pool))
            words[i] = new.upper() if word.isupper() else new.capitalize() if word[0].isupper() else new
        return replace(example, words=words)

    def _disguise_names(self, example: Example) -> Example:
        """Spells the names letter by letter, or writes digits for some of their letters."""
        rng = self._rng
        sign = rng.choice(" .-*_") if rng.random() < 0.5 else ""

        def disguised(word: str) -> str:
            if sign:
                return sign.join(word)
            return "".join(_DIGITS.get(char, char) if rng.random() < 0.6 else char for char in word)

        words = [
            disguised(word) if tag in (BEGIN, INSIDE) and word.isalpha() and len(word) > 2 else word
            for word, tag in zip(example.words, example.tags, strict=True)
        ]
        return replace(example, words=words)

    def _mistype(self, example: Example) -> Example:
        rng = self._rng
        words = list(example.words)
        places = [i for i, word in enumerate(words) if word.isalpha() and len(word) > 3]
        for i in rng.sample(places, min(len(places), 1 + len(places) // 12)):
            word, at = words[i], rng.randrange(1, len(words[i]) - 1)
            variants = (
                word[:at] + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[: at + 1] + word[at:],
                word[:at] + rng.choice(_KEYS) + word[at + 1 :],
            )
            words[i] = rng.choice(variants)
        return replace(example, words=words)

    def _recase(self, example: Example) -> Example:
        rng = self._rng
        chance = rng.random()
        words = example.words
        if chance < 0.28:
            words = [word.lower() for word in words]
        elif chance < 0.33:
            words = [word.upper() for word in words]
        elif chance < 0.37:
            words = [word.capitalize() if word.islower() else word for word in words]
        elif chance < 0.45:
            # Names alone lose their capitals, or alone have them.
            words = [word.lower() if tag > OUTSIDE else word for word, tag in zip(words, example.tags, strict=True)]
        elif chance < 0.50:
            words = [
                word.capitalize() if tag > OUTSIDE else word.lower()
                for word, tag in zip(words, example.tags, strict=True)
            ]
        # A few letters change their length with their case; such words stay as they were.
        kept = [new if len(new) == len(old) else old for new, old in zip(words, example.words, strict=True)]
        return replace(example, words=kept)


def _without_signs(example: Example) -> Example:
    keep = [i for i, word in enumerate(example.words) if word[0] not in _SIGNS]
    if not keep:
        return example
    return Example(
        [example.words[i] for i in keep],
        [example.spaces[i] or (i + 1 < len(example.words) and i + 1 not in keep) for i in keep],
        [example.tags[i] for i in keep],
        [example.kinds[i] for i in keep],
        example.source,
    )
