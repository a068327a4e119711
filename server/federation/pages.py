"""The way to the identity provider and back, as addresses that a browser is sent through. Shows nothing itself."""

import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web

from server.accounts.api import signed_in_reply
from server.federation.model import Answer
from server.federation.service import FederationService
from server.kernel.errors import DomainError, RateLimited, Unavailable
from server.kernel.wire import Empty
from server.web.endpoint import Reply
from server.web.requests import Devices, Origins, caller_of, read_browser_cookie

START = "/sign-in/provider"
BACK = "/sign-in/provider/back"
_DESK = "/desk"
_BROWSER_BYTES = 32
_LONGEST = 2_048

SetCookies = Callable[[web.Request, web.StreamResponse, Reply], None]


def routes(
    service: FederationService, origins: Origins, devices: Devices, set_cookies: SetCookies
) -> list[web.RouteDef]:
    """Give the routes.

    Args:
        service: the use cases.
        origins: our own address.
        devices: knows browsers again.
        set_cookies: puts the cookies of a reply into a response.
    """

    async def start(request: web.Request) -> web.StreamResponse:
        browser = secrets.token_urlsafe(_BROWSER_BYTES)
        again = request.query.get("again") == "1"

        async def begin() -> web.StreamResponse:
            address = await service.begin(browser, origins.network(request), again=again)
            response = _to(address)
            set_cookies(request, response, Reply(Empty(), browser=browser))
            return response

        return await _or_desk(begin)

    async def back(request: web.Request) -> web.StreamResponse:
        async def finish() -> web.StreamResponse:
            said = {name: request.query.get(name, "")[:_LONGEST] for name in ("code", "state", "iss", "error")}
            answer = Answer("" if said["error"] else said["code"], said["state"], said["iss"])
            browser = read_browser_cookie(request, secure=origins.is_secure(request))
            signed_in = await service.finish(browser, answer, caller_of(request, origins, devices))
            response = _to(_DESK)
            set_cookies(request, response, signed_in_reply(signed_in))
            return response

        return await _or_desk(finish)

    return [web.get(START, start), web.get(BACK, back)]


async def _or_desk(work: Callable[[], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """Whoever can't be let in comes to the desk's sign-in, which says so; a browser has no use for an error as JSON."""
    try:
        return await work()
    except RateLimited:
        return _to(f"{_DESK}?sign_in=rate_limited")
    except Unavailable:
        return _to(f"{_DESK}?sign_in=unavailable")
    except DomainError:
        return _to(f"{_DESK}?sign_in=refused")


def _to(address: str) -> web.Response:
    # A referrer would carry the state and the code on.
    headers = {"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(status=303, headers=headers)
