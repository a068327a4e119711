"""The names network: word features -> word vectors -> residual convolutions over the message -> chances of B, I, O.

Forward pass only, in NumPy; nlp/project/training.py holds the backward pass. Must not know spaCy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from nlp.names_features import PLACES, TRAITS, IntArray, WordFeatures

FloatArray = NDArray[np.float32]
Parameters = dict[str, FloatArray]

# The tags of a token: no name, first of a name, inside a name. The second head tells what else a capital may stand for.
OUTSIDE, BEGIN, INSIDE = 0, 1, 2
TAGS = 3
OTHER_KINDS = 3
_EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a network.

    Attributes:
        width: Length of a token's vector.
        depth: Convolution layers; each sees one token to either side.
        word_rows: Rows of the word table, the unknown word's included.
        word_width: Length of a word's own vector.
        piece_rows: Rows of the table of letter groups.
        piece_width: Length of a letter group's vector.
        trait_width: Length of a trait's vector.
    """

    width: int = 96
    depth: int = 4
    word_rows: int = 1
    word_width: int = 48
    piece_rows: int = 12000
    piece_width: int = 48
    trait_width: int = 32


def initial_parameters(shape: Shape, rng: np.random.Generator) -> Parameters:
    """Draws a network's first parameters (He and Glorot scales)."""

    def normal(*size: int, scale: float) -> FloatArray:
        return (rng.standard_normal(size) * scale).astype(np.float32)

    mixed = shape.word_width + shape.piece_width + shape.trait_width
    width = shape.width
    params: Parameters = {
        "word": normal(shape.word_rows, shape.word_width, scale=0.1),
        "piece": normal(shape.piece_rows, shape.piece_width, scale=0.1),
        "trait": normal(TRAITS, shape.trait_width, scale=0.1),
        "place": normal(PLACES, width, scale=0.1),
        "mix.W": normal(mixed, 2 * width, scale=(2.0 / mixed) ** 0.5),
        "mix.b": np.zeros(2 * width, dtype=np.float32),
        "tag.W": normal(width, TAGS, scale=width**-0.5),
        "tag.b": np.zeros(TAGS, dtype=np.float32),
        "kind.W": normal(width, OTHER_KINDS, scale=width**-0.5),
        "kind.b": np.zeros(OTHER_KINDS, dtype=np.float32),
    }
    params["word"][0] = 0.0
    for layer in range(shape.depth):
        params[f"conv{layer}.W"] = normal(3 * width, 2 * width, scale=(2.0 / (3 * width)) ** 0.5)
        params[f"conv{layer}.b"] = np.zeros(2 * width, dtype=np.float32)
    for name in ("mix", *(f"conv{layer}" for layer in range(shape.depth))):
        params[f"{name}.gain"] = np.ones(width, dtype=np.float32)
        params[f"{name}.shift"] = np.zeros(width, dtype=np.float32)
    return params


def maxout(x: FloatArray) -> FloatArray:
    """Keeps the larger of two halves. Shapes: (n, 2w) -> (n, w)."""
    half = x.shape[1] // 2
    return np.maximum(x[:, :half], x[:, half:])


def layer_norm(x: FloatArray, gain: FloatArray, shift: FloatArray) -> FloatArray:
    """Normalises each row to mean 0 and variance 1, then scales and shifts it (Ba et al. 2016)."""
    width = x.shape[1]
    # Products with a row of 1/width are several times faster than mean().
    share = np.full((width, 1), 1.0 / width, dtype=x.dtype)
    centred = x - x @ share
    scale: FloatArray = ((centred * centred) @ share + np.float32(_EPSILON)) ** np.float32(-0.5)
    centred *= scale
    centred *= gain
    centred += shift
    return centred


def windows(x: FloatArray) -> FloatArray:
    """Lays each row between its neighbours; beyond the ends are zeros. Shapes: (n, w) -> (n, 3w)."""
    count, width = x.shape
    out = np.zeros((count, 3 * width), dtype=x.dtype)
    out[1:, :width] = x[:-1]
    out[:, width : 2 * width] = x
    out[:-1, 2 * width :] = x[1:]
    return out


def bag(table: FloatArray, bags: Sequence[tuple[int, ...]]) -> FloatArray:
    """Averages table rows for each bag; an empty bag gives zeros. Shapes: (rows, w), n bags -> (n, w)."""
    sizes = np.fromiter(map(len, bags), dtype=np.int64, count=len(bags))
    out = np.zeros((len(bags), table.shape[1]), dtype=np.float32)
    filled = sizes > 0
    if filled.any():
        flat = np.fromiter(chain.from_iterable(bags), dtype=np.int64, count=int(sizes.sum()))
        starts = (np.cumsum(sizes) - sizes)[filled]
        out[filled] = np.add.reduceat(table[flat], starts, axis=0) / sizes[filled, None].astype(np.float32)
    return out


def word_inputs(params: Parameters, features: Sequence[WordFeatures]) -> FloatArray:
    """Looks the parts of each word form up. Shape: (n, word + piece + trait width)."""
    rows = np.fromiter((feature.word for feature in features), dtype=np.int64, count=len(features))
    traits = np.array([feature.traits for feature in features], dtype=np.int64)
    return np.hstack(
        (
            params["word"][rows],
            bag(params["piece"], [feature.pieces for feature in features]),
            params["trait"][traits].sum(axis=1),
        )
    )


def word_vectors(params: Parameters, features: Sequence[WordFeatures]) -> FloatArray:
    """Makes the vector of each word form, without its context. Shape: (n, width)."""
    mixed = maxout(word_inputs(params, features) @ params["mix.W"] + params["mix.b"])
    return layer_norm(mixed, params["mix.gain"], params["mix.shift"])


def depth_of(params: Parameters) -> int:
    """Returns the number of convolution layers of a set of parameters."""
    return sum(name.startswith("conv") and name.endswith(".W") for name in params)


def padded_rows(lengths: Sequence[int], pad: int) -> tuple[IntArray, int]:
    """Places messages in one long column, `pad` empty rows before, between and after, so that none sees its neighbour.

    Returns:
        The row of each token, and the number of rows in all.
    """
    starts = np.cumsum([pad] + [length + pad for length in lengths])
    rows = np.concatenate([np.arange(start, start + length) for start, length in zip(starts, lengths, strict=False)])
    return rows, int(starts[-1])


@dataclass(frozen=True, slots=True)
class _Layer:
    """One convolution of all members. Shapes: (m, 3w, 2w), (m, 1, 2w), (m, 1, w), (m, 1, w)."""

    weights: FloatArray
    bias: FloatArray
    gain: FloatArray
    shift: FloatArray


class Ensemble:
    """Several networks of one shape, run side by side: one call of NumPy for all where each would need its own.

    For a single message the calls cost as much as the products do.

    Args:
        members: Their parameters; at least one.
    """

    def __init__(self, members: Sequence[Parameters]) -> None:
        def stacked(name: str) -> FloatArray:
            return np.stack([member[name] for member in members])

        self._place = stacked("place")
        self._layers = [
            _Layer(
                stacked(f"conv{layer}.W"),
                stacked(f"conv{layer}.b")[:, None],
                stacked(f"conv{layer}.gain")[:, None],
                stacked(f"conv{layer}.shift")[:, None],
            )
            for layer in range(depth_of(members[0]))
        ]
        self._tag = stacked("tag.W"), stacked("tag.b")[:, None]
        width = self._place.shape[2]
        self._share = np.full((width, 1), 1.0 / width, dtype=np.float32)

    def tag_scores(self, vectors: FloatArray, place_rows: IntArray, lengths: Sequence[int]) -> FloatArray:
        """Returns the unnormalised log chances of O, B, I of each token. Shapes: (m, n, w), (n, 4) -> (m, n, 3)."""
        depth = len(self._layers)
        rows, total = padded_rows(lengths, depth)
        x = np.zeros((len(vectors), total, vectors.shape[2]), dtype=np.float32)
        x[:, rows] = vectors + self._place[:, place_rows].sum(axis=2)
        # Of the empty rows at either end each layer needs one fewer than the one before it.
        for layer in self._layers:
            y = self._convolved(x, layer)
            y += x[:, 1:-1]
            x = y
        weights, bias = self._tag
        return x[:, rows - depth] @ weights + bias

    def _convolved(self, x: FloatArray, layer: _Layer) -> FloatArray:
        """Runs one layer without its residual. Shapes: (m, n, w) -> (m, n - 2, w)."""
        members, count, width = x.shape
        laid = np.concatenate((x[:, :-2], x[:, 1:-1], x[:, 2:]), axis=2)
        mixed = laid @ layer.weights
        mixed += layer.bias
        flat = np.maximum(mixed[..., :width], mixed[..., width:]).reshape(-1, width)
        flat -= flat @ self._share
        scale = (flat * flat) @ self._share
        scale += np.float32(_EPSILON)
        np.sqrt(scale, out=scale)
        flat /= scale
        y: FloatArray = flat.reshape(members, count - 2, width)
        y *= layer.gain
        y += layer.shift
        return y
