"""The whole engine as one object: normal form, patterns, names, one answer.

Must not log, keep or cache any text or value.
"""

from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any, Final

import spacy
from spacy.attrs import LOWER
from spacy.language import Language
from spacy.tokens import Doc

from nlp.errors import RedactorUnavailable
from nlp.labels import Label
from nlp.ner import KNOWN, SPANS
from nlp.normalise import Normal, normalise
from nlp.patterns import find_patterns
from nlp.placeholders import escape, format_placeholder, imitations, value_key
from nlp.spans import Span, resolve

_MODEL: Final = Path(__file__).parent / "model"
_BATCH: Final = 64


class Redactor:
    """Finds and hides identifiers. Not thread-safe: one for each worker."""

    def __init__(self, nlp: Language) -> None:
        """Takes a pipeline whose components leave names in ``doc.spans["names"]``; a blank one finds patterns only."""
        self._nlp = nlp
        # A new word costs a lexeme; all but its lower case is shape and character statistics that no component reads.
        vocab: Any = nlp.vocab  # spaCy's type stub lacks the attribute
        vocab.lex_attr_getters = {LOWER: vocab.lex_attr_getters[LOWER]}

    @classmethod
    def load(cls, model_path: Path | None = None) -> "Redactor":
        """Loads a saved pipeline; by default the one that ships.

        Raises:
            RedactorUnavailable: There is no usable pipeline there.
        """
        try:
            return cls(spacy.load(model_path or _MODEL))
        except (OSError, ValueError, KeyError) as error:
            raise RedactorUnavailable("the language model cannot be loaded") from error

    @property
    def pipeline(self) -> Language:
        """The spaCy pipeline inside, for measuring."""
        return self._nlp

    def find(self, texts: Sequence[str], known_names: Sequence[Sequence[str]] | None = None) -> list[list[Span]]:
        """Finds what identifies anybody.

        Args:
            texts: Any texts; they are escaped here, which changes no length.
            known_names: For each text, names that are known to be names there (the participants', or found before).

        Returns:
            For each text its spans, disjoint, sorted, in code points of that text.
        """
        escaped = [escape(text) for text in texts]
        normals = [normalise(text) for text in escaped]
        # Without a zone spaCy's string store would keep every word it ever met.
        with self._nlp.memory_zone():
            docs = self._nlp.pipe(self._docs(normals, known_names), batch_size=_BATCH)
            return [
                _merge(text, normal, find_patterns(normal.text), doc)
                for text, normal, doc in zip(escaped, normals, docs, strict=True)
            ]

    def redact(self, text: str) -> tuple[str, list[Span]]:
        """Replaces what identifies anybody by placeholders, numbered from 1 for each label within this text.

        Returns:
            The redacted text, and the spans that were replaced, in code points of ``text``.
        """
        spans = self.find([text])[0]
        return with_placeholders(text, spans), spans

    def _docs(self, normals: Sequence[Normal], known_names: Sequence[Sequence[str]] | None) -> Iterator[Doc]:
        for normal, names in zip(normals, known_names or repeat(()), strict=False):
            doc = self._nlp.make_doc(normal.text)
            if names:
                doc._.set(KNOWN, tuple(names))
            yield doc


def with_placeholders(text: str, spans: Sequence[Span]) -> str:
    """Writes placeholders over spans, numbered from 1 for each label within this text."""
    escaped = escape(text)
    numbers: dict[Label, dict[str, int]] = {}
    pieces: list[str] = []
    position = 0
    for span in spans:
        seen = numbers.setdefault(span.label, {})
        key = value_key(span.label, escaped[span.start : span.end])
        pieces.append(escaped[position : span.start])
        pieces.append(format_placeholder(span.label, seen.setdefault(key, len(seen) + 1)))
        position = span.end
    pieces.append(escaped[position:])
    return "".join(pieces)


def _merge(text: str, normal: Normal, patterns: list[Span], doc: Doc) -> list[Span]:
    """Patterns and names as disjoint spans of the text they were read from."""
    found = list(patterns)
    if SPANS in doc.spans:
        found += [Span(name.start_char, name.end_char, Label.PERSON, 0.5, "names") for name in doc.spans[SPANS] if name]
    if not found:
        return []
    if normal.starts is not None:
        found = [Span(*normal.original(s.start, s.end), s.label, s.score, s.source) for s in found]
    opaque = [normal.original(*hit) for hit in imitations(normal.text)[0]]  # the same ones that no recognizer saw
    return [span for piece in resolve(found) for span in _trim(text, piece, opaque)]


def _trim(text: str, span: Span, opaque: list[tuple[int, int]]) -> Iterator[Span]:
    """Keeps off placeholders, and leaves out pieces and edges without a letter or digit."""
    position = span.start
    for start, end in [*opaque, (span.end, span.end)]:
        if position < start and position < span.end:
            left, right = position, min(start, span.end)
            while left < right and not text[left].isalnum() and span.label is not Label.SECRET:
                left += 1
            while right > left and not text[right - 1].isalnum() and span.label is not Label.SECRET:
                right -= 1
            if any(char.isalnum() for char in text[left:right]):
                yield Span(left, right, span.label, span.score, span.source)
        position = max(position, end)
