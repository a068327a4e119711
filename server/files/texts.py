"""Plain text and tables in text: made uniform, and cells disarmed that a spreadsheet would carry out. Pure."""

import csv
import io
import re
from typing import Final

from server.files.kinds import text_of
from server.files.model import Cleaned, Refused

_DELIMITERS: Final = (",", ";", "\t")
_LOOKED_AT: Final = 50
_LONGEST_WORD: Final = 1_000
"""Code points without a blank. Nobody writes so, and the gate reads a text in windows that such a word would fill."""

_NUMBER: Final = re.compile(r"[+-]?[\d.,\s%]*\d[\d.,\s%]*|[+-]\d[\d\s().-]{6,20}")


def clean_text(data: bytes) -> Cleaned:
    """Make a text, or a table in text, anew. What identifies somebody is still in it.

    Raises:
        Refused: it is no text, or one that can't be read in pieces.
    """
    text = text_of(data)
    if text is None:
        raise Refused("file_not_allowed")
    if any(len(word) > _LONGEST_WORD for word in text.split()):
        raise Refused("file_too_complex")
    delimiter = _delimiter_of(text)
    if delimiter is None:
        return Cleaned("text/plain", b"", text=text)
    return Cleaned("text/csv", b"", text=_disarmed(text, delimiter))


def _delimiter_of(text: str) -> str | None:
    """What stands between the cells of a table: what is as often, and at least once, in each of its first rows."""
    sample = "\n".join(text.split("\n")[:_LOOKED_AT])
    cut = len(sample) < len(text)
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row]
        except csv.Error:
            continue
        # A cell of several lines may reach over the end of what is looked at.
        whole = rows[:-1] if cut else rows
        if len(rows) > 1 and len(rows[0]) > 1 and all(len(row) == len(rows[0]) for row in whole):
            return delimiter
    return None


def _disarmed(text: str, delimiter: str) -> str:
    """Put an apostrophe before cells that a spreadsheet takes for a formula (OWASP, CSV Injection)."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            writer.writerow([f"'{cell}" if _is_armed(cell) else cell for cell in row])
    except csv.Error:
        raise Refused("file_damaged") from None
    return out.getvalue()


def _is_armed(cell: str) -> bool:
    begun = cell.lstrip()
    if not begun.startswith(("=", "+", "-", "@", "|")):
        return False
    return _NUMBER.fullmatch(begun) is None
