"""Taking a handle, and what its holder was quoted with, out of a text of somebody else. Pure."""

import re
from collections.abc import Collection
from typing import Final

from nlp.placeholders import format_placeholder
from server.kernel.text import Hidden, RedactedText, taken_out
from server.markup.reading import QUOTE

SOMEBODY: Final = "@…"
"""What stands in the place of a handle; no handle looks like it."""

_TAKEN_OUT: Final = f"> {SOMEBODY}"


def without(text: RedactedText, handles: Collection[str]) -> RedactedText:
    """Give a text in which nobody is named by some handles, and no quote of their holder stands.

    Args:
        text: Markdown, redacted.
        handles: lower case.
    """
    if not handles:
        return text
    quotes = _quotes(text.value, handles)
    named = "|".join(re.escape(handle) for handle in sorted(handles, key=len, reverse=True))
    mentions = [
        (found.start(), found.end(), SOMEBODY)
        for found in re.finditer(rf"@(?:{named})(?![\w-])", text.value, re.IGNORECASE)
        if not any(start <= found.start() < end for start, end, _ in quotes)
    ]
    pieces = sorted(quotes + mentions)
    return taken_out(text, pieces) if pieces else text


def _quotes(text: str, handles: Collection[str]) -> list[tuple[int, int, str]]:
    """Where quotes of somebody stand: from the line that names them to the last line of the quote."""
    found: list[tuple[int, int, str]] = []
    start, position, quoting = 0, 0, False
    for line in text.split("\n"):
        bare = line.lstrip()
        if quoting and not bare.startswith(">"):
            found.append((start, position - 1, _TAKEN_OUT))
            quoting = False
        if bare.startswith(">") and not quoting:
            source = QUOTE.fullmatch(bare.lstrip("> ").rstrip())
            quoting = source is not None and source["handle"].lower() in handles
            start = position
        position += len(line) + 1
    if quoting:
        found.append((start, position - 1, _TAKEN_OUT))
    return found


def still_hidden(text: RedactedText, hidden: Collection[tuple[Hidden, int]]) -> tuple[tuple[Hidden, int], ...]:
    """Give those hidden values whose placeholders still stand in a text."""
    return tuple(pair for pair in hidden if format_placeholder(pair[0].label, pair[1]) in text.value)
