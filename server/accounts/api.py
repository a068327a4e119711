"""Accounts over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from server.accounts.model import MAX_CODE, MAX_NAME, MAX_PASSWORD, Account
from server.accounts.service import AccountService
from server.accounts.sessions import SignedIn
from server.kernel.actor import Role
from server.kernel.wire import Empty, Moment, Schema
from server.web.endpoint import Access, Call, Endpoint, Reply

Locale = Literal["id", "en"]


class AccountOut(Schema):
    """An account as its owner sees it."""

    id: str
    display_name: Annotated[str, Field(repr=False)]
    role: Role
    email: Annotated[str | None, Field(repr=False)]
    locale: str
    created_at: Moment


class AccountReply(Schema):
    """An account."""

    account: AccountOut


class SessionReply(Schema):
    """A fresh session. The token is shown this once."""

    token: Annotated[str, Field(repr=False)]
    account: AccountOut


class RegisteredReply(Schema):
    """A new account, and whether it opens only after a link was followed that has been mailed to its address."""

    account: AccountOut
    verify_by_mail: bool


class NewVisitor(Schema):
    """Nothing needs to be said."""

    locale: Locale | None = None


class NewAccount(Schema):
    """What an account needs. `repr` shows none of it."""

    email: Annotated[str, Field(max_length=254, repr=False)]
    password: Annotated[str, Field(max_length=MAX_PASSWORD, repr=False)]
    display_name: Annotated[str, Field(max_length=MAX_NAME, repr=False)]
    locale: Locale = "id"


class NewSession(Schema):
    """Credentials; `repr` shows none. `totp`, the app's code or a recovery code, is for accounts that have an app."""

    email: Annotated[str, Field(max_length=254, repr=False)]
    password: Annotated[str, Field(max_length=MAX_PASSWORD, repr=False)]
    totp: Annotated[str | None, Field(max_length=MAX_CODE, repr=False)] = None


def account_out(account: Account) -> AccountOut:
    """Give the wire form of an account."""
    return AccountOut(
        id=account.id,
        display_name=account.display_name,
        role=account.role,
        email=account.email,
        locale=account.locale,
        created_at=account.created_at,
    )


def signed_in_reply(signed_in: SignedIn) -> Reply:
    """Answer a sign-in: the token once in the body, and as a cookie that lasts as long as the session."""
    session = signed_in.session
    return Reply(
        SessionReply(token=signed_in.token, account=account_out(signed_in.account)),
        session_token=signed_in.token,
        session_s=int((session.expires_at - session.created_at).total_seconds()),
        device=signed_in.device,
    )


def endpoints(service: AccountService) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def create_visitor(call: Call) -> SessionReply:
        signed_in = await service.create_visitor(caller=call.caller, locale=call.body.locale or call.locale)
        return SessionReply(token=signed_in.token, account=account_out(signed_in.account))

    async def register(call: Call) -> RegisteredReply:
        body: NewAccount = call.body
        account, verify_by_mail = await service.register(
            email=body.email,
            password=body.password,
            display_name=body.display_name,
            locale=body.locale,
            caller=call.caller,
        )
        return RegisteredReply(account=account_out(account), verify_by_mail=verify_by_mail)

    async def sign_in(call: Call) -> Reply:
        body: NewSession = call.body
        signed_in = await service.sign_in(email=body.email, password=body.password, caller=call.caller, code=body.totp)
        return signed_in_reply(signed_in)

    async def sign_out(call: Call) -> Reply:
        await service.sign_out(call.actor)
        return Reply(Empty(), session_token="")

    async def me(call: Call) -> AccountReply:
        return AccountReply(account=account_out(await service.get_account(call.actor)))

    return (
        Endpoint(
            "POST",
            "/api/v1/visitors",
            "Become an anonymous visitor",
            create_visitor,
            SessionReply,
            Access.PUBLIC,
            body=NewVisitor,
            status=201,
        ),
        Endpoint(
            "POST",
            "/api/v1/accounts",
            "Register with e-mail and password",
            register,
            RegisteredReply,
            Access.PUBLIC,
            body=NewAccount,
            status=201,
        ),
        Endpoint(
            "POST",
            "/api/v1/sessions",
            "Sign in; also sets the session cookie",
            sign_in,
            SessionReply,
            Access.PUBLIC,
            body=NewSession,
            status=201,
        ),
        Endpoint("DELETE", "/api/v1/sessions/current", "Sign out", sign_out, Empty, owing=True),
        Endpoint("GET", "/api/v1/me", "One's own account", me, AccountReply),
    )
