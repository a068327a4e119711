"""Passport numbers, when a passport is spoken of.

ICAO Doc 9303 part 4: up to nine letters and digits. Indonesia: a letter and seven digits (also two letters and six).
Must not touch: flight numbers, booking codes, order numbers; nothing without the word.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.scan import Scan
from nlp.spans import Span

_WORD: Final = re.compile(r"p[a4@][s$5]{2}p(?:o|0)r|p[a4]sp[o0]r")
_NUMBER: Final = re.compile(
    r"(?<![a-z0-9])(?:[a-z]{1,3}[ .\-]{0,3}[0-9]{6,9}"
    r"|[a-z][ \n]?[0-9]{2,4}(?:[ \n][0-9]{2,4}){1,2}|[a-z](?:[ .\-\n]{1,3}[0-9]){6,8}"
    r"|[0-9]{8,9}"
    r"|(?=[0-9]{0,8}[a-z])(?=[a-z]{0,8}[0-9])[a-z0-9]{8,9})(?![a-z0-9])"
)
_TRAVELLER: Final = re.compile(r"\b(?:MR|MRS|MS|MSTR|MISS|CHD)[ ,:/]{1,2}(?P<number>[A-Z]{1,2}[0-9]{6,8})\b")
_REACH: Final = 70


def find(scan: Scan) -> Iterator[Span]:
    """Numbers after the word passport, or right before it, and in passenger lists."""
    if not scan.has_digits:
        return
    lower = scan.lower
    if Cue.PASSPORT in scan.families or ("p" in lower and _WORD.search(lower)):
        words = [found.end() for found in _WORD.finditer(lower)]
        for found in _NUMBER.finditer(lower):
            near = any(0 <= found.start() - word <= _REACH or 0 <= word - found.end() <= 24 for word in words)
            if near and sum(char.isdigit() for char in found[0]) >= 4:
                yield Span(found.start(), found.end(), Label.PASSPORT, 0.9, "passport")
    for found in _TRAVELLER.finditer(scan.text):
        yield Span(found.start("number"), found.end("number"), Label.PASSPORT, 0.8, "passport")
