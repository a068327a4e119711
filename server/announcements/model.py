"""Services, disruptions and planned works: the machine of their phases, and how a service is because of them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.text import RedactedText
from server.markup.html import SafeHtml

MOST_COMPONENTS: Final = 40
MOST_UPDATES: Final = 100
MAX_NAME: Final = 60
MAX_TITLE: Final = 120
MAX_UPDATE: Final = 2000
DESK: Final = frozenset({Role.AGENT, Role.ADMIN})
"""Agents hear of a disruption first, administrators mend it: both tell of it."""

EVENT_RULE: Final = Rule("service_event", own=DESK, others=DESK, known=True)
COMPONENT_RULE: Final = Rule("service", own=DESK, others=DESK, known=True)


class Impact(StrEnum):
    """How much a disruption takes away."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Phase(StrEnum):
    """Where a disruption, or planned works, stand."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    WATCHING = "watching"
    RESOLVED = "resolved"
    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class Health(StrEnum):
    """How a service is."""

    WORKING = "working"
    MAINTENANCE = "maintenance"
    SLOW = "slow"
    PARTLY_DOWN = "partly_down"
    DOWN = "down"


_P = Phase
TRANSITIONS: Final[Mapping[Phase, frozenset[Phase]]] = {
    _P.INVESTIGATING: frozenset({_P.INVESTIGATING, _P.IDENTIFIED, _P.WATCHING, _P.RESOLVED}),
    _P.IDENTIFIED: frozenset({_P.IDENTIFIED, _P.INVESTIGATING, _P.WATCHING, _P.RESOLVED}),
    _P.WATCHING: frozenset({_P.WATCHING, _P.INVESTIGATING, _P.IDENTIFIED, _P.RESOLVED}),
    _P.RESOLVED: frozenset({_P.INVESTIGATING}),
    _P.PLANNED: frozenset({_P.PLANNED, _P.RUNNING, _P.CANCELLED}),
    _P.RUNNING: frozenset({_P.RUNNING, _P.DONE}),
    _P.DONE: frozenset(),
    _P.CANCELLED: frozenset(),
}
"""What may be told next."""

OVER: Final = frozenset({_P.RESOLVED, _P.DONE, _P.CANCELLED})
_HEALTH: Final = {Impact.MINOR: Health.SLOW, Impact.MAJOR: Health.PARTLY_DOWN, Impact.CRITICAL: Health.DOWN}
_WORST: Final = tuple(Health)


@dataclass(frozen=True, slots=True)
class Component:
    """A service that customers know.

    Attributes:
        id: opaque.
        name: redacted.
        position: its place among the others.
    """

    id: str
    name: RedactedText
    position: int


@dataclass(frozen=True, slots=True)
class Update:
    """What was told once.

    Attributes:
        phase: where it stood then.
        text: Markdown, redacted.
        html: as it is shown.
        by: account of staff; shown to nobody.
        at: aware, UTC.
    """

    phase: Phase
    text: RedactedText
    html: SafeHtml
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """A disruption, or planned works.

    Attributes:
        id: opaque; also the scope in which hidden values are numbered.
        number: dense from 1; its address.
        title: redacted.
        components: ids of the services that it is about.
        impact: None for planned works.
        starts_at: when it began, or is to begin.
        ends_at: when planned works are to end; None for a disruption.
        updates: what was told, the earliest first; never empty.
        revision: rises with each change.
    """

    id: str
    number: int
    title: RedactedText
    components: tuple[str, ...]
    impact: Impact | None
    starts_at: datetime
    ends_at: datetime | None
    updates: tuple[Update, ...]
    revision: int = 0

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return self.updates[-1].phase

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self.phase in OVER

    @property
    def told_at(self) -> datetime:
        """When something was told of it last."""
        return self.updates[-1].at

    @property
    def path(self) -> str:
        """Its address."""
        return f"/status/{self.number}"


def can_follow(before: Phase, to: Phase) -> bool:
    """Whether one phase may follow on another."""
    return to in TRANSITIONS[before]


def health(component_id: str, events: Iterable[ServiceEvent]) -> Health:
    """Say how a service is: as the worst of what is going on with it."""
    found = [Health.WORKING]
    for event in events:
        if component_id in event.components and not event.is_over:
            if event.impact is not None:
                found.append(_HEALTH[event.impact])
            elif event.phase is Phase.RUNNING:
                found.append(Health.MAINTENANCE)
    return max(found, key=_WORST.index)
