"""A request about what is kept of somebody: its kinds, its states, its clock. Pure.

The clock is the law's: 3 x 24 hours (UU No. 27/2022, articles 6 to 13 with 30 to 41), whatever the day. It begins with
the request; of somebody without an account with the confirmation of their address, for until then nobody asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from server.kernel.text import RedactedText

TERM: Final = timedelta(hours=72)
"""How long an answer may take."""
WARN_BEFORE: Final = timedelta(hours=24)
"""How long before the end officers are told."""
CONFIRM_WITHIN: Final = timedelta(hours=24)
"""How long an unconfirmed request waits before it is dropped."""
MOST_NOTES: Final = 100
MAX_ANSWER: Final = 4_000
MAX_NOTE: Final = 1_000


class Kind(StrEnum):
    """What somebody asks for. People read these (`request.kind.<value>` in the catalogues)."""

    ACCESS = "access"
    """To know what is kept, and to have a copy (articles 5, 7, 13)."""
    CORRECTION = "correction"
    """Article 6."""
    ERASURE = "erasure"
    """Article 8."""
    RESTRICTION = "restriction"
    """Article 11."""
    OBJECTION = "objection"
    """To what a machine decides or proposes (article 10)."""
    OTHER = "other"
    """A question, or something else."""


class State(StrEnum):
    """How far a request is. People read these (`request.state.<value>`)."""

    UNCONFIRMED = "unconfirmed"
    """Somebody without an account wrote; nobody reads it before they have followed the link in a letter."""
    RECEIVED = "received"
    TAKEN = "taken"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Reason(StrEnum):
    """Why a request is refused (`request.reason.<value>`); the officer's words stand beside it."""

    NOTHING_KEPT = "nothing_kept"
    IDENTITY = "identity"
    """It could not be made sure that it is their own data."""
    LAW = "law"
    """A law says that it must be kept."""
    OTHERS = "others"
    """It would take away what is somebody else's."""
    REPEATED = "repeated"
    """The same was answered a short while ago."""


class Warned(IntEnum):
    """What officers were told of a clock."""

    NOT = 0
    NEAR = 1
    LATE = 2


WAITING: Final = frozenset({State.RECEIVED, State.TAKEN})
"""States in which the clock runs."""

MOVES: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.UNCONFIRMED: frozenset({State.RECEIVED}),
        State.RECEIVED: frozenset({State.TAKEN, State.DONE, State.REFUSED, State.WITHDRAWN}),
        State.TAKEN: frozenset({State.RECEIVED, State.TAKEN, State.DONE, State.REFUSED, State.WITHDRAWN}),
        State.DONE: frozenset(),
        State.REFUSED: frozenset(),
        State.WITHDRAWN: frozenset(),
    }
)
"""From which state a request can go where; a taken one may be taken over."""


@dataclass(frozen=True, slots=True)
class Step:
    """A request came into a state. The person sees these.

    Attributes:
        state: which.
        at: when, aware, UTC.
    """

    state: State
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What an officer wrote down beside a request, for officers.

    Attributes:
        by: account of the officer.
        at: when, aware, UTC.
        text: redacted.
    """

    by: str
    at: datetime
    text: RedactedText


@dataclass(frozen=True, slots=True)
class Request:
    """One request, durable and redacted. `repr` does not show the address.

    Attributes:
        id: opaque.
        kind: what is asked for.
        person_id: whose it is; empty for somebody without an account, or who was erased.
        locale: their language.
        text: in their words, redacted; empty where they wrote none.
        made_at: when it came, aware, UTC.
        state: how far it is.
        due_at: until when it has to be answered; None before the clock began.
        address: of somebody without an account, for letters alone; empty once it is ended.
        holder: account of the officer who has taken it; or empty.
        notes: for officers.
        answer: for the person, redacted; or None.
        reason: why it was refused; or None.
        ended_at: when; or None.
        steps: its states in order.
        warned: what officers were told of its clock.
        unannounced: whether officers have still to be told that it is there.
        revision: rises with each change.
    """

    id: str
    kind: Kind
    person_id: str
    locale: str
    text: RedactedText
    made_at: datetime
    state: State
    due_at: datetime | None = None
    address: str = field(default="", repr=False)
    holder: str = ""
    notes: tuple[Note, ...] = ()
    answer: RedactedText | None = None
    reason: Reason | None = None
    ended_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    warned: Warned = Warned.NOT
    unannounced: bool = False
    revision: int = 1

    @property
    def is_waiting(self) -> bool:
        """Whether its clock runs."""
        return self.state in WAITING

    def is_late(self, now: datetime) -> bool:
        """Whether it was not answered in time."""
        return self.due_at is not None and (self.ended_at or now) > self.due_at and self.state is not State.WITHDRAWN

    def is_near(self, now: datetime) -> bool:
        """Whether its clock is about to run out."""
        return self.is_waiting and self.due_at is not None and now >= self.due_at - WARN_BEFORE


@dataclass(frozen=True, slots=True)
class Figures:
    """How requests of a month were answered.

    Attributes:
        received: how many began in it.
        answered_in_time: of these, how many were done or refused within their clock.
        late: of these, how many were not, or are not and the time is over.
        open: of these, how many still wait within their time.
    """

    received: int
    answered_in_time: int
    late: int
    open: int


def warning_due(request: Request, now: datetime) -> Warned:
    """Give what officers have to be told of a request now; `Warned.NOT` where nothing new."""
    if not request.is_waiting or request.due_at is None:
        return Warned.NOT
    reached = Warned.LATE if request.is_late(now) else Warned.NEAR if request.is_near(now) else Warned.NOT
    return reached if reached > request.warned else Warned.NOT


def figures_of(requests: list[Request], now: datetime) -> Figures:
    """Count requests that began in a month; what was taken back counts as received alone."""
    late = sum(one.is_late(now) for one in requests)
    answered = sum(one.state in {State.DONE, State.REFUSED} and not one.is_late(now) for one in requests)
    return Figures(len(requests), answered, late, sum(one.is_waiting and not one.is_late(now) for one in requests))
