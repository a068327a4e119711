"""Finds names in texts with the components of a saved pipeline, without making a spaCy document of each text.

A document interns every word in the pipeline's store of strings, which then has to be emptied after each batch so
that no text stays behind; that, and building the document, takes a fifth of the time of a message. The components
themselves work on lists of words, so what comes out is the same (tests/unit/nlp_names/test_reader.py compares).
Must not keep text.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from spacy.language import Language

from nlp.names_evidence import KNOWN, SPANS, NamesEvidence
from nlp.names_tagger import NamesTagger
from nlp.names_tokens import WordTokenizer, split_words

_BATCH: Final = 64
"""Texts at a time: bounds the memory of the network's layers."""

Extent = tuple[int, int]
"""Start and end in code points."""


class NamesReader:
    """Finds names. Takes any pipeline; one of other parts than ours is run the ordinary way.

    Args:
        nlp: Leaves names in `doc.spans["names"]`; a blank one finds none.
    """

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        parts = [component for _, component in nlp.pipeline]
        self._parts: tuple[NamesTagger, NamesEvidence] | None = None
        if isinstance(nlp.tokenizer, WordTokenizer) and len(parts) == 2:
            tagger, evidence = parts
            if isinstance(tagger, NamesTagger) and isinstance(evidence, NamesEvidence):
                self._parts = tagger, evidence

    def read(self, texts: Sequence[str], known_names: Sequence[Sequence[str]]) -> list[list[Extent]]:
        """Finds the names in each text.

        Args:
            texts: Any texts.
            known_names: For each text, names that are known to be names there.

        Returns:
            For each text the extents of its names, in order.
        """
        if self._parts is None:
            return self._read_documents(texts, known_names)
        tagger, evidence = self._parts
        found: list[list[Extent]] = []
        for first in range(0, len(texts), _BATCH):
            messages = [split_words(text) for text in texts[first : first + _BATCH]]
            some = known_names[first : first + _BATCH]
            found += [
                _extents(words, spaces, evidence.names(words, chances, known))
                for (words, spaces), chances, known in zip(messages, tagger.chances(messages), some, strict=True)
            ]
        return found

    def _read_documents(self, texts: Sequence[str], known_names: Sequence[Sequence[str]]) -> list[list[Extent]]:
        # Without a zone spaCy's string store would keep every word it ever met.
        with self._nlp.memory_zone():
            docs = [self._nlp.make_doc(text) for text in texts]
            for doc, known in zip(docs, known_names, strict=True):
                doc._.set(KNOWN, tuple(known))
            return [
                [(name.start_char, name.end_char) for name in doc.spans.get(SPANS, ()) if name]
                for doc in self._nlp.pipe(docs)
            ]


def _extents(words: Sequence[str], spaces: Sequence[bool], names: Sequence[tuple[int, int]]) -> list[Extent]:
    """Turns token ranges into code points."""
    if not names:
        return []
    ends = list(accumulate(len(word) + space for word, space in zip(words, spaces, strict=True)))
    return [
        (ends[first] - len(words[first]) - spaces[first], ends[last - 1] - spaces[last - 1]) for first, last in names
    ]
