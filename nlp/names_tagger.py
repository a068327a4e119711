"""The spaCy component that asks the names network how likely each token is part of a person's name.

Writes chances, decides nothing: names_evidence.py does. Keeps no text: words are cached under keyed hashes, and the
cache is bounded.
"""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from nlp.names_features import FeatureExtractor, IntArray, places
from nlp.names_lexicon import Lexicon
from nlp.names_network import TAGS, Ensemble, FloatArray, Parameters, word_vectors
from nlp.names_tokens import take_words

CHANCES = "name_chances"
_CACHED_WORDS = 8192


class NamesTagger:
    """Averages the chances of O, B and I over an ensemble of small networks.

    Args:
        lexicon: The shipped word lists.
        members: Parameters of the networks; all of one shape.
        vocabulary: Sorted hashes of the words that have a row of their own.
    """

    def __init__(
        self, lexicon: Lexicon, members: Sequence[Parameters] = (), vocabulary: IntArray | None = None
    ) -> None:
        self._lexicon = lexicon
        self._set(members, np.zeros(0, dtype=np.int64) if vocabulary is None else vocabulary)

    def _set(self, members: Sequence[Parameters], vocabulary: IntArray) -> None:
        self._members = list(members)
        self._ensemble = Ensemble(members) if members else None
        piece_rows = len(members[0]["piece"]) if members else 1
        self._features = FeatureExtractor(self._lexicon, vocabulary, piece_rows)
        width = members[0]["mix.gain"].shape[0] if members else 0
        self._vectors = np.zeros((len(self._members), _CACHED_WORDS, width), dtype=np.float32)
        # Python's string hash is keyed anew in each process: the words can't be told from the keys.
        self._slots: dict[int, int] = {}

    @property
    def cached_words(self) -> int:
        """Number of word forms whose vectors are kept."""
        return len(self._slots)

    def __call__(self, doc: Doc) -> Doc:
        """Sets the chances of one message."""
        self.predict([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Sets the chances of many messages, a batch at a time."""
        docs = iter(stream)
        while batch := list(islice(docs, batch_size)):
            self.predict(batch)
            yield from batch

    def predict(self, docs: Sequence[Doc]) -> None:
        """Sets `doc.user_data["name_chances"]` of each message: its words, and their chances, shape (tokens, 3)."""
        taken = [take_words(doc) for doc in docs]
        for doc, (words, _), chances in zip(docs, taken, self.chances(taken), strict=True):
            doc.user_data[CHANCES] = (words, chances)

    def chances(self, messages: Sequence[tuple[list[str], list[bool]]]) -> list[FloatArray]:
        """Returns the chances of O, B and I of each token. For each message: tokens, spaces -> (tokens, 3)."""
        filled = [(words, spaces) for words, spaces in messages if words]
        if not filled:
            return [np.zeros((0, TAGS), dtype=np.float32) for _ in messages]
        place_rows = np.concatenate([places(words, spaces) for words, spaces in filled])
        chances = self._chances([words for words, _ in filled], place_rows)
        ends = list(accumulate(len(words) for words, _ in messages))
        return [chances[first:last] for first, last in zip([0, *ends], ends, strict=False)]

    def _chances(self, messages: Sequence[Sequence[str]], place_rows: IntArray) -> FloatArray:
        slots = self._slots_of(messages)
        if self._ensemble is None:
            return np.zeros((len(slots), TAGS), dtype=np.float32)
        scores = self._ensemble.tag_scores(self._vectors[:, slots], place_rows, list(map(len, messages)))
        scores -= scores.max(axis=2, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=2, keepdims=True)
        total: FloatArray = scores.sum(axis=0)
        return total / np.float32(len(scores))

    def _slots_of(self, messages: Sequence[Sequence[str]]) -> IntArray:
        """Returns the cache rows of all tokens; computes the vectors of words that are not cached."""
        forms = [form for tokens in messages for form in tokens]
        keys = list(map(hash, forms))
        known = self._slots
        new = {key: form for key, form in zip(keys, forms, strict=True) if key not in known}
        if new:
            if len(known) + len(new) > _CACHED_WORDS:
                known.clear()
                new = dict(zip(keys, forms, strict=True))
            self._grow(len(new))
            slots = np.arange(len(known), len(known) + len(new))
            features = [self._features.word(form) for form in new.values()]
            for cached, member in zip(self._vectors, self._members, strict=True):
                cached[slots] = word_vectors(member, features)
            known.update(zip(new, slots.tolist(), strict=True))
        return np.fromiter(map(known.__getitem__, keys), dtype=np.int64, count=len(keys))

    def _grow(self, count: int) -> None:
        """Makes room for a batch that alone holds more words than the cache."""
        if len(self._slots) + count > self._vectors.shape[1]:
            shape = (self._vectors.shape[0], len(self._slots) + count, self._vectors.shape[2])
            self._vectors = np.zeros(shape, dtype=np.float32)

    def to_bytes(self, **kwargs: Any) -> bytes:
        """Packs vocabulary and parameters (16-bit floats) in NumPy's format."""
        arrays: dict[str, Any] = {"vocabulary": self._features.vocabulary}
        for number, member in enumerate(self._members):
            arrays.update({f"{number}/{name}": value.astype(np.float16) for name, value in member.items()})
        packed = BytesIO()
        np.savez_compressed(packed, **arrays)
        return packed.getvalue()

    def from_bytes(self, data: bytes, **kwargs: Any) -> "NamesTagger":
        """Unpacks what `to_bytes` packed."""
        members: dict[int, Parameters] = {}
        with np.load(BytesIO(data), allow_pickle=False) as arrays:
            vocabulary = arrays["vocabulary"]
            for name in arrays.files:
                if "/" in name:
                    number, parameter = name.split("/", 1)
                    members.setdefault(int(number), {})[parameter] = arrays[name].astype(np.float32)
        self._set([members[number] for number in sorted(members)], vocabulary)
        return self

    def to_disk(self, path: str | Path, **kwargs: Any) -> None:
        """Writes `networks.npz` into a folder."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "networks.npz").write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, **kwargs: Any) -> "NamesTagger":
        """Reads `networks.npz` from a folder."""
        return self.from_bytes((Path(path) / "networks.npz").read_bytes())


@Language.factory("names_tagger", assigns=["doc.user_data"])
def create_names_tagger(nlp: Language, name: str) -> NamesTagger:
    """Makes an untrained tagger; `from_disk` fills it."""
    return NamesTagger(Lexicon.load())
