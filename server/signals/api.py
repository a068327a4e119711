"""Signals about the redaction over HTTP, for privacy officers."""

from collections.abc import Sequence
from datetime import date

from pydantic import Field

from nlp.labels import Label
from server.kernel.wire import Schema
from server.signals.model import Counted, LengthClass, SaidBy, ShapeClass, SignalCode, SignalKind, Surface, WordClass
from server.signals.service import SignalService
from server.web.endpoint import Access, Call, Endpoint


class SignalOut(Schema):
    """One counter. Classes only: nothing of any text. `code`: what something hidden wrongly is instead."""

    day: date
    kind: SignalKind
    label: Label
    surface: Surface
    who: SaidBy
    model: str
    words: WordClass
    length: LengthClass
    shape: ShapeClass
    code: SignalCode | None
    count: int


class SignalsReply(Schema):
    """The counters of some days."""

    items: list[SignalOut]


class SignalQuery(Schema):
    """Which days, both included, at most 400; without them the last 400."""

    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")


def signal_out(item: Counted) -> SignalOut:
    """Give the wire form of a counter."""
    signal = item.signal
    return SignalOut(
        day=date.fromisoformat(signal.day),
        kind=signal.kind,
        label=signal.label,
        surface=signal.surface,
        who=signal.who,
        model=signal.model,
        words=signal.traits.words,
        length=signal.traits.length,
        shape=signal.traits.shape,
        code=signal.code,
        count=item.count,
    )


def endpoints(service: SignalService) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def read(call: Call) -> SignalsReply:
        query: SignalQuery = call.query
        found = await service.read(call.actor, query.first, query.last)
        return SignalsReply(items=[signal_out(item) for item in found])

    return (
        Endpoint(
            "GET",
            "/api/v1/privacy/redaction-signals",
            "What people said was hidden wrongly or should have been hidden, counted",
            read,
            SignalsReply,
            Access.PRIVACY_OFFICER,
            query=SignalQuery,
        ),
    )
