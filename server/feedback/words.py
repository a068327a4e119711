"""Words that stand in addresses: slugs and tags. Pure but for the gate, which words that people choose pass too."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from nlp.placeholders import PLACEHOLDER
from server.feedback.model import MOST_TAGS, Item
from server.intake import Intake
from server.kernel.errors import InvalidInput
from server.kernel.text import Hidden, RawText, RedactedText

MAX_TAG: Final = 40
_LONGEST_SLUG: Final = 60
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")
_EMPTY: Final = "saran"
_MOST_DIGITS: Final = 4
"""In a tag: enough for a year or a version."""


def slug_of(text: RedactedText) -> str:
    """Give the form of a title for its address: ASCII words of it without its placeholders."""
    words = _plain(PLACEHOLDER.sub(" ", text.value))
    if len(words) > _LONGEST_SLUG:
        words = words[: _LONGEST_SLUG + 1].rpartition("-")[0] or words[:_LONGEST_SLUG]
    return words or _EMPTY


def path_of(item: Item) -> str:
    """Give an item's address; of a private one only the number, for addresses are written down everywhere."""
    return f"/saran/{item.number}/{slug_of(item.title)}" if item.is_public else f"/saran/{item.number}/-"


async def admit_tags(intake: Intake, raws: Sequence[RawText], *, scope: str) -> tuple[str, ...]:
    """Take in tags; the same once, sorted.

    Raises:
        InvalidInput: too many, one holds an identifier, or no letter or digit that can stand in an address.
        RedactionUnavailable: see the gate.
    """
    if len(raws) > MOST_TAGS:
        raise InvalidInput(fields={"tags": "too_many"})
    words: set[str] = set()
    for raw in raws:
        template = await intake.admit(raw, scope=scope, field="tags", max_length=MAX_TAG)
        if any(isinstance(part, Hidden) for part in template.parts):
            raise InvalidInput(fields={"tags": "identifier"})
        word = _plain("".join(map(str, template.parts)))
        if not word:
            raise InvalidInput(fields={"tags": "malformed"})
        if sum(map(str.isdigit, word)) > _MOST_DIGITS:
            # Without a sentence around it nothing tells a customer's number from any other.
            raise InvalidInput(fields={"tags": "identifier"})
        words.add(word)
    return tuple(sorted(words))


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NO_WORD.sub("-", plain).strip("-")
