"""Taking a handle, and what its holder was quoted with, out of a text of somebody else. Pure."""

import re
from collections.abc import Collection
from typing import Final

from nlp.placeholders import format_placeholder
from server.kernel.text import Hidden, RedactedText
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
    lines: list[str] = []
    quoting = False
    for line in text.value.split("\n"):
        bare = line.lstrip()
        if quoting and bare.startswith(">"):
            continue
        quoting = False
        if bare.startswith(">"):
            source = QUOTE.fullmatch(bare.lstrip("> ").rstrip())
            if source is not None and source["handle"].lower() in handles:
                quoting = True
                lines.append(_TAKEN_OUT)
                continue
        lines.append(line)
    named = "|".join(re.escape(handle) for handle in sorted(handles, key=len, reverse=True))
    pattern = re.compile(rf"@(?:{named})(?![\w-])", re.IGNORECASE)
    return RedactedText(pattern.sub(SOMEBODY, "\n".join(lines)))


def still_hidden(text: RedactedText, hidden: Collection[tuple[Hidden, int]]) -> tuple[tuple[Hidden, int], ...]:
    """Give those hidden values whose placeholders still stand in a text."""
    return tuple(pair for pair in hidden if format_placeholder(pair[0].label, pair[1]) in text.value)
