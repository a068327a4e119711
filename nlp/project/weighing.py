"""Learns the weights of the evidence from messages that the network in use had not met.

Logistic regression with a normal prior around the hand-set weights, so that a sign that hardly occurs in the corpora
keeps the weight that was given to it. Must not read files.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.names_evidence import NamesEvidence
from nlp.names_lexicon import Lexicon
from nlp.names_network import OUTSIDE, FloatArray
from nlp.names_signs import EDGE_SIGNS, SIGNS, Candidate, Message, Signs, edge_signs_of, signs_of
from nlp.project.corpora import IGNORED, Example

Matrix = NDArray[np.float64]
Sample = tuple[Signs, bool]
Chances = Callable[[Sequence[Example]], list[FloatArray]]
_PRIOR_STRENGTH = 4.0


def fit_logistic(x: Matrix, y: Matrix, mean: Matrix, strength: float = _PRIOR_STRENGTH) -> Matrix:
    """Returns the most likely weights under a normal prior, by Newton's method.

    Args:
        x: Samples, shape (n, k); a column of ones for the bias is the caller's affair.
        y: 0 or 1 for each sample.
        mean: The prior's mean, shape (k).
        strength: The prior's precision.
    """
    weights = mean.astype(np.float64).copy()
    for _ in range(25):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (p - y) + strength * (weights - mean)
        curvature = (x * (p * (1 - p))[:, None]).T @ x + strength * np.eye(x.shape[1])
        weights -= np.linalg.solve(curvature, gradient)
    return weights


def learn_weights(
    settings: Mapping[str, Any], folds: Iterable[tuple[Sequence[Example], Chances]], lexicon: Lexicon
) -> dict[str, Any]:
    """Returns the settings of `NamesEvidence` with learned weights.

    Args:
        settings: Hand-set weights, floor and threshold.
        folds: Messages, each with the chances of a network that was not trained on them.
        lexicon: The shipped word lists.
    """
    prior = dict(settings["weights"])
    evidence = NamesEvidence(lexicon, prior, settings["floor"], settings["threshold"])
    spans: list[Sample] = []
    edges: list[Sample] = []
    for examples, chances in folds:
        for example, found in zip(examples, chances(examples), strict=True):
            message = Message(example.words, (1.0 - found[:, OUTSIDE]).tolist())
            spans += span_samples(message, example, evidence, lexicon, settings["floor"])
            edges += edge_samples(message, example, lexicon, settings["floor"])
    return {
        **settings,
        "weights": {**_fit(spans, SIGNS, "bias", prior), **_fit(edges, EDGE_SIGNS, "edge_bias", prior)},
    }


def _fit(samples: Sequence[Sample], signs: Sequence[str], bias: str, prior: Mapping[str, float]) -> dict[str, float]:
    names = [*signs, bias]
    mean = np.array([prior.get(name, 0.0) for name in names])
    x = np.array([(*values, 1.0) for values, _ in samples], dtype=np.float64).reshape(len(samples), len(names))
    y = np.array([float(label) for _, label in samples])
    return {name: round(float(w), 3) for name, w in zip(names, fit_logistic(x, y, mean), strict=True)}


def span_samples(
    message: Message, example: Example, evidence: NamesEvidence, lexicon: Lexicon, floor: float
) -> Iterator[Sample]:
    """Yields signs and truth of each candidate, those of the second look included."""
    first = message.candidates(floor)
    yield from _labelled(first, message, example, lexicon)
    message.repeated = evidence.worth_repeating([c for c in first if evidence.score(c, message) >= 0.5], message)
    if message.repeated:
        yield from _labelled([c for c in message.candidates(floor) if c not in first], message, example, lexicon)


def _labelled(
    candidates: Sequence[Candidate], message: Message, example: Example, lexicon: Lexicon
) -> Iterator[Sample]:
    for candidate in candidates:
        tags = [example.tags[i] for i in range(candidate.first, candidate.last)]
        if IGNORED not in tags:
            named = sum(tag != OUTSIDE for tag in tags)
            yield signs_of(candidate, message, lexicon), 2 * named >= len(tags)


def edge_samples(message: Message, example: Example, lexicon: Lexicon, floor: float) -> Iterator[Sample]:
    """Yields signs and truth of the words around each true name's core, out to the first that is not part of it."""
    for candidate in message.candidates(floor):
        first, last = message.core(candidate)
        if any(example.tags[i] in (OUTSIDE, IGNORED) for i in range(first, last)):
            continue
        for start, step in ((first, -1), (last - 1, 1)):
            edge = start
            while (outside := message.neighbour(edge, step)) is not None and example.tags[outside] != IGNORED:
                belongs = example.tags[outside] != OUTSIDE
                yield edge_signs_of(edge, outside, message, lexicon), belongs
                if not belongs:
                    break
                edge = outside
