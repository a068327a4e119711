"""What a customer says of a conversation that is done, over HTTP."""

from collections.abc import Sequence

from server.chat.model import Action, rule
from server.chat.rating import Ratings
from server.chat.schemas import ConversationReply, NewRating, conversation_out
from server.chat.service import ChatService
from server.web.endpoint import Call, Endpoint


def endpoints(service: ChatService, ratings: Ratings) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def rate(call: Call) -> ConversationReply:
        body: NewRating = call.body
        rated = await ratings.rate(call.actor, call.path["id"], body.score, body.text)
        people = await service.people([rated])
        view = service.view(call.actor, rated)
        return ConversationReply(conversation=conversation_out(rated, people, view, call.actor.account_id))

    return (
        Endpoint(
            "POST",
            "/api/v1/conversations/{id}/rating",
            "Say how a closed conversation was; what was said before is replaced",
            rate,
            ConversationReply,
            body=NewRating,
            rule=rule(Action.RATE),
        ),
    )
