"""Incidents over HTTP: the register for privacy officers, reporting for administrators too, and one's own notices."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Final

from pydantic import Field

from server.incidents.model import (
    INCIDENT_RULE,
    Clock,
    Data,
    Incident,
    Kind,
    Query,
    Severity,
    State,
    Telling,
    Words,
)
from server.incidents.service import Incidents
from server.kernel.ports import Clock as Time
from server.kernel.wire import Moment, Schema, TypedText
from server.web.endpoint import Access, Call, Endpoint

_INCIDENTS: Final = "/api/v1/privacy/incidents"
_INCIDENT: Final = f"{_INCIDENTS}/{{id}}"
_Revision = Annotated[int, Field(ge=1)]
_Handler = Callable[[Call], Awaitable[Schema]]
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


def endpoints(incidents: Incidents, clock: Time) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_of_register(incidents, clock), *_of_changes(incidents, clock), *_of_telling(incidents, clock))


def _of_register(incidents: Incidents, clock: Time) -> Sequence[Endpoint]:
    async def every(call: Call) -> IncidentsReply:
        return IncidentsReply(items=[_out(one, clock) for one in await incidents.all(call.actor)])

    async def report(call: Call) -> ReportedReply:
        body: NewIncident = call.body
        made = await incidents.report(
            call.actor, body.title, body.story, body.kind, body.severity, body.discovered_at, drill=body.drill
        )
        return ReportedReply(id=made.id, number=made.number)

    async def show(call: Call) -> IncidentReply:
        return IncidentReply(incident=_out(await incidents.get(call.actor, call.path["id"]), clock))

    async def people(call: Call) -> AffectedReply:
        return AffectedReply(people=sorted(await incidents.people(call.actor, call.path["id"])))

    async def own(call: Call) -> OwnIncidents:
        return OwnIncidents(
            items=[
                OwnIncident(
                    number=one.number,
                    kind=one.kind,
                    data=list(one.data),
                    story=one.story.text.value,
                    measures=_text(one.measures),
                    occurred_from=one.occurred_from,
                    occurred_to=one.occurred_to,
                    discovered_at=one.discovered_at,
                    told_at=at,
                )
                for one, at in await incidents.own(call.actor)
            ]
        )

    officer = Access.PRIVACY_OFFICER
    return (
        Endpoint("GET", _INCIDENTS, "The register of incidents", every, IncidentsReply, officer),
        Endpoint(
            "POST",
            _INCIDENTS,
            "Report an incident, or begin a drill",
            report,
            ReportedReply,
            Access.OVERSIGHT,
            body=NewIncident,
            status=201,
        ),
        Endpoint("GET", _INCIDENT, "An incident", show, IncidentReply, officer, rule=INCIDENT_RULE),
        Endpoint(
            "GET",
            f"{_INCIDENT}/people",
            "Who is affected, as ids; that somebody asked stands in the audit trail",
            people,
            AffectedReply,
            officer,
            rule=INCIDENT_RULE,
        ),
        Endpoint("GET", "/api/v1/me/incidents", "Incidents that one was told of", own, OwnIncidents, Access.SIGNED_IN),
    )


def _of_changes(incidents: Incidents, clock: Time) -> Sequence[Endpoint]:
    async def assess(call: Call) -> IncidentReply:
        body: Assessment = call.body
        changed = await incidents.assess(
            call.actor,
            call.path["id"],
            body.revision,
            severity=body.severity,
            kind=body.kind,
            data=body.data,
            occurred_from=body.occurred_from,
            occurred_to=body.occurred_to,
            notifiable=body.notifiable,
        )
        return IncidentReply(incident=_out(changed, clock))

    async def write(call: Call) -> IncidentReply:
        body: IncidentText = call.body
        changed = await incidents.write(call.actor, call.path["id"], body.revision, body.field, body.text)
        return IncidentReply(incident=_out(changed, clock))

    async def move(call: Call) -> IncidentReply:
        body: IncidentMove = call.body
        changed = await incidents.move(call.actor, call.path["id"], body.revision, body.state)
        return IncidentReply(incident=_out(changed, clock))

    async def add_task(call: Call) -> IncidentReply:
        body: NewTask = call.body
        changed = await incidents.add_task(
            call.actor, call.path["id"], body.revision, body.text, body.owner_id, body.due_at
        )
        return IncidentReply(incident=_out(changed, clock))

    async def finish_task(call: Call) -> IncidentReply:
        body: TaskDone = call.body
        changed = await incidents.finish_task(call.actor, call.path["id"], body.revision, body.number)
        return IncidentReply(incident=_out(changed, clock))

    return (
        _change(
            "PUT", "assessment", "Say what an incident is about, and whether people have to be told", assess, Assessment
        ),
        _change("PUT", "texts", "Write one of its texts anew", write, IncidentText),
        _change("PUT", "state", "Say how far it is", move, IncidentMove),
        _change("POST", "tasks", "Add a task", add_task, NewTask),
        _change("POST", "tasks/done", "Say that a task is done", finish_task, TaskDone),
    )


def _of_telling(incidents: Incidents, clock: Time) -> Sequence[Endpoint]:
    async def look(call: Call) -> IncidentReply:
        body: IncidentLook = call.body
        changed = await incidents.find(
            call.actor,
            call.path["id"],
            body.revision,
            body.query,
            subject=body.subject.strip(),
            names=body.names,
            begins=body.begins,
            ends=body.ends,
        )
        return IncidentReply(incident=_out(changed, clock))

    async def authority(call: Call) -> IncidentReply:
        body: IncidentSeen = call.body
        changed = await incidents.authority_told(call.actor, call.path["id"], body.revision)
        return IncidentReply(incident=_out(changed, clock))

    async def tell(call: Call) -> IncidentReply:
        body: IncidentSeen = call.body
        return IncidentReply(
            incident=_out(await incidents.tell_people(call.actor, call.path["id"], body.revision), clock)
        )

    return (
        _change("POST", "searches", "Look for the affected, and add them", look, IncidentLook),
        _change("POST", "authority", "Write down that the authority was written to", authority, IncidentSeen),
        _change("POST", "telling", "Begin to tell the affected", tell, IncidentSeen),
    )


def _change(method: str, what: str, summary: str, handler: _Handler, body: type[Schema]) -> Endpoint:
    return Endpoint(
        method,
        f"{_INCIDENT}/{what}",
        summary,
        handler,
        IncidentReply,
        Access.PRIVACY_OFFICER,
        body=body,
        rule=INCIDENT_RULE,
    )


def _text(words: Words | None) -> str | None:
    return words.text.value if words is not None else None


def _out(one: Incident, clock: Time) -> IncidentOut:
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
        measures=_text(one.measures),
        lessons=_text(one.lessons),
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
