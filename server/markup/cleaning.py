"""The second wall: whatever HTML is given, only what is listed here is left of it.

`rendering` writes nothing else, so cleaning changes nothing of what it wrote; and of what is cleaned, nothing again.
"""

import re
from collections.abc import Mapping
from typing import Final

from bleach.sanitizer import Cleaner

from nlp.labels import LABELS
from server.markup.addresses import is_allowed, own_image

TAGS: Final = frozenset(
    {"a", "blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "s"}
    | {"span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"}
)
ELSEWHERE: Final = "nofollow ugc noopener noreferrer"
"""`rel` of links to pages elsewhere: no recommendation, no handle on our page, no word where the reader comes from."""

LANGUAGE: Final = re.compile(r"[a-z0-9][a-z0-9+#.-]{0,19}")
"""The name of a programming language, as fenced code gives it."""

_ALIGNED: Final = re.compile(r"align-(?:left|center|right)")
_SIZE: Final = re.compile(r"[1-9][0-9]{0,3}")
_VALUES: Final[Mapping[tuple[str, str], re.Pattern[str]]] = {
    ("a", "rel"): re.compile(ELSEWHERE),
    ("a", "class"): re.compile(r"mention|quote-source|attachment"),
    ("code", "class"): re.compile(rf"language-{LANGUAGE.pattern}"),
    ("div", "class"): re.compile(r"table-scroll"),
    ("div", "tabindex"): re.compile(r"0"),
    ("img", "alt"): re.compile(r"[^<>]*", re.DOTALL),
    ("img", "decoding"): re.compile(r"async"),
    ("img", "height"): _SIZE,
    ("img", "loading"): re.compile(r"lazy"),
    ("img", "width"): _SIZE,
    ("ol", "start"): re.compile(r"0|[1-9][0-9]{0,8}"),
    ("pre", "tabindex"): re.compile(r"0"),
    ("span", "class"): re.compile(r"hidden-value"),
    ("span", "data-label"): re.compile("|".join(LABELS)),
    ("td", "class"): _ALIGNED,
    ("th", "class"): _ALIGNED,
}


def is_allowed_attribute(tag: str, name: str, value: str) -> bool:
    """Whether a tag may have an attribute with a value.

    Args:
        tag: lower case.
        name: lower case.
        value: as it stands in the markup: entities are not decoded.
    """
    if (tag, name) == ("a", "href"):
        return is_allowed(value.replace("&amp;", "&"))
    if (tag, name) == ("img", "src"):
        return own_image(value.replace("-k.webp", ".webp")) is not None
    pattern = _VALUES.get((tag, name))
    return pattern is not None and pattern.fullmatch(value) is not None


def clean(html: str) -> str:
    """Leave only what is allowed. What is not becomes visible text, so that nobody wonders where it went."""
    # A cleaner has state while it works and is made in microseconds: one for each text, so that threads may clean.
    return str(Cleaner(TAGS, is_allowed_attribute, frozenset({"http", "https"})).clean(html))
