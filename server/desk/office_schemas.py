"""What the desk keeps for itself on the wire: ready answers, macros, agents, settings, figures. Pure shapes."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from server.chat.schemas import Id, Person
from server.desk.model import Assigning, Availability, Priority, StepKind
from server.desk.schemas import Label
from server.kernel.wire import Moment, Schema, TypedSubject, TypedText

Shortcut = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""What is typed after the `/`."""

_Minutes = Annotated[int, Field(ge=1, le=525_600)]
Skill = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]


class DeskCannedIn(Schema):
    """A ready answer. Variables: `{{customer}}`, `{{agent}}`, `{{subject}}`, `{{number}}`."""

    shortcut: Shortcut
    title: TypedSubject
    text: TypedText


class DeskCannedChange(Schema):
    """What is to be another; what is left out stays."""

    shortcut: Shortcut | None = None
    title: TypedSubject | None = None
    text: TypedText | None = None


class DeskCannedOut(Schema):
    """A ready answer."""

    id: str
    shortcut: str
    title: str
    text: str
    updated_at: Moment


class DeskCannedReply(Schema):
    """One of them."""

    canned: DeskCannedOut


class DeskCannedList(Schema):
    """All of them, by shortcut."""

    items: list[DeskCannedOut]


class FilledIn(Schema):
    """For which conversation."""

    conversation_id: Id


class FilledReply(Schema):
    """The text with its variables filled in, to go on writing in."""

    text: str


class MacroStep(Schema):
    """One thing that a macro does; each kind needs its own field."""

    kind: StepKind
    canned_id: Id | None = None
    label: Label | None = None
    priority: Priority | None = None
    hours: Annotated[int, Field(ge=1, le=24 * 90)] | None = None
    agent_id: Id | None = None


_Steps = Annotated[list[MacroStep], Field(min_length=1, max_length=10)]


class MacroIn(Schema):
    """Several steps under one name, done in this order."""

    title: TypedSubject
    steps: _Steps


class MacroChange(Schema):
    """What is to be another; what is left out stays."""

    title: TypedSubject | None = None
    steps: _Steps | None = None


class MacroOut(Schema):
    """A macro."""

    id: str
    title: str
    steps: list[MacroStep]
    updated_at: Moment


class MacroReply(Schema):
    """One of them."""

    macro: MacroOut


class MacroList(Schema):
    """All of them, by title."""

    items: list[MacroOut]


class MacroRun(Schema):
    """The same `client_id` again repeats nothing that was said."""

    client_id: Id


class MacroRunReply(Schema):
    """How many steps were done; `failed` is the code of what stopped it, or null."""

    done: int
    failed: str | None


class DeskMeIn(Schema):
    """Whether the caller takes conversations."""

    status: Availability


class DeskAgentOut(Schema):
    """Somebody who takes conversations. `load`: open ones that they have; `waiting`: of those, where somebody waits."""

    id: str
    display_name: Annotated[str, Field(repr=False)]
    status: Availability
    online: bool
    skills: list[str]
    capacity: int
    load: int
    waiting: int


class DeskMeReply(Schema):
    """The caller; null for those who take no conversations."""

    me: DeskAgentOut | None


class DeskAgentList(Schema):
    """Everybody who takes conversations."""

    items: list[DeskAgentOut]


class DeskAgentReply(Schema):
    """One of them."""

    agent: DeskAgentOut


class DeskAgentChange(Schema):
    """What is to be another; what is left out stays."""

    skills: Annotated[list[Skill], Field(max_length=20)] | None = None
    capacity: Annotated[int, Field(ge=0, le=500)] | None = None


class DeskLabel(Schema):
    """A label. `skill`: what who is to get such a conversation must know; `archived` ones can't be put on any more."""

    key: Label
    name: str
    colour: Annotated[int, Field(ge=0, le=11)]
    skill: str | None
    archived: bool


class DeskLabelList(Schema):
    """All labels."""

    items: list[DeskLabel]


class DeskLabelIn(Schema):
    """A label to make or change."""

    key: Label
    name: TypedSubject
    colour: Annotated[int, Field(ge=0, le=11)] = 0
    skill: Skill | None = None
    archived: bool = False


class DeskPolicy(Schema):
    """Working minutes in which it is promised; null for no promise."""

    first_response: _Minutes | None
    resolution: _Minutes | None


class DeskSettings(Schema):
    """How the desk works. `escalate_after`: minutes after a missed promise at which administrators are told."""

    policies: dict[Priority, DeskPolicy]
    warn_at: Annotated[int, Field(ge=1, le=99)]
    escalate_after: Annotated[list[_Minutes], Field(max_length=5)]
    assigning: Assigning
    labels: list[DeskLabel]
    changed_at: Moment | None


class DeskSettingsReply(Schema):
    """Them."""

    settings: DeskSettings


class DeskSettingsChange(Schema):
    """What is to be another; what is left out stays. `labels` are made or changed by their key, the others stay."""

    policies: dict[Priority, DeskPolicy] | None = None
    warn_at: Annotated[int, Field(ge=1, le=99)] | None = None
    escalate_after: Annotated[list[_Minutes], Field(max_length=5)] | None = None
    assigning: Assigning | None = None
    labels: Annotated[list[DeskLabelIn], Field(max_length=100)] | None = None


class FigureQuery(Schema):
    """From which day to which, both included, at most 366; the last 30 where nothing is said."""

    from_: Annotated[date | None, Field(alias="from")] = None
    to: date | None = None


class Spans(Schema):
    """How long something took: minutes, of as many as `count`. Null where there is none."""

    count: int
    average: float | None
    median: float | None
    p90: float | None


class Satisfaction(Schema):
    """Ratings: how many of each score."""

    count: int
    average: float | None
    scores: dict[str, int]


class FigureDay(Schema):
    """One day."""

    day: date
    opened: int
    closed: int
    messages: int
    first_response: Spans
    resolution: Spans
    satisfaction: Satisfaction


class FigureAgent(Schema):
    """One agent over the whole time. `load` is of now."""

    agent: Person
    answers: int
    closed: int
    load: int
    first_response: Spans
    resolution: Spans
    satisfaction: Satisfaction


class DeskFigures(Schema):
    """The desk's figures. `hours`: customers' messages by weekday (0 is Monday) and hour, local time."""

    days: list[FigureDay]
    total: FigureDay
    agents: list[FigureAgent]
    hours: list[list[int]]
    kept: dict[Literal["first_response", "resolution"], float | None]
