"""What may be given as a reaction: one emoji. Pure.

One sign of Unicode's emoji sequences (UTS #51), written as they are meant to be: a sign with its colour of skin, signs
joined to one, a flag, a digit in its keycap. Words, several signs, and signs without a picture are none.
"""

import re
from typing import Final

_SIGN = (
    "(?:[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3"
    "\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50"
    "\u2b55\u3030\u303d\u3297\u3299\U0001f004\U0001f0cf\U0001f170-\U0001f19a\U0001f201-\U0001f251\U0001f300-\U0001f3fa"
    "\U0001f400-\U0001faff])"
)
_ELEMENT = f"{_SIGN}(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_KEYCAP = "[0-9#*]\ufe0f?\u20e3"
_TAGGED = "\U0001f3f4[\U000e0061-\U000e007a]{2,6}\U000e007f"
_EMOJI: Final = re.compile(f"(?:{_TAGGED}|{_ELEMENT}(?:\u200d{_ELEMENT}){{0,4}}|{_FLAG}|{_KEYCAP})")

MOST_KINDS = 20
"""Different emoji under one message."""

MOST_OF_ONE = 5
"""Emoji of one account under one message."""


def is_emoji(text: str) -> bool:
    """Whether a text is one emoji."""
    return _EMOJI.fullmatch(text) is not None
