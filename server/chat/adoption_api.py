"""Keeping the conversations that one began as a visitor, over HTTP."""

from collections.abc import Sequence

from server.chat.adoption import Adoptions
from server.chat.schemas import AdoptedReply, VisitorToken
from server.web.endpoint import Access, Call, Endpoint


def endpoints(adoptions: Adoptions) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def adopt(call: Call) -> AdoptedReply:
        body: VisitorToken = call.body
        return AdoptedReply(adopted=await adoptions.adopt(call.actor, body.token))

    return (
        Endpoint(
            "POST",
            "/api/v1/me/conversations/adoption",
            "Keep the conversations of the visitor whose token this is; the visitor's sessions end",
            adopt,
            AdoptedReply,
            Access.MEMBER,
            body=VisitorToken,
        ),
    )
