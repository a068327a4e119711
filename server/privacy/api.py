"""A person's own choices, and the preview of what would be hidden, over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from nlp.labels import Label
from server.kernel.wire import Moment, Schema, TypedText
from server.privacy.model import CHOICE_RULE, PURPOSES, Basis, Choice, Chooser, is_asked_again
from server.privacy.purposes import PurposeText, PurposeTexts
from server.privacy.service import PrivacyService, Receipt
from server.web.endpoint import Call, Endpoint


class ConsentOut(Schema):
    """One purpose and the person's standing choice about it. `at` and `number` are null where none was made.

    `title` and `text` are what is shown before choosing, in the caller's language. `asked_again`: there was a yes to a
    former text, which does not count for the present one.
    """

    purpose: str
    basis: Basis
    granted: bool
    version: int
    at: Moment | None
    number: int | None
    title: str
    text: list[str]
    asked_again: bool


class ConsentsReply(Schema):
    """All purposes."""

    consents: list[ConsentOut]


class ReceiptReply(Schema):
    """A signed receipt for a choice. `note` is what is signed, `key` the public key; the rest says the same."""

    number: int
    purpose: str
    granted: bool
    version: int
    at: Moment
    by: Chooser
    text_digest: str
    title: str | None
    text: list[str]
    note: str
    key: str


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


def _consents(choices: Mapping[str, Choice], texts: PurposeTexts, locale: str) -> ConsentsReply:
    return ConsentsReply(
        consents=[_consent(name, choices.get(name), texts.present(name).words[locale]) for name in PURPOSES]
    )


def _consent(name: str, choice: Choice | None, words: PurposeText) -> ConsentOut:
    again = choice is not None and is_asked_again(name, [choice])
    return ConsentOut(
        purpose=name,
        basis=PURPOSES[name].basis,
        granted=choice is not None and choice.granted and not again,
        version=PURPOSES[name].version,
        at=choice.at if choice else None,
        number=choice.number if choice else None,
        title=words.title,
        text=list(words.text),
        asked_again=again,
    )


def _receipt(receipt: Receipt, locale: str) -> ReceiptReply:
    choice = receipt.choice
    words = receipt.shown.words.get(choice.locale or locale) if receipt.shown else None
    return ReceiptReply(
        number=choice.number,
        purpose=choice.purpose,
        granted=choice.granted,
        version=choice.version,
        at=choice.at,
        by=choice.by,
        text_digest=choice.text,
        title=words.title if words else None,
        text=list(words.text) if words else [],
        note=receipt.note,
        key=receipt.key,
    )


def _number(typed: str) -> int:
    """Give the number in a path; 0, which nobody has, for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def endpoints(service: PrivacyService) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def get_consents(call: Call) -> ConsentsReply:
        return _consents(await service.choices(call.actor), service.ledger.texts, call.locale)

    async def put_consent(call: Call) -> ConsentsReply:
        chosen = await service.choose(call.actor, call.body.purpose, call.body.granted, call.locale)
        return _consents(chosen, service.ledger.texts, call.locale)

    async def get_receipt(call: Call) -> ReceiptReply:
        return _receipt(await service.receipt(call.actor, _number(call.path["number"])), call.locale)

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
            "GET",
            "/api/v1/me/consents/{number}/receipt",
            "The signed receipt for one of one's own choices, with the text that was shown",
            get_receipt,
            ReceiptReply,
            rule=CHOICE_RULE,
        ),
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
