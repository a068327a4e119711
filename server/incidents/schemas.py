"""Incidents on the wire: what is sent in, and how an incident is shown to privacy officers and to whom it concerns."""

from typing import Annotated

from pydantic import Field

from server.incidents.model import Clock, Data, Incident, Kind, Query, Severity, State, Telling, Words
from server.kernel.ports import Clock as Time
from server.kernel.wire import Moment, Schema, TypedText

_Revision = Annotated[int, Field(ge=1)]
_Named = Annotated[str, Field(min_length=1, max_length=254)]


class IncidentTask(Schema):
    """Something to be done."""

    number: int
    text: str
    owner_id: str | None
    due_at: Moment
    done_at: Moment | None


class IncidentSearch(Schema):
    """A look for the affected; how many there were."""

    query: Query
    subject: str | None
    begins: Moment | None
    ends: Moment | None
    count: int
    at: Moment


class IncidentStep(Schema):
    """Something that was done."""

    what: str
    by: str
    at: Moment


class IncidentOut(Schema):
    """An incident. `clock`: how it stands with the 3 x 24 hours of the law, which end at `due_at`."""

    id: str
    number: int
    drill: bool
    severity: Severity
    kind: Kind
    state: State
    clock: Clock
    title: str
    story: str
    measures: str | None
    lessons: str | None
    data: list[Data]
    discovered_at: Moment
    due_at: Moment
    occurred_from: Moment | None
    occurred_to: Moment | None
    notifiable: bool | None
    people: int
    told: int
    telling: Telling
    authority_at: Moment | None
    people_at: Moment | None
    tasks: list[IncidentTask]
    searches: list[IncidentSearch]
    steps: list[IncidentStep]
    revision: int


class IncidentReply(Schema):
    """An incident."""

    incident: IncidentOut


class IncidentsReply(Schema):
    """All, those that go on first."""

    items: list[IncidentOut]


class ReportedReply(Schema):
    """The number under which it was taken down."""

    id: str
    number: int


class AffectedReply(Schema):
    """Who is affected, as ids of accounts."""

    people: list[str]


class OwnIncident(Schema):
    """What somebody is told of an incident that concerns them."""

    number: int
    kind: Kind
    data: list[Data]
    story: str
    measures: str | None
    occurred_from: Moment | None
    occurred_to: Moment | None
    discovered_at: Moment
    told_at: Moment


class OwnIncidents(Schema):
    """Those that one was told of, the latest first."""

    items: list[OwnIncident]


class NewIncident(Schema):
    """What happened. `drill`: an exercise."""

    title: TypedText
    story: TypedText
    kind: Kind
    severity: Severity
    discovered_at: Moment
    drill: bool = False


class Assessment(Schema):
    """What it is about, when it was, whether people have to be told."""

    revision: _Revision
    severity: Severity
    kind: Kind
    data: Annotated[list[Data], Field(max_length=len(Data))]
    occurred_from: Moment | None = None
    occurred_to: Moment | None = None
    notifiable: bool | None = None


class IncidentText(Schema):
    """One of its texts anew: `story`, `measures`, `lessons`."""

    revision: _Revision
    field: Annotated[str, Field(max_length=20)]
    text: TypedText


class IncidentMove(Schema):
    """How far it is."""

    revision: _Revision
    state: State


class IncidentLook(Schema):
    """By what the affected are looked for."""

    revision: _Revision
    query: Query
    subject: Annotated[str, Field(max_length=254)] = ""
    names: Annotated[list[_Named], Field(max_length=200, default_factory=list)]
    begins: Moment | None = None
    ends: Moment | None = None


class NewTask(Schema):
    """Something to be done, by whom and until when."""

    revision: _Revision
    text: TypedText
    owner_id: Annotated[str, Field(max_length=64)] = ""
    due_at: Moment


class TaskDone(Schema):
    """Which task is done."""

    revision: _Revision
    number: Annotated[int, Field(ge=1)]


class IncidentSeen(Schema):
    """Of which state of it somebody speaks."""

    revision: _Revision


def text_of(words: Words | None) -> str | None:
    """Give a text of it, after the gate; None where there is none yet."""
    return words.text.value if words is not None else None


def incident_out(one: Incident, clock: Time) -> IncidentOut:
    """Give an incident as privacy officers see it."""
    return IncidentOut(
        id=one.id,
        number=one.number,
        drill=one.drill,
        severity=one.severity,
        kind=one.kind,
        state=one.state,
        clock=one.clock(clock()),
        title=one.title.text.value,
        story=one.story.text.value,
        measures=text_of(one.measures),
        lessons=text_of(one.lessons),
        data=list(one.data),
        discovered_at=one.discovered_at,
        due_at=one.due_at,
        occurred_from=one.occurred_from,
        occurred_to=one.occurred_to,
        notifiable=one.notifiable,
        people=one.people,
        told=one.told,
        telling=one.telling,
        authority_at=one.authority_at,
        people_at=one.people_at,
        tasks=[
            IncidentTask(
                number=task.number,
                text=task.words.text.value,
                owner_id=task.owner_id or None,
                due_at=task.due_at,
                done_at=task.done_at,
            )
            for task in one.tasks
        ],
        searches=[
            IncidentSearch(
                query=look.query,
                subject=look.subject or None,
                begins=look.begins,
                ends=look.ends,
                count=look.count,
                at=look.at,
            )
            for look in one.finds
        ],
        steps=[IncidentStep(what=step.what, by=step.by, at=step.at) for step in one.steps],
        revision=one.revision,
    )
