"""Measures a triage model on writers that it never met, beside two simple rivals:

    python -m nlp.project.triage.evaluate [--model DIR] [--part test] [--misses N]

Macro-F1 and accuracy answer for every text, without abstaining; `coverage` and `right` are with it. Calibration error
is the expected one over ten equal bins of confidence (Guo et al. 2017). Rivals: always the commonest label of train/;
and the label whose words in `nlp.triage_words` occur most, the commonest at a tie.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nlp.project.triage.corpus import PARTS, Example, read_part
from nlp.triage import MODEL, Triage
from nlp.triage_features import concepts_in, read
from nlp.triage_pipeline import TASKS

Figures = dict[str, float]
_BINS = 10


def performance(triage: Triage, examples: Sequence[Example]) -> dict[str, Figures]:
    """Measure a model and its rivals; task -> figures, rounded to thousandths."""
    train = read_part("train")
    figures = {task: _task_figures(triage, task, examples, train) for task in TASKS}
    figures["topic"] = _topic_figures(triage, examples)
    return {task: {name: round(value, 3) for name, value in found.items()} for task, found in figures.items()}


def _task_figures(triage: Triage, task: str, examples: Sequence[Example], train: Sequence[Example]) -> Figures:
    truth = [example.labels[task] for example in examples]
    commonest = Counter(example.labels[task] for example in train).most_common(1)[0][0]
    scored = [triage.scores(example.text) for example in examples]
    guesses = [scores.labels[task][int(scores.chances[task].argmax())] for scores in scored]
    sure = [float(scores.chances[task].max()) for scores in scored]
    right = [guess == label for guess, label in zip(guesses, truth, strict=True)]
    proposed = [getattr(triage.propose(example.text), task).value for example in examples]
    given = [guess == label for guess, label in zip(proposed, truth, strict=True) if guess is not None]
    keyword = [by_keywords(example.text, task, commonest) for example in examples]
    return {
        "texts": len(examples),
        "macro_f1": macro_f1(truth, guesses),
        "accuracy": share(right),
        "calibration_error": calibration_error(sure, right),
        "coverage": len(given) / len(examples),
        "right": share(given),
        "majority_f1": macro_f1(truth, [commonest] * len(truth)),
        "majority_accuracy": share([label == commonest for label in truth]),
        "keyword_f1": macro_f1(truth, keyword),
        "keyword_accuracy": share([guess == label for guess, label in zip(keyword, truth, strict=True)]),
    }


def _topic_figures(triage: Triage, examples: Sequence[Example]) -> Figures:
    marked = [example for example in examples if example.topic]
    found = [triage.propose(example.text).topic for example in marked]
    forced = [triage.topic_strength(example.text)[0] for example in marked]
    topics = [example.topic or "" for example in marked]
    hits = [same_topic(phrase, topic) for phrase, topic in zip(forced, topics, strict=True)]
    given = [
        same_topic(guess.value, topic) for guess, topic in zip(found, topics, strict=True) if guess.value is not None
    ]
    longest = [longest_word(example.text) for example in marked]
    return {
        "texts": len(marked),
        "accuracy": share(hits),
        "calibration_error": calibration_error([guess.confidence for guess in found], hits),
        "coverage": len(given) / max(1, len(marked)),
        "right": share(given),
        "longest_word_accuracy": share([same_topic(word, topic) for word, topic in zip(longest, topics, strict=True)]),
    }


def by_keywords(text: str, task: str, commonest: str) -> str:
    """Guess by counting words of each label's list."""
    counts = {name: count for name, count in concepts_in(text).items() if name.startswith(f"{task}.")}
    if not counts:
        return commonest
    most = max(counts.values())
    leaders = sorted(name.partition(".")[2] for name, count in counts.items() if count == most)
    return commonest if commonest in leaders else leaders[0]


def longest_word(text: str) -> str:
    """Give the longest word that can be a topic."""
    words = [text[word.start : word.end] for word in read(text).words if word.content]
    return max(words, key=len, default="")


def same_topic(phrase: str, topic: str) -> bool:
    """Whether two phrases share a word, its form aside."""

    def keys(part: str) -> set[str]:
        return {key for word in read(part).words for key in word.keys}

    return not keys(phrase).isdisjoint(keys(topic))


def macro_f1(truth: Sequence[str], guesses: Sequence[str]) -> float:
    """Mean over the true labels of the harmonic mean of precision and recall."""
    found: list[float] = []
    for label in sorted(set(truth)):
        both = sum(a == b == label for a, b in zip(truth, guesses, strict=True))
        either = truth.count(label) + guesses.count(label)
        found.append(2 * both / either if either else 0.0)
    return share(found)


def calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Mean distance between confidence and the share that is right, over equal bins, by how many fall in each."""
    bins = np.minimum((np.asarray(confidence) * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for number in range(_BINS):
        inside = bins == number
        if inside.any():
            total += float(inside.mean()) * abs(
                float(np.asarray(confidence)[inside].mean()) - float(np.asarray(right)[inside].mean())
            )
    return total


def share(values: Sequence[float] | Sequence[bool]) -> float:
    """Mean, 0 of nothing."""
    return float(sum(values) / len(values)) if values else 0.0


def report(figures: dict[str, Figures]) -> str:
    """Lay figures out, one task a paragraph."""
    return "\n".join(
        f"{task:10} " + "  ".join(f"{name} {value:g}" for name, value in found.items())
        for task, found in figures.items()
    )


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m nlp.project.triage.evaluate", description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--part", choices=PARTS, default="test")
    parser.add_argument("--misses", type=int, default=0, help="print so many wrong guesses for each task")
    options = parser.parse_args(arguments)
    triage = Triage.load(options.model)
    examples = read_part(options.part)
    print(report(performance(triage, examples)))
    for task in TASKS if options.misses else ():
        wrong = [(e, g) for e in examples if (g := getattr(triage.propose(e.text), task)).value != e.labels[task]]
        for example, guess in wrong[: options.misses]:
            print(f"{task}: {example.labels[task]} -> {guess.value} {guess.confidence:.2f} {example.text}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
