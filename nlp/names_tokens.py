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

WORDS = "words"
_LETTER = r"[^\W\d_]"
# In order: a word spelled letter by letter, one and the same sign between ("r u d i", "R*i*n*a"); a word with digits
# for letters ("bud1", "5iti"); letters with their combining marks; digits; white space; a run of one sign. Each part
# starts where the last ended and none can be cut in two ways, so the time is linear.
_TOKEN = re.compile(
    rf"(?<!\w){_LETTER}(?P<sep>[ .*_-]){_LETTER}(?:(?P=sep){_LETTER})+(?!\w)"
    rf"|(?<!\w)[0134579]?{_LETTER}+(?:[0134579]{_LETTER}+)+[0134579]?(?!\w)"
    rf"|(?<!\w)[0134579]{_LETTER}{{3,}}(?!\w)"
    rf"|{_LETTER}(?:{_LETTER}|[\u0300-\u036f])*|\d+|\s+|(?P<sign>.)(?P=sign)*",
    re.DOTALL,
)
# Inside a word: "namaAGUS", "RatnaDewi", "CODnya"; not where every other letter is large.
_JOINT = re.compile(r"(?<=[a-z]{2})(?=[A-Z][A-Za-z]{2})|(?<=[A-Z]{3})(?=[a-z]{3})")
_LEAST_MIXED = 4
_MIXED = re.compile(r"[a-z]{2}[A-Z][A-Za-z]{2}|[A-Z]{3}[a-z]{3}")


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
        doc = Doc(self.vocab, words=words, spaces=spaces)
        # Making a Token object for each word costs more than the network: the next component takes the lists.
        doc.user_data[WORDS] = (words, spaces)
        return doc

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


def take_words(doc: Doc) -> tuple[list[str], list[bool]]:
    """Returns a message's tokens and whether one plain space follows each; drops the tokenizer's copy of them."""
    given: tuple[list[str], list[bool]] | None = doc.user_data.pop(WORDS, None)
    return given or ([token.text for token in doc], [bool(token.whitespace_) for token in doc])


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
        if len(token) > _LEAST_MIXED and not token.islower() and _MIXED.search(token):
            parts = _JOINT.split(token)
            words += parts
            spaces += [False] * len(parts)
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
