"""Reads the corpora into token sequences with a tag for each token. Must not read any measuring set.

Chat messages carry 18 labels, news only PERSON, LOC and ORG. The names network learns PERSON from all of them, and LOC
and ORG as a side task where they are labelled.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.names_lexicon import HONORIFICS
from nlp.names_network import BEGIN, INSIDE, OUTSIDE
from nlp.names_tokens import split_words
from nlp.project.chat_written.build import compile_file

HERE = Path(__file__).parent
MODEL = HERE.parent / "model"
WRITTEN = HERE / "chat_written"
# A token that teaches nothing: it is hidden for another reason, or hiding it is indifferent.
IGNORED = -1
NEWS = ("nergrit", "idner2k", "nerui", "nerp")
CHAT = ("chat_synth", "chat_informal")
# Writers c and g are never trained on: they measure.
HELD_OUT = ("c", "g")
WRITERS = ("a", "b", "d", "e", "f")
_IGNORED_LABELS = frozenset(("EMAIL", "USERNAME", "SECRET"))
_KINDS = {"LOC": 1, "ORG": 2}


@dataclass(frozen=True, slots=True)
class Example:
    """One message or sentence.

    Attributes:
        words: Its tokens.
        spaces: Whether one plain space follows each.
        tags: O, B, I or IGNORED for each token.
        kinds: 0 none, 1 place, 2 organisation, or IGNORED where the corpus does not say.
        source: Corpus or writer.
    """

    words: list[str]
    spaces: list[bool]
    tags: list[int]
    kinds: list[int]
    source: str


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Reads a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def sha256(paths: Iterable[Path]) -> str:
    """Returns one digest over the named files' contents, in the given order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def chat_example(record: dict[str, Any], source: str) -> Example:
    """Makes an example from a message in the development set's format."""
    text = record["text"]
    words, spaces = split_words(text)
    starts = token_starts(words, spaces)
    tags = [OUTSIDE] * len(words)
    indifferent = [(a, b) for a, b in record["dontcare"]]
    indifferent += [(s["start"], s["end"]) for s in record["spans"] if s["label"] in _IGNORED_LABELS]
    for first, last in indifferent:
        for i in _covered(starts, words, first, last):
            tags[i] = OUTSIDE if words[i].lower() in HONORIFICS else IGNORED
    for span in record["spans"]:
        if span["label"] == "PERSON":
            _tag(tags, _covered(starts, words, span["start"], span["end"]))
    return Example(words, spaces, tags, [IGNORED] * len(words), source)


def news_example(record: dict[str, Any], source: str, kinds_known: bool) -> Example:
    """Makes an example from a sentence with `[start, end, label]` spans; titles that open a name are left out."""
    words, spaces = split_words(record["text"])
    starts = token_starts(words, spaces)
    tags = [OUTSIDE] * len(words)
    kinds = [0 if kinds_known else IGNORED] * len(words)
    for first, last, label in record["spans"]:
        covered = _covered(starts, words, first, last)
        if label == "PERSON":
            while len(covered) > 1 and (words[covered[0]].lower() in HONORIFICS or not words[covered[0]][0].isalpha()):
                covered = covered[1:]
            _tag(tags, covered)
        elif kinds_known:
            for i in covered:
                kinds[i] = _KINDS[label]
    return Example(words, spaces, tags, kinds, source)


def token_starts(words: Sequence[str], spaces: Sequence[bool]) -> list[int]:
    """Returns the offset of each token."""
    starts, at = [], 0
    for word, space in zip(words, spaces, strict=True):
        starts.append(at)
        at += len(word) + space
    return starts


def _covered(starts: Sequence[int], words: Sequence[str], first: int, last: int) -> list[int]:
    return [i for i, start in enumerate(starts) if start < last and start + len(words[i]) > first]


def _tag(tags: list[int], covered: Sequence[int]) -> None:
    for order, i in enumerate(covered):
        tags[i] = INSIDE if order else BEGIN


@dataclass(frozen=True, slots=True)
class Corpora:
    """All training text.

    Attributes:
        chat: Hand-written messages, by writer.
        synthetic: Templated and informal chat.
        news: News and encyclopaedia sentences.
        digests: SHA-256 of each file group that was read.
    """

    chat: dict[str, list[Example]]
    synthetic: list[Example]
    news: list[Example]
    digests: dict[str, str]


def read_corpora(folder: Path, written: Path) -> Corpora:
    """Reads the corpora's folder and the project's own hand-written messages.

    Raises:
        OSError: If a corpus is missing.
    """
    chat: dict[str, list[Example]] = {}
    digests: dict[str, str] = {}
    for path in sorted((folder / "chat_hand").glob("*/messages.jsonl")):
        writer = f"chat_hand/{path.parent.name}"
        chat[writer] = [chat_example(record, writer) for record in read_jsonl(path)]
        digests[writer] = sha256([path])
    for name in WRITERS:
        paths = sorted((written / name).glob("*.txt"))
        writer = f"chat_written/{name}"
        chat[writer] = [chat_example(record, writer) for path in paths for record in compile_file(path)[0]]
        digests[writer] = sha256(paths)
    synthetic: list[Example] = []
    for name in CHAT:
        path = folder / name / "train.jsonl"
        synthetic += [news_example(record, name, kinds_known=False) for record in read_jsonl(path)]
        digests[name] = sha256([path])
    news: list[Example] = []
    for name in NEWS:
        path = folder / name / "train.jsonl"
        news += [news_example(record, name, kinds_known=name != "nerp") for record in read_jsonl(path)]
        digests[name] = sha256([path])
    return Corpora(chat, synthetic, news, digests)
