"""Why a text waits for a moderator: each reason with its points; from a number of points on, the text is held.

Pure. Sees redacted text and what is known of its writer's pace; keeps nothing. A reason never refuses by itself: a
person decides (promise P8).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from moderation.domains import BRANDS, is_short, links, looks_like
from moderation.folding import skeleton
from moderation.policy import Policy, at_level
from moderation.scams import scams

POINTS: Final[Mapping[str, int]] = {
    "first_posts": 1,
    "links": 2,
    "short_links": 2,
    "speed": 2,
    "repeated": 2,
    "look_alike_handle": 3,
    "look_alike_domain": 3,
    "asks_secret": 3,
    "asks_transfer": 3,
    "moves_private": 2,
    "prize": 2,
    "impersonates_staff": 3,
    "spam": 3,
    "many_hidden": 2,
    "images": 3,
    "contacts": 3,
}
"""reason -> points. What a scam is made of weighs as much as the default threshold; what only is odd needs company."""

_LONG: Final = 200
_REPEATABLE: Final = 30
_MANY_HIDDEN: Final = 8
_IMAGES: Final = "/lampiran/"
"""How Markdown names an image that was uploaded here."""
_RESERVED: Final = (
    "admin", "administrator", "moderator", "mod", "staff", "staf", "support", "cs", "customerservice", "customercare",
    "helpdesk", "official", "resmi", "petugas", "layanan", "keamanan", "security", "root", "system", "sistem",
)  # fmt: skip  # names, read across
"""Names that say somebody speaks for the company."""
_RESERVED_PARTS: Final = frozenset({"admin", "moderator", "official", "resmi", "support", "cs", "staff", "helpdesk"})


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of how a writer came to this text.

    Attributes:
        since_last_s: seconds since their text before; None where that was long ago.
        recent: texts of theirs within the policy's `burst_s`, without this one.
        repeats: how often the same text came lately, from anybody.
    """

    since_last_s: float | None = None
    recent: int = 0
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes.

    Attributes:
        handle: their name in public.
        level: of trust.
        published: texts of theirs that were published.
        is_staff: whether they speak for the company.
    """

    handle: str
    level: int = 0
    published: int = 0
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class Protected:
    """What nobody may be taken for.

    Attributes:
        handles: of staff.
        brands: name -> its owner's domains.
    """

    handles: tuple[str, ...] = ()
    brands: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: BRANDS)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was found.

    Attributes:
        reasons: sorted names of signals.
        points: of all together.
        held: whether that is enough to hold the text.
    """

    reasons: tuple[str, ...]
    points: int
    held: bool


def assess(
    text: str,
    writer: Writer,
    pace: Pace,
    policy: Policy,
    protected: Protected,
    *,
    hidden: int = 0,
    contacts: int = 0,
    spam_chance: float | None = None,
) -> Assessment:
    """Look at a text. Staff is never held.

    Args:
        text: redacted, title and body.
        writer: who writes.
        pace: how they came to it.
        policy: the thresholds.
        protected: what nobody may be taken for.
        hidden: how many identifiers were hidden in it.
        contacts: how many contacts of their own the writer publishes in it, with a signed permission.
        spam_chance: what the classifier says; None where it abstains.
    """
    if writer.is_staff:
        return Assessment((), 0, False)
    reasons = {
        *_about_links(text, writer, policy, protected),
        *_about_writer(text, writer, pace, policy, protected),
        *scams(text),
    }
    if spam_chance is not None and spam_chance >= policy.spam_chance:
        reasons.add("spam")
    if hidden >= _MANY_HIDDEN and writer.level == 0:
        reasons.add("many_hidden")
    if _IMAGES in text and writer.level < policy.images_at_level:
        reasons.add("images")
    if contacts > at_level(policy.contacts_by_level, writer.level):
        reasons.add("contacts")
    if writer.level == 0 and writer.published < policy.first_posts:
        reasons.add("first_posts")
    points = sum(POINTS[reason] for reason in reasons)
    held = points >= policy.hold_at or (writer.level == 0 and writer.published < policy.hold_first_posts)
    return Assessment(tuple(sorted(reasons)), points, held)


def _about_links(text: str, writer: Writer, policy: Policy, protected: Protected) -> Iterable[str]:
    found = links(text)
    if len(found) > at_level(policy.links_by_level, writer.level):
        yield "links"
    if any(map(is_short, found)):
        yield "short_links"
    if any(looks_like(link, protected.brands) for link in found):
        yield "look_alike_domain"


def _about_writer(text: str, writer: Writer, pace: Pace, policy: Policy, protected: Protected) -> Iterable[str]:
    if taken_for(writer.handle, protected.handles):
        yield "look_alike_handle"
    typed_too_fast = (
        pace.since_last_s is not None
        and len(text) >= _LONG
        and len(text) > policy.typing_chars_s * max(pace.since_last_s, 0.0)
    )
    if pace.recent >= policy.burst_posts or typed_too_fast:
        yield "speed"
    if pace.repeats > 0 and len(text) >= _REPEATABLE:
        yield "repeated"


def taken_for(handle: str, protected: Iterable[str]) -> str | None:
    """Say whom a handle would be taken for: somebody protected, or the company itself; None for nobody.

    Args:
        handle: of somebody who is neither.
        protected: handles that belong to others.
    """
    seen = skeleton(handle)
    for other in protected:
        if other != handle and seen == skeleton(other):
            return other
    if seen in {skeleton(word) for word in _RESERVED}:
        return "company"
    parts = {skeleton(part) for part in _handle_parts(handle)}
    return "company" if parts & {skeleton(word) for word in _RESERVED_PARTS} else None


def _handle_parts(handle: str) -> list[str]:
    return [part for part in "".join(c if c.isalnum() else " " for c in handle).split() if part]
