"""The network's forward and backward pass, on tiny sizes."""

import numpy as np
import pytest

from nlp.names_features import FeatureExtractor, places, word_key
from nlp.names_lexicon import Entry, Lexicon
from nlp.names_network import Ensemble, Parameters, Shape, initial_parameters, word_vectors
from nlp.names_tokens import split_words
from nlp.project.corpora import IGNORED, Example
from nlp.project.training import Recipe, Trainer, make_batch, train

TEXTS = ("saya Wagimin dari Solo", "tolong cek pesanan", "a.n. SITI\nmakasih ya min")
TAGS = ([0, 1, 0, 0], [0, 0, 0], [0, 0, 0, 0, 1, 0, 0, 0, IGNORED])


def examples() -> list[Example]:
    out = []
    for text, tags in zip(TEXTS, TAGS, strict=True):
        words, spaces = split_words(text)
        out.append(Example(words, spaces, tags, [0] * len(words), "test"))
    return out


def extractor() -> FeatureExtractor:
    vocabulary = np.array(sorted(map(word_key, ("saya", "tolong", "dari", "cek"))), dtype=np.int64)
    return FeatureExtractor(Lexicon({"siti": Entry(kinds=1), "tolong": Entry(indonesian=5)}), vocabulary, 64)


def small() -> Shape:
    return Shape(width=8, depth=2, word_rows=5, word_width=6, piece_rows=64, piece_width=6, trait_width=5)


def scores(params: Parameters, texts: tuple[str, ...]) -> list[np.ndarray]:
    features = extractor()
    split = [split_words(text) for text in texts]
    vectors = word_vectors(params, [features.word(word) for words, _ in split for word in words])
    rows = np.concatenate([places(words, spaces) for words, spaces in split])
    lengths = [len(words) for words, _ in split]
    return np.split(Ensemble([params]).tag_scores(vectors[None], rows, lengths)[0], np.cumsum(lengths)[:-1])


def test_a_message_scores_the_same_alone_and_in_a_batch() -> None:
    params = initial_parameters(small(), np.random.default_rng(1))
    together = scores(params, TEXTS)
    for text, expected in zip(TEXTS, together, strict=True):
        np.testing.assert_allclose(scores(params, (text,))[0], expected, atol=1e-5)


def test_networks_side_by_side_score_as_each_alone() -> None:
    members = [initial_parameters(small(), np.random.default_rng(seed)) for seed in (1, 2, 3)]
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((3, 7, 8)).astype(np.float32)
    rows = rng.integers(0, 14, (7, 4))
    together = Ensemble(members).tag_scores(vectors, rows, [5, 1, 1])
    for member, own, expected in zip(members, vectors, together, strict=True):
        np.testing.assert_allclose(Ensemble([member]).tag_scores(own[None], rows, [5, 1, 1])[0], expected, atol=1e-5)


def test_gradients_match_finite_differences() -> None:
    recipe = Recipe(dropout=0.0, word_dropout=0.0, piece_dropout=0.0)
    trainer = Trainer(small(), recipe, extractor(), seed=3)
    trainer.params = {name: value.astype(np.float64) for name, value in trainer.params.items()}
    batch = make_batch(examples(), extractor(), {})
    _, grads = trainer.gradients(batch)
    rng = np.random.default_rng(5)
    for name, value in trainer.params.items():
        direction = rng.standard_normal(value.shape)
        if name == "word":
            direction[0] = 0.0  # the unknown word's row stays zero
        step = 1e-5
        losses = []
        for sign in (1, -1):
            trainer.params[name] = value + sign * step * direction
            losses.append(trainer.gradients(batch)[0])
        trainer.params[name] = value
        expected = (losses[0] - losses[1]) / (2 * step)
        assert float(np.vdot(grads[name], direction)) == pytest.approx(expected, rel=2e-2, abs=2e-3), name


def test_learns_a_handful_of_messages_and_repeats_itself_exactly() -> None:
    def learn() -> Parameters:
        recipe = Recipe(steps=150, batch_tokens=30, rate=0.01, dropout=0.0, word_dropout=0.0, average=0.9)
        trainer = Trainer(small(), recipe, extractor(), seed=3)
        return train(trainer, lambda rng: rng.choice(examples()), 3, lambda step, loss: None)

    params = learn()
    for found, tags in zip(scores(params, TEXTS), TAGS, strict=True):
        for row, tag in zip(found, tags, strict=True):
            assert tag in (IGNORED, int(row.argmax()))
    again = learn()
    assert all(np.array_equal(params[name], again[name]) for name in params)
