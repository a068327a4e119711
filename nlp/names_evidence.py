"""The spaCy component that decides what is a person's name: all evidence on a candidate in one weighted score.

The weights are learned on the training data (nlp/project/weighing.py) and stand in `weights.json` of the
saved pipeline. Must not change tokens nor look beyond the message and the names known to its conversation.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from operator import mul
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from nlp.names_lexicon import Lexicon
from nlp.names_network import OUTSIDE, FloatArray
from nlp.names_signs import EDGE_SIGNS, SIGNS, Candidate, Message, edge_signs_of, signs_of
from nlp.names_tagger import CHANCES

SPANS = "names"
KNOWN = "known_names"
_NEVER_REPEATED = 4
_MOST_ADDED = 3

if not Doc.has_extension(KNOWN):
    Doc.set_extension(KNOWN, default=())


class NamesEvidence:
    """Finds candidates, weighs the signs for and against each, and keeps those above the threshold.

    Args:
        lexicon: The shipped word lists.
        weights: Weight of each sign in `SIGNS` and of `bias`; logistic regression.
        floor: A token whose chance to be a name is lower is no candidate of its own.
        threshold: Least score, 0 to 1, of a name.
    """

    def __init__(
        self, lexicon: Lexicon, weights: Mapping[str, float] | None = None, floor: float = 0.15, threshold: float = 0.5
    ) -> None:
        self._lexicon = lexicon
        self.configure(weights or {}, floor, threshold)

    def configure(self, weights: Mapping[str, float], floor: float, threshold: float) -> None:
        """Takes new weights.

        Raises:
            ValueError: If a weight is for no known sign.
        """
        unknown = weights.keys() - {*SIGNS, *EDGE_SIGNS, "bias", "edge_bias"}
        if unknown:
            raise ValueError(f"no such signs: {sorted(unknown)}")
        self._weights = dict(weights)
        self._vector = [weights.get(sign, 0.0) for sign in SIGNS]
        self._bias = weights.get("bias", 0.0)
        self._edge_vector = [weights.get(sign, 0.0) for sign in EDGE_SIGNS]
        self._edge_bias = weights.get("edge_bias", -1.0)
        self._floor = floor
        self._threshold = threshold

    def __call__(self, doc: Doc) -> Doc:
        """Sets `doc.spans["names"]`."""
        given: tuple[list[str], FloatArray] = doc.user_data.pop(CHANCES)
        spans = [doc[first:last] for first, last in self.names(*given, doc._.get(KNOWN))]
        doc.spans[SPANS] = SpanGroup(doc, name=SPANS, spans=spans)
        return doc

    def names(self, words: list[str], chances: FloatArray, known_names: Sequence[str]) -> list[tuple[int, int]]:
        """Returns the names among tokens as token ranges, in order. `chances` are of O, B, I, shape (tokens, 3)."""
        known = known_tokens(known_names, self._lexicon)
        if not known and (not len(chances) or float(chances[:, OUTSIDE].min()) > 1.0 - self._floor):
            return []
        return self.decide(Message(words, (1.0 - chances[:, OUTSIDE]).tolist(), known))

    def decide(self, message: Message) -> list[tuple[int, int]]:
        """Returns the names of a message as token ranges, in order."""
        candidates = message.candidates(self._floor)
        accepted = {c for c in candidates if self.score(c, message) >= self._threshold}
        # A name seen once is looked for in the rest of the message, in any letter case.
        message.repeated = self.worth_repeating(accepted, message)
        if message.repeated:
            candidates = message.candidates(self._floor)
            accepted |= {c for c in candidates if self.score(c, message) >= self._threshold}
        return merged([self._extent(c, message) for c in accepted])

    def _extent(self, candidate: Candidate, message: Message) -> tuple[int, int]:
        """Grows a name from its core, word by word, while the signs say that the next word belongs to it."""
        first, last = message.core(candidate)
        for _ in range(_MOST_ADDED):
            before = message.neighbour(first, -1)
            if before is None or not self._belongs(first, before, message):
                break
            first = before
        for _ in range(_MOST_ADDED):
            after = message.neighbour(last - 1, 1)
            if after is None or not self._belongs(last - 1, after, message):
                break
            last = after + 1
        return first, last

    def _belongs(self, edge: int, outside: int, message: Message) -> bool:
        signs = edge_signs_of(edge, outside, message, self._lexicon)
        return self._edge_bias + sumprod(self._edge_vector, signs) > 0.0

    def score(self, candidate: Candidate, message: Message) -> float:
        """Returns the chance, 0 to 1, that a candidate is a name, all signs weighed together."""
        total = self._bias + sumprod(self._vector, signs_of(candidate, message, self._lexicon))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))

    def worth_repeating(self, accepted: Iterable[Candidate], message: Message) -> frozenset[str]:
        """Returns the words of accepted names that stand for the same name elsewhere in the message."""
        words = {message.lower[i] for c in accepted for i in range(c.first, c.last) if message.chances[i] >= 0.5}
        return frozenset(word for word in words if repeatable(word, self._lexicon))

    def to_disk(self, path: str | Path, **kwargs: Any) -> None:
        """Writes `weights.json` into a folder."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "weights.json").write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, **kwargs: Any) -> "NamesEvidence":
        """Reads `weights.json` from a folder."""
        return self.from_bytes((Path(path) / "weights.json").read_bytes())

    def to_bytes(self, **kwargs: Any) -> bytes:
        """Packs weights, floor and threshold as JSON."""
        values = {"weights": self._weights, "floor": self._floor, "threshold": self._threshold}
        return (json.dumps(values, indent=1, sort_keys=True) + "\n").encode()

    def from_bytes(self, data: bytes, **kwargs: Any) -> "NamesEvidence":
        """Unpacks what `to_bytes` packed."""
        values = json.loads(data)
        self.configure(values["weights"], values["floor"], values["threshold"])
        return self


def sumprod(weights: Iterable[float], values: Iterable[float]) -> float:
    """Returns the sum of the products; for a dozen numbers NumPy's overhead would dominate."""
    return sum(map(mul, weights, values), 0.0)


def repeatable(word: str, lexicon: Lexicon) -> bool:
    """Tells whether a word, once found to be a name, stands for that name elsewhere too: not if it is a common word."""
    entry = lexicon.entry(word)
    return len(word) > 2 and word[0].isalpha() and max(entry.indonesian, entry.english) < _NEVER_REPEATED


def known_tokens(names: Sequence[str], lexicon: Lexicon) -> frozenset[str]:
    """Returns the lower-case words of known names that are safe to look for by themselves."""
    if not names:
        return frozenset()
    words = {word for name in names for word in name.lower().replace("-", " ").replace(".", " ").split()}
    return frozenset(word for word in words if repeatable(word, lexicon))


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Joins ranges that overlap; drops empty ones."""
    out: list[tuple[int, int]] = []
    for first, last in sorted(r for r in ranges if r[0] < r[1]):
        if out and first < out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return out


@Language.factory("names_evidence", assigns=["doc.spans"], requires=["doc.user_data"])
def create_names_evidence(nlp: Language, name: str) -> NamesEvidence:
    """Makes a component without weights; `from_disk` fills it."""
    return NamesEvidence(Lexicon.load())
