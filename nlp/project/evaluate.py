"""Measures the redactor, or the names pipeline alone, on messages in the development set's format:

    python -m nlp.project.evaluate GOLD.jsonl [--names] [--model DIR] [--misses N]
    python -m nlp.project.evaluate --written c            (a writer of chat_written/ that was not trained on)
    python -m nlp.project.evaluate --news FILE.jsonl ...  (F1 of PERSON on a corpus' test split)

Only letters and digits count. A gold span is hidden strictly if none of its characters survives, leniently if at most
a fifth do, whatever label it was given. Precision: hidden gold characters among hidden ones outside don't-care. False
alarm: a message without identifiers of which anything was hidden. F2 is of character precision and strict recall.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spacy

from nlp.labels import LABELS
from nlp.ner import SPANS
from nlp.project.chat_written.build import compile_file
from nlp.project.corpora import HELD_OUT, MODEL, NEWS, WRITTEN, read_jsonl
from nlp.redactor import Redactor

Record = dict[str, Any]
Found = list[tuple[int, int, str]]
Finder = Callable[[Sequence[str]], list[Found]]
_PERSON = "PERSON"


@dataclass(frozen=True, slots=True)
class Hidden:
    """What became of one gold span: `kept` of its `size` characters survive; `named` is the label it got."""

    label: str
    size: int
    kept: int
    named: str | None
    lower: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message; counts are of letters and digits."""

    record: Record
    spans: list[Hidden]
    hidden_gold: int
    hidden_other: int
    other: int
    negative: bool


def measure(records: Sequence[Record], found: Sequence[Found], only: str | None = None) -> list[Outcome]:
    """Compares findings with gold. With `only`, other gold labels are don't-care."""
    return [_outcome(record, spans, only) for record, spans in zip(records, found, strict=True)]


def _outcome(record: Record, found: Found, only: str | None) -> Outcome:
    text: str = record["text"]
    labels: list[str | None] = [None] * len(text)
    for first, last, label in found:
        for i in range(first, min(last, len(text))):
            labels[i] = label if labels[i] is None else labels[i]
    gold = [span for span in record["spans"] if only in (None, span["label"])]
    spared = [(a, b) for a, b in record.get("dontcare", [])]
    spared += [(span["start"], span["end"]) for span in record["spans"] if span not in gold]
    state = ["other" if char.isalnum() else "sign" for char in text]
    for first, last in spared:
        state[first:last] = ["spared"] * (last - first)
    spans: list[Hidden] = []
    for span in gold:
        at = [i for i in range(span["start"], span["end"]) if text[i].isalnum()]
        for i in range(span["start"], span["end"]):
            state[i] = "gold" if text[i].isalnum() else "sign"
        given = [guess for i in at if (guess := labels[i])]
        named = max(given, key=given.count) if given else None
        lower = text[span["start"] : span["end"]].islower()
        spans.append(Hidden(span["label"], len(at), sum(labels[i] is None for i in at), named, lower))

    def hidden(kind: str) -> int:
        return sum(s == kind and label is not None for s, label in zip(state, labels, strict=True))

    return Outcome(record, spans, hidden("gold"), hidden("other"), state.count("other"), not record["spans"])


def table(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Returns the figures over a set of messages."""
    spans = [span for outcome in outcomes for span in outcome.spans]
    negatives = [outcome for outcome in outcomes if outcome.negative]
    right = sum(outcome.hidden_gold for outcome in outcomes)
    wrong = sum(outcome.hidden_other for outcome in outcomes)
    strict = _share(span.kept == 0 for span in spans)
    precision = right / (right + wrong) if right + wrong else 0.0
    typed = [span for span in spans if span.kept == 0 and span.named]
    return {
        "messages": len(outcomes),
        "spans": len(spans),
        "strict": strict,
        "lenient": _share(span.kept <= 0.2 * span.size for span in spans),
        "precision": precision,
        "false_alarm": _share(outcome.hidden_other > 0 for outcome in negatives),
        "f2": 5 * precision * strict / (4 * precision + strict) if precision + strict else 0.0,
        "utility": 1 - wrong / max(1, sum(outcome.other for outcome in outcomes)),
        "type_accuracy": _share(span.label == span.named for span in typed),
    }


def _share(values: Iterable[bool]) -> float:
    counted = list(values)
    return sum(counted) / len(counted) if counted else 0.0


def report(outcomes: Sequence[Outcome]) -> str:
    """Lays the figures out: overall, by label, by slice."""
    columns = ("messages", "spans", "strict", "lenient", "precision", "false_alarm", "f2", "utility", "type_accuracy")
    lines = [f"{'':16}" + "".join(f"{column:>14}" for column in columns)]

    def row(name: str, part: Sequence[Outcome]) -> None:
        figures = table(part)
        cells = (f"{figures[c]:14.0f}" if c in columns[:2] else f"{figures[c]:14.3f}" for c in columns)
        lines.append(f"{name:16}" + "".join(cells))

    row("all", outcomes)
    for key in ("lang", "surface", "adv"):
        for value in sorted({str(outcome.record.get(key)) for outcome in outcomes}):
            row(f"{key}={value}", [o for o in outcomes if str(o.record.get(key)) == value])
    lines.append(f"\n{'label':16}{'spans':>14}{'strict':>14}{'lenient':>14}")
    spans = [span for outcome in outcomes for span in outcome.spans]
    groups = {str(label): [s for s in spans if s.label == label] for label in LABELS}
    groups["PERSON, lower"] = [s for s in spans if s.label == _PERSON and s.lower]
    for name, group in groups.items():
        if group:
            strict, lenient = _share(s.kept == 0 for s in group), _share(s.kept <= 0.2 * s.size for s in group)
            lines.append(f"{name:16}{len(group):14}{strict:14.3f}{lenient:14.3f}")
    return "\n".join(lines)


def redactor_finder(model: Path) -> Finder:
    """Finds with the whole redactor."""
    redactor = Redactor.load(model)
    return lambda texts: [[(s.start, s.end, str(s.label)) for s in spans] for spans in redactor.find(texts)]


def names_finder(model: Path) -> Finder:
    """Finds with the names pipeline alone."""
    nlp = spacy.load(model)

    def find(texts: Sequence[str]) -> list[Found]:
        docs = nlp.pipe(texts, batch_size=32)
        return [[(span.start_char, span.end_char, _PERSON) for span in doc.spans[SPANS]] for doc in docs]

    return find


def news_f1(path: Path, find: Finder) -> tuple[float, float, float]:
    """Returns precision, recall and F1 of PERSON, exact spans, on `[start, end, label]` sentences."""
    records = read_jsonl(path)
    gold = {(i, a, b) for i, r in enumerate(records) for a, b, label in r["spans"] if label == _PERSON}
    found = find([record["text"] for record in records])
    named = {(i, a, b) for i, spans in enumerate(found) for a, b, label in spans if label == _PERSON}
    right = len(gold & named)
    precision, recall = right / max(1, len(named)), right / max(1, len(gold))
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


def written(writer: str) -> list[Record]:
    """Reads all messages of a writer of `chat_written`."""
    return [record for path in sorted((WRITTEN / writer).glob("*.txt")) for record in compile_file(path)[0]]


def performance(model: Path, corpora: Path) -> dict[str, dict[str, float]]:
    """Measures a saved pipeline alone: PERSON on the held-out writers, exact F1 on the news corpora's dev splits."""
    find = names_finder(model)
    scores: dict[str, dict[str, float]] = {}
    for writer in HELD_OUT:
        records = written(writer)
        figures = table(measure(records, find([record["text"] for record in records]), _PERSON))
        kept = ("messages", "spans", "strict", "precision", "false_alarm")
        scores[f"chat_written/{writer}"] = {name: round(figures[name], 4) for name in kept}
    for name in NEWS:
        path = corpora / name / "dev.jsonl"
        if path.exists():
            precision, recall, f1 = news_f1(path, find)
            scores[f"{name}/dev"] = {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
    return scores


def main(arguments: Sequence[str]) -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m nlp.project.evaluate")
    parser.add_argument("gold", type=Path, nargs="*", help="JSON Lines with id, text, spans, dontcare")
    parser.add_argument("--written", action="append", default=[], help="a writer of chat_written")
    parser.add_argument("--news", type=Path, action="append", default=[], help="JSON Lines of a news test split")
    parser.add_argument("--names", action="store_true", help="the names pipeline alone, PERSON only")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--misses", type=int, default=0, help="print so many ids of messages that leak, no text")
    options = parser.parse_args(arguments)
    find = names_finder(options.model) if options.names else redactor_finder(options.model)
    sets = [(str(path), read_jsonl(path)) for path in options.gold]
    for writer in options.written:
        sets.append((f"writer {writer}", written(writer)))
    for name, records in sets:
        found = find([record["text"] for record in records])
        outcomes = measure(records, found, _PERSON if options.names else None)
        print(f"== {name}\n{report(outcomes)}")
        leaking = [o.record["id"] for o in outcomes if any(span.kept for span in o.spans)]
        print(*leaking[: options.misses], sep="\n", end="\n" if options.misses else "")
    for path in options.news:
        precision, recall, f1 = news_f1(path, names_finder(options.model))
        print(f"== {path.parent.name}/{path.name}: PERSON precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
