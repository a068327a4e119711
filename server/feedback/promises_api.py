"""What is promised for feedback, over HTTP: administrators read and change the terms."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from server.feedback.model import Kind, Priority
from server.feedback.policy import MOST_LEVELS, MOST_PEOPLE, Aim
from server.feedback.promises import Promises
from server.feedback.terms import Terms
from server.kernel.errors import InvalidInput
from server.kernel.wire import Schema
from server.kernel.worktime import MOST_DAYS, MOST_SPANS
from server.web.endpoint import Access, Call, Endpoint

_PATH = "/api/v1/feedback/promises"

Minutes = Annotated[int, Field(ge=0, le=600_000)]
AccountIds = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=MOST_PEOPLE)]
Spans = Annotated[list[Annotated[str, Field(max_length=11)]], Field(max_length=MOST_SPANS)]


class LevelShape(Schema):
    """A level of escalation: so many minutes of working time after a promise was missed, these accounts are told."""

    after: Minutes
    people: AccountIds


class PolicyShape(Schema):
    """What is promised, in minutes of working time."""

    promises: dict[Kind, dict[Priority, dict[Aim, Minutes]]]
    warn_at: Annotated[int, Field(ge=1, le=99)]
    wardens: AccountIds
    levels: Annotated[list[LevelShape], Field(max_length=MOST_LEVELS)]


class HoursShape(Schema):
    """When it is worked: spans like `08:00-17:00` by weekday (`mon` to `sun`) and by day (`2026-12-24`)."""

    zone: Annotated[str, Field(max_length=64)]
    week: Annotated[dict[Annotated[str, Field(max_length=3)], Spans], Field(max_length=7)]
    country: Annotated[str, Field(max_length=2)]
    days: Annotated[dict[Annotated[str, Field(max_length=10)], Spans], Field(max_length=MOST_DAYS)]


class TermsReply(Schema):
    """All of it."""

    policy: PolicyShape
    hours: HoursShape


class TermsChange(Schema):
    """What is left out stays; what is given replaces the whole of it."""

    policy: PolicyShape | None = None
    hours: HoursShape | None = None


def endpoints(promises: Promises) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def show(_: Call) -> TermsReply:
        return _out(promises.terms)

    async def change(call: Call) -> TermsReply:
        body: TermsChange = call.body
        if body.policy is None and body.hours is None:
            raise InvalidInput(fields={"policy": "required"})
        return _out(await promises.change(call.actor, policy=_plain(body.policy), hours=_plain(body.hours)))

    return (
        Endpoint("GET", _PATH, "What is promised for feedback, and in which hours", show, TermsReply, Access.ADMIN),
        Endpoint(
            "PATCH",
            _PATH,
            "Change what is promised for feedback, or the hours",
            change,
            TermsReply,
            Access.ADMIN,
            body=TermsChange,
            fresh=True,
        ),
    )


def _plain(shape: Schema | None) -> dict[str, Any] | None:
    return None if shape is None else shape.model_dump(mode="json")


def _out(terms: Terms) -> TermsReply:
    return TermsReply.model_validate(terms.document())
