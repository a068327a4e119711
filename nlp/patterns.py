"""Runs all pattern recognizers over one text in normal form.

Not a spaCy component on purpose: a pattern's span is exact to the code point and often begins or ends inside a token
(a handle in a link, a digit beside a unit), which ``Doc.spans`` cannot hold; and patterns must still answer when no
model is loaded.
"""

from collections.abc import Callable, Iterator
from typing import Final

from nlp.recognizers import address, birth, email, geo, handles, network, numbers, passport, plate, record, secret
from nlp.scan import Scan
from nlp.spans import Span

_RECOGNIZERS: Final[tuple[Callable[[Scan], Iterator[Span]], ...]] = (
    numbers.find,
    record.find,
    email.find,
    network.find,
    geo.find,
    plate.find,
    passport.find,
    birth.find,
    handles.find,
    secret.find,
    address.find,
)


def find_patterns(text: str) -> list[Span]:
    """All spans that any recognizer finds in a text in normal form; they may overlap."""
    scan = Scan(text)
    return [span for recognizer in _RECOGNIZERS for span in recognizer(scan)]
