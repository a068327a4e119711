"""The pages that mailed links open. They work without JavaScript, and nothing happens before a button is pressed: mail
scanners follow links too. What was typed is never written back into a page.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from server.accounts.letters import PATHS
from server.accounts.model import MAX_EMAIL, MAX_PASSWORD, MIN_PASSWORD, Purpose
from server.accounts.recovery import Recovery
from server.kernel.errors import DomainError, InvalidInput, RateLimited
from server.web.catalogue import Catalogues
from server.web.errors import STATUS
from server.web.pages import Assets
from server.web.requests import Devices, Origins, caller_of, patiently

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")
_HEADERS = {
    "Cache-Control": "no-store",
    # The address holds the token, and must not go anywhere with a click.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_UTF8 = "utf-8"
"""What browsers send forms in from pages of ours, which say so; most say nothing."""

_VERIFYING = (Purpose.VERIFY, Purpose.CHANGE)
_LINK_FAULT = "link_unusable"


class LinkPages:
    """Verification and reset as pages.

    Args:
        recovery: what the buttons do.
        assets: the built client, for its styles.
        catalogues: texts.
        origins: which origins are ours.
        devices: knows browsers again.
        company: name of the company that runs this server.
    """

    def __init__(
        self,
        recovery: Recovery,
        assets: Assets,
        catalogues: Catalogues,
        origins: Origins,
        devices: Devices,
        *,
        company: str,
    ) -> None:
        self._recovery = recovery
        self._assets = assets
        self._catalogues = catalogues
        self._origins = origins
        self._devices = devices
        self._company = company

    def attach(self, app: web.Application) -> None:
        """Add the routes. The application's templates are set up before."""
        for locale, path in PATHS[Purpose.VERIFY].items():
            app.router.add_get(path, self._showing("verify", locale, _VERIFYING))
            app.router.add_post(path, self._posting("verify", locale, self._verify))
        for locale, path in PATHS[Purpose.RESET].items():
            app.router.add_get(path, self._showing("reset", locale, (Purpose.RESET,)))
            app.router.add_post(path, self._posting("reset", locale, self._reset))

    def _showing(self, page: str, locale: str, purposes: tuple[Purpose, ...]) -> Callable[[web.Request], Any]:
        async def show(request: web.Request) -> web.Response:
            token = _token(request.query.get("token", ""))
            purpose = await self._recovery.is_usable(token, *purposes) if token else None
            if purpose is not None:
                return self._render(request, page, locale, step=purpose.value, token=token)
            fault = self._catalogues.reason(locale, _LINK_FAULT) if request.query.get("token") else ""
            return self._render(request, page, locale, step="ask", message=fault)

        return show

    def _posting(
        self, page: str, locale: str, act: Callable[[web.Request, Mapping[str, str]], Any]
    ) -> Callable[[web.Request], Any]:
        async def post(request: web.Request) -> web.Response:
            step = token = ""
            try:
                form = await _form(request)
                token = _token(form.get("token", ""))
                step = form.get("step", "")
                outcome = await act(request, form)
            except DomainError as error:
                return await self._refused(request, page, locale, error, token if step != "ask" else "")
            return self._render(request, page, locale, step="done", message=self._catalogues.text(locale, outcome))

        return post

    async def _verify(self, request: web.Request, form: Mapping[str, str]) -> str:
        caller = caller_of(request, self._origins, self._devices)
        if form.get("step") == "ask":
            await self._recovery.ask_verification(email=form.get("email", ""), caller=caller)
            return "form.sent"
        await self._recovery.confirm(token=form.get("token", ""), password=form.get("password"), caller=caller)
        return "verify.done"

    async def _reset(self, request: web.Request, form: Mapping[str, str]) -> str:
        caller = caller_of(request, self._origins, self._devices)
        if form.get("step") == "ask":
            await self._recovery.ask_reset(email=form.get("email", ""), caller=caller)
            return "form.sent"
        password = form.get("password", "")
        await self._recovery.reset(token=form.get("token", ""), password=password, caller=caller)
        return "reset.done"

    async def _refused(
        self, request: web.Request, page: str, locale: str, error: DomainError, token: str
    ) -> web.Response:
        """Show the same form again, with the reason; without a link that still works, the one that asks for a new."""
        purposes = _VERIFYING if page == "verify" else (Purpose.RESET,)
        purpose = await self._recovery.is_usable(token, *purposes) if token else None
        reasons = [self._catalogues.reason(locale, reason) for reason in error.fields.values()]
        message = " ".join(reasons) or self._catalogues.text(locale, f"error.{error.code}")
        step = purpose.value if purpose else "ask"
        response = self._render(request, page, locale, step=step, token=token if purpose else "", message=message)
        response.set_status(STATUS[error.code])
        if isinstance(error, RateLimited):
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    def _render(
        self, request: web.Request, page: str, locale: str, *, step: str, token: str = "", message: str = ""
    ) -> web.Response:
        paths = PATHS[Purpose.VERIFY if page == "verify" else Purpose.RESET]
        context = {
            "locale": locale,
            "paths": paths,
            "page": page,
            "step": step,
            "token": token,
            "message": message,
            "company": self._company,
            "styles": self._assets.of("site")["styles"],
            "least": MIN_PASSWORD,
            "longest": MAX_PASSWORD,
            "longest_email": MAX_EMAIL,
            "t": lambda key, **values: self._catalogues.text(locale, key, **values),
        }
        response = aiohttp_jinja2.render_template("link.html", request, context)
        response.headers.update(_HEADERS)
        response.headers["Content-Language"] = locale
        return response


def _token(text: str) -> str:
    """Give what may be a token; anything else is none and is not written into a page."""
    return text if _TOKEN.fullmatch(text) else ""


async def _form(request: web.Request) -> dict[str, str]:
    """Read a form's fields.

    Raises:
        InvalidInput: it is no such form. Uploads would be written to temporary files, and Python knows encodings that
            take a second for 64 KiB (`punycode`).
    """
    if request.content_type != "application/x-www-form-urlencoded" or (request.charset or _UTF8).lower() != _UTF8:
        raise InvalidInput(fields={"body": "malformed"})
    try:
        fields = await patiently(request.post())
    except ValueError:
        raise InvalidInput(fields={"body": "malformed"}) from None
    return {name: value for name, value in fields.items() if isinstance(value, str)}
