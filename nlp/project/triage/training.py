"""Learns the triage model: one softmax regression for each task, in closed form but for a convex descent.

Weights lie in the span of the examples, so everything is done on their products (one row and column an example), which
takes seconds. Convex, without chance: the same examples give the same model. Must not know where examples come from.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.vocab import Vocab

from nlp.project.triage.corpus import Example
from nlp.triage_features import CONCEPT, LETTERS, PAIR, SIGN, WORD, Reading, read
from nlp.triage_pipeline import EvidenceTokenizer

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is learned; chosen on the training and dev writers, each judged by models that never met them.

    Attributes:
        groups: how much each group of features counts.
        least: in how many examples a feature must be.
        decay: by task, weight of the squared weights.
        steps: of the descent.
        folds: into how many parts writers are dealt for calibrating.
        goals: by task, share of answers that shall be right where the model does not abstain.
    """

    groups: Mapping[str, float] = field(
        default_factory=lambda: {WORD: 1.0, PAIR: 0.5, LETTERS: 1.0, CONCEPT: 1.0, SIGN: 0.2}
    )
    least: int = 2
    decay: Mapping[str, float] = field(
        default_factory=lambda: {"kind": 6e-4, "area": 6e-4, "sentiment": 3e-4, "urgency": 3e-4}
    )
    steps: int = 400
    folds: int = 8
    goals: Mapping[str, float] = field(
        default_factory=lambda: {"kind": 0.85, "area": 0.85, "sentiment": 0.9, "urgency": 0.85}
    )


@dataclass(frozen=True, slots=True)
class Learned:
    """A task's parameters, and where to abstain.

    Attributes:
        labels: sorted.
        weights: (features, labels).
        bias: (labels,).
        threshold: least confidence for an answer.
        figures: what calibrating saw.
    """

    labels: list[str]
    weights: Matrix
    bias: Matrix
    threshold: float
    figures: dict[str, float]


class Lesson:
    """Examples as a matrix, and their products."""

    def __init__(self, examples: Sequence[Example], recipe: Recipe) -> None:
        self.examples = examples
        self.recipe = recipe
        readings = [read(example.text) for example in examples]
        self.features = features_of(readings, recipe.least)
        tokenizer = EvidenceTokenizer(Vocab())
        tokenizer.learn(self.features, recipe.groups)
        self.matrix: Matrix = np.zeros((len(examples), len(self.features)))
        for row, reading in enumerate(readings):
            evidence = tokenizer.evidence(reading)
            self.matrix[row, evidence.rows] = evidence.values
        # One more feature that all have stands for the bias; its weight decays as the others do.
        self.products: Matrix = self.matrix @ self.matrix.T + 1.0

    def learn(self, task: str) -> Learned:
        """Learn a task from the examples that have a label for it.

        Raises:
            ValueError: fewer than two labels.
        """
        rows = np.array([row for row, example in enumerate(self.examples) if task in example.labels], dtype=np.int64)
        given = [self.examples[row].labels[task] for row in rows]
        labels = sorted(set(given))
        if len(labels) < 2:
            raise ValueError(f"fewer than two labels for {task}")
        truth: Matrix = np.array([[label == own for label in labels] for own in given], dtype=np.float64)
        products = self.products[np.ix_(rows, rows)]
        decay = self.recipe.decay[task]
        unmet = self._unmet(products, truth, [self.examples[row].writer for row in rows], decay)
        sharpness = sharpen(unmet, truth)
        threshold, figures = threshold_for(softmax(unmet * sharpness), truth, self.recipe.goals[task])
        parts = descend(products, truth, decay, self.recipe.steps) * sharpness
        weights = self.matrix[rows].T @ parts
        return Learned(labels, weights, parts.sum(axis=0), threshold, {**figures, "sharpness": sharpness})

    def _unmet(self, products: Matrix, truth: Matrix, writers: Sequence[str], decay: float) -> Matrix:
        """Scores of every example by a model that met no example of its writer."""
        names = sorted(set(writers))
        place = {name: number % self.recipe.folds for number, name in enumerate(names)}
        fold = np.array([place[writer] for writer in writers])
        scores = np.zeros(truth.shape)
        for number in sorted(set(place.values())):
            met, aside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            if len(met):
                parts = descend(products[np.ix_(met, met)], truth[met], decay, self.recipe.steps)
                scores[aside] = products[np.ix_(aside, met)] @ parts
        return scores


def features_of(readings: Sequence[Reading], least: int) -> list[str]:
    """Give the features that enough examples have, sorted."""
    counts = Counter(name for reading in readings for name in reading.features)
    return sorted(name for name, count in counts.items() if count >= least)


def descend(products: Matrix, truth: Matrix, decay: float, steps: int) -> Matrix:
    """Minimise mean cross entropy plus decay / 2 times the squared weights, by Nesterov's accelerated descent.

    Returns:
        How much of each example goes into each label's weights; (examples, labels).
    """
    size = len(products)
    vector = np.full(size, size**-0.5)
    largest = 1.0
    for _ in range(20):
        vector = products @ vector
        largest = float(np.linalg.norm(vector))
        vector /= largest
    # The softmax bends by a half at most; a little more, for the power method comes from below.
    bend = 1.05 * largest / (2 * size) + decay
    parts = np.zeros(truth.shape)
    ahead, pace = parts, 1.0
    for _ in range(steps):
        slope = (softmax(products @ ahead) - truth) / size + decay * ahead
        new = ahead - slope / bend
        faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead = new + (pace - 1) / faster * (new - parts)
        parts, pace = new, faster
    return parts


def softmax(scores: Matrix) -> Matrix:
    """Turn rows of scores into rows of chances."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def sharpen(scores: Matrix, truth: Matrix) -> float:
    """Find by what to multiply scores (one over the temperature) so that the truth becomes likeliest; .2 to 5."""
    tried = np.geomspace(0.2, 5.0, 161)
    losses = [-np.log(np.maximum((softmax(scores * by) * truth).sum(axis=1), 1e-12)).mean() for by in tried]
    return float(tried[int(np.argmin(losses))])


def threshold_for(chances: Matrix, truth: Matrix, goal: float) -> tuple[float, dict[str, float]]:
    """Find the least confidence from which on answers are right as often as they shall be.

    Returns:
        The threshold, in whole hundredths, and the share answered and right there.
    """
    confidence = chances.max(axis=1)
    right = chances.argmax(axis=1) == truth.argmax(axis=1)
    for hundredth in range(0, 100):
        covered = confidence >= hundredth / 100
        if not covered.any():
            break
        if right[covered].mean() >= goal:
            return hundredth / 100, {"coverage": float(covered.mean()), "right": float(right[covered].mean())}
    return 0.95, {"coverage": 0.0, "right": 0.0}


def fit_curve(strengths: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """Fit slope and offset of the logistic curve from strength to the chance of being right, by Newton's method."""
    design = np.stack([np.asarray(strengths, dtype=np.float64), np.ones(len(strengths))], axis=1)
    truth = np.asarray(right, dtype=np.float64)
    found: Matrix = np.zeros(2)
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ found))
        bend = design.T @ (design * (chance * (1 - chance))[:, None]) + 0.1 * np.eye(2)
        found = found + np.linalg.solve(bend, design.T @ (truth - chance) - 0.1 * found)
    return float(found[0]), float(found[1])


def summary(learned: Mapping[str, Learned]) -> dict[str, Any]:
    """Give what calibrating saw, for a model's description."""
    return {task: {name: round(value, 4) for name, value in result.figures.items()} for task, result in learned.items()}
