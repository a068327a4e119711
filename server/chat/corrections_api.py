"""Corrections of the redaction over HTTP."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import Field

from nlp.labels import Label
from server.chat.corrections import Corrections
from server.chat.markup import Rendered
from server.chat.model import Action, Message, rule
from server.chat.schemas import MessageOut, message_out
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.wire import MAX_TEXT, Schema
from server.signals.model import SignalCode, SignalKind
from server.web.endpoint import Call, Endpoint

_SEQ_DIGITS = 15

T = TypeVar("T")


class NewCorrection(Schema):
    """What was wrong in a message.

    `hidden_wrongly`: which `placeholder`, and what it is instead (`code`), if known. `should_have_been_hidden`: the
    piece from `start` to `end` (code points of the text as it is shown, whose `revision` this is), and what it is.
    """

    kind: SignalKind
    placeholder: Annotated[str, Field(pattern=r"^⟦[A-Z_]{1,20}:[1-9][0-9]{0,4}⟧$")] | None = None
    code: SignalCode | None = None
    revision: Annotated[int, Field(ge=0, le=2**31)] = 0
    start: Annotated[int, Field(ge=0, le=MAX_TEXT * 20)] | None = None
    end: Annotated[int, Field(ge=0, le=MAX_TEXT * 20)] | None = None
    label: Label | None = None


class CorrectionReply(Schema):
    """The message as it is stored now, and in how many other messages the same was hidden.

    `done` is false where a long conversation is still being gone through.
    """

    message: MessageOut
    elsewhere: int
    done: bool


def endpoints(service: Corrections, rendered: Rendered) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def correct(call: Call) -> CorrectionReply:
        body: NewCorrection = call.body
        conversation_id = call.path["id"]
        # First of all: what is wrong with the rest is nobody's business who may not read it.
        await service.require_reader(call.actor, conversation_id)
        seq = place_in(call.path["seq"])
        if body.kind is SignalKind.HIDDEN_WRONGLY:
            placeholder = _given("placeholder", body.placeholder)
            message = await service.dispute(call.actor, conversation_id, seq, placeholder, body.code)
            return await reply(message, 0, True)
        corrected = await service.hide(
            call.actor,
            conversation_id,
            seq,
            body.revision,
            _given("start", body.start),
            _given("end", body.end),
            _given("label", body.label),
        )
        return await reply(corrected.message, corrected.elsewhere, corrected.done)

    async def reply(message: Message, elsewhere: int, done: bool) -> CorrectionReply:
        authors = await service.authors([message])
        shown = message_out(message, authors.get(message.author_id), await rendered.of(message))
        return CorrectionReply(message=shown, elsewhere=elsewhere, done=done)

    return (
        Endpoint(
            "POST",
            "/api/v1/conversations/{id}/messages/{seq}/corrections",
            "Say what was hidden wrongly, or hide what should have been hidden",
            correct,
            CorrectionReply,
            body=NewCorrection,
            rule=rule(Action.READ),
        ),
    )


def place_in(text: str) -> int:
    """Give the place that an address names.

    Raises:
        NotFound: that is no place.
    """
    if not text.isascii() or not text.isdecimal() or len(text) > _SEQ_DIGITS:
        raise NotFound
    return int(text)


def _given(name: str, value: T | None) -> T:
    if value is None:
        raise InvalidInput(fields={name: "required"})
    return value
