"""The whole engine as one object: normal form, patterns, names, one answer.

Must not log, keep or cache any text or value.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import spacy
from spacy.language import Language

from nlp.errors import RedactorUnavailable
from nlp.labels import Label
from nlp.names_reader import Extent, NamesReader
from nlp.normalise import Normal, normalise
from nlp.patterns import find_patterns
from nlp.placeholders import escape, format_placeholder, imitations, value_key
from nlp.spans import Span, resolve

_MODEL: Final = Path(__file__).parent / "model"


class Redactor:
    """Finds and hides identifiers. Not thread-safe: one for each worker."""

    def __init__(self, nlp: Language) -> None:
        """Takes a pipeline whose components leave names in ``doc.spans["names"]``; a blank one finds patterns only."""
        self._nlp = nlp
        self._names = NamesReader(nlp)

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
        names = self._names.read([normal.text for normal in normals], known_names or [()] * len(texts))
        return [
            _merge(text, normal, find_patterns(normal.text), extents)
            for text, normal, extents in zip(escaped, normals, names, strict=True)
        ]

    def redact(self, text: str) -> tuple[str, list[Span]]:
        """Replaces what identifies anybody by placeholders, numbered from 1 for each label within this text.

        Returns:
            The redacted text, and the spans that were replaced, in code points of ``text``.
        """
        spans = self.find([text])[0]
        return with_placeholders(text, spans), spans


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


def _merge(text: str, normal: Normal, patterns: list[Span], names: Sequence[Extent]) -> list[Span]:
    """Patterns and names as disjoint spans of the text they were read from."""
    found = patterns + [Span(start, end, Label.PERSON, 0.5, "names") for start, end in names]
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
