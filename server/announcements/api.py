"""The status page over HTTP: for everybody to read, for agents and administrators to write."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AwareDatetime, Field

from server.announcements.model import (
    COMPONENT_RULE,
    EVENT_RULE,
    MOST_COMPONENTS,
    Health,
    Impact,
    Phase,
    ServiceEvent,
)
from server.announcements.service import NewEvent, StatusBoard
from server.kernel.wire import Empty, Moment, Schema, TypedText
from server.web.endpoint import Access, Call, Endpoint

_STATUS = "/api/v1/status"
_Ids = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=MOST_COMPONENTS)]


class ServiceOut(Schema):
    """A service and how it is."""

    id: str
    name: str
    health: Health


class UpdateOut(Schema):
    """What was told once. Who told it is nobody's business."""

    phase: Phase
    text: str
    at: Moment


class EventOut(Schema):
    """A disruption, or planned works, which have no impact but an end."""

    id: str
    number: int
    title: str
    services: list[str]
    impact: Impact | None
    phase: Phase
    starts_at: Moment
    ends_at: Moment | None
    updates: list[UpdateOut]


class StatusReply(Schema):
    """How everything is."""

    works: bool
    services: list[ServiceOut]
    disruptions: list[EventOut]
    planned: list[EventOut]
    history: list[EventOut]


class EventReply(Schema):
    """An event as it is now."""

    event: EventOut


class NewEventIn(Schema):
    """A disruption, with its impact; or planned works, with their times."""

    title: TypedText
    text: TypedText
    services: _Ids
    impact: Impact | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class NewUpdate(Schema):
    """How it goes on."""

    phase: Phase
    text: TypedText


class NewService(Schema):
    """A service to be added."""

    name: TypedText


class ServiceReply(Schema):
    """The service that was added."""

    service: ServiceOut


class UsesIn(Schema):
    """Ids of the services that one uses."""

    services: _Ids


class UsesReply(Schema):
    """The services of whose disruptions one is told."""

    services: list[str]


def endpoints(board: StatusBoard) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_public(board), *_desk(board), *_own(board))


def _public(board: StatusBoard) -> Sequence[Endpoint]:

    async def status(_: Call) -> StatusReply:
        found, history = await board.overview(), await board.history()
        return StatusReply(
            works=found.works,
            services=[ServiceOut(id=one.id, name=one.name.value, health=how) for one, how in found.components],
            disruptions=[_out(event) for event in found.going_on],
            planned=[_out(event) for event in found.planned],
            history=[_out(event) for event in history],
        )

    return (
        Endpoint(
            "GET",
            _STATUS,
            "How the company's services are",
            status,
            StatusReply,
            Access.PUBLIC,
            network_limit="page_network",
        ),
    )


def _desk(board: StatusBoard) -> Sequence[Endpoint]:

    async def open_event(call: Call) -> EventReply:
        body: NewEventIn = call.body
        new = NewEvent(body.title, body.text, body.services, body.impact, body.starts_at, body.ends_at)
        return EventReply(event=_out(await board.open(call.actor, new)))

    async def update(call: Call) -> EventReply:
        body: NewUpdate = call.body
        return EventReply(event=_out(await board.update(call.actor, call.path["id"], body.phase, body.text)))

    async def add(call: Call) -> ServiceReply:
        body: NewService = call.body
        made = await board.add_component(call.actor, body.name)
        return ServiceReply(service=ServiceOut(id=made.id, name=made.name.value, health=Health.WORKING))

    async def remove(call: Call) -> Empty:
        await board.remove_component(call.actor, call.path["id"])
        return Empty()

    events, services = f"{_STATUS}/events", f"{_STATUS}/services"
    return (
        Endpoint(
            "POST",
            events,
            "Tell of a disruption or of planned works",
            open_event,
            EventReply,
            Access.DESK,
            body=NewEventIn,
            status=201,
        ),
        Endpoint(
            "POST",
            f"{events}/{{id}}/updates",
            "Tell how it goes on",
            update,
            EventReply,
            Access.DESK,
            body=NewUpdate,
            status=201,
            rule=EVENT_RULE,
        ),
        Endpoint("POST", services, "Add a service", add, ServiceReply, Access.DESK, body=NewService, status=201),
        Endpoint("DELETE", f"{services}/{{id}}", "Remove a service", remove, Empty, Access.DESK, rule=COMPONENT_RULE),
    )


def _own(board: StatusBoard) -> Sequence[Endpoint]:
    path = "/api/v1/me/services"

    async def uses(call: Call) -> UsesReply:
        return UsesReply(services=list(await board.uses(call.actor)))

    async def choose(call: Call) -> UsesReply:
        body: UsesIn = call.body
        return UsesReply(services=list(await board.choose(call.actor, body.services)))

    return (
        Endpoint("GET", path, "The services that one uses", uses, UsesReply, Access.MEMBER),
        Endpoint("PUT", path, "Say which services one uses", choose, UsesReply, Access.MEMBER, body=UsesIn),
    )


def _out(event: ServiceEvent) -> EventOut:
    return EventOut(
        id=event.id,
        number=event.number,
        title=event.title.value,
        services=list(event.components),
        impact=event.impact,
        phase=event.phase,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        updates=[UpdateOut(phase=one.phase, text=one.text.value, at=one.at) for one in event.updates],
    )
