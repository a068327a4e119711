"""Who looked at a person's data, over HTTP: the access log, and break-glass with its review."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, GetPydanticSchema
from pydantic_core import core_schema

from nlp.labels import Label
from server.chat.model import Action, rule
from server.kernel.actor import Actor, Role
from server.kernel.disclosure import Purpose
from server.kernel.ports import Directory
from server.kernel.text import RawText, Redaction
from server.kernel.wire import Empty, Moment, Schema
from server.privacy.access_log import AccessLog, Look
from server.privacy.break_glass import BreakGlassService
from server.privacy.glass import END_RULE, MAX_MINUTES, MAX_REASON, REVIEW_RULE, BreakGlass, Finding
from server.web.endpoint import Access, Call, Endpoint
from server.web.paging import PageQuery, next_cursor, place_of


def _build(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    return core_schema.no_info_after_validator_function(RawText, core_schema.str_schema(max_length=MAX_REASON))


TypedReason = Annotated[RawText, GetPydanticSchema(_build)]
"""A reason or a note that somebody typed: 0 to 500 code points."""


class StaffOut(Schema):
    """Somebody of staff, as a customer sees them in chat."""

    id: str
    display_name: Annotated[str, Field(repr=False)]
    role: Role


class ThingOut(Schema):
    """What something is about."""

    type: str
    id: str


class LookOut(Schema):
    """Somebody looked at something of yours, `count` times between `at` and `last_at`."""

    id: str
    who: StaffOut
    action: str
    object: ThingOut
    purpose: Purpose
    at: Moment
    last_at: Moment
    count: int


class LookPage(Schema):
    """Some looks, newest first; `next_cursor` is null at the end."""

    items: list[LookOut]
    next_cursor: str | None


class NewBreakGlass(Schema):
    """Why, what for, and for how long a conversation is to be opened."""

    reason: TypedReason
    purpose: Purpose
    minutes: Annotated[int, Field(ge=1, le=MAX_MINUTES)]


class HiddenOut(Schema):
    """One hidden identifier."""

    placeholder: str
    label: Label


class ReviewOut(Schema):
    """A privacy officer's word."""

    reviewer: StaffOut
    verdict: Finding
    note: str | None
    note_redactions: list[HiddenOut]
    at: Moment


class BreakGlassOut(Schema):
    """One opening. `ended_at` is null while it lasts, `review` until somebody has reviewed it."""

    id: str
    conversation_id: str
    who: StaffOut
    purpose: Purpose
    reason: str
    reason_redactions: list[HiddenOut]
    minutes: int
    opened_at: Moment
    ends_at: Moment
    ended_at: Moment | None
    review: ReviewOut | None


class BreakGlassReply(Schema):
    """One opening."""

    break_glass: BreakGlassOut


class BreakGlassList(Schema):
    """One's own that last."""

    items: list[BreakGlassOut]


class BreakGlassPage(Schema):
    """Some openings, newest first; `next_cursor` is null at the end."""

    items: list[BreakGlassOut]
    next_cursor: str | None


class BreakGlassQuery(PageQuery):
    """Which openings: all, or those that nobody has reviewed."""

    state: Literal["all", "unreviewed"] = "all"


class NewReview(Schema):
    """Whether it was right."""

    verdict: Finding
    note: TypedReason | None = None


def endpoints(log: AccessLog, service: BreakGlassService, directory: Directory) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def out(items: Sequence[BreakGlass]) -> list[BreakGlassOut]:
        ids = {item.actor_id for item in items} | {item.review.reviewer_id for item in items if item.review}
        people = await directory.actors(sorted(ids))
        return [_glass_out(item, people) for item in items]

    async def my_log(call: Call) -> LookPage:
        query: PageQuery = call.query
        found = await log.of_person(call.actor, before_id=place_of(query.cursor), limit=query.limit + 1)
        people = await directory.actors(sorted({look.actor_id for look in found}))
        items = [_look_out(look, people) for look in found[: query.limit]]
        return LookPage(items=items, next_cursor=next_cursor([look.id for look in found], query.limit))

    async def open_glass(call: Call) -> BreakGlassReply:
        body: NewBreakGlass = call.body
        item = await service.open(call.actor, call.path["id"], body.reason, body.purpose, body.minutes)
        return BreakGlassReply(break_glass=(await out([item]))[0])

    async def end_glass(call: Call) -> BreakGlassReply:
        return BreakGlassReply(break_glass=(await out([await service.end(call.actor, call.path["id"])]))[0])

    async def my_glass(call: Call) -> BreakGlassList:
        return BreakGlassList(items=await out(service.mine(call.actor)))

    async def list_glass(call: Call) -> BreakGlassPage:
        query: BreakGlassQuery = call.query
        found = await service.list(
            call.actor,
            unreviewed=query.state == "unreviewed",
            before_id=place_of(query.cursor),
            limit=query.limit + 1,
        )
        items = await out(found[: query.limit])
        return BreakGlassPage(items=items, next_cursor=next_cursor([item.id for item in found], query.limit))

    async def review(call: Call) -> BreakGlassReply:
        item = await service.review(call.actor, call.path["id"], call.body.verdict, call.body.note)
        return BreakGlassReply(break_glass=(await out([item]))[0])

    return (
        Endpoint(
            "GET",
            "/api/v1/me/access-log",
            "Who looked at what is one's own, newest first",
            my_log,
            LookPage,
            query=PageQuery,
        ),
        Endpoint(
            "POST",
            "/api/v1/conversations/{id}/break-glass",
            "Read a conversation by way of exception; announced to its person and the privacy officers",
            open_glass,
            BreakGlassReply,
            Access.STAFF,
            body=NewBreakGlass,
            status=201,
            fresh=True,
            rule=rule(Action.BREAK_GLASS),
        ),
        Endpoint(
            "GET",
            "/api/v1/me/break-glass",
            "What one has opened by way of exception and what still lasts",
            my_glass,
            BreakGlassList,
            Access.STAFF,
        ),
        Endpoint(
            "GET",
            "/api/v1/privacy/break-glass",
            "All that was opened by way of exception, newest first",
            list_glass,
            BreakGlassPage,
            Access.PRIVACY_OFFICER,
            query=BreakGlassQuery,
        ),
        Endpoint(
            "POST",
            "/api/v1/privacy/break-glass/{id}/end",
            "End an opening before its time",
            end_glass,
            BreakGlassReply,
            Access.STAFF,
            body=Empty,
            rule=END_RULE,
        ),
        Endpoint(
            "POST",
            "/api/v1/privacy/break-glass/{id}/review",
            "Say whether an opening was right; never one's own",
            review,
            BreakGlassReply,
            Access.PRIVACY_OFFICER,
            body=NewReview,
            rule=REVIEW_RULE,
        ),
    )


def _staff(people: Mapping[str, Actor], account_id: str, role: Role) -> StaffOut:
    actor = people.get(account_id)
    return StaffOut(id=account_id, display_name=actor.display_name if actor else "—", role=role)


def _hidden(redactions: Sequence[Redaction]) -> list[HiddenOut]:
    return [HiddenOut(placeholder=item.placeholder, label=item.label) for item in redactions]


def _look_out(look: Look, people: Mapping[str, Actor]) -> LookOut:
    kind = "conversation" if look.action.startswith("break_glass") else look.action.partition(":")[0]
    return LookOut(
        id=look.id,
        who=_staff(people, look.actor_id, look.role),
        action=look.action,
        object=ThingOut(type=kind, id=look.object_id),
        purpose=look.purpose,
        at=look.at,
        last_at=look.last_at,
        count=look.count,
    )


def _glass_out(item: BreakGlass, people: Mapping[str, Actor]) -> BreakGlassOut:
    word = item.review
    review = word and ReviewOut(
        reviewer=_staff(people, word.reviewer_id, Role.PRIVACY_OFFICER),
        verdict=word.finding,
        note=word.note.value if word.note else None,
        note_redactions=_hidden(word.note_redactions),
        at=word.at,
    )
    return BreakGlassOut(
        id=item.id,
        conversation_id=item.conversation_id,
        who=_staff(people, item.actor_id, item.role),
        purpose=item.purpose,
        reason=item.reason.value,
        reason_redactions=_hidden(item.redactions),
        minutes=item.minutes,
        opened_at=item.opened_at,
        ends_at=item.ends_at,
        ended_at=item.ended_at,
        review=review,
    )
