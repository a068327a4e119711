"""That one can't agree alone, over HTTP. What the guardian says comes by the page that their letter leads to."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from server.kernel.wire import Moment, Schema
from server.privacy.guardians import Guardianship, Guardianships, Ward
from server.web.endpoint import Access, Call, Endpoint


class GuardianshipOut(Schema):
    """How it is. `asked`: whether a letter went to the guardian; `answered_at`: when they last said something."""

    ward: Ward
    since: Moment
    asked: bool
    answered_at: Moment | None


class GuardianshipReply(Schema):
    """The caller's; null for who agrees alone."""

    guardianship: GuardianshipOut | None


class GuardianIn(Schema):
    """That one can't agree alone. Year and month of birth only of who is under 18; no day is asked."""

    ward: Ward
    year: Annotated[int, Field(ge=1900, le=9999)] | None = None
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    guardian: Annotated[str, Field(max_length=254, repr=False)]


def _reply(found: Guardianship | None) -> GuardianshipReply:
    if found is None:
        return GuardianshipReply(guardianship=None)
    return GuardianshipReply(
        guardianship=GuardianshipOut(
            ward=found.ward, since=found.since, asked=found.asked, answered_at=found.answered_at
        )
    )


def endpoints(guardianships: Guardianships) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def get_own(call: Call) -> GuardianshipReply:
        return _reply(await guardianships.of(call.actor.account_id))

    async def put_own(call: Call) -> GuardianshipReply:
        body: GuardianIn = call.body
        month = date(body.year, body.month, 1) if body.year and body.month else None
        return _reply(await guardianships.declare(call.actor, body.ward, month, body.guardian, call.locale))

    return (
        Endpoint(
            "GET",
            "/api/v1/me/guardian",
            "Whether a guardian has to agree too, and whether they have said something",
            get_own,
            GuardianshipReply,
            access=Access.MEMBER,
        ),
        Endpoint(
            "PUT",
            "/api/v1/me/guardian",
            "Say that one can't agree alone, and have the guardian asked by a letter",
            put_own,
            GuardianshipReply,
            body=GuardianIn,
            access=Access.MEMBER,
        ),
    )
