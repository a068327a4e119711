"""What staff keep beside feedback, over HTTP: areas, canned answers, saved views."""

from collections.abc import Sequence

from server.feedback.desk import Desk
from server.feedback.model import Action, rule
from server.feedback.schemas import AreaIn, CannedIn, ViewIn
from server.feedback.shapes import AreaList, AreaReply, CannedList, CannedReply, SavedViewList, SavedViewReply
from server.feedback.views import area_out, canned_out, saved_view_out
from server.kernel.wire import Empty
from server.web.endpoint import Access, Call, Endpoint, Reply

_ROOT = "/api/v1/feedback"


def endpoints(desk: Desk) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def all_areas(call: Call) -> AreaList:
        return AreaList(items=[area_out(area) for area in await desk.areas(archived=True)])

    async def put_area(call: Call) -> AreaReply:
        body: AreaIn = call.body
        typed = {"id": body.name_id, "en": body.name_en}
        names = {locale: name for locale, name in typed.items() if name is not None}
        area = await desk.put_area(call.actor, body.key, names, position=body.position, archived=body.archived)
        return AreaReply(area=area_out(area))

    async def list_canned(call: Call) -> CannedList:
        return CannedList(items=[canned_out(canned) for canned in await desk.canned(call.actor)])

    async def add_canned(call: Call) -> Reply:
        body: CannedIn = call.body
        canned = await desk.put_canned(call.actor, body.title, body.text)
        return Reply(CannedReply(canned=canned_out(canned)), status=201)

    async def change_canned(call: Call) -> CannedReply:
        body: CannedIn = call.body
        canned = await desk.put_canned(call.actor, body.title, body.text, call.path["id"])
        return CannedReply(canned=canned_out(canned))

    async def remove_canned(call: Call) -> Empty:
        await desk.remove_canned(call.actor, call.path["id"])
        return Empty()

    async def list_views(call: Call) -> SavedViewList:
        return SavedViewList(items=[saved_view_out(view) for view in await desk.views(call.actor)])

    async def keep_view(call: Call) -> Reply:
        body: ViewIn = call.body
        chosen = body.query.model_dump(mode="json", exclude_defaults=True, exclude={"cursor", "limit"})
        view = await desk.keep_view(call.actor, body.name, {key: str(value) for key, value in chosen.items()})
        return Reply(SavedViewReply(view=saved_view_out(view)), status=201)

    async def drop_view(call: Call) -> Empty:
        await desk.drop_view(call.actor, call.path["id"])
        return Empty()

    canned = rule(Action.CANNED)
    return (
        Endpoint(
            "GET", f"{_ROOT}/areas/all", "The product areas, archived ones too", all_areas, AreaList, Access.ADMIN
        ),
        Endpoint(
            "PUT", f"{_ROOT}/areas", "Make or change a product area", put_area, AreaReply, Access.ADMIN, body=AreaIn
        ),
        Endpoint("GET", f"{_ROOT}/canned", "The ready answers", list_canned, CannedList, Access.AGENT),
        Endpoint(
            "POST",
            f"{_ROOT}/canned",
            "Keep an answer ready",
            add_canned,
            CannedReply,
            Access.AGENT,
            body=CannedIn,
            status=201,
        ),
        Endpoint(
            "PUT",
            f"{_ROOT}/canned/{{id}}",
            "Change a ready answer",
            change_canned,
            CannedReply,
            Access.AGENT,
            body=CannedIn,
            rule=canned,
        ),
        Endpoint(
            "DELETE", f"{_ROOT}/canned/{{id}}", "Remove a ready answer", remove_canned, Empty, Access.AGENT, rule=canned
        ),
        Endpoint("GET", f"{_ROOT}/saved-views", "The caller's lists", list_views, SavedViewList, Access.AGENT),
        Endpoint(
            "POST",
            f"{_ROOT}/saved-views",
            "Keep a list",
            keep_view,
            SavedViewReply,
            Access.AGENT,
            body=ViewIn,
            status=201,
        ),
        Endpoint(
            "DELETE",
            f"{_ROOT}/saved-views/{{id}}",
            "Keep a list no longer",
            drop_view,
            Empty,
            Access.AGENT,
            rule=rule(Action.VIEW),
        ),
    )
