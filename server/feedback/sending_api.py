"""What senders do once something is settled, over HTTP: under their account, or with the code of what nobody knows them
to have sent. Codes travel in bodies, for addresses are written down everywhere."""

from collections.abc import Sequence

from server.feedback.model import Action, rule
from server.feedback.portability import MEDIA_TYPE, Portability
from server.feedback.schemas import CodeCommentIn, CodeIn, CodeRatingIn, RatingIn
from server.feedback.sending import FollowedUp, Sending
from server.feedback.shapes import FeedbackReply, FollowedUpOut
from server.feedback.views import comment_out, item_out
from server.kernel.wire import Empty
from server.web.endpoint import Access, Call, Download, Endpoint

_ROOT = "/api/v1/feedback"


def endpoints(sending: Sending, portability: Portability) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def reopen(call: Call) -> FeedbackReply:
        view = await sending.reopen(call.actor, call.path["id"])
        return FeedbackReply(feedback=item_out(call.actor, view))

    async def rate(call: Call) -> FeedbackReply:
        body: RatingIn = call.body
        view = await sending.rate(call.actor, call.path["id"], body.stars, body.text)
        return FeedbackReply(feedback=item_out(call.actor, view))

    async def withdraw(call: Call) -> FeedbackReply:
        view = await sending.withdraw(call.actor, call.path["id"])
        return FeedbackReply(feedback=item_out(call.actor, view))

    async def follow_up(call: Call) -> FollowedUpOut:
        body: CodeIn = call.body
        return _out(await sending.open(body.code, network=call.network))

    async def comment(call: Call) -> FollowedUpOut:
        body: CodeCommentIn = call.body
        return _out(await sending.comment(body.code, body.text, network=call.network, client_id=body.client_id))

    async def reopen_with(call: Call) -> FollowedUpOut:
        body: CodeIn = call.body
        return _out(await sending.reopen_with(body.code, network=call.network))

    async def rate_with(call: Call) -> FollowedUpOut:
        body: CodeRatingIn = call.body
        return _out(await sending.rate_with(body.code, body.stars, body.text, network=call.network))

    async def export(call: Call) -> Download:
        return Download(MEDIA_TYPE, "feedback.json", await portability.export(call.actor))

    own = rule(Action.SEND)
    coded = f"{_ROOT}/follow-up"
    return (
        Endpoint(
            "GET",
            f"{_ROOT}/own/export",
            "All that the caller gave and wrote, as a file",
            export,
            Empty,
            downloads=(MEDIA_TYPE,),
        ),
        Endpoint(
            "POST", f"{_ROOT}/{{id}}/reopen", "Take up again what one sent; once", reopen, FeedbackReply, rule=own
        ),
        Endpoint(
            "PUT",
            f"{_ROOT}/{{id}}/rating",
            "Say how what one sent was handled",
            rate,
            FeedbackReply,
            body=RatingIn,
            rule=own,
        ),
        Endpoint("POST", f"{_ROOT}/{{id}}/withdraw", "Take back what one sent", withdraw, FeedbackReply, rule=own),
        Endpoint("POST", coded, "What a follow-up code leads to", follow_up, FollowedUpOut, Access.PUBLIC, body=CodeIn),
        Endpoint(
            "POST",
            f"{coded}/comments",
            "Write to staff with a follow-up code",
            comment,
            FollowedUpOut,
            Access.PUBLIC,
            body=CodeCommentIn,
        ),
        Endpoint(
            "POST",
            f"{coded}/reopen",
            "Take something up again with its code",
            reopen_with,
            FollowedUpOut,
            Access.PUBLIC,
            body=CodeIn,
        ),
        Endpoint(
            "POST",
            f"{coded}/rating",
            "Say with its code how something was handled",
            rate_with,
            FollowedUpOut,
            Access.PUBLIC,
            body=CodeRatingIn,
        ),
    )


def _out(found: FollowedUp) -> FollowedUpOut:
    return FollowedUpOut(
        feedback=item_out(None, found.view, sender=True),
        comments=[comment_out(view) for view in found.comments.views],
    )
