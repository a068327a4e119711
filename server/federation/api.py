"""Which ways in this server offers."""

from collections.abc import Sequence

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


def endpoints(*, passkey: bool, provider: str | None) -> Sequence[Endpoint]:
    """Declare the endpoints.

    Args:
        passkey: whether passkeys are offered.
        provider: what people know the identity provider by; None where there is none.
    """
    offered = MethodsReply(passkey=passkey, provider=ProviderOut(name=provider, url=START) if provider else None)

    async def methods(_: Call) -> MethodsReply:
        return offered

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
