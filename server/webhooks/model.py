"""Webhooks and their deliveries, and the pure rules: which addresses can be one, when it is tried again."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from server.kernel.access import Rule
from server.kernel.actor import Role

_ADMIN: Final = frozenset({Role.ADMIN})
HOOK_RULE: Final = Rule("webhook", own=_ADMIN, others=_ADMIN)
DELIVERY_RULE: Final = Rule("webhook_delivery", own=_ADMIN, others=_ADMIN)

MOST_HOOKS: Final = 20
MAX_URL: Final = 512
KEPT: Final = timedelta(days=30)
"""How long the log of deliveries goes back."""
OLD_SECRET: Final = timedelta(hours=24)
"""How long a former secret signs too after a rotation."""
GIVEN_UP_AFTER: Final = timedelta(days=3)
"""From when it happened; then a delivery is not tried any more."""
DISABLED_AFTER: Final = timedelta(days=5)
"""Of failures without any success; then a hook is."""

_FIRST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(hours=12)
_NAME: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.[a-z][a-z0-9-]{0,61}[a-z0-9]")
_PATH: Final = re.compile(r"[A-Za-z0-9/_.~!$&'()*+,;=:@%?-]*")


class EventType(StrEnum):
    """What a hook may hear of."""

    GIVEN = "feedback.given"
    CHANGED = "feedback.changed"
    """Its state is another."""
    SHOWN = "feedback.shown"
    """It is to be seen now, or no longer."""
    ANSWERED = "feedback.answered"
    COMMENTED = "feedback.commented"
    MERGED = "feedback.merged"
    RATED = "feedback.rated"
    PUBLISHED = "feedback.published"
    """It was told what was changed because of it."""
    TOPIC_POSTED = "forum.topic.posted"
    """A topic of the forum became public: ids alone."""
    CONVERSATION_OPENED = "conversation.opened"
    """Or opened again."""
    CONVERSATION_CLOSED = "conversation.closed"
    CONVERSATION_RATED = "conversation.rated"
    """Its customer said how it was."""
    TEST = "webhook.test"
    """Somebody pressed the button; every hook hears of it."""


class Outcome(StrEnum):
    """What came of one try."""

    TAKEN = "taken"
    """2xx."""
    REFUSED = "refused"
    """Another status; redirections too, for none is followed."""
    GONE = "gone"
    """410: nobody wants to hear any more."""
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    LEADS_INSIDE = "leads_inside"
    """Its name leads into a network of ours."""


class Progress(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Disabled(StrEnum):
    """Why a hook hears of nothing."""

    BY_ADMIN = "by_admin"
    FAILING = "failing"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that signs.

    Attributes:
        value: as receivers have it.
        until: when it signs no more; None for the present one.
    """

    value: str = field(repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """One address that hears of events.

    Attributes:
        id: opaque.
        url: may hold a token in its path or query, so it is kept sealed.
        events: of what it hears.
        content: whether it is sent the redacted texts of public items, and what conversations are about.
        secrets: the present one first.
        made_at: aware, UTC.
        made_by: account.
        disabled: why it hears of nothing; None where it does.
        failing_since: since when nothing was taken; None where the last try was.
    """

    id: str
    url: str = field(repr=False)
    events: frozenset[EventType]
    content: bool
    secrets: tuple[Secret, ...] = field(repr=False)
    made_at: datetime
    made_by: str
    disabled: Disabled | None = None
    failing_since: datetime | None = None

    def hears(self, event: EventType) -> bool:
        """Whether it is told of an event."""
        return self.disabled is None and event in self.events

    def signing(self, at: datetime) -> list[str]:
        """Give the secrets that sign at a moment."""
        return [secret.value for secret in self.secrets if secret.until is None or at < secret.until]


Facts = Mapping[str, Any]
"""Ids, numbers and states, by name. Never a text."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one hook.

    Attributes:
        id: opaque; the same over all tries, and in a redelivery.
        hook_id: to whom.
        event: what happened.
        subject: id of what it happened to, for its content; or empty.
        facts: what is told of it in any case.
        at: when it happened.
        due_at: when it is tried next; None where it is not.
        progress: how far it has come.
        tries: how often it was tried.
        outcome: of the last try.
        status: HTTP status of the last answer, or None.
        tried_at: when it was last tried.
        asked_at: when somebody asked for it to be sent again.
    """

    id: str
    hook_id: str
    event: EventType
    subject: str
    facts: Facts
    at: datetime
    due_at: datetime | None
    progress: Progress = Progress.WAITING
    tries: int = 0
    outcome: Outcome | None = None
    status: int | None = None
    tried_at: datetime | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a try.

    Attributes:
        outcome: in a word.
        status: HTTP status, where there was an answer.
        wait: for how long the receiver asks to be left alone.
    """

    outcome: Outcome
    status: int | None = None
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class AddressRules:
    """Which addresses may be a hook.

    Attributes:
        ports: of https.
        is_ours: whether an IP address lies in a network of ours that the operator allows.
        allows: whether connections may lead to an IP address at all.
    """

    ports: frozenset[int]
    is_ours: Callable[[str], bool]
    allows: Callable[[str], bool]

    def refusal(self, url: str) -> str | None:
        """Say why an address can't be a hook, in a word; None where it can.

        The address is what it looks like to anybody: no user, no fragment, no other spelling of a host. Where the host
        leads is looked at when it is connected to (`server.outside`).
        """
        if len(url) > MAX_URL:
            return "too_long"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return "malformed"
        host = parts.hostname or ""
        rest = url.removeprefix(f"{parts.scheme}://{parts.netloc}")
        if not host or "@" in parts.netloc or "#" in url or not _PATH.fullmatch(rest) or not url.isascii():
            return "malformed"
        if url != f"{parts.scheme}://{parts.netloc}{rest}":
            return "malformed"
        literal = _literal(host)
        if literal is None and not _NAME.fullmatch(host):
            return "malformed"
        if literal is not None and self.is_ours(literal):
            return None if parts.scheme in {"http", "https"} else "https_only"
        if parts.scheme != "https":
            return "https_only"
        if (port or 443) not in self.ports:
            return "port_not_allowed"
        return "leads_inside" if literal is not None and not self.allows(literal) else None


def _literal(host: str) -> str | None:
    """Give a host that is an IP address in its usual spelling; None where it is none."""
    try:
        found = ip_address(host)
    except ValueError:
        return None
    return None if isinstance(found, IPv6Address) and found.scope_id else str(found)


def pause_after(tries: int, chance: float) -> timedelta:
    """Give how long to wait after so many tries: from 5 seconds, four times as long each time, to 12 hours.

    Args:
        tries: 1 or more.
        chance: 0 to 1; spreads receivers that fail together, by a fifth either way.
    """
    times: int = 4 ** min(tries - 1, 10)
    whole = min(_LONGEST, _FIRST * times)
    return whole * (0.8 + 0.4 * chance)


def settled(delivery: Delivery, answer: Answer, now: datetime, chance: float) -> tuple[Progress, datetime | None]:
    """Say how far a delivery has come after a try, and when it is tried next."""
    if answer.outcome is Outcome.TAKEN:
        return Progress.DELIVERED, None
    following = now + max(pause_after(delivery.tries + 1, chance), min(answer.wait, _LONGEST))
    if answer.outcome is Outcome.GONE or following > (delivery.asked_at or delivery.at) + GIVEN_UP_AFTER:
        return Progress.FAILED, None
    return Progress.WAITING, following


def verdict(hook: Hook, answers: Sequence[Answer], now: datetime) -> Disabled | None:
    """Say whether a hook is to be disabled after some tries, and why."""
    if any(answer.outcome is Outcome.GONE for answer in answers):
        return Disabled.GONE
    if any(answer.outcome is Outcome.TAKEN for answer in answers) or hook.failing_since is None:
        return None
    return Disabled.FAILING if now - hook.failing_since >= DISABLED_AFTER else None
