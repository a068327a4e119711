"""A person's own choices, and the preview of what would be hidden, over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from nlp.labels import Label
from server.kernel.wire import Moment, Schema, TypedText
from server.privacy.model import PURPOSES, Basis, Choice
from server.privacy.service import PrivacyService
from server.web.endpoint import Call, Endpoint


class ConsentOut(Schema):
    """One purpose and the person's standing choice about it. `at` is null where none was made."""

    purpose: str
    basis: Basis
    granted: bool
    version: int
    at: Moment | None


class ConsentsReply(Schema):
    """All purposes."""

    consents: list[ConsentOut]


class NewChoice(Schema):
    """One choice about one purpose."""

    purpose: Annotated[str, Field(max_length=40)]
    granted: bool


class PreviewIn(Schema):
    """A text that is not sent yet."""

    text: TypedText


class SpanOut(Schema):
    """A piece that would be hidden; offsets are code points of the typed text."""

    start: int
    end: int
    label: Label


class PreviewReply(Schema):
    """The text as it would be stored."""

    text: str
    spans: list[SpanOut]


def _consents(choices: Mapping[str, Choice]) -> ConsentsReply:
    return ConsentsReply(
        consents=[
            ConsentOut(
                purpose=name,
                basis=purpose.basis,
                granted=choices[name].granted if name in choices else False,
                version=purpose.version,
                at=choices[name].at if name in choices else None,
            )
            for name, purpose in PURPOSES.items()
        ]
    )


def endpoints(service: PrivacyService) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def get_consents(call: Call) -> ConsentsReply:
        return _consents(await service.choices(call.actor))

    async def put_consent(call: Call) -> ConsentsReply:
        return _consents(await service.choose(call.actor, call.body.purpose, call.body.granted))

    async def preview(call: Call) -> PreviewReply:
        numbered, spans = await service.preview(call.actor, call.body.text)
        return PreviewReply(
            text=numbered.text.value,
            spans=[SpanOut(start=span.start, end=span.end, label=span.label) for span in spans],
        )

    return (
        Endpoint("GET", "/api/v1/me/consents", "One's own choices", get_consents, ConsentsReply),
        Endpoint("PUT", "/api/v1/me/consents", "Choose about one purpose", put_consent, ConsentsReply, body=NewChoice),
        Endpoint(
            "POST",
            "/api/v1/redactions/preview",
            "What would be hidden in a text; stores and logs nothing",
            preview,
            PreviewReply,
            body=PreviewIn,
            network_limit="preview_network",
        ),
    )
