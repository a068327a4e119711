"""What an account is entered with, and its sessions, over HTTP."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from server.accounts.model import MAX_EMAIL, MAX_PASSWORD, Session
from server.accounts.recovery import Recovery
from server.accounts.sessions import Sessions
from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.wire import Empty, Moment, Schema
from server.visits.api import DeviceOut, PlaceOut, device_out, place_out
from server.web.endpoint import Access, Call, Endpoint

_MAX_TOKEN = 100
_OWN_SESSION = Rule("session", own=frozenset(Role))


class SessionOut(Schema):
    """One of one's sessions. `device` and `place` are null for sessions from before they were noted."""

    id: str
    current: bool
    device: DeviceOut | None
    place: PlaceOut | None
    created_at: Moment
    seen_at: Moment
    expires_at: Moment


class SessionList(Schema):
    """One's sessions, the one used last first."""

    items: list[SessionOut]


class EndedReply(Schema):
    """How many sessions ended."""

    ended: int


class AddressIn(Schema):
    """An address to write to."""

    email: Annotated[str, Field(max_length=MAX_EMAIL, repr=False)]


class LinkIn(Schema):
    """The token of a mailed link; a new account's also needs the password that was chosen with it."""

    token: Annotated[str, Field(max_length=_MAX_TOKEN, repr=False)]
    password: Annotated[str | None, Field(max_length=MAX_PASSWORD, repr=False)] = None


class ResetIn(Schema):
    """The token of a mailed link and the new password."""

    token: Annotated[str, Field(max_length=_MAX_TOKEN, repr=False)]
    password: Annotated[str, Field(max_length=MAX_PASSWORD, repr=False)]


class PasswordIn(Schema):
    """A new password."""

    password: Annotated[str, Field(max_length=MAX_PASSWORD, repr=False)]


class AddressChangeReply(Schema):
    """Whether the change waits until the link that was sent to the new address is followed."""

    waits_for_link: bool


def _session_out(session: Session, current: str) -> SessionOut:
    return SessionOut(
        id=session.id,
        current=session.id == current,
        device=device_out(session.device) if session.device else None,
        place=place_out(session.place) if session.place else None,
        created_at=session.created_at,
        seen_at=session.seen_at,
        expires_at=session.expires_at,
    )


def session_endpoints(sessions: Sessions, recovery: Recovery) -> Sequence[Endpoint]:
    """Declare what concerns one's sessions."""

    async def own(call: Call) -> SessionList:
        found = await sessions.of_account(call.actor.account_id)
        return SessionList(items=[_session_out(item, call.actor.session_id) for item in found])

    async def end(call: Call) -> Empty:
        await recovery.end_session(call.actor, call.path["id"])
        return Empty()

    async def end_others(call: Call) -> EndedReply:
        return EndedReply(ended=await recovery.end_other_sessions(call.actor))

    path = "/api/v1/me/sessions"
    return (
        Endpoint("GET", path, "One's sessions", own, SessionList),
        Endpoint("DELETE", path, "End all of one's other sessions", end_others, EndedReply, fresh=True),
        Endpoint("DELETE", path + "/{id}", "End a session of one's own", end, Empty, fresh=True, rule=_OWN_SESSION),
    )


def endpoints(recovery: Recovery) -> Sequence[Endpoint]:
    """Declare what concerns passwords, addresses and mailed links."""

    async def ask_verification(call: Call) -> Empty:
        await recovery.ask_verification(email=call.body.email, caller=call.caller)
        return Empty()

    async def confirm(call: Call) -> Empty:
        await recovery.confirm(token=call.body.token, password=call.body.password, caller=call.caller)
        return Empty()

    async def ask_reset(call: Call) -> Empty:
        await recovery.ask_reset(email=call.body.email, caller=call.caller)
        return Empty()

    async def reset(call: Call) -> Empty:
        await recovery.reset(token=call.body.token, password=call.body.password, caller=call.caller)
        return Empty()

    async def change_password(call: Call) -> EndedReply:
        return EndedReply(ended=await recovery.change_password(call.actor, password=call.body.password))

    async def change_email(call: Call) -> AddressChangeReply:
        return AddressChangeReply(waits_for_link=await recovery.change_email(call.actor, email=call.body.email))

    public = Access.PUBLIC
    verifications, resets = "/api/v1/email-verifications", "/api/v1/password-resets"
    return (
        Endpoint(
            "POST",
            verifications,
            "Ask for a new link that verifies an address; answers alike for every address",
            ask_verification,
            Empty,
            public,
            body=AddressIn,
            status=202,
        ),
        Endpoint(
            "POST",
            verifications + "/confirm",
            "Follow a mailed link: an address is verified, or a new one taken over",
            confirm,
            Empty,
            public,
            body=LinkIn,
        ),
        Endpoint(
            "POST",
            resets,
            "Ask for a link to set a new password; answers alike for every address",
            ask_reset,
            Empty,
            public,
            body=AddressIn,
            status=202,
        ),
        Endpoint(
            "POST",
            resets + "/confirm",
            "Set a new password by a mailed link; ends every session",
            reset,
            Empty,
            public,
            body=ResetIn,
        ),
        Endpoint(
            "PUT",
            "/api/v1/me/password",
            "Set a new password; ends all other sessions",
            change_password,
            EndedReply,
            body=PasswordIn,
            fresh=True,
        ),
        Endpoint(
            "PUT",
            "/api/v1/me/email",
            "Change one's address; by a link to the new one where mail is set up",
            change_email,
            AddressChangeReply,
            body=AddressIn,
            fresh=True,
        ),
    )
