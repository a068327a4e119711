"""Incidents over HTTP: the register for privacy officers, reporting for administrators too, and one's own notices."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from server.incidents.model import INCIDENT_RULE
from server.incidents.schemas import (
    AffectedReply,
    Assessment,
    IncidentLook,
    IncidentMove,
    IncidentReply,
    IncidentSeen,
    IncidentsReply,
    IncidentText,
    NewIncident,
    NewTask,
    OwnIncident,
    OwnIncidents,
    ReportedReply,
    TaskDone,
    incident_out,
    text_of,
)
from server.incidents.service import Incidents
from server.kernel.ports import Clock as Time
from server.kernel.wire import Schema
from server.web.endpoint import Access, Call, Endpoint

_INCIDENTS: Final = "/api/v1/privacy/incidents"
_INCIDENT: Final = f"{_INCIDENTS}/{{id}}"
_Handler = Callable[[Call], Awaitable[Schema]]


def endpoints(incidents: Incidents, clock: Time) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_of_register(incidents, clock), *_of_changes(incidents, clock), *_of_telling(incidents, clock))


def _of_register(incidents: Incidents, clock: Time) -> Sequence[Endpoint]:
    async def every(call: Call) -> IncidentsReply:
        return IncidentsReply(items=[incident_out(one, clock) for one in await incidents.all(call.actor)])

    async def report(call: Call) -> ReportedReply:
        body: NewIncident = call.body
        made = await incidents.report(
            call.actor, body.title, body.story, body.kind, body.severity, body.discovered_at, drill=body.drill
        )
        return ReportedReply(id=made.id, number=made.number)

    async def show(call: Call) -> IncidentReply:
        return IncidentReply(incident=incident_out(await incidents.get(call.actor, call.path["id"]), clock))

    async def people(call: Call) -> AffectedReply:
        return AffectedReply(people=sorted(await incidents.affected.people(call.actor, call.path["id"])))

    async def own(call: Call) -> OwnIncidents:
        return OwnIncidents(
            items=[
                OwnIncident(
                    number=one.number,
                    kind=one.kind,
                    data=list(one.data),
                    story=one.story.text.value,
                    measures=text_of(one.measures),
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
        return IncidentReply(incident=incident_out(changed, clock))

    async def write(call: Call) -> IncidentReply:
        body: IncidentText = call.body
        changed = await incidents.write(call.actor, call.path["id"], body.revision, body.field, body.text)
        return IncidentReply(incident=incident_out(changed, clock))

    async def move(call: Call) -> IncidentReply:
        body: IncidentMove = call.body
        changed = await incidents.move(call.actor, call.path["id"], body.revision, body.state)
        return IncidentReply(incident=incident_out(changed, clock))

    async def add_task(call: Call) -> IncidentReply:
        body: NewTask = call.body
        changed = await incidents.tasks.add(
            call.actor, call.path["id"], body.revision, body.text, body.owner_id, body.due_at
        )
        return IncidentReply(incident=incident_out(changed, clock))

    async def finish_task(call: Call) -> IncidentReply:
        body: TaskDone = call.body
        changed = await incidents.tasks.finish(call.actor, call.path["id"], body.revision, body.number)
        return IncidentReply(incident=incident_out(changed, clock))

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
        changed = await incidents.affected.find(
            call.actor,
            call.path["id"],
            body.revision,
            body.query,
            subject=body.subject.strip(),
            names=body.names,
            begins=body.begins,
            ends=body.ends,
        )
        return IncidentReply(incident=incident_out(changed, clock))

    async def authority(call: Call) -> IncidentReply:
        body: IncidentSeen = call.body
        changed = await incidents.informing.authority(call.actor, call.path["id"], body.revision)
        return IncidentReply(incident=incident_out(changed, clock))

    async def tell(call: Call) -> IncidentReply:
        body: IncidentSeen = call.body
        return IncidentReply(
            incident=incident_out(await incidents.informing.people(call.actor, call.path["id"], body.revision), clock)
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
