"""Builds the names pipeline that ships, from the corpora, with one command:

    python -m nlp.project.build --corpora DIR [--out nlp/model]

Deterministic on one thread: the same corpora give the same bytes. Takes under an hour on two cores. Must not read any
measuring set.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np

from nlp.names_evidence import NamesEvidence
from nlp.names_features import FeatureExtractor, IntArray, word_key
from nlp.names_lexicon import WORDLISTS, Lexicon
from nlp.names_network import Parameters, Shape
from nlp.names_tagger import NamesTagger
from nlp.ner import blank_pipeline
from nlp.project.augment import Augmenter
from nlp.project.corpora import Corpora, Example, read_corpora, sha256
from nlp.project.training import Recipe, Trainer, train

HERE = Path(__file__).parent
MODEL = HERE.parent / "model"
WRITTEN = HERE / "chat_written"
CONFIG = HERE / "recipe.json"


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
    vocabulary = vocabulary_of(corpora)
    seeds = settings["seeds"]
    # BLAS reads this when it starts, so in fresh processes: one thread, hence one order of additions.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(train_member, corpora, vocabulary, settings, seed) for seed in seeds]
        members = [job.result() for job in jobs]
    save(options.out, members, vocabulary, settings, corpora)
    return 0


def vocabulary_of(corpora: Corpora) -> IntArray:
    """Returns the hashes of the words seen twice in hand-written chat or five times in all, sorted."""
    hand: Counter[str] = Counter()
    rest: Counter[str] = Counter()
    for counter, examples in (
        (hand, [e for writer in corpora.chat.values() for e in writer]),
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
                given += [word] if int(kinds) & 5 or int(kinds) == 8 else []
                family += [word] if int(kinds) & 6 else []
    return given, family


def train_member(corpora: Corpora, vocabulary: IntArray, settings: dict[str, object], seed: int) -> Parameters:
    """Trains one network of the ensemble."""
    recipe = Recipe(**settings["training"])  # type: ignore[arg-type]  # JSON object of the recipe's own fields
    shape = Shape(word_rows=len(vocabulary) + 1, **settings["network"])  # type: ignore[arg-type]  # likewise
    extractor = FeatureExtractor(Lexicon.load(), vocabulary, shape.piece_rows)
    augmenter = Augmenter(*name_pools(), Random(seed + 1000))
    groups = ([e for writer in corpora.chat.values() for e in writer], corpora.synthetic, corpora.news)
    shares = settings["shares"]

    def draw(rng: Random) -> Example:
        return augmenter.vary(rng.choice(rng.choices(groups, shares)[0]))  # type: ignore[arg-type]  # three numbers

    def report(step: int, loss: float) -> None:
        if step % 250 == 0:
            print(f"seed {seed} step {step} loss {loss:.4f}", file=sys.stderr, flush=True)

    return train(Trainer(shape, recipe, extractor, seed), draw, seed, report)


def save(
    out: Path, members: Sequence[Parameters], vocabulary: IntArray, settings: dict[str, object], corpora: Corpora
) -> None:
    """Writes the pipeline with what is needed to know where it came from."""
    nlp = blank_pipeline()
    tagger = nlp.get_pipe("names_tagger")
    evidence = nlp.get_pipe("names_evidence")
    if not isinstance(tagger, NamesTagger) or not isinstance(evidence, NamesEvidence):
        raise TypeError("the pipeline has other components than expected")
    runtime = [{name: value for name, value in m.items() if not name.startswith("kind.")} for m in members]
    filled = NamesTagger(Lexicon.load(), runtime, vocabulary)
    tagger.from_bytes(filled.to_bytes())
    evidence.configure(**json.loads((HERE / "weights.json").read_text("utf-8")))
    lists = [WORDLISTS / name for name in ("names.tsv", "words.tsv")]
    nlp.meta.update(
        name="amanah_names",
        version="0.1.0",
        description="Persons' names in Indonesian, code-mixed and English chat",
        license="Apache-2.0; word frequencies CC BY-SA 4.0; see NOTICE for the corpora",
        training={
            "recipe": settings,
            "resolved": asdict(Recipe(**settings["training"])),  # type: ignore[arg-type]  # as above
            "corpora_sha256": corpora.digests,
            "word_lists_sha256": sha256(lists),
            "examples": {
                **{writer: len(examples) for writer, examples in corpora.chat.items()},
                "synthetic": len(corpora.synthetic),
                "news": len(corpora.news),
            },
            "parameters": sum(int(value.size) for member in runtime for value in member.values()),
        },
    )
    nlp.to_disk(out, exclude=["vocab"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
