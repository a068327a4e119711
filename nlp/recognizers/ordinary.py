"""Whether a token is a word of Indonesian or English, or an inflected one.

Only for tokens that stand where a handle or a password would: there an unknown word is likely to be one. Must not be
used to judge running text, where half of what people type is in no dictionary.
"""

import re
from typing import Final

from nlp.names_lexicon import WORDLISTS

_WORDS: Final = frozenset(
    line.partition("\t")[0]
    for line in (WORDLISTS / "words.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
)
_PREFIX: Final = re.compile(r"(?:nge|ng|ny|men|mem|meng|me|ber|ter|per|pe|di|ke|se|re|un|pre)")
_SUFFIX: Final = re.compile(r"(?:nya|ny|kan|an|in|i|ku|mu|lah|kah|s|ed|ing|er|ly)\Z")


def is_ordinary(token: str) -> bool:
    """Whether a lower-case token is in the word lists, with or without an affix on either side."""
    if token in _WORDS:
        return True
    prefix = _PREFIX.match(token)
    stems = [token, token[prefix.end() :]] if prefix else [token]
    return any(stem in _WORDS or _SUFFIX.sub("", stem) in _WORDS for stem in stems if len(stem) > 2)
