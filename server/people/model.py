"""Profiles, what others see of them, and the pure rules about both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moderation.trust import HIGHEST, Deed, Power, TrustRecord, TrustRules, period_of
from server.kernel.access import Rule
from server.kernel.actor import STAFF_ROLES, Role
from server.kernel.errors import RateLimited
from server.kernel.events import Event
from server.kernel.ids import moment_of
from server.kernel.text import RedactedText, Redaction

MAX_BIO = 1_000
PERSON_RULE = Rule("person", own=frozenset(Role), others=frozenset(Role))
"""A handle is public, and so is what is shown under it."""

_NOTHING: Mapping[Deed, int] = {}


@dataclass(frozen=True, slots=True)
class PeopleRules:
    """What the operator has set.

    Attributes:
        company: name of the company, which is nobody's handle.
        handle_pause: how long after a change of one's handle the next is possible.
        handle_kept: how long a handle that was given up is nobody else's.
        trust: thresholds of the levels.
    """

    company: str
    handle_pause: timedelta = timedelta(days=30)
    handle_kept: timedelta = timedelta(days=365)
    trust: TrustRules = field(default_factory=TrustRules)


@dataclass(frozen=True, slots=True)
class Bio:
    """What somebody says of themselves, redacted.

    Attributes:
        text: Markdown.
        redactions: the placeholders in it.
    """

    text: RedactedText
    redactions: tuple[Redaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """Somebody in the community.

    Attributes:
        account_id: whose.
        handle: what they are called here.
        handle_changed_at: when they last chose it themselves; None while it is the made one.
        bio: what they say of themselves, or None.
        totals: deeds of all time.
        periods: the same by period (`moderation.trust.period_of`).
        level: trust level as it was last worked out.
        level_since: since when.
        visited_on: the day on which they were last here, as an ordinal; 0 for never.
        silenced_until: when their last silence ends or ended; None for never.
        suspended_until: likewise for being kept out.
    """

    account_id: str
    handle: str
    level_since: datetime
    handle_changed_at: datetime | None = None
    bio: Bio | None = None
    totals: Mapping[Deed, int] = field(default_factory=lambda: _NOTHING)
    periods: Mapping[int, Mapping[Deed, int]] = field(default_factory=dict)
    level: int = 0
    visited_on: int = 0
    silenced_until: datetime | None = None
    suspended_until: datetime | None = None

    @property
    def joined(self) -> str:
        """Year and month in which the account was made, `2026-11`: the day is nobody's affair."""
        return f"{moment_of(self.account_id):%Y-%m}"

    def record(self, rules: TrustRules, now: datetime) -> TrustRecord:
        """Give what the trust level is worked out from."""
        first = period_of(now) - rules.recent_periods + 1
        recent: dict[Deed, int] = {}
        for period, deeds in self.periods.items():
            if period >= first:
                for deed, count in deeds.items():
                    recent[deed] = recent.get(deed, 0) + count
        return TrustRecord(self.totals, recent, self.level, self.level_since, self.silenced_until)


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody as everybody may see them: under a handle, never under the name of their account.

    Attributes:
        account_id: whose; for the server's own use.
        handle: unique, lower case; begins every address of theirs.
        avatar_path: address of their picture, from the root of the site.
        role: of their account; shown for staff only.
        level: of trust, 0 to 4.
        suspended: whether they are kept out for now.
    """

    account_id: str
    handle: str
    avatar_path: str = ""
    role: Role = Role.CUSTOMER
    level: int = 0
    suspended: bool = False

    @property
    def badge(self) -> Role | None:
        """The role that is shown beside the handle: staff's."""
        return self.role if self.role in STAFF_ROLES else None

    @property
    def path(self) -> str:
        """Address of their page."""
        return profile_path(self.handle)


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody's conduct lets them do in public for now, beside their role.

    Attributes:
        level: of trust, 0 to 4.
        rules: thresholds.
        silenced_until: until when they may only read; None where they may write.
        suspended_until: until when they are kept out; None where they are not.
    """

    level: int = 0
    rules: TrustRules = field(default_factory=TrustRules, repr=False)
    silenced_until: datetime | None = None
    suspended_until: datetime | None = None

    def may_write(self, now: datetime) -> bool:
        """Whether they are neither silenced nor suspended."""
        return all(until is None or until <= now for until in (self.silenced_until, self.suspended_until))

    def may(self, power: Power) -> bool:
        """Whether their level opens something."""
        return self.rules.may(self.level, power)

    @property
    def mentions_a_day(self) -> int:
        """How many people they may mention in a day."""
        return self.rules.mentions(self.level)


@dataclass(frozen=True, slots=True)
class PersonaChanged(Event):
    """How somebody is shown has changed: what is kept with their handle or badge in it is outdated."""

    account_id: str


def profile_path(handle: str) -> str:
    """Give the address of somebody's page."""
    return f"/forum/u/{handle}"


def avatar_path(handle: str) -> str:
    """Give the address of somebody's picture."""
    return f"/forum/u/{handle}/avatar.svg"


def shown_level(profile: Profile, role: Role) -> int:
    """Give the trust level; staff have the highest by their role."""
    return HIGHEST if role in STAFF_ROLES else profile.level


def standing_of(profile: Profile, role: Role, rules: TrustRules, now: datetime) -> Standing:
    """Give what somebody may do at a moment."""
    return Standing(
        shown_level(profile, role),
        rules,
        _if_ahead(profile.silenced_until, now),
        _if_ahead(profile.suspended_until, now),
    )


def persona_of(profile: Profile, role: Role, now: datetime) -> Persona:
    """Give how somebody is shown."""
    return Persona(
        profile.account_id,
        profile.handle,
        avatar_path(profile.handle),
        role,
        shown_level(profile, role),
        _if_ahead(profile.suspended_until, now) is not None,
    )


def next_change(profile: Profile, rules: PeopleRules, now: datetime) -> datetime | None:
    """Give from when on the handle can be changed; None for now."""
    if profile.handle_changed_at is None:
        return None
    return _if_ahead(profile.handle_changed_at + rules.handle_pause, now)


def require_change(profile: Profile, rules: PeopleRules, now: datetime) -> None:
    """Insist that the handle can be changed now.

    Raises:
        RateLimited: it was changed a short while ago.
    """
    at = next_change(profile, rules, now)
    if at is not None:
        raise RateLimited(retry_after=max(1, int((at - now).total_seconds())))


def _if_ahead(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None
