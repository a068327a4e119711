"""How easy a password is to guess. Pure: looks at the password, at what others know of the person, and at lists.

Two lists are asked: zxcvbn's (Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016), which
know what people all over the world use, and `common_passwords.txt` with what people here use.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from zxcvbn.matching import RANKED_DICTIONARIES, omnimatch
from zxcvbn.scoring import most_guessable_match_sequence

from server.accounts.model import MAX_PASSWORD, MIN_PASSWORD

_LOOKED_AT: Final = 72
"""The estimate's work grows with the square of the length, and what is this long is long enough."""

_LEAST_GUESSES: Final = 10**8
"""What zxcvbn calls a score of 3: safely unguessable against whoever has the hashes of a slow function."""

_FEWEST_DIFFERENT: Final = 4
_SHORTEST_OWN: Final = 3
_FILE: Final = Path(__file__).with_name("common_passwords.txt")
_TRIMMED: Final = "0123456789.,;:!?@#$%^&*()-_=+ "
_LEET: Final = str.maketrans("4@83160$57", "aabeiogsst")


def weakness(password: str, own: Sequence[str]) -> str | None:
    """Say why a password is no good.

    Args:
        password: as typed.
        own: what others know of the person: name, address, company.

    Returns:
        `too_short`, `too_long`, `too_common` or `too_easy`; None for a good one.
    """
    if len(password) < MIN_PASSWORD:
        return "too_short"
    if len(password) > MAX_PASSWORD:
        return "too_long"
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(set(folded)) < _FEWEST_DIFFERENT:
        return "too_easy"
    if _is_common(folded):
        return "too_common"
    dictionaries = {**RANKED_DICTIONARIES, "common": _common(), "own": _own_words(own)}
    looked_at = password[:_LOOKED_AT]
    # Handed over instead of through `zxcvbn()`, which keeps a person's words in a global until the next call.
    found = most_guessable_match_sequence(looked_at, omnimatch(looked_at, dictionaries))
    return "too_easy" if found["guesses"] < _LEAST_GUESSES else None


@lru_cache(maxsize=1)
def _common() -> Mapping[str, int]:
    """Common password -> rank. Read once; the file ships with the program."""
    lines = _FILE.read_text("utf-8").splitlines()
    words = dict.fromkeys(line for line in lines if line and not line.startswith("#"))
    return {word: rank for rank, word in enumerate(words, 1)}


def _is_common(folded: str) -> bool:
    """Whether it is in a list as it is, or without what people put before and behind, or with letters for digits."""
    core = folded.strip(_TRIMMED)
    forms = {folded, core, core.translate(_LEET), core.replace(" ", ""), folded.translate(_LEET)}
    return any(form in _common() or form in RANKED_DICTIONARIES["passwords"] for form in forms if form)


def _own_words(own: Sequence[str]) -> Mapping[str, int]:
    """The person's words in the forms in which they end up in passwords, each as bad as the commonest password."""
    words: dict[str, int] = {}
    for text in own:
        folded = unicodedata.normalize("NFKC", text).casefold()
        pieces = [folded, folded.replace(" ", ""), folded.partition("@")[0]]
        pieces += "".join(c if c.isalnum() else " " for c in folded).split()
        for piece in pieces:
            if len(piece) >= _SHORTEST_OWN:
                words.setdefault(piece, len(words) + 1)
    return words
