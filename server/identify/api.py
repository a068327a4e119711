"""Sites and their people over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from server.accounts.api import SessionReply, account_out
from server.identify.model import MAX_PUBLIC_KEY, MAX_TOKEN, SITE_RULE, KeyKind, Site
from server.identify.service import IdentifyService
from server.kernel.wire import Empty, Moment, Schema
from server.web.endpoint import Access, Call, Endpoint

_SITES = "/api/v1/sites"
_SITE = f"{_SITES}/{{id}}"

Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{0,62}$")]
"""What administrators call a site, such as its host name."""


class NewIdentification(Schema):
    """A site's signed word about who is in front of its page."""

    token: Annotated[str, Field(max_length=MAX_TOKEN, repr=False)]


class SiteKeyOut(Schema):
    """A key that holds, without what it is made of."""

    kid: str
    kind: KeyKind
    made_at: Moment


class SiteOut(Schema):
    """A site. `id` is `iss` of its tokens, `audience` their `aud`."""

    id: str
    label: str
    enabled: bool
    audience: str
    keys: list[SiteKeyOut]
    made_at: Moment


class SiteList(Schema):
    """All of them."""

    items: list[SiteOut]


class SiteReply(Schema):
    """One of them."""

    site: SiteOut


class SiteKeyReply(Schema):
    """A site with a new key; a secret is shown this once, and null for a public key."""

    site: SiteOut
    kid: str
    secret: Annotated[str | None, Field(repr=False)]


class NewSite(Schema):
    """A site to register."""

    label: Label


class SiteChange(Schema):
    """Whether its word holds."""

    enabled: bool


class NewSiteKey(Schema):
    """The public half of a key pair as PEM (RSA of 2048 bits or more, P-256, Ed25519); null: a secret is made here."""

    public_key: Annotated[str | None, Field(max_length=MAX_PUBLIC_KEY, repr=False)] = None


def endpoints(identify: IdentifyService) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def identified(call: Call) -> SessionReply:
        # No cookie: the chat keeps the token itself, in whatever place the browser gives a frame of another site.
        signed_in = await identify.identify(call.body.token, call.caller)
        return SessionReply(token=signed_in.token, account=account_out(signed_in.account))

    return (
        Endpoint(
            "POST",
            "/api/v1/identifications",
            "Begin a session by the word of a site that embeds the chat",
            identified,
            SessionReply,
            Access.PUBLIC,
            body=NewIdentification,
            status=201,
        ),
        *_site_endpoints(identify),
    )


def _site_endpoints(identify: IdentifyService) -> Sequence[Endpoint]:
    def out(site: Site) -> SiteOut:
        keys = [SiteKeyOut(kid=key.kid, kind=key.kind, made_at=key.made_at) for key in site.keys]
        return SiteOut(
            id=site.id,
            label=site.label,
            enabled=site.enabled,
            audience=identify.audience,
            keys=keys,
            made_at=site.made_at,
        )

    async def every(_: Call) -> SiteList:
        return SiteList(items=[out(site) for site in await identify.all()])

    async def register(call: Call) -> SiteReply:
        return SiteReply(site=out(await identify.register(call.actor, call.body.label)))

    async def change(call: Call) -> SiteReply:
        return SiteReply(site=out(await identify.change(call.actor, call.path["id"], enabled=call.body.enabled)))

    async def delete(call: Call) -> Empty:
        await identify.delete(call.actor, call.path["id"])
        return Empty()

    async def add_key(call: Call) -> SiteKeyReply:
        made = await identify.add_key(call.actor, call.path["id"], call.body.public_key)
        return SiteKeyReply(site=out(made.site), kid=made.kid, secret=made.secret or None)

    async def revoke(call: Call) -> SiteReply:
        return SiteReply(site=out(await identify.revoke_key(call.actor, call.path["id"], call.path["kid"])))

    admin: dict[str, Any] = {"access": Access.ADMIN, "fresh": True}
    one: dict[str, Any] = {**admin, "rule": SITE_RULE}
    return (
        Endpoint("GET", _SITES, "Sites that may say who their people are", every, SiteList, Access.ADMIN),
        Endpoint("POST", _SITES, "Register a site", register, SiteReply, body=NewSite, status=201, **admin),
        Endpoint("PATCH", _SITE, "Let a site's word hold, or not", change, SiteReply, body=SiteChange, **one),
        Endpoint("DELETE", _SITE, "Delete a site; its people's accounts stay", delete, Empty, **one),
        Endpoint(
            "POST",
            f"{_SITE}/keys",
            "Give a site one more key; a secret is shown this once",
            add_key,
            SiteKeyReply,
            body=NewSiteKey,
            status=201,
            **one,
        ),
        Endpoint("DELETE", f"{_SITE}/keys/{{kid}}", "Revoke a key of a site at once", revoke, SiteReply, **one),
    )
