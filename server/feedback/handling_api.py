"""What staff do with feedback, over HTTP: the inbox, handling, merging, the register; and rulings on votes."""

from collections.abc import Sequence

from server.feedback.changes import Change
from server.feedback.handling import Handling
from server.feedback.items import Items
from server.feedback.merging import Merging
from server.feedback.model import Action, rule
from server.feedback.reading import InboxQuery
from server.feedback.records import Ring
from server.feedback.register import CSV, JSON, Register
from server.feedback.schemas import (
    BulkIn,
    FeedbackChange,
    InboxIn,
    MergeIn,
    RegisterQuery,
    ReleaseIn,
    RulingIn,
    TriageIn,
)
from server.feedback.shapes import BulkOutcome, BulkReply, FeedbackList, FeedbackReply, RingList, RingReply
from server.feedback.views import item_out, ring_out
from server.feedback.votes import Votes
from server.kernel.cursors import number_cursor, number_place
from server.kernel.errors import InvalidInput
from server.kernel.text import RawText
from server.kernel.wire import Empty
from server.people.model import Persona
from server.web.endpoint import Access, Call, Download, Endpoint

_ROOT = "/api/v1/feedback"


def endpoints(
    items: Items, handling: Handling, merging: Merging, votes: Votes, register: Register
) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def inbox(call: Call) -> FeedbackList:
        page = await handling.inbox(call.actor, query_of(call.query))
        return FeedbackList(
            items=[item_out(call.actor, view) for view in page.items], next_cursor=number_cursor(page.next_before)
        )

    async def change(call: Call) -> FeedbackReply:
        view = await handling.change(call.actor, call.path["id"], change_of(call.body))
        return FeedbackReply(feedback=item_out(call.actor, view))

    async def triage(call: Call) -> FeedbackReply:
        body: TriageIn = call.body
        chosen, topic = chosen_of(body)
        view = await handling.triage(call.actor, call.path["id"], chosen, topic=topic)
        return FeedbackReply(feedback=item_out(call.actor, view))

    async def release(call: Call) -> FeedbackReply:
        body: ReleaseIn = call.body
        view = await handling.release(call.actor, call.path["id"], shown=body.shown)
        return FeedbackReply(feedback=item_out(call.actor, view))

    async def bulk(call: Call) -> BulkReply:
        body: BulkIn = call.body
        outcome = await handling.bulk(call.actor, body.ids, change_of(body))
        return BulkReply(items=[BulkOutcome(id=key, error=error) for key, error in outcome.items()])

    async def merge(call: Call) -> FeedbackReply:
        body: MergeIn = call.body
        view = await merging.merge(call.actor, call.path["id"], body.into)
        return FeedbackReply(feedback=item_out(call.actor, view))

    async def unmerge(call: Call) -> FeedbackReply:
        view = await merging.unmerge(call.actor, call.path["id"])
        return FeedbackReply(feedback=item_out(call.actor, view))

    async def export(call: Call) -> Download:
        query: RegisterQuery = call.query
        form = CSV if query.form == "csv" else JSON
        chunks = await register.export(call.actor, form, since=query.since, until=query.until)
        return Download(form, f"complaints.{query.form}", chunks)

    async def list_rings(call: Call) -> RingList:
        return RingList(items=[ring_out(ring, await _people(ring)) for ring in await votes.rings()])

    async def rule_on(call: Call) -> RingReply:
        body: RulingIn = call.body
        ring = await votes.rule(call.actor, call.path["id"], counted=body.counted)
        return RingReply(ring=ring_out(ring, await _people(ring)))

    async def _people(ring: Ring) -> dict[str, Persona]:
        return await items.personas(ring.accounts)

    handle = rule(Action.HANDLE)
    return (
        Endpoint(
            "GET",
            f"{_ROOT}/inbox",
            "Feedback as those see it who handle it",
            inbox,
            FeedbackList,
            Access.AGENT,
            query=InboxIn,
        ),
        Endpoint(
            "PATCH",
            f"{_ROOT}/{{id}}",
            "Change status, priority, assignee, area, tags, response",
            change,
            FeedbackReply,
            body=FeedbackChange,
            access=Access.AGENT,
            rule=handle,
        ),
        Endpoint(
            "POST",
            f"{_ROOT}/{{id}}/triage",
            "Accept or correct what was proposed",
            triage,
            FeedbackReply,
            body=TriageIn,
            access=Access.AGENT,
            rule=handle,
        ),
        Endpoint(
            "POST",
            f"{_ROOT}/{{id}}/release",
            "Show on the board what came without a known sender, or never",
            release,
            FeedbackReply,
            body=ReleaseIn,
            access=Access.AGENT,
            rule=handle,
        ),
        Endpoint("POST", f"{_ROOT}/bulk", "Change several items", bulk, BulkReply, Access.AGENT, body=BulkIn),
        Endpoint(
            "POST",
            f"{_ROOT}/{{id}}/merge",
            "Make an item part of another",
            merge,
            FeedbackReply,
            body=MergeIn,
            access=Access.AGENT,
            rule=handle,
        ),
        Endpoint(
            "POST",
            f"{_ROOT}/{{id}}/unmerge",
            "Take an item out of another, within thirty days",
            unmerge,
            FeedbackReply,
            access=Access.AGENT,
            rule=handle,
        ),
        Endpoint(
            "GET",
            f"{_ROOT}/register",
            "The register of complaints for auditors, redacted",
            export,
            Empty,
            Access.AGENT,
            query=RegisterQuery,
            downloads=(CSV, JSON),
        ),
        Endpoint("GET", f"{_ROOT}/rings", "Votes that look like one person's", list_rings, RingList, Access.MODERATOR),
        Endpoint(
            "POST",
            f"{_ROOT}/rings/{{id}}/ruling",
            "Rule on such votes",
            rule_on,
            RingReply,
            Access.MODERATOR,
            body=RulingIn,
            rule=rule(Action.RULE),
        ),
    )


def chosen_of(body: TriageIn) -> tuple[dict[str, str | None], RawText | None]:
    """Give what is corrected as the service takes it, and a topic that was typed.

    Raises:
        InvalidInput: something else than a topic was typed.
    """
    typed = {choice.task: choice.words for choice in body.chosen if choice.words is not None}
    if set(typed) - {"topic"}:
        raise InvalidInput(fields={"chosen": "not_allowed"})
    return {one.task: one.value for one in body.chosen if one.task not in typed}, typed.get("topic")


def change_of(body: FeedbackChange) -> Change:
    """Give a change as the service takes it."""
    return Change(
        state=body.status,
        priority=body.priority,
        assignee_id=body.assignee,
        area=body.area,
        tags=body.tags,
        visibility=body.visibility,
        response=body.response,
        changelog=body.changelog,
    )


def query_of(query: InboxIn) -> InboxQuery:
    """Give what is asked for as the service takes it."""
    return InboxQuery(
        inbox=query.inbox,
        kind=query.kind,
        area=query.area,
        tag=query.tag,
        state=query.status,
        priority=query.priority,
        assignee_id=query.assignee,
        before=number_place(query.cursor),
        limit=query.limit,
    )
