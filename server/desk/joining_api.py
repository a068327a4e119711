"""Merging, splitting, and turning a conversation into feedback, over HTTP."""

from collections.abc import Sequence
from typing import Final

from server.chat.model import Action, rule
from server.desk.api import CASE, CaseWriter
from server.desk.asking import Ask, Asking
from server.desk.merging import Merging
from server.desk.schemas import (
    CasePage,
    CaseReply,
    FeedbackAnswer,
    FeedbackAsk,
    FeedbackAskOut,
    FeedbackAskReply,
    MergeInto,
    SplitFrom,
)
from server.feedback.model import Kind
from server.kernel.access import Rule
from server.kernel.actor import Role
from server.web.endpoint import Access, Call, Endpoint, Reply

_OWN: Final = Rule("conversation", own=frozenset({Role.VISITOR, Role.CUSTOMER}))


def ask_out(ask: Ask) -> FeedbackAskOut:
    """Give a question."""
    return FeedbackAskOut(
        id=ask.id,
        conversation_id=ask.conversation_id,
        kind=ask.kind.value,
        title=ask.title.value,
        text=ask.text.value,
        asked_at=ask.asked_at,
        state=ask.state.value,
        feedback_id=ask.feedback_id,
    )


def endpoints(merging: Merging, asking: Asking, writer: CaseWriter) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def others(call: Call) -> CasePage:
        return await writer.page(call.actor, await merging.others(call.actor, call.path["id"]), None)

    async def merge(call: Call) -> CaseReply:
        body: MergeInto = call.body
        return await writer.reply(call.actor, await merging.merge(call.actor, call.path["id"], body.into))

    async def split(call: Call) -> Reply:
        body: SplitFrom = call.body
        row = await merging.split(call.actor, call.path["id"], body.from_seq, body.subject)
        return Reply(await writer.reply(call.actor, row), status=201)

    async def ask(call: Call) -> Reply:
        body: FeedbackAsk = call.body
        made = await asking.ask(call.actor, call.path["id"], Kind(body.kind), body.title, body.text)
        return Reply(FeedbackAskReply(ask=ask_out(made)), status=201)

    async def show(call: Call) -> FeedbackAskReply:
        found = await asking.find(call.actor, call.path["id"])
        return FeedbackAskReply(ask=None if found is None else ask_out(found))

    async def answer(call: Call) -> FeedbackAskReply:
        body: FeedbackAnswer = call.body
        answered = await asking.answer(call.actor, call.path["id"], body.ask_id, call.network, agree=body.agree)
        return FeedbackAskReply(ask=ask_out(answered))

    desk, path = Access.DESK, "/api/v1/conversations/{id}/feedback-ask"
    return (
        Endpoint(
            "GET", f"{CASE}/merge", "What may go on in its place", others, CasePage, desk, rule=rule(Action.CLOSE)
        ),
        Endpoint(
            "POST",
            f"{CASE}/merge",
            "Let another conversation go on in its place",
            merge,
            CaseReply,
            desk,
            body=MergeInto,
            rule=rule(Action.CLOSE),
        ),
        Endpoint(
            "POST",
            f"{CASE}/split",
            "Let a conversation of its own begin with a message",
            split,
            CaseReply,
            desk,
            body=SplitFrom,
            status=201,
            rule=rule(Action.CLOSE),
        ),
        Endpoint(
            "POST",
            f"{CASE}/feedback",
            "Ask the customer whether this may be given as feedback",
            ask,
            FeedbackAskReply,
            desk,
            body=FeedbackAsk,
            status=201,
            rule=rule(Action.POST),
            network_limit="message_network",
        ),
        Endpoint("GET", path, "What the customer was asked", show, FeedbackAskReply, rule=rule(Action.READ)),
        Endpoint(
            "POST",
            path,
            "Say whether it may be given",
            answer,
            FeedbackAskReply,
            Access.CUSTOMER,
            body=FeedbackAnswer,
            rule=_OWN,
        ),
    )
