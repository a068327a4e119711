"""An incident and its clock. Pure.

Source of the clock: UU No. 27/2022, article 46: where protecting personal data failed, its controller writes within
3 x 24 hours to the people concerned and to the authority: which data were disclosed, when and how, and what is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.text import RedactedText, Redaction

WITHIN: Final = timedelta(hours=72)
NEAR: Final = timedelta(hours=24)
"""So long before the end of the clock officers are told that it is near."""

MAX_TITLE: Final = 120
MAX_WORDS: Final = 2_000
MOST_TASKS: Final = 50
MOST_FINDS: Final = 20

_OFFICER: Final = frozenset({Role.PRIVACY_OFFICER})
INCIDENT_RULE: Final = Rule("incident", _OFFICER, _OFFICER)


class Severity(StrEnum):
    """How bad it is for people."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Kind(StrEnum):
    """What sort of incident it is."""

    ACCESS = "access"
    """Somebody looked who should not have."""
    ACCOUNT = "account"
    """An account was taken over."""
    DISCLOSURE = "disclosure"
    """Data came to others: sent to the wrong person, published."""
    LOSS = "loss"
    """Data, a device or a key is lost."""
    ALTERATION = "alteration"
    """Data was changed by somebody who should not have."""
    OTHER = "other"


class Data(StrEnum):
    """What data it is about."""

    NAME = "name"
    CONTACT = "contact"
    ADDRESS = "address"
    IDENTITY = "identity"
    PAYMENT = "payment"
    MESSAGES = "messages"
    FILES = "files"
    CREDENTIALS = "credentials"
    VISITS = "visits"


class State(StrEnum):
    """How far it is."""

    REPORTED = "reported"
    """Nobody of the privacy officers has looked yet."""
    OPEN = "open"
    CONTAINED = "contained"
    """It goes on no more; what is left is telling, tasks and lessons."""
    CLOSED = "closed"
    DISMISSED = "dismissed"
    """It was none."""


ENDED: Final = frozenset({State.CLOSED, State.DISMISSED})
MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.REPORTED: frozenset({State.OPEN, State.DISMISSED}),
    State.OPEN: frozenset({State.CONTAINED, State.DISMISSED}),
    State.CONTAINED: frozenset({State.OPEN, State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN}),
    State.DISMISSED: frozenset({State.OPEN}),
}


class Clock(StrEnum):
    """How an incident stands with the clock of the law."""

    RUNNING = "running"
    NEAR = "near"
    LATE = "late"
    MET = "met"
    """People and the authority were told in time."""
    MISSED = "missed"
    """They were told, and too late."""
    NOT_NEEDED = "not_needed"
    """It was found that no personal data is concerned, or that it was no incident."""


class Telling(StrEnum):
    """How far telling the affected is."""

    NONE = "none"
    GOING_ON = "going_on"
    DONE = "done"


class Query(StrEnum):
    """By what the affected are looked for."""

    PEOPLE = "people"
    """Named one by one."""
    LOOKED_AT = "looked_at"
    """Those at whose data a member of staff, or whoever had their session, looked in a span of time."""
    CONVERSATIONS = "conversations"
    """Those whose conversations went on in a span of time."""
    VISITS = "visits"
    """Those who were here in a span of time."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text after the gate."""

    text: RedactedText = field(repr=False)
    redactions: tuple[Redaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done.

    Attributes:
        number: within its incident, from 1.
        words: what.
        owner_id: whose it is; empty for nobody's yet.
        due_at: until when.
        done_at: when it was done; None before.
    """

    number: int
    words: Words
    owner_id: str
    due_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A look for the affected: by what, and how many there were. Who they are is sealed, and stands elsewhere.

    Attributes:
        query: by what.
        subject: of whom of the staff; empty for other queries.
        begins: of the span; None where there is none.
        ends: of the span.
        count: people found.
        at: when it was looked.
    """

    query: Query
    subject: str
    begins: datetime | None
    ends: datetime | None
    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done with it.

    Attributes:
        what: a word of the catalogue: `reported`, `open`, `authority_told`.
        by: account.
        at: when.
    """

    what: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident.

    Attributes:
        id: of it.
        number: that people name it by, from 1.
        drill: whether it is an exercise: nobody outside is told.
        severity: how bad it is.
        kind: what sort.
        title: in a few words.
        story: what happened, and how.
        data: what data it is about.
        discovered_at: when it was known; from then on the clock runs.
        occurred_from: when it began; None where nobody knows.
        occurred_to: when it ended; None while it goes on, or where nobody knows.
        by: who reported it.
        made_at: when.
        state: how far it is.
        notifiable: whether people have to be told; None while nobody has decided.
        measures: what was done about it.
        lessons: what was learned.
        finds: looks for the affected.
        people: how many they are, each once.
        tasks: what is to be done.
        authority_at: when the authority was written to.
        people_at: when telling the affected began.
        telling: how far that is.
        told: how many were told.
        warned: how often officers were told that the clock runs out.
        steps: what was done.
        revision: grows with each change.
    """

    id: str
    number: int
    drill: bool
    severity: Severity
    kind: Kind
    title: Words
    story: Words
    data: tuple[Data, ...]
    discovered_at: datetime
    occurred_from: datetime | None
    occurred_to: datetime | None
    by: str
    made_at: datetime
    state: State = State.REPORTED
    notifiable: bool | None = None
    measures: Words | None = None
    lessons: Words | None = None
    finds: tuple[Found, ...] = ()
    people: int = 0
    tasks: tuple[Task, ...] = ()
    authority_at: datetime | None = None
    people_at: datetime | None = None
    telling: Telling = Telling.NONE
    told: int = 0
    warned: int = 0
    steps: tuple[Step, ...] = ()
    revision: int = 1

    @property
    def due_at(self) -> datetime:
        """When the clock of the law is over."""
        return self.discovered_at + WITHIN

    @property
    def told_at(self) -> datetime | None:
        """When everybody who has to be told was; None before."""
        if self.authority_at is None or (self.people_at is None and self.people):
            return None
        return max(moment for moment in (self.authority_at, self.people_at) if moment is not None)

    def clock(self, now: datetime) -> Clock:
        """Say how it stands with the clock of the law."""
        if self.notifiable is False or self.state is State.DISMISSED:
            return Clock.NOT_NEEDED
        if self.told_at is not None:
            return Clock.MET if self.told_at <= self.due_at else Clock.MISSED
        if now > self.due_at:
            return Clock.LATE
        return Clock.NEAR if now >= self.due_at - NEAR else Clock.RUNNING

    def warnings_due(self, now: datetime) -> int:
        """Give how often officers are to have been told by now: once when it is near, once when it is late."""
        return {Clock.NEAR: 1, Clock.LATE: 2}.get(self.clock(now), 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What may be said in public of a year. Drills, and what was none, are not counted.

    Attributes:
        incidents: how many there were.
        notifiable: of how many people had to be told.
        in_time: of how many they were told within the law's time.
        drills: how often it was rehearsed.
    """

    incidents: int
    notifiable: int
    in_time: int
    drills: int


def figures_of(incidents: list[Incident], year: int, now: datetime) -> Figures:
    """Count those that were discovered in a year."""
    found = [one for one in incidents if one.discovered_at.year == year and one.state is not State.DISMISSED]
    real = [one for one in found if not one.drill]
    told = [one for one in real if one.notifiable]
    return Figures(
        len(real), len(told), sum(one.clock(now) is Clock.MET for one in told), sum(one.drill for one in found)
    )
