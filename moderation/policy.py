"""Every threshold of moderation in one frozen object, with the defaults; an operator overrides single ones as JSON.

Pure. Levels are trust levels, 0 (new) to 4; a table by level has five entries.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

LEVELS: Final = 5
_BOUNDS: Final = 1_000_000
_T = TypeVar("_T")


class PolicyError(ValueError):
    """An override can't be used; the text names it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The thresholds.

    Attributes:
        hold_first_posts: so many first posts of an account of level 0 wait for a moderator, whatever is in them.
        first_posts: so many posts count as an account's first: what is only a little odd holds them already.
        images_at_level: texts with images of people below this level wait for a moderator: no machine looks at images.
        links_by_level: more links than this in one post are odd.
        contacts_by_level: texts in which their writers publish more contacts of their own than this wait for a
            moderator.
        burst_posts: so many posts ...
        burst_s: ... within so many seconds are odd.
        typing_chars_s: more characters a second since the post before are odd, where the text is long.
        hold_at: points at which a text is held; each reason has its points (`moderation.signals`).
        spam_chance: the classifier calls a text spam from this chance on.
        spam_decisions: decisions of either kind without which the classifier says nothing.
        flag_weights: what a report weighs by the level of who makes it.
        flag_hide_at: weight at which a public text is hidden until somebody has looked.
        flag_urgent_hide_at: the same for scams and exposed personal data, where each minute harms.
        flag_reporters: fewer people than this never hide anything.
        flag_shield: by the author's level, how many times the weight is needed.
        flags_a_day: reports an account may make a day, by level.
        posts_an_hour: posts an account may write an hour, by level.
        topics_a_day: topics an account may begin a day, by level.
        claim_minutes: for so long a claimed item is kept for who claimed it.
        appeal_days: for so long a decision can be appealed.
        silence_days: how long somebody is silenced where the moderator does not say.
        suspend_days: the same for suspending.
        smallest_group: public statistics show no count below this.
    """

    hold_first_posts: int = 0
    first_posts: int = 3
    images_at_level: int = 2
    links_by_level: tuple[int, ...] = (1, 3, 6, 10, 10)
    contacts_by_level: tuple[int, ...] = (0, 1, 2, 3, 3)
    burst_posts: int = 5
    burst_s: int = 60
    typing_chars_s: int = 40
    hold_at: int = 3
    spam_chance: float = 0.95
    spam_decisions: int = 30
    flag_weights: tuple[float, ...] = (0.5, 1.0, 1.5, 2.0, 2.5)
    flag_hide_at: float = 4.0
    flag_urgent_hide_at: float = 2.5
    flag_reporters: int = 2
    flag_shield: tuple[float, ...] = (1.0, 1.0, 1.25, 1.5, 2.0)
    flags_a_day: tuple[int, ...] = (5, 15, 30, 60, 100)
    posts_an_hour: tuple[int, ...] = (10, 30, 60, 120, 240)
    topics_a_day: tuple[int, ...] = (3, 10, 20, 40, 80)
    claim_minutes: int = 30
    appeal_days: int = 30
    silence_days: int = 3
    suspend_days: int = 30
    smallest_group: int = 5


def policy_of(overrides: str) -> Policy:
    """Read a policy.

    Args:
        overrides: a JSON object of some thresholds, or empty for the defaults.

    Raises:
        PolicyError: it is no such object, names something unknown, or a value does not fit.
    """
    if not overrides.strip():
        return Policy()
    try:
        given = json.loads(overrides)
    except ValueError:
        raise PolicyError("it is not JSON") from None
    if not isinstance(given, dict):
        raise PolicyError("it is not a JSON object")
    known = {item.name: item.default for item in fields(Policy)}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise PolicyError("it names a threshold that does not exist")
    return Policy(**{name: _value(known[name], value) for name, value in given.items()})


def _value(default: Any, value: Any) -> Any:
    if isinstance(default, tuple):
        if not isinstance(value, list) or len(value) != LEVELS:
            raise PolicyError("a table by trust level needs five numbers")
        return tuple(_value(default[0], item) for item in value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _BOUNDS:
        raise PolicyError("a threshold is not a number from 0 on")
    if isinstance(default, int):
        if value != int(value):
            raise PolicyError("a threshold is not a whole number")
        return int(value)
    return float(value)


def at_level(table: "tuple[_T, ...]", level: int) -> _T:
    """Give the entry for a level; levels outside of the table count as its ends."""
    return table[max(0, min(level, len(table) - 1))]


def flag_limit(level: int) -> str:
    """Name of the rate limit for the reports of a level."""
    return f"flag_level_{level}"


def post_limit(level: int) -> str:
    """Name of the rate limit for the posts of a level."""
    return f"post_level_{level}"


def topic_limit(level: int) -> str:
    """Name of the rate limit for the topics of a level."""
    return f"topic_level_{level}"


def limits_of(policy: Policy) -> Mapping[str, str]:
    """Give the rate limits by trust level: name -> limit, `30/hour`."""
    limits = {"appeal": "20/day"}
    for level in range(LEVELS):
        limits[flag_limit(level)] = f"{max(1, policy.flags_a_day[level])}/day"
        limits[post_limit(level)] = f"{max(1, policy.posts_an_hour[level])}/hour"
        limits[topic_limit(level)] = f"{max(1, policy.topics_a_day[level])}/day"
    return limits
