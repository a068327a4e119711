"""Registers the parts of the triage pipeline and puts an untrained one together.

A tokenizer that finds the evidence in a text, then one spaCy `textcat` for each task over a linear layer that reads
it. Importing this module is enough for `spacy.load("nlp/model/triage")`. Must not train nor read examples.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import spacy
from numpy.typing import NDArray
from spacy.language import Language
from spacy.pipeline.textcat import TextCategorizer
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import Model

from nlp.triage_features import Reading, read

FloatArray = NDArray[np.float32]
Linear: TypeAlias = Model[Sequence[Doc], FloatArray]
EVIDENCE: Final = "triage"
TASKS: Final = ("kind", "area", "sentiment", "urgency")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What of a text the model knows.

    Attributes:
        reading: the text's words and features.
        names: features that the model knows.
        rows: for each its row in the model's weights.
        values: for each how much it counts; float32.
    """

    reading: Reading
    names: Sequence[str]
    rows: NDArray[np.int64]
    values: FloatArray


class EvidenceTokenizer:
    """Makes Docs that carry their evidence."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab
        self._rows: dict[str, int] = {}
        self._weights: dict[str, float] = {}

    @property
    def known(self) -> int:
        """How many features the model knows."""
        return len(self._rows)

    def learn(self, features: Iterable[str], weights: Mapping[str, float]) -> None:
        """Take the features in the order of their rows, and how much each group of features counts."""
        self._rows = {name: row for row, name in enumerate(features)}
        self._weights = dict(weights)

    def evidence(self, reading: Reading) -> Evidence:
        """Weigh what was read: each group of features has a length of its weight, known or not."""
        sizes: dict[str, int] = {}
        for name in reading.features:
            sizes[name[0]] = sizes.get(name[0], 0) + 1
        scale = {group: self._weights.get(group, 0.0) / size**0.5 for group, size in sizes.items()}
        names = [name for name in reading.features if name in self._rows]
        rows = np.fromiter((self._rows[name] for name in names), dtype=np.int64, count=len(names))
        values = np.fromiter((scale[name[0]] for name in names), dtype=np.float32, count=len(names))
        return Evidence(reading, names, rows, values)

    def __call__(self, text: str) -> Doc:
        """Make a Doc whose text is exactly `text`: words, and what lies between them."""
        reading = read(text)
        pieces: list[str] = []
        position = 0
        for word in reading.words:
            pieces += [text[position : word.start], text[word.start : word.end]]
            position = word.end
        pieces.append(text[position:])
        pieces = [piece for piece in pieces if piece]
        doc = Doc(self.vocab, words=pieces, spaces=[False] * len(pieces))
        doc.user_data[EVIDENCE] = self.evidence(reading)
        return doc

    def to_bytes(self, **kwargs: Any) -> bytes:
        """Pack features and weights as JSON."""
        content = {"weights": self._weights, "features": list(self._rows)}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()

    def from_bytes(self, data: bytes, **kwargs: Any) -> "EvidenceTokenizer":
        """Unpack what `to_bytes` packed."""
        content = json.loads(data)
        self.learn(content["features"], content["weights"])
        return self

    def to_disk(self, path: str | Path, **kwargs: Any) -> None:
        """Write one file."""
        Path(path).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, **kwargs: Any) -> "EvidenceTokenizer":
        """Read one file."""
        return self.from_bytes(Path(path).read_bytes())


def evidence_of(doc: Doc) -> Evidence:
    """Give the evidence that the tokenizer left in a Doc."""
    found: Evidence = doc.user_data[EVIDENCE]
    return found


def probabilities(evidence: Evidence, weights: FloatArray, bias: FloatArray) -> FloatArray:
    """Weigh evidence: softmax of a linear layer; weights of shape (features, labels)."""
    scores = evidence.values @ weights[evidence.rows].astype(np.float32) + bias
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum(), dtype=np.float32)


@registry.tokenizers("amanah.EvidenceTokenizer.v1")  # type: ignore[untyped-decorator]  # spaCy's registry
def create_evidence_tokenizer() -> Callable[[Language], EvidenceTokenizer]:
    """Make the tokenizer for a pipeline's vocabulary."""

    def make(nlp: Language) -> EvidenceTokenizer:
        return EvidenceTokenizer(nlp.vocab)

    return make


@registry.architectures("amanah.EvidenceLinear.v1")  # type: ignore[untyped-decorator]  # spaCy's registry
def create_evidence_linear() -> Linear:
    """Make the linear layer of one task. Its parameters come from `nlp.project.triage.training`, or from disk."""
    return Model(
        "evidence_linear", _forward, params={"W": None, "b": None}, dims={"nO": None}, attrs={"multi_label": False}
    )


def _param(array: NDArray[np.floating[Any]]) -> Any:
    """What thinc takes as a parameter: its names for arrays and numpy's do not know each other."""
    return array


def _forward(
    model: Linear, docs: Sequence[Doc], is_train: bool
) -> tuple[FloatArray, Callable[[FloatArray], list[Any]]]:
    weights: FloatArray = np.asarray(model.get_param("W"))
    bias: FloatArray = np.asarray(model.get_param("b"))
    found = [evidence_of(doc) for doc in docs]

    def backprop(gradient: FloatArray) -> list[Any]:
        """Of cross entropy before the softmax, which is what `textcat` passes: probabilities less truths."""
        slope = np.zeros(weights.shape, dtype=np.float32)
        for evidence, row in zip(found, gradient, strict=True):
            slope[evidence.rows] += np.outer(evidence.values, row)
        model.inc_grad("W", _param(slope))
        model.inc_grad("b", _param(gradient.sum(axis=0)))
        return []

    return np.stack([probabilities(evidence, weights, bias) for evidence in found]), backprop


def blank_triage() -> Language:
    """Return the pipeline with untrained components."""
    nlp = spacy.blank("xx", config={"nlp": {"tokenizer": {"@tokenizers": "amanah.EvidenceTokenizer.v1"}}})
    for task in TASKS:
        nlp.add_pipe("textcat", name=task, config={"model": {"@architectures": "amanah.EvidenceLinear.v1"}})
    return nlp


def evidence_tokenizer(nlp: Language) -> EvidenceTokenizer:
    """Give the pipeline's tokenizer.

    Raises:
        TypeError: the pipeline is another one's.
    """
    tokenizer = nlp.tokenizer
    if not isinstance(tokenizer, EvidenceTokenizer):
        raise TypeError("not a pipeline for triage")
    return tokenizer


def pipe_of(nlp: Language, task: str) -> TextCategorizer:
    """Give the component of one task.

    Raises:
        TypeError: the pipeline is another one's.
    """
    pipe = nlp.get_pipe(task)
    if not isinstance(pipe, TextCategorizer):
        raise TypeError("not a pipeline for triage")
    return pipe


def fill(
    nlp: Language, task: str, labels: Sequence[str], weights: NDArray[np.floating[Any]], bias: NDArray[np.floating[Any]]
) -> None:
    """Give a task its labels and what was learned; weights of shape (features, labels), kept with 16 bits."""
    pipe = pipe_of(nlp, task)
    for label in labels:
        pipe.add_label(label)
    pipe.model.set_dim("nO", len(labels))
    pipe.model.set_param("W", _param(weights.astype(np.float16)))
    pipe.model.set_param("b", _param(bias.astype(np.float32)))
