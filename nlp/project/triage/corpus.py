"""Reads feedback with labels: the hand-written files, and corrections of staff as JSON Lines.

A written file is one invented writer's. Each line is three signs, an area and a text: `l-3 kasir struk tidak keluar`.
First sign: `s` suggestion, `k` criticism, `l` complaint, `p` impression. Second: `-` negative, `0` neutral, `+`
positive, `x` mixed. Third: urgency, 0 low to 3 urgent. Lines with `#` speak of the writer. What a text is about stands
in square brackets where the writer is measured on it. Must not read a text that has not been redacted.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PARTS: Final = ("train", "dev", "test")
TASKS: Final = ("kind", "area", "sentiment", "urgency")
AREAS: Final = {
    "kasir": "checkout",
    "stok": "stock",
    "laporan": "reports",
    "pembayaran": "payment",
    "akun": "account",
    "aplikasi": "app",
    "integrasi": "integration",
    "klinik": "clinic",
    "layanan": "service",
    "harga": "pricing",
    "gangguan": "reliability",
    "lain": "other",
}
"""As writers name it -> key of the product area."""
KINDS: Final = {"s": "suggestion", "k": "criticism", "l": "complaint", "p": "impression"}
SENTIMENTS: Final = {"-": "negative", "0": "neutral", "+": "positive", "x": "mixed"}
URGENCIES: Final = {"0": "low", "1": "normal", "2": "high", "3": "urgent"}

_LINE: Final = re.compile(r"([sklp])([-0+x])([0-3]) (\w+) (.+)")
_MARK: Final = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it is.

    Attributes:
        writer: whose it is.
        text: redacted.
        labels: task -> value; a task that nobody judged is missing.
        topic: the words that say what it is about, where they are marked.
    """

    writer: str
    text: str
    labels: Mapping[str, str]
    topic: str | None = None


def read_part(part: str, folder: Path = HERE) -> list[Example]:
    """Read all writers of a part, `train`, `dev` or `test`.

    Raises:
        ValueError: a line that is none, told by file and number.
    """
    return [example for path in sorted((folder / part).glob("*.txt")) for example in read_written(path)]


def read_written(path: Path) -> Iterator[Example]:
    """Read one writer's file.

    Raises:
        ValueError: a line that is none, told by file and number.
    """
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.startswith("#") or not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None or match[4] not in AREAS:
            raise ValueError(f"{path.name}:{number} is no line of this form")
        kind, sentiment, urgency, area, text = match.groups()
        topic = _MARK.search(text)
        labels = {
            "kind": KINDS[kind],
            "area": AREAS[area],
            "sentiment": SENTIMENTS[sentiment],
            "urgency": URGENCIES[urgency],
        }
        yield Example(path.stem, _MARK.sub(r"\1", text), labels, topic[1] if topic else None)


def read_corrections(path: Path) -> list[Example]:
    """Read redacted texts with what staff said that they are: `{"text": ..., "kind": ..., "area": ..., ...}`.

    Any of the tasks may be missing. Texts are dealt to ten writers, so that some are kept aside for measuring.

    Raises:
        ValueError: a line that is none, told by its number and not by its content.
    """
    found: list[Example] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
            text = record["text"]
            labels = {task: record[task] for task in TASKS if record.get(task) is not None}
        except (ValueError, KeyError, TypeError, AttributeError):
            # The decoder's error holds the line.
            raise ValueError(f"line {number} is no correction") from None
        known = (("kind", KINDS), ("sentiment", SENTIMENTS), ("urgency", URGENCIES))
        strings = isinstance(text, str) and all(isinstance(value, str) for value in labels.values())
        if not strings or any(labels.get(task, "") not in ("", *names.values()) for task, names in known):
            raise ValueError(f"line {number} is no correction")
        found.append(Example(f"corrections/{number % 10}", text, labels))
    return found


def distinct(examples: Sequence[Example]) -> list[Example]:
    """Leave out texts that came before, letter case and spaces aside; the last judgement of a text counts."""
    kept: dict[str, Example] = {}
    for example in examples:
        key = " ".join(example.text.casefold().split())
        kept.pop(key, None)
        kept[key] = example
    return list(kept.values())
