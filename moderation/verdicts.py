"""What may happen to a text after it was redacted, and the rules that decide.

Pure: sees redacted text only, does no I/O, keeps no state.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

MAX_LINKS = 10
"""More links than this in one message is how link spam looks; nobody asks support for help with eleven."""


class Outcome(StrEnum):
    """What happens to the text."""

    ACCEPT = "accept"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome and why.

    Attributes:
        outcome: what happens.
        reason: a catalogue key; empty when accepted.
    """

    outcome: Outcome
    reason: str = ""


ACCEPTED = Verdict(Outcome.ACCEPT)


def judge(text: str) -> Verdict:
    """Judge a redacted text.

    Refuses a text in which nothing can be seen (only spaces, control and format characters) and one that consists of
    more links than `MAX_LINKS`.
    """
    if not _has_visible(text):
        return Verdict(Outcome.REFUSE, "required")
    if text.count("http://") + text.count("https://") > MAX_LINKS:
        return Verdict(Outcome.REFUSE, "too_many_links")
    return ACCEPTED


def _has_visible(text: str) -> bool:
    """Whether any character leaves ink: neither separator (Z*) nor control, format or unassigned (C*)."""
    return any(unicodedata.category(character)[0] not in "ZC" for character in text)
