"""Words that stand in addresses: slugs and tags. Pure but for the gate, which words that people choose pass too."""

import re
import unicodedata
from collections.abc import Sequence

from nlp.placeholders import PLACEHOLDER
from server.intake import Intake
from server.kernel.errors import InvalidInput
from server.kernel.text import Hidden, RawText, RedactedText

MAX_TAG = 40
MOST_TAGS = 5
_LONGEST_SLUG = 60
_NO_WORD = re.compile(r"[^a-z0-9]+")
_EMPTY = "topik"
_MOST_DIGITS = 4
"""In a tag: enough for a year or a version."""


_TAG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


def is_tag(text: str) -> bool:
    """Whether a text has the form of a tag."""
    return _TAG.fullmatch(text) is not None


def slug_of(text: RedactedText) -> str:
    """Give the form of a title for its address: ASCII words of it without its placeholders."""
    shown = PLACEHOLDER.sub(" ", text.value)
    plain = unicodedata.normalize("NFKD", shown).encode("ascii", "ignore").decode().lower()
    words = _NO_WORD.sub("-", plain).strip("-")
    if len(words) > _LONGEST_SLUG:
        words = words[: _LONGEST_SLUG + 1].rpartition("-")[0] or words[:_LONGEST_SLUG]
    return words or _EMPTY


async def admit_word(intake: Intake, raw: RawText, *, scope: str, field: str, max_length: int = MAX_TAG) -> str:
    """Take in a word that is to stand in addresses: nothing in it may need hiding.

    Raises:
        InvalidInput: it holds an identifier, or no letter or digit that can stand in an address.
        RedactionUnavailable: see the gate.
    """
    template = await intake.admit(raw, scope=scope, field=field, max_length=max_length)
    if any(isinstance(part, Hidden) for part in template.parts):
        raise InvalidInput(fields={field: "identifier"})
    plain = unicodedata.normalize("NFKD", "".join(map(str, template.parts))).encode("ascii", "ignore").decode().lower()
    word = _NO_WORD.sub("-", plain).strip("-")
    if not word:
        raise InvalidInput(fields={field: "malformed"})
    return word


async def admit_tags(intake: Intake, raws: Sequence[RawText], *, scope: str) -> tuple[str, ...]:
    """Take in tags; the same once, sorted.

    Raises:
        InvalidInput, RedactionUnavailable: see `admit_word`.
    """
    if len(raws) > MOST_TAGS:
        raise InvalidInput(fields={"tags": "too_many"})
    words = {await admit_word(intake, raw, scope=scope, field="tags") for raw in raws}
    if any(sum(map(str.isdigit, word)) > _MOST_DIGITS for word in words):
        # Without a sentence around it nothing tells a customer's number from any other.
        raise InvalidInput(fields={"tags": "identifier"})
    return tuple(sorted(words))
