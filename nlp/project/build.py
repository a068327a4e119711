"""Builds the names pipeline that ships, from the corpora, with one command:

    python -m nlp.project.build --corpora DIR [--out nlp/model]

Deterministic on one thread: the same corpora give the same bytes. Takes under an hour on two cores. No measuring set
is read but for the scores in the finished pipeline's meta.json.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from spacy.tokens import Doc
from spacy.vocab import Vocab

from nlp.names_evidence import NamesEvidence
from nlp.names_features import FeatureExtractor, IntArray, word_key
from nlp.names_lexicon import FAMILY, GIVEN, OWN, WESTERN, WORDLISTS, Lexicon
from nlp.names_network import FloatArray, Parameters, Shape
from nlp.names_tagger import CHANCES, NamesTagger
from nlp.ner import blank_pipeline
from nlp.project.augment import Augmenter
from nlp.project.corpora import HERE, MODEL, WRITTEN, Corpora, Example, read_corpora, sha256
from nlp.project.evaluate import performance
from nlp.project.training import Recipe, Trainer, train
from nlp.project.traps import read_traps, trap_example
from nlp.project.weighing import Chances, learn_weights

CONFIG = HERE / "recipe.json"
Settings = dict[str, Any]
_VOCAB = Vocab()


def main(arguments: Sequence[str]) -> int:
    """Trains all members and writes the pipeline."""
    parser = argparse.ArgumentParser(prog="python -m nlp.project.build", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder with chat_hand, chat_synth, nergrit, ...")
    parser.add_argument("--out", type=Path, default=MODEL, help="where the pipeline is written")
    parser.add_argument("--steps", type=int, help="updates for each member, instead of the recipe's")
    parser.add_argument("--workers", type=int, default=2, help="members trained at a time")
    options = parser.parse_args(arguments)
    settings = json.loads(CONFIG.read_text("utf-8"))
    if options.steps:
        settings["training"]["steps"] = options.steps
    corpora = read_corpora(options.corpora, WRITTEN)
    vocabulary = vocabulary_of(corpora, settings["late_writers"])
    seeds = settings["seeds"]
    # BLAS reads this when it starts, so in fresh processes: one thread, hence one order of additions.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        folds = settings["folds"]
        unmet = [
            pool.submit(train_member, corpora, vocabulary, settings, 100 + n, fold) for n, fold in enumerate(folds)
        ]
        jobs = [pool.submit(train_member, corpora, vocabulary, settings, seed) for seed in seeds]
        weights = weigh(corpora, vocabulary, folds, [job.result() for job in unmet])
        members = [job.result() for job in jobs]
    save(options.out, members, vocabulary, weights, description(settings, corpora))
    record(options.out, performance(options.out, options.corpora))
    return 0


def record(out: Path, scores: Settings) -> None:
    """Writes what a saved pipeline reaches into its meta.json."""
    meta = json.loads((out / "meta.json").read_text("utf-8"))
    meta["performance"] = scores
    (out / "meta.json").write_text(json.dumps(meta, indent=2) + "\n", "utf-8")


def weigh(
    corpora: Corpora, vocabulary: IntArray, folds: Sequence[Sequence[str]], networks: Sequence[Parameters]
) -> Settings:
    """Learns the evidence's weights, on each fold's writers with the network that did not meet them."""
    lexicon = Lexicon.load()

    def chances_of(network: Parameters) -> Chances:
        tagger = NamesTagger(lexicon, [network], vocabulary)

        def chances(examples: Sequence[Example]) -> list[FloatArray]:
            docs = [Doc(_VOCAB, words=e.words, spaces=e.spaces) for e in examples]
            return [doc.user_data[CHANCES][1] for doc in tagger.pipe(docs, batch_size=32)]

        return chances

    parts = [
        ([e for writer in fold for e in corpora.chat[writer]], chances_of(network))
        for fold, network in zip(folds, networks, strict=True)
    ]
    return learn_weights(json.loads((HERE / "weights.json").read_text("utf-8")), parts, lexicon)


def vocabulary_of(corpora: Corpora, late: Collection[str]) -> IntArray:
    """Returns the hashes of the words seen twice in hand-written chat or five times in all; not the late writers'."""
    hand: Counter[str] = Counter()
    rest: Counter[str] = Counter()
    for counter, examples in (
        (hand, [e for name, writer in corpora.chat.items() if name not in late for e in writer]),
        (rest, corpora.synthetic + corpora.news),
    ):
        for example in examples:
            counter.update(word.lower()[:24] for word in example.words)
    kept = {word for word in hand.keys() | rest.keys() if hand[word] >= 2 or hand[word] + rest[word] >= 5}
    return np.array(sorted({word_key(word) for word in kept}), dtype=np.int64)


def name_pools() -> tuple[list[str], list[str]]:
    """Returns names for first places, and names for later ones, from the shipped list."""
    given: list[str] = []
    family: list[str] = []
    for line in (WORDLISTS / "names.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            word, kinds = line.split("\t")
            if len(word) > 2:
                given += [word] if int(kinds) & (GIVEN | OWN) or int(kinds) == WESTERN else []
                family += [word] if int(kinds) & (FAMILY | OWN) else []
    return given, family


def train_member(
    corpora: Corpora, vocabulary: IntArray, settings: Settings, seed: int, held_out: Sequence[str] = ()
) -> Parameters:
    """Trains one network of the ensemble, or, for the evidence's weights, one that does not meet some writers.

    The late writers join for the finishing steps, at a lower rate.
    """
    recipe = Recipe(**settings["training"])
    late = settings["late_writers"]
    draw = sampler(corpora, settings, seed, {*late, *held_out})
    extractor = FeatureExtractor(Lexicon.load(), vocabulary, settings["network"]["piece_rows"])
    shape = Shape(word_rows=len(vocabulary) + 1, **settings["network"])

    def report(step: int, loss: float) -> None:
        if step % 250 == 0:
            print(f"seed {seed} step {step} loss {loss:.4f}", file=sys.stderr, flush=True)

    if held_out:
        trainer = Trainer(shape, replace(recipe, steps=settings["fold_steps"]), extractor, seed)
        return train(trainer, draw, seed, report)
    params = train(Trainer(shape, recipe, extractor, seed), draw, seed, report)
    return finish(params, corpora, vocabulary, settings, seed)


def finish(params: Parameters, corpora: Corpora, vocabulary: IntArray, settings: Settings, seed: int) -> Parameters:
    """Goes on for the finishing steps, with the late writers among the rest."""
    recipe = replace(Recipe(**settings["training"]), **settings["finishing"])
    extractor = FeatureExtractor(Lexicon.load(), vocabulary, settings["network"]["piece_rows"])
    shape = Shape(word_rows=len(vocabulary) + 1, **settings["network"])
    draw = sampler(corpora, settings, seed + 5000, frozenset())
    return train(Trainer(shape, recipe, extractor, seed + 5000, params), draw, seed + 5000, lambda step, loss: None)


def sampler(corpora: Corpora, settings: Settings, seed: int, left_out: Collection[str]) -> Callable[[Random], Example]:
    """Returns what draws one varied example: from the corpora in the recipe's shares, or a trap."""
    given, family = name_pools()
    augmenter = Augmenter(given, family, Random(seed + 1000))
    traps = read_traps(HERE / "traps.txt")
    late = settings["late_writers"]
    chat = [e for writer, examples in corpora.chat.items() if writer not in left_out for e in examples]
    # The late writers are few and meant to be met: they count several times.
    chat += [
        e for writer in late if writer not in left_out for e in corpora.chat[writer] * (settings["late_weight"] - 1)
    ]
    groups = (chat, corpora.synthetic, corpora.news)

    def draw(rng: Random) -> Example:
        if rng.random() < settings["trap_share"]:
            return augmenter.vary(trap_example(rng.choice(traps), given, family, rng))
        return augmenter.vary(rng.choice(rng.choices(groups, settings["shares"])[0]))

    return draw


def description(settings: Settings, corpora: Corpora) -> Settings:
    """Returns what is needed to know where a model came from, for its meta.json."""
    return {
        "recipe": settings,
        "resolved": asdict(Recipe(**settings["training"])),
        "corpora_sha256": corpora.digests,
        "word_lists_sha256": sha256([WORDLISTS / "names.tsv", WORDLISTS / "words.tsv"]),
        "examples": {
            **{writer: len(examples) for writer, examples in corpora.chat.items()},
            "synthetic": len(corpora.synthetic),
            "news": len(corpora.news),
        },
    }


def save(out: Path, members: Sequence[Parameters], vocabulary: IntArray, weights: Settings, training: Settings) -> None:
    """Writes the pipeline; what only training needs is left out."""
    nlp = blank_pipeline()
    tagger = nlp.get_pipe("names_tagger")
    evidence = nlp.get_pipe("names_evidence")
    if not isinstance(tagger, NamesTagger) or not isinstance(evidence, NamesEvidence):
        raise TypeError("the pipeline has other components than expected")
    runtime = [{name: value for name, value in m.items() if not name.startswith("kind.")} for m in members]
    tagger.from_bytes(NamesTagger(Lexicon.load(), runtime, vocabulary).to_bytes())
    evidence.configure(**weights)
    nlp.meta.update(
        name="amanah_names",
        version="0.1.0",
        description="Persons' names in Indonesian, code-mixed and English chat",
        license="Apache-2.0; word frequencies CC BY-SA 4.0; see NOTICE for the corpora",
        training={**training, "parameters": sum(int(value.size) for member in runtime for value in member.values())},
    )
    nlp.to_disk(out, exclude=["vocab"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
