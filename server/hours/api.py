"""When support answers, over HTTP."""

from collections.abc import Sequence

from server.hours.schemas import SupportHoursReply, SupportHoursSetting, SupportHoursShape
from server.hours.service import SupportHours
from server.web.endpoint import Access, Call, Endpoint

_PATH = "/api/v1/support/hours"


def endpoints(hours: SupportHours) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def show(_: Call) -> SupportHoursReply:
        now = hours.standing()
        return SupportHoursReply(
            open=now.is_open, opens_at=now.opens_at, expected_answer_minutes=hours.expected_minutes()
        )

    async def setting(_: Call) -> SupportHoursSetting:
        return SupportHoursSetting(hours=SupportHoursShape.model_validate(hours.hours.document()))

    async def change(call: Call) -> SupportHoursSetting:
        body: SupportHoursSetting = call.body
        changed = await hours.change(call.actor, body.hours.model_dump(mode="json"))
        return SupportHoursSetting(hours=SupportHoursShape.model_validate(changed.document()))

    return (
        Endpoint("GET", _PATH, "Whether support answers now, and how soon", show, SupportHoursReply, Access.PUBLIC),
        Endpoint("GET", f"{_PATH}/setting", "The hours that are set", setting, SupportHoursSetting, Access.ADMIN),
        Endpoint(
            "PUT",
            f"{_PATH}/setting",
            "Set the hours",
            change,
            SupportHoursSetting,
            Access.ADMIN,
            body=SupportHoursSetting,
            fresh=True,
        ),
    )
