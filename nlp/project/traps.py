"""Makes training messages in which a name stands for a shop, a street, a pet or a work and not for a person.

They teach the network to weigh the context against the lists of names. Deterministic for a given generator. Must not be
used to measure.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from random import Random

from nlp.names_network import BEGIN, INSIDE, OUTSIDE
from nlp.names_tokens import split_words
from nlp.project.corpora import IGNORED, Example

SOURCE = "traps"
_SLOT = re.compile(r"\{([NPF])\}")


def read_traps(path: Path) -> list[str]:
    """Reads the sentences with their slots."""
    return [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def trap_example(sentence: str, given: Sequence[str], family: Sequence[str], rng: Random) -> Example:
    """Fills a sentence's slots; names are capitalised or not as the sentence is."""
    small = sentence.islower() or sentence[0].islower() or rng.random() < 0.2
    capital = not small or rng.random() < 0.35
    words: list[str] = []
    spaces: list[bool] = []
    tags: list[int] = []
    person = False
    at = 0
    for slot in _SLOT.finditer(sentence):
        _append(sentence[at : slot.start()], OUTSIDE, words, spaces, tags)
        at = slot.end()
        name = rng.choice(family if slot[1] == "F" else given)
        if slot[1] == "P" and rng.random() < 0.3:
            name += " " + rng.choice(family)
        # A later part belongs to whatever its first part is.
        person = slot[1] == "P" or (slot[1] == "F" and person)
        tag = OUTSIDE if not person else INSIDE if slot[1] == "F" else BEGIN
        _append(name.title() if capital else name, tag, words, spaces, tags)
    _append(sentence[at:], OUTSIDE, words, spaces, tags)
    return Example(words, spaces, tags, [IGNORED] * len(words), SOURCE)


def _append(text: str, tag: int, words: list[str], spaces: list[bool], tags: list[int]) -> None:
    if text.startswith(" ") and words:
        spaces[-1] = True
        text = text[1:]
    more, gaps = split_words(text)
    words += more
    spaces += gaps
    tags += [INSIDE if tag == BEGIN and order else tag for order in range(len(more))]
