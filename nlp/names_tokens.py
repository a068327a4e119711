"""Cuts a text into words, numbers and signs, so that a name glued to a digit or sign can still be covered exactly.

Must not change a character: joining the tokens gives the text back. Must not know what a name is.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab

# Letters with their combining marks; digits; white space; a run of one and the same sign. Linear: no two parts overlap.
_TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*|\d+|\s+|(.)\1*", re.DOTALL)


class WordTokenizer:
    """spaCy tokenizer without exceptions or rules: a token never holds a letter beside a digit or a sign.

    spaCy's own Indonesian rules leave `No.5,Bandung` and `budi_santoso` in one piece, so that hiding the name would
    hide or spare the rest with it.
    """

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Makes a Doc whose text is exactly `text`."""
        words, spaces = split_words(text)
        return Doc(self.vocab, words=words, spaces=spaces)

    # A tokenizer without state: spaCy asks every part of a pipeline for these four.
    def to_disk(self, path: str | Path, **kwargs: Any) -> None:
        """Writes nothing: the rules are this module."""

    def from_disk(self, path: str | Path, **kwargs: Any) -> "WordTokenizer":
        """Reads nothing."""
        return self

    def to_bytes(self, **kwargs: Any) -> bytes:
        """Returns no bytes: the rules are this module."""
        return b""

    def from_bytes(self, data: bytes, **kwargs: Any) -> "WordTokenizer":
        """Reads nothing."""
        return self


def split_words(text: str) -> tuple[list[str], list[bool]]:
    """Returns the tokens of a text and, for each, whether one plain space follows it."""
    words: list[str] = []
    spaces: list[bool] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token[0] == " " and words and not spaces[-1] and not words[-1].isspace():
            spaces[-1] = True
            token = token[1:]
            if not token:
                continue
        words.append(token)
        spaces.append(False)
    return words, spaces


@registry.tokenizers("amanah.WordTokenizer.v1")  # type: ignore[untyped-decorator]  # spaCy's registry
def create_word_tokenizer() -> Callable[[Language], WordTokenizer]:
    """Makes the tokenizer for a pipeline's vocabulary."""

    def make(nlp: Language) -> WordTokenizer:
        return WordTokenizer(nlp.vocab)

    return make
