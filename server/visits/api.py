"""A person's own visits over HTTP."""

from collections.abc import Sequence

from server.kernel.wire import Moment, Schema
from server.visits.model import Browser, Device, Place, Reach, System, Visit
from server.visits.service import VisitLog
from server.web.endpoint import Call, Endpoint
from server.web.paging import PageQuery, next_cursor, place_of


class DeviceOut(Schema):
    """What somebody used, by family."""

    browser: Browser
    system: System


class PlaceOut(Schema):
    """Where somebody was, roughly: a shortened network such as `203.0.113.x`, empty where there is none to show."""

    network: str
    reach: Reach


class VisitOut(Schema):
    """One visit. `address` and `user_agent` are null once the full values were dropped."""

    id: str
    at: Moment
    signed_in: bool
    current: bool
    device: DeviceOut
    place: PlaceOut
    address: str | None
    user_agent: str | None


class VisitPage(Schema):
    """Visits, the latest first; `next_cursor` is null at the end."""

    items: list[VisitOut]
    next_cursor: str | None


def device_out(device: Device) -> DeviceOut:
    """Give the wire form of a device."""
    return DeviceOut(browser=device.browser, system=device.system)


def place_out(place: Place) -> PlaceOut:
    """Give the wire form of a place."""
    return PlaceOut(network=place.network, reach=place.reach)


def _visit_out(visit: Visit, session_id: str) -> VisitOut:
    return VisitOut(
        id=visit.id,
        at=visit.at,
        signed_in=visit.signed_in,
        current=visit.session_id == session_id,
        device=device_out(visit.device),
        place=place_out(visit.place),
        address=visit.address,
        user_agent=visit.agent,
    )


def endpoints(visits: VisitLog) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def own(call: Call) -> VisitPage:
        query: PageQuery = call.query
        page = await visits.page(call.actor.account_id, limit=query.limit, before=place_of(query.cursor))
        last = page.visits[-1:] if page.has_more else []
        return VisitPage(
            items=[_visit_out(visit, call.actor.session_id) for visit in page.visits],
            next_cursor=next_cursor([visit.id for visit in [*page.visits, *last]], query.limit),
        )

    return (Endpoint("GET", "/api/v1/me/visits", "When and from where one was here", own, VisitPage, query=PageQuery),)
