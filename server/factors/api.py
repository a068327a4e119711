"""Second factors over HTTP: signing in by passkey, confirming, setting up and taking away."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from server.accounts.api import SessionReply, signed_in_reply
from server.accounts.model import MAX_CODE, MAX_PASSWORD
from server.factors.model import DeviceKind, Passkey
from server.factors.qr import svg_of
from server.factors.service import FactorService
from server.kernel.access import Access, Rule
from server.kernel.actor import Role
from server.kernel.wire import Empty, Moment, Schema
from server.web.endpoint import Call, Endpoint, Reply

_BROWSER_BYTES = 32
_LONGEST = 16_384
_OWN_PASSKEY = Rule("passkey", own=frozenset(Role) - {Role.VISITOR})
_OTHERS_ACCOUNT = Rule("account", own=frozenset(), others=frozenset({Role.ADMIN}))

_code = Field(min_length=6, max_length=MAX_CODE, repr=False)
_encoded = Field(max_length=_LONGEST, pattern=r"^[A-Za-z0-9_-]*={0,2}$", repr=False)

Encoded = Annotated[str, _encoded]


class _FromBrowser(Schema):
    """What browsers make of a credential (WebAuthn 3, 5.1): they add fields over time, which are left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Assertion(_FromBrowser):
    """An authenticator's answer to a challenge, in base64url."""

    clientDataJSON: Encoded
    authenticatorData: Encoded
    signature: Encoded
    userHandle: Annotated[str | None, _encoded] = None


class Attestation(_FromBrowser):
    """A new credential, in base64url."""

    clientDataJSON: Encoded
    attestationObject: Encoded


class ShownCredential(_FromBrowser):
    """`PublicKeyCredential.toJSON()` after `navigator.credentials.get`."""

    id: Encoded
    rawId: Encoded
    type: Literal["public-key"]
    response: Assertion


class MadeCredential(_FromBrowser):
    """`PublicKeyCredential.toJSON()` after `navigator.credentials.create`."""

    id: Encoded
    rawId: Encoded
    type: Literal["public-key"]
    response: Attestation


class PasskeyOptions(Schema):
    """For `PublicKeyCredential.parseRequestOptionsFromJSON` or `parseCreationOptionsFromJSON`."""

    public_key: Annotated[dict[str, Any], Field(repr=False)]


class PasskeySession(Schema):
    """A passkey instead of e-mail and password."""

    credential: ShownCredential


class Confirmation(Schema):
    """The same proof as for signing in; `repr` shows none of it."""

    password: Annotated[str | None, Field(max_length=MAX_PASSWORD, repr=False)] = None
    totp: Annotated[str | None, _code] = None
    passkey: ShownCredential | None = None


class ConfirmReply(Schema):
    """Until when the session counts as signed in just now."""

    fresh_until: Moment


class PasskeyOut(Schema):
    """A passkey as its owner sees it; kind and date are its name."""

    id: str
    kind: DeviceKind
    synced: bool
    created_at: Moment
    used_at: Moment | None


class FactorsReply(Schema):
    """The second factors of one's own account."""

    totp_since: Moment | None
    recovery_left: int
    passkeys: list[PasskeyOut]
    passkeys_offered: bool
    required: bool
    owed: bool
    fresh_until: Moment


class TotpReply(Schema):
    """A secret for an authenticator app, as text, as address and as a picture (SVG). Shown this once."""

    secret: Annotated[str, Field(repr=False)]
    uri: Annotated[str, Field(repr=False)]
    qr: Annotated[str, Field(repr=False)]


class FirstCode(Schema):
    """The app's first code."""

    code: Annotated[str, _code]


class RecoveryReply(Schema):
    """Recovery codes; each works once in place of the app's code. Shown this once."""

    recovery_codes: Annotated[list[str], Field(repr=False)]


class NewPasskey(Schema):
    """A passkey that the browser has made, and what it lives on."""

    kind: DeviceKind
    credential: MadeCredential


class PasskeyChange(Schema):
    """What a passkey lives on."""

    kind: DeviceKind


class PasskeyReply(Schema):
    """A passkey."""

    passkey: PasskeyOut


def passkey_out(passkey: Passkey) -> PasskeyOut:
    """Give the wire form of a passkey."""
    return PasskeyOut(
        id=passkey.id,
        kind=passkey.kind,
        synced=passkey.synced,
        created_at=passkey.created_at,
        used_at=passkey.used_at,
    )


def endpoints(service: FactorService) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_sessions(service), *_codes(service), *_passkeys(service))


def _sessions(service: FactorService) -> Sequence[Endpoint]:
    async def begin_sign_in(call: Call) -> Reply:
        browser = secrets.token_urlsafe(_BROWSER_BYTES)
        options = await service.begin_sign_in(browser, call.network)
        return Reply(PasskeyOptions(public_key=options), browser=browser)

    async def sign_in(call: Call) -> Reply:
        body: PasskeySession = call.body
        signed_in = await service.sign_in(call.browser, body.credential.model_dump(), call.caller)
        return signed_in_reply(signed_in)

    async def begin_confirming(call: Call) -> PasskeyOptions:
        return PasskeyOptions(public_key=await service.begin_confirming(call.actor))

    async def confirm(call: Call) -> ConfirmReply:
        body: Confirmation = call.body
        fresh_until = await service.confirm(
            call.actor,
            call.caller,
            password=body.password,
            code=body.totp,
            credential=body.passkey.model_dump() if body.passkey else None,
        )
        return ConfirmReply(fresh_until=fresh_until)

    base = "/api/v1/sessions"
    return (
        Endpoint(
            "POST",
            f"{base}/passkey/options",
            "Begin to sign in by passkey; sets a short-lived cookie",
            begin_sign_in,
            PasskeyOptions,
            Access.PUBLIC,
        ),
        Endpoint(
            "POST",
            f"{base}/passkey",
            "Sign in by passkey; also sets the session cookie",
            sign_in,
            SessionReply,
            Access.PUBLIC,
            body=PasskeySession,
            status=201,
        ),
        Endpoint(
            "POST",
            f"{base}/current/confirm/options",
            "Begin to confirm by passkey that it is still you",
            begin_confirming,
            PasskeyOptions,
            Access.MEMBER,
            owing=True,
        ),
        Endpoint(
            "POST",
            f"{base}/current/confirm",
            "Confirm that it is still you, or show the second factor that is owed",
            confirm,
            ConfirmReply,
            Access.MEMBER,
            body=Confirmation,
            owing=True,
        ),
    )


def _codes(service: FactorService) -> Sequence[Endpoint]:
    async def show(call: Call) -> FactorsReply:
        seen = await service.overview(call.actor)
        return FactorsReply(
            totp_since=seen.totp_since,
            recovery_left=seen.recovery_left,
            passkeys=[passkey_out(passkey) for passkey in seen.passkeys],
            passkeys_offered=seen.passkeys_offered,
            required=seen.required,
            owed=seen.owed,
            fresh_until=seen.fresh_until,
        )

    async def begin(call: Call) -> TotpReply:
        enrolment = await service.begin_totp(call.actor)
        # Drawing takes some 100 ms of processor time: beside the event loop, which has others to serve.
        picture = await asyncio.to_thread(svg_of, enrolment.uri)
        return TotpReply(secret=enrolment.secret, uri=enrolment.uri, qr=picture)

    async def complete(call: Call) -> RecoveryReply:
        body: FirstCode = call.body
        return RecoveryReply(recovery_codes=await service.complete_totp(call.actor, body.code))

    async def remove(call: Call) -> Empty:
        await service.remove_totp(call.actor)
        return Empty()

    async def renew(call: Call) -> RecoveryReply:
        return RecoveryReply(recovery_codes=await service.renew_recovery(call.actor))

    async def reset(call: Call) -> Empty:
        await service.reset(call.actor.account_id, call.path["id"])
        return Empty()

    base, member = "/api/v1/me/factors", Access.MEMBER
    return (
        Endpoint("GET", base, "One's own second factors", show, FactorsReply, member, owing=True),
        Endpoint(
            "POST",
            f"{base}/totp",
            "Get a secret for an authenticator app; it counts from its first code on",
            begin,
            TotpReply,
            member,
            status=201,
            fresh=True,
            owing=True,
        ),
        Endpoint(
            "POST",
            f"{base}/totp/confirm",
            "Set the app up with its first code; gives recovery codes",
            complete,
            RecoveryReply,
            member,
            body=FirstCode,
            fresh=True,
            owing=True,
        ),
        Endpoint("DELETE", f"{base}/totp", "Remove the app and its recovery codes", remove, Empty, member, fresh=True),
        Endpoint(
            "POST",
            f"{base}/recovery-codes",
            "Make new recovery codes; the former ones are void",
            renew,
            RecoveryReply,
            member,
            fresh=True,
        ),
        Endpoint(
            "DELETE",
            "/api/v1/accounts/{id}/factors",
            "Take away a colleague's or customer's second factors and end their sessions",
            reset,
            Empty,
            Access.ADMIN,
            fresh=True,
            rule=_OTHERS_ACCOUNT,
        ),
    )


def _passkeys(service: FactorService) -> Sequence[Endpoint]:
    async def begin(call: Call) -> PasskeyOptions:
        return PasskeyOptions(public_key=await service.begin_passkey(call.actor))

    async def add(call: Call) -> PasskeyReply:
        body: NewPasskey = call.body
        passkey = await service.add_passkey(call.actor, body.kind, body.credential.model_dump())
        return PasskeyReply(passkey=passkey_out(passkey))

    async def change(call: Call) -> Empty:
        body: PasskeyChange = call.body
        await service.set_kind(call.actor, call.path["id"], body.kind)
        return Empty()

    async def remove(call: Call) -> Empty:
        await service.remove_passkey(call.actor, call.path["id"])
        return Empty()

    base, member = "/api/v1/me/factors/passkeys", Access.MEMBER
    return (
        Endpoint(
            "POST",
            f"{base}/options",
            "Begin to add a passkey",
            begin,
            PasskeyOptions,
            member,
            fresh=True,
            owing=True,
        ),
        Endpoint(
            "POST",
            base,
            "Add the passkey that the browser has made",
            add,
            PasskeyReply,
            member,
            body=NewPasskey,
            status=201,
            fresh=True,
            owing=True,
        ),
        Endpoint(
            "PATCH",
            base + "/{id}",
            "Say what a passkey lives on",
            change,
            Empty,
            member,
            body=PasskeyChange,
            rule=_OWN_PASSKEY,
        ),
        Endpoint(
            "DELETE",
            base + "/{id}",
            "Remove a passkey",
            remove,
            Empty,
            member,
            fresh=True,
            rule=_OWN_PASSKEY,
        ),
    )
