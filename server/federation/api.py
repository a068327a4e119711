"""Which ways in this server offers."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.federation.pages import START
from server.kernel.wire import Schema
from server.web.endpoint import Access, Call, Endpoint


class ProviderOut(Schema):
    """The company's identity provider, for staff."""

    name: str
    url: str


class MethodsReply(Schema):
    """The ways to sign in, beside e-mail and password."""

    passkey: bool
    provider: ProviderOut | None


@dataclass(frozen=True, slots=True)
class Offered:
    """What this server offers.

    Attributes:
        passkey: whether passkeys.
        provider: what people know the identity provider by; None where there is none.
    """

    passkey: bool
    provider: str | None


def endpoints(offered: Offered) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def methods(_: Call) -> MethodsReply:
        provider = ProviderOut(name=offered.provider, url=START) if offered.provider else None
        return MethodsReply(passkey=offered.passkey, provider=provider)

    return (
        Endpoint(
            "GET",
            "/api/v1/sessions/methods",
            "The ways to sign in that are offered beside e-mail and password",
            methods,
            MethodsReply,
            Access.PUBLIC,
        ),
    )
