"""Builds the triage model that ships, with one command; or one of a shop's own, with what its staff corrected:

    python -m nlp.project.triage.build [--out nlp/model/triage]
    python -m nlp.project.triage.build --corrections FILE.jsonl [...] --out FOLDER

Learns from train/ and dev/ (and the corrections), calibrates on writers that the model in question did not meet, and
never reads test/ but for the scores in the finished model's meta.json. Deterministic on one thread.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from spacy.language import Language

from nlp.project.triage.corpus import HERE, PARTS, Example, distinct, read_corrections, read_part
from nlp.project.triage.evaluate import performance, same_topic
from nlp.project.triage.training import Lesson, Recipe, fit_curve, summary
from nlp.triage import MODEL, Triage
from nlp.triage_pipeline import TASKS, blank_triage, evidence_tokenizer, fill

TOPIC_GOAL: Final = 0.75


def main(arguments: Sequence[str]) -> int:
    """Learn, save, measure."""
    parser = argparse.ArgumentParser(prog="python -m nlp.project.triage.build", description=__doc__)
    parser.add_argument("--out", type=Path, default=MODEL, help="where the model is written")
    parser.add_argument("--corrections", type=Path, nargs="+", default=[], help="redacted texts with staff's labels")
    options = parser.parse_args(arguments)
    corrections = [example for path in options.corrections for example in read_corrections(path)]
    if corrections and options.out == MODEL:
        parser.error("a model with corrections needs a folder of its own (--out)")
    build(corrections, options.out)
    scores = performance(Triage.load(options.out), read_part("test"))
    record(options.out, {"performance": scores})
    print(json.dumps(scores, indent=2))
    return 0


def build(corrections: Sequence[Example], out: Path) -> None:
    """Write a model that learned from the written examples and from corrections."""
    recipe = Recipe()
    dev = read_part("dev")
    examples = distinct([*read_part("train"), *dev, *corrections])
    lesson = Lesson(examples, recipe)
    learned = {task: lesson.learn(task) for task in TASKS}
    nlp = blank_triage()
    evidence_tokenizer(nlp).learn(lesson.features, recipe.groups)
    for task, result in learned.items():
        fill(nlp, task, result.labels, result.weights, result.bias)
    thresholds = {task: result.threshold for task, result in learned.items()}
    nlp.meta.update(
        name="amanah_triage",
        version="0.1.0",
        description="Kind, product area, topic, sentiment and urgency of redacted feedback in Indonesian and English",
        license="Apache-2.0",
        triage={"thresholds": thresholds, "topic_curve": (1.0, 0.0)},
        training={
            "recipe": asdict(recipe),
            "data_sha256": {part: digest(part) for part in PARTS},
            "examples": len(examples),
            "corrections": len(corrections),
            "features": len(lesson.features),
            "calibration": summary(learned),
        },
    )
    curve, threshold = topic_curve(nlp, dev)
    nlp.meta["triage"] = {"thresholds": {**thresholds, "topic": threshold}, "topic_curve": curve}
    nlp.to_disk(out, exclude=["vocab"])


def topic_curve(nlp: Language, dev: Sequence[Example]) -> tuple[tuple[float, float], float]:
    """Fit the confidence of topics, and where to abstain, on the dev writers, whose topics are marked."""
    triage = Triage(nlp)
    found = [(*triage.topic_strength(example.text), example.topic) for example in dev if example.topic]
    strengths = [strength for _, strength, _ in found]
    right = [same_topic(phrase, topic) for phrase, _, topic in found]
    curve = fit_curve(strengths, right)
    ranked = sorted(zip(strengths, right, strict=True), reverse=True)
    for kept in range(len(ranked), 0, -1):
        if sum(hit for _, hit in ranked[:kept]) >= TOPIC_GOAL * kept:
            return curve, round(_logistic(curve, ranked[kept - 1][0]), 2)
    return curve, 1.0


def _logistic(curve: tuple[float, float], strength: float) -> float:
    return float(1 / (1 + 2.718281828459045 ** -(curve[0] * strength + curve[1])))


def digest(part: str) -> str:
    """SHA-256 over the files of a part, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted((HERE / part).glob("*.txt")):
        total.update(path.read_bytes())
    return total.hexdigest()


def record(out: Path, more: dict[str, Any]) -> None:
    """Add something to a saved model's meta.json."""
    path = out / "meta.json"
    meta = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**meta, **more}, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
