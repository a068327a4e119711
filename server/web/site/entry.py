"""Signing in and out and registering without JavaScript, over the same services as the API.

Nothing that was typed is written back but the e-mail address, to whoever typed it; never a password or a code.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

from aiohttp import web

from server.accounts.model import MAX_CODE, MAX_EMAIL, MAX_NAME, MAX_PASSWORD, MIN_PASSWORD, Account, FactorState
from server.accounts.sessions import SignedIn
from server.factors.forms import FIELD as PASSKEY
from server.factors.forms import shown_credential
from server.kernel.actor import Actor
from server.kernel.caller import Caller
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotAuthenticated, SecondFactorRequired
from server.kernel.ids import new_id
from server.web.site.forms import local_path
from server.web.site.frame import CONFIRM, REGISTER, SECOND_STEP, SIGN_IN, SIGN_OUT, Site
from server.web.site.visit import Page, Visit

_HOME = "/forum"
_NOINDEX = {"X-Robots-Tag": "noindex"}


class Accounts(Protocol):
    """What is needed of `accounts.service`."""

    async def sign_in(
        self, *, email: str, password: str, caller: Caller, code: str | None = None, may_owe: bool = False
    ) -> SignedIn: ...
    async def sign_out(self, actor: Actor) -> None: ...
    async def register(
        self, *, email: str, password: str, display_name: str, locale: str, caller: Caller
    ) -> tuple[Account, bool]: ...


class Factors(Protocol):
    """What is needed of `factors.service`."""

    async def confirm(
        self,
        actor: Actor,
        caller: Caller,
        *,
        password: str | None,
        code: str | None,
        credential: Mapping[str, Any] | None,
    ) -> object: ...


class EntryPages:
    """The pages.

    Args:
        site: the frame around them.
        accounts: passwords and sessions.
        factors: second factors.
    """

    def __init__(self, site: Site, accounts: Accounts, factors: Factors) -> None:
        self._site = site
        self._accounts = accounts
        self._factors = factors

    def attach(self, app: web.Application) -> None:
        """Add the routes. The application's templates are set up before."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(SIGN_IN, shown(self._show_sign_in, query=("next",)))
        app.router.add_post(SIGN_IN, posted(self._sign_in))
        app.router.add_get(SECOND_STEP, shown(self._show_second_step, query=("next",)))
        app.router.add_post(SECOND_STEP, posted(self._second_step))
        app.router.add_get(CONFIRM, shown(self._show_confirm, query=("next",)))
        app.router.add_post(CONFIRM, posted(self._confirm))
        app.router.add_get(SIGN_OUT, shown(self._show_sign_out))
        app.router.add_post(SIGN_OUT, posted(self._sign_out))
        app.router.add_get(REGISTER, shown(self._show_register, query=("next",)))
        app.router.add_post(REGISTER, posted(self._register))

    # --- signing in ------------------------------------------------------------------------------------------------

    async def _show_sign_in(self, visit: Visit) -> Page | web.StreamResponse:
        if visit.owing is not None:
            return self._site.to(SECOND_STEP)
        if visit.actor is not None:
            return self._site.to(_next(visit))
        return self._page(visit, "sign_in")

    async def _sign_in(self, visit: Visit) -> Page | web.StreamResponse:
        form = visit.form
        email, password = form.secret("email"), form.secret("password")
        try:
            if len(email) > MAX_EMAIL or len(password) > MAX_PASSWORD:
                raise NotAuthenticated
            signed_in = await self._accounts.sign_in(email=email, password=password, caller=visit.caller, may_owe=True)
        except NotAuthenticated as error:
            return self._page(visit, "sign_in", error, self._site.text(visit.locale, "entry.refused"))
        except DomainError as error:
            return self._page(visit, "sign_in", error)
        onward = _next(visit)
        if signed_in.session.factor is FactorState.OWED:
            onward = f"{SECOND_STEP}?{urlencode({'next': onward})}"
        return self._site.signed_in(visit, signed_in, onward)

    async def _show_second_step(self, visit: Visit) -> Page | web.StreamResponse:
        if visit.owing is None:
            return self._site.to(_next(visit) if visit.actor else SIGN_IN)
        return self._page(visit, "second_step")

    async def _second_step(self, visit: Visit) -> Page | web.StreamResponse:
        if visit.owing is None:
            return self._site.to(_next(visit) if visit.actor else SIGN_IN)
        code, passkey = visit.form.secret("code").strip(), visit.form.secret(PASSKEY)
        try:
            if not passkey and (not code or len(code) > MAX_CODE):
                raise InvalidInput(fields={"code": "wrong_code"})
            credential = shown_credential(passkey)
            shown = None if credential else code
            await self._factors.confirm(visit.owing, visit.caller, password=None, code=shown, credential=credential)
        except NotAuthenticated:
            return self._page(visit, "second_step", _refused(passkey, "code", "wrong_code"))
        except DomainError as error:
            return self._page(visit, "second_step", error)
        return self._site.to(_next(visit))

    # --- that it is still you --------------------------------------------------------------------------------------

    async def _show_confirm(self, visit: Visit) -> Page:
        visit.require()
        return self._page(visit, "confirm")

    async def _confirm(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form = visit.require(), visit.form
        password, code, passkey = form.secret("password"), form.secret("code").strip(), form.secret(PASSKEY)
        try:
            if passkey:
                shown = shown_credential(passkey)
                await self._factors.confirm(actor, visit.caller, password=None, code=None, credential=shown)
                return self._site.to(_next(visit))
            if not password or len(password) > MAX_PASSWORD or len(code) > MAX_CODE:
                raise InvalidInput(fields={"password": "wrong_password"})
            await self._factors.confirm(actor, visit.caller, password=password, code=code or None, credential=None)
        except NotAuthenticated:
            return self._page(visit, "confirm", _refused(passkey, "password", "wrong_password"))
        except SecondFactorRequired:
            return self._page(visit, "confirm", InvalidInput(fields={"code": "required"}))
        except DomainError as error:
            return self._page(visit, "confirm", error)
        return self._site.to(_next(visit))

    # --- signing out -----------------------------------------------------------------------------------------------

    async def _show_sign_out(self, visit: Visit) -> Page | web.StreamResponse:
        if visit.actor is None and visit.owing is None:
            return self._site.to(_HOME)
        return self._page(visit, "sign_out")

    async def _sign_out(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.actor or visit.owing
        if actor is not None:
            await self._accounts.sign_out(actor)
        return self._site.signed_out(visit, _next(visit))

    # --- registering -----------------------------------------------------------------------------------------------

    async def _show_register(self, visit: Visit) -> Page | web.StreamResponse:
        if visit.actor is not None:
            return self._site.to(_next(visit))
        return self._page(visit, "register")

    async def _register(self, visit: Visit) -> Page | web.StreamResponse:
        form = visit.form
        email, password = form.secret("email"), form.secret("password")
        try:
            if len(email) > MAX_EMAIL:
                raise InvalidInput(fields={"email": "too_long"})
            if len(password) > MAX_PASSWORD:
                raise InvalidInput(fields={"password": "too_long"})
            _, by_mail = await self._accounts.register(
                email=email,
                password=password,
                # Nobody has to give a name; the forum shows none anyhow.
                display_name=form.secret("display_name").strip() or self._neutral_name(visit.locale),
                locale=visit.locale,
                caller=visit.caller,
            )
            if by_mail:
                return self._page(visit, "registered")
            signed_in = await self._accounts.sign_in(email=email, password=password, caller=visit.caller)
        except Conflict:
            return self._page(visit, "register", Conflict(fields={"email": "taken"}))
        except DomainError as error:
            return self._page(visit, "register", error)
        return self._site.signed_in(visit, signed_in, _next(visit))

    def _neutral_name(self, locale: str) -> str:
        return self._site.text(locale, "entry.neutral_name", mark=new_id()[-4:].upper())

    def _page(self, visit: Visit, step: str, error: DomainError | None = None, message: str = "") -> Page:
        refusal = self._site.refusal(visit, error) if error else None
        context = {
            "step": step,
            "next": _next(visit),
            "email": visit.form.typed("email"),
            "display_name": visit.form.typed("display_name"),
            "refusal": refusal,
            "message": message or (refusal.message if refusal else ""),
            "least": MIN_PASSWORD,
            "longest": MAX_PASSWORD,
            "longest_email": MAX_EMAIL,
            "longest_name": MAX_NAME,
            "longest_code": MAX_CODE,
        }
        headers = dict(_NOINDEX)
        if refusal and refusal.retry_after is not None:
            headers["Retry-After"] = str(refusal.retry_after)
        return Page("site/entry.html", context, refusal.status if refusal else 200, headers=headers)


def _refused(passkey: str, field: str, reason: str) -> InvalidInput:
    """Say which part of a proof was wrong: the passkey, where one was shown."""
    return InvalidInput(fields={PASSKEY: "passkey_refused"} if passkey else {field: reason})


def _next(visit: Visit) -> str:
    """Where to go on to."""
    wish = visit.form.secret("next") or visit.request.query.get("next", "")
    return local_path(wish, _HOME)
