"""The variables of ready answers. Pure: no I/O."""

import re
from collections.abc import Mapping
from typing import Final

_VARIABLE: Final = re.compile(r"\{\{\s*(customer|agent|subject|number)\s*\}\}")
_FIRST: Final = re.compile(r"^[ \t]*\{\{\s*(customer|agent|subject|number)\s*\}\}[,:!.]?[ \t]*(\S?)", re.MULTILINE)
_LATER: Final = re.compile(r",?[ \t]*\{\{\s*(customer|agent|subject|number)\s*\}\}")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Give a text with its variables filled in.

    A variable without a value takes along what joins it to its sentence: "Welcome, {{customer}}." becomes "Welcome.",
    and where it begins a line, what comes after it begins that.

    Args:
        text: with variables.
        values: of every variable; an empty one where there is none. What stands in them is not read for variables.
    """
    text = _FIRST.sub(lambda found: found[0] if values[found[1]] else found[2].upper(), text)
    text = _LATER.sub(lambda found: found[0] if values[found[1]] else "", text)
    return _VARIABLE.sub(lambda found: values[found[1]], text)
