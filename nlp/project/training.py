"""Trains a names network: the backward pass and Adam, in NumPy. Deterministic for a seed on one thread.

Must not read files; build.py gives it the examples.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random

import numpy as np

from nlp.names_features import CHAT_STYLE, MADE_STYLE, NEWS_STYLE, FeatureExtractor, IntArray, WordFeatures, places
from nlp.names_network import (
    _EPSILON,
    FloatArray,
    Parameters,
    Shape,
    bag,
    depth_of,
    initial_parameters,
    padded_rows,
    windows,
)
from nlp.project.corpora import CHAT, IGNORED, NEWS, Example


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    Attributes:
        steps: Updates in all.
        batch_tokens: Tokens in a batch.
        rate: Adam's learning rate; it rises over the first 100 steps and falls linearly over the last.
        decay_steps: How many the last are.
        dropout: Share of a vector's numbers dropped between layers.
        word_dropout: Share of words whose own row is withheld, so that letters, lists and context must do.
        piece_dropout: Share of words whose letter groups are withheld.
        kind_weight: Weight of the side task.
        decay: Weight decay (AdamW).
        average: Decay of the moving average that becomes the result.
    """

    steps: int = 3000
    batch_tokens: int = 1600
    rate: float = 2e-3
    decay_steps: int = 600
    dropout: float = 0.25
    word_dropout: float = 0.25
    piece_dropout: float = 0.05
    kind_weight: float = 0.3
    decay: float = 0.01
    average: float = 0.998


@dataclass(slots=True)
class Batch:
    """Messages laid out for the network; equal word forms share a row of `features`."""

    features: list[WordFeatures]
    forms: IntArray
    place_rows: IntArray
    lengths: list[int]
    tags: IntArray
    kinds: IntArray


def make_batch(examples: Sequence[Example], extractor: FeatureExtractor, cache: dict[str, WordFeatures]) -> Batch:
    """Gathers examples into arrays; equal word forms share one row."""
    index: dict[str, int] = {}
    forms: list[int] = []
    features: list[WordFeatures] = []
    for example in examples:
        for word in example.words:
            row = index.setdefault(word, len(index))
            if row == len(features):
                feature = cache.get(word)
                if feature is None:
                    feature = cache[word] = extractor.word(word)
                features.append(feature)
            forms.append(row)
    return Batch(
        features,
        np.array(forms, dtype=np.int64),
        np.concatenate([_places(example) for example in examples]),
        [len(example.words) for example in examples],
        np.array(list(chain.from_iterable(example.tags for example in examples)), dtype=np.int64),
        np.array(list(chain.from_iterable(example.kinds for example in examples)), dtype=np.int64),
    )


def _places(example: Example) -> IntArray:
    rows = places(example.words, example.spaces)
    rows[:, 3] = NEWS_STYLE if example.source in NEWS else MADE_STYLE if example.source in CHAT else CHAT_STYLE
    return rows


def _scatter(out: FloatArray, rows: IntArray, values: FloatArray) -> None:
    """Adds each value to its row; rows may repeat."""
    if not len(rows):
        return
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    out[ordered[starts]] += np.add.reduceat(values[order], starts, axis=0)


_AVERAGE_EVERY = 4


class Trainer:
    """One network in training."""

    def __init__(
        self, shape: Shape, recipe: Recipe, extractor: FeatureExtractor, seed: int, start: Parameters | None = None
    ) -> None:
        self.recipe = recipe
        self._rng = np.random.default_rng(seed)
        self._extractor = extractor
        self._cache: dict[str, WordFeatures] = {}
        self.params = initial_parameters(shape, self._rng) if start is None else start
        self._depth = depth_of(self.params)
        self._first = {name: np.zeros_like(value) for name, value in self.params.items()}
        self._second = {name: np.zeros_like(value) for name, value in self.params.items()}
        self._mean = {name: value.copy() for name, value in self.params.items()}
        self._step = 0

    def averaged(self) -> Parameters:
        """Returns the moving average of the parameters."""
        return {name: value.copy() for name, value in self._mean.items()}

    def update(self, examples: Sequence[Example]) -> float:
        """Learns from one batch and returns its loss per token."""
        batch = make_batch(examples, self._extractor, self._cache)
        loss, grads = self.gradients(batch)
        self._adam(grads)
        return loss

    def _keep(self, *shape: int, drop: float) -> FloatArray:
        # One random byte a number is enough, and four times faster than a float.
        kept = self._rng.integers(0, 256, shape, dtype=np.uint8) >= round(256 * drop)
        return kept.astype(np.float32) * np.float32(1.0 / (1.0 - drop))

    def gradients(self, batch: Batch) -> tuple[float, Parameters]:
        """Returns the loss of a batch and its gradient by every parameter."""
        p, recipe = self.params, self.recipe
        grads: Parameters = {name: np.zeros_like(value) for name, value in p.items()}
        # Words: looked up once a form, with the form's own row or its letter groups now and then withheld.
        count = len(batch.features)
        rows = np.fromiter((feature.word for feature in batch.features), dtype=np.int64, count=count)
        rows[self._rng.random(count) < recipe.word_dropout] = 0
        bags = [feature.pieces for feature in batch.features]
        no_pieces = self._rng.random(count) < recipe.piece_dropout
        bags = [() if none else pieces for pieces, none in zip(bags, no_pieces, strict=True)]
        traits = np.array([feature.traits for feature in batch.features], dtype=np.int64)
        inputs = np.hstack((p["word"][rows], bag(p["piece"], bags), p["trait"][traits].sum(axis=1)))
        keep_inputs = self._keep(*inputs.shape, drop=recipe.dropout / 2)
        inputs *= keep_inputs
        vectors, mix_tape = _forward_layer(p, "mix", inputs)
        # Context.
        token_rows, total = padded_rows(batch.lengths, self._depth)
        x = np.zeros((total, vectors.shape[1]), dtype=np.float32)
        keep_tokens = self._keep(len(batch.forms), vectors.shape[1], drop=recipe.dropout)
        x[token_rows] = vectors[batch.forms] * keep_tokens + p["place"][batch.place_rows].sum(axis=1)
        tapes = []
        for layer in range(self._depth):
            y, tape = _forward_layer(p, f"conv{layer}", windows(x))
            keep = self._keep(*y.shape, drop=recipe.dropout)
            x = x + y * keep
            tapes.append((tape, keep))
        top = x[token_rows]
        loss, d_top = self._heads(top, batch, grads)
        # And back.
        dx = np.zeros_like(x)
        dx[token_rows] = d_top
        width = x.shape[1]
        for layer in reversed(range(self._depth)):
            tape, keep = tapes[layer]
            d_windows = _backward_layer(p, f"conv{layer}", dx * keep, tape, grads)
            dx[:-1] += d_windows[1:, :width]
            dx += d_windows[:, width : 2 * width]
            dx[1:] += d_windows[:-1, 2 * width :]
        d_tokens = dx[token_rows]
        for column in range(batch.place_rows.shape[1]):
            _scatter(grads["place"], batch.place_rows[:, column], d_tokens)
        d_vectors = np.zeros_like(vectors)
        _scatter(d_vectors, batch.forms, d_tokens * keep_tokens)
        d_inputs = _backward_layer(p, "mix", d_vectors, mix_tape, grads) * keep_inputs
        self._embedding_gradients(grads, d_inputs, rows, bags, traits)
        return loss, grads

    def _heads(self, top: FloatArray, batch: Batch, grads: Parameters) -> tuple[float, FloatArray]:
        d_top = np.zeros_like(top)
        loss = 0.0
        for head, gold, weight in (("tag", batch.tags, 1.0), ("kind", batch.kinds, self.recipe.kind_weight)):
            taught = np.flatnonzero(gold != IGNORED)
            if not len(taught):
                continue
            x = top[taught]
            scores = x @ self.params[f"{head}.W"] + self.params[f"{head}.b"]
            scores -= scores.max(axis=1, keepdims=True)
            chances = np.exp(scores)
            chances /= chances.sum(axis=1, keepdims=True)
            right = chances[np.arange(len(taught)), gold[taught]]
            loss += weight * float(-np.log(right + 1e-9).mean())
            d_scores = chances
            d_scores[np.arange(len(taught)), gold[taught]] -= 1.0
            d_scores *= np.float32(weight / len(taught))
            grads[f"{head}.W"] += x.T @ d_scores
            grads[f"{head}.b"] += d_scores.sum(axis=0)
            d_top[taught] += d_scores @ self.params[f"{head}.W"].T
        return loss, d_top

    def _embedding_gradients(
        self, grads: Parameters, d_inputs: FloatArray, rows: IntArray, bags: Sequence[tuple[int, ...]], traits: IntArray
    ) -> None:
        word_width = self.params["word"].shape[1]
        piece_width = self.params["piece"].shape[1]
        known = rows > 0
        _scatter(grads["word"], rows[known], d_inputs[known, :word_width])
        sizes = np.fromiter(map(len, bags), dtype=np.int64, count=len(bags))
        flat = np.fromiter(chain.from_iterable(bags), dtype=np.int64, count=int(sizes.sum()))
        shares = d_inputs[:, word_width : word_width + piece_width] / np.maximum(sizes, 1)[:, None].astype(np.float32)
        _scatter(grads["piece"], flat, np.repeat(shares, sizes, axis=0))
        for column in range(traits.shape[1]):
            _scatter(grads["trait"], traits[:, column], d_inputs[:, word_width + piece_width :])

    def _adam(self, grads: Parameters) -> None:
        self._step += 1
        left = (self.recipe.steps - self._step) / self.recipe.decay_steps
        rate = self.recipe.rate * min(1.0, self._step / 100) * max(0.02, min(1.0, left))
        norm = float(np.sqrt(sum(float(np.vdot(grad, grad)) for grad in grads.values())))
        clip = min(1.0, 1.0 / (norm + 1e-9))
        b1, b2 = 0.9, 0.99
        scale = rate * (1 - b2**self._step) ** 0.5 / (1 - b1**self._step)
        for name, grad in grads.items():
            first, second, value = self._first[name], self._second[name], self.params[name]
            # Of the large tables only the rows that the batch met are touched ("lazy" Adam).
            rows: IntArray | slice = np.flatnonzero(grad.any(axis=1)) if name in ("word", "piece") else slice(None)
            some = grad[rows] * np.float32(clip)
            first[rows] += np.float32(1 - b1) * (some - first[rows])
            second[rows] += np.float32(1 - b2) * (some * some - second[rows])
            value[rows] -= np.float32(scale) * first[rows] / (np.sqrt(second[rows]) + np.float32(1e-8))
            if name.endswith(".W"):
                value *= np.float32(1.0 - rate * self.recipe.decay)
        if self._step % _AVERAGE_EVERY == 0 or self._step == self.recipe.steps:
            keep = min(self.recipe.average**_AVERAGE_EVERY, self._step / (10 * _AVERAGE_EVERY + self._step))
            for name, value in self.params.items():
                mean = self._mean[name]
                mean += np.float32(1.0 - keep) * (value - mean)


_Tape = tuple[FloatArray, np.ndarray[tuple[int, ...], np.dtype[np.bool_]], FloatArray, FloatArray]


def _forward_layer(p: Parameters, name: str, inputs: FloatArray) -> tuple[FloatArray, _Tape]:
    """Linear, maxout of two, layer norm; and what the way back needs."""
    both = inputs @ p[f"{name}.W"] + p[f"{name}.b"]
    half = both.shape[1] // 2
    left = both[:, :half] >= both[:, half:]
    y = np.maximum(both[:, :half], both[:, half:])
    share = np.full((half, 1), 1.0 / half, dtype=y.dtype)
    normal = y - y @ share
    scale = 1.0 / np.sqrt((normal * normal) @ share + y.dtype.type(_EPSILON))
    normal *= scale
    return normal * p[f"{name}.gain"] + p[f"{name}.shift"], (inputs, left, normal, scale)


def _backward_layer(p: Parameters, name: str, d_out: FloatArray, tape: _Tape, grads: Parameters) -> FloatArray:
    inputs, left, normal, scale = tape
    grads[f"{name}.gain"] += (d_out * normal).sum(axis=0)
    grads[f"{name}.shift"] += d_out.sum(axis=0)
    d_normal = d_out * p[f"{name}.gain"]
    half = d_normal.shape[1]
    share = np.full((half, 1), 1.0 / half, dtype=d_normal.dtype)
    d_y = d_normal - d_normal @ share
    d_y -= normal * ((d_normal * normal) @ share)
    d_y *= scale
    d_both = np.empty((len(d_y), 2 * half), dtype=d_y.dtype)
    np.multiply(d_y, left, out=d_both[:, :half])
    np.subtract(d_y, d_both[:, :half], out=d_both[:, half:])
    grads[f"{name}.W"] += inputs.T @ d_both
    grads[f"{name}.b"] += d_both.sum(axis=0)
    return d_both @ p[f"{name}.W"].T


def train(
    trainer: Trainer, draw: Callable[[Random], Example], seed: int, report: Callable[[int, float], None]
) -> Parameters:
    """Runs all steps on examples drawn one by one and returns the averaged parameters."""
    rng = Random(seed)
    running = 0.0
    for step in range(1, trainer.recipe.steps + 1):
        examples: list[Example] = []
        tokens = 0
        while tokens < trainer.recipe.batch_tokens:
            example = draw(rng)
            if example.words:
                examples.append(example)
                tokens += len(example.words)
        loss = trainer.update(examples)
        running = loss if step == 1 else 0.98 * running + 0.02 * loss
        report(step, running)
    return trainer.averaged()
