"""What a customer does with a conversation that is done, over HTTP: say how it was, have it sent."""

from collections.abc import Sequence

from server.chat.model import Action, rule
from server.chat.rating import Ratings
from server.chat.schemas import ConversationReply, NewRating, conversation_out
from server.chat.service import ChatService
from server.chat.transcript import Transcripts
from server.kernel.wire import Empty
from server.web.endpoint import Call, Endpoint


def endpoints(service: ChatService, ratings: Ratings, transcripts: Transcripts) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def rate(call: Call) -> ConversationReply:
        body: NewRating = call.body
        rated = await ratings.rate(call.actor, call.path["id"], body.score, body.text)
        people = await service.people([rated])
        view = service.view(call.actor, rated)
        return ConversationReply(conversation=conversation_out(rated, people, view, call.actor.account_id))

    async def send(call: Call) -> Empty:
        await transcripts.send(call.actor, call.path["id"])
        return Empty()

    return (
        Endpoint(
            "POST",
            "/api/v1/conversations/{id}/transcript",
            "Have one's own conversation sent to one's own address, as it is stored: redacted",
            send,
            Empty,
            body=Empty,
            rule=rule(Action.RATE),
        ),
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
