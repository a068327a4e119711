"""Trust levels 0 to 4: earned by reading and by being of help, lost by staying away and by what moderators uphold.
Pure.

Counts only. Must not know accounts, stores or texts; who counts what is `server.people`'s affair.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any, Final

HIGHEST: Final = 4
PERIOD: Final = timedelta(days=30)
"""Deeds are counted by periods of this length, so that what is long ago can be left out."""


class Deed(StrEnum):
    """What is counted of somebody."""

    VISITED = "visited"
    """Days on which they were here."""
    READ = "read"
    """Posts read."""
    ENTERED = "entered"
    """Topics entered."""
    WRITTEN = "written"
    """Posts published."""
    LIKES_GIVEN = "likes_given"
    LIKES_RECEIVED = "likes_received"
    ACCEPTED = "accepted"
    """Answers of theirs that solved a topic."""
    FLAGS_AGREED = "flags_agreed"
    """Flags of theirs that moderators upheld."""
    FLAGS_DISAGREED = "flags_disagreed"
    """Flags of theirs that moderators did not uphold."""
    FLAGGED = "flagged"
    """Posts of theirs that moderators took a measure against."""


class Power(StrEnum):
    """What a level opens."""

    LINKS = "links"
    IMAGES = "images"
    FLAG = "flag"
    WIKI = "wiki"
    """Changing posts that their authors opened to others."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a level asks for. Numbers are minima but the last two.

    Attributes:
        visited: days.
        read: posts.
        entered: topics.
        written: posts.
        likes_given: reactions.
        likes_received: likewise.
        accepted: answers.
        flags_agreed: flags.
        recent_visited: days within `TrustRules.recent_periods`.
        recent_read: posts, likewise.
        most_flagged: recently, at most.
        most_flags_disagreed: recently, at most.
    """

    visited: int = 0
    read: int = 0
    entered: int = 0
    written: int = 0
    likes_given: int = 0
    likes_received: int = 0
    accepted: int = 0
    flags_agreed: int = 0
    recent_visited: int = 0
    recent_read: int = 0
    most_flagged: int = 1_000
    most_flags_disagreed: int = 1_000


_TOTALS: Final = tuple(Deed(item.name) for item in fields(Demand) if item.name in set(Deed))
_LEVELS: Final = (
    Demand(visited=1, read=20, entered=5),
    Demand(visited=10, read=100, entered=20, written=3, likes_given=1, likes_received=1, most_flagged=3),
    Demand(
        visited=40, read=500, entered=60, written=15, likes_given=20, likes_received=15, recent_visited=25,
        recent_read=150, most_flagged=1, most_flags_disagreed=4,
    ),
    Demand(
        visited=150, read=2_000, entered=200, written=60, likes_given=60, likes_received=80, accepted=5,
        flags_agreed=3, recent_visited=35, recent_read=250, most_flagged=0, most_flags_disagreed=2,
    ),
)  # fmt: skip  # figures, read across


@dataclass(frozen=True, slots=True)
class TrustRules:
    """Every threshold. `AMANAH_TRUST` overrides single ones, see `parse`.

    Attributes:
        levels: what levels 1 to 4 ask for; each asks for all below it too.
        recent_periods: how many periods of 30 days count as recent, the present one included.
        keep_percent: of the recent minima, what is enough to keep a level.
        grace_days: for so long a level that was just earned is kept anyway, but for what moderators upheld.
        after_silence_days: for so long after a silence nobody is above `after_silence_level`.
        after_silence_level: see above.
        powers: from which level on each is open.
        mentions_a_day: how many mentions a day at levels 0 to 4.
    """

    levels: tuple[Demand, ...] = _LEVELS
    recent_periods: int = 4
    keep_percent: int = 80
    grace_days: int = 14
    after_silence_days: int = 30
    after_silence_level: int = 1
    powers: Mapping[Power, int] = field(
        default_factory=lambda: {Power.LINKS: 1, Power.IMAGES: 1, Power.FLAG: 1, Power.WIKI: 3}
    )
    mentions_a_day: tuple[int, ...] = (2, 10, 20, 50, 100)

    @classmethod
    def parse(cls, text: str) -> "TrustRules":
        """Read overrides: `{"levels": {"1": {"read": 10}}, "powers": {"links": 2}, "grace_days": 7}`.

        Args:
            text: JSON, or empty for the defaults.

        Raises:
            ValueError: it is no such object; says which part, never what stands there.
        """
        rules = cls()
        if not text.strip():
            return rules
        try:
            given = json.loads(text)
        except ValueError:
            raise ValueError("it is not JSON") from None
        simple = {item.name for item in fields(cls)} - {"levels", "powers", "mentions_a_day"}
        changes: dict[str, Any] = {}
        for name, value in _object(given).items():
            if name == "levels":
                changes[name] = _levels(rules.levels, _object(value))
            elif name == "powers":
                changes[name] = {**rules.powers, **_powers(_object(value))}
            elif name == "mentions_a_day":
                changes[name] = _mentions(value)
            elif name in simple:
                changes[name] = _count(value)
            else:
                raise ValueError("there is no such threshold")
        return replace(rules, **changes)

    def may(self, level: int, power: Power) -> bool:
        """Whether a level opens something."""
        return level >= self.powers[power]

    def mentions(self, level: int) -> int:
        """Give how many mentions a day a level has."""
        return self.mentions_a_day[level]


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        # Of the settings, whoever reads them expects one kind of error.
        raise ValueError("an object is expected")  # noqa: TRY004 (a setting that is refused, like any other value)
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("thresholds are whole numbers from 0")
    return value


def _levels(levels: tuple[Demand, ...], given: Mapping[str, Any]) -> tuple[Demand, ...]:
    changed = list(levels)
    known = {item.name for item in fields(Demand)}
    for name, demand in given.items():
        if name not in {str(number) for number in range(1, HIGHEST + 1)} or set(_object(demand)) - known:
            raise ValueError("levels are 1 to 4, with the thresholds that are documented")
        place = int(name) - 1
        changed[place] = replace(changed[place], **{key: _count(value) for key, value in demand.items()})
    return tuple(changed)


def _powers(given: Mapping[str, Any]) -> dict[Power, int]:
    if set(given) - set(Power):
        raise ValueError("there is no such power")
    return {Power(name): _count(level) for name, level in given.items()}


def _mentions(value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) != HIGHEST + 1:
        raise ValueError("mentions_a_day has a number for each of the levels 0 to 4")
    return tuple(map(_count, value))


@dataclass(frozen=True, slots=True)
class TrustRecord:
    """What is known of somebody.

    Attributes:
        totals: of all time.
        recent: within the recent periods.
        level: so far.
        level_since: when that was reached.
        silenced_until: when their last silence ends or ended; None for never.
    """

    totals: Mapping[Deed, int]
    recent: Mapping[Deed, int]
    level: int
    level_since: datetime
    silenced_until: datetime | None = None


def period_of(moment: datetime) -> int:
    """Give the number of the period in which a moment lies."""
    return int(moment.timestamp() // PERIOD.total_seconds())


def level_of(record: TrustRecord, rules: TrustRules, now: datetime) -> int:
    """Give the level that somebody has now."""
    in_grace = now - record.level_since < timedelta(days=rules.grace_days)
    level = 0
    for number, demand in enumerate(rules.levels, 1):
        has_it = number <= record.level
        if not _is_trusted(record, demand):
            break
        if has_it and in_grace:
            level = number
            continue
        if not _is_active(record, demand, rules.keep_percent if has_it else 100):
            break
        # What was earned once stays earned: totals only rise.
        if not has_it and any(record.totals.get(deed, 0) < getattr(demand, deed.value) for deed in _TOTALS):
            break
        level = number
    return min(level, _ceiling(record, rules, now))


def _is_trusted(record: TrustRecord, demand: Demand) -> bool:
    return (
        record.recent.get(Deed.FLAGGED, 0) <= demand.most_flagged
        and record.recent.get(Deed.FLAGS_DISAGREED, 0) <= demand.most_flags_disagreed
    )


def _is_active(record: TrustRecord, demand: Demand, percent: int) -> bool:
    return record.recent.get(Deed.VISITED, 0) >= ceil(demand.recent_visited * percent / 100) and record.recent.get(
        Deed.READ, 0
    ) >= ceil(demand.recent_read * percent / 100)


def _ceiling(record: TrustRecord, rules: TrustRules, now: datetime) -> int:
    """What a silence leaves: nothing while it lasts, little for a while after."""
    if record.silenced_until is None:
        return HIGHEST
    if record.silenced_until > now:
        return 0
    recovering = now - record.silenced_until < timedelta(days=rules.after_silence_days)
    return rules.after_silence_level if recovering else HIGHEST
