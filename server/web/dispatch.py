"""From a declared endpoint to an aiohttp handler: parse, authenticate, call, envelope."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from server.kernel.access import can_call
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput, NotAuthenticated, NotPermitted, SecondFactorRequired
from server.kernel.fresh import FreshWindow
from server.kernel.ports import Limiter
from server.kernel.sharing import spend_of_network
from server.web.devices import DeviceCookies
from server.web.endpoint import Access, Call, Download, Encoded, Endpoint, FileBody, Reply
from server.web.errors import invalid
from server.web.requests import (
    SESSION_COOKIE,
    Authenticator,
    Observer,
    Origins,
    actor_of,
    caller_of,
    cookie_name,
    locale_of,
    patiently,
    read_browser_cookie,
    set_browser_cookie,
    set_session_cookie,
)
from server.web.uploads import Upload

MAX_BODY = 64 * 1024
"""Largest JSON body: a text of 4,000 code points, six bytes each as escapes, with room to spare."""


class Dispatcher:
    """Builds routes from declarations."""

    def __init__(
        self,
        accounts: Authenticator,
        origins: Origins,
        default_locale: str,
        freshness: FreshWindow,
        visits: Observer,
        devices: DeviceCookies,
        limiter: Limiter,
    ) -> None:
        self._accounts = accounts
        self._visits = visits
        self._devices = devices
        self._limiter = limiter
        self._freshness = freshness
        self._origins = origins
        self._default_locale = default_locale

    def routes(self, endpoints: Sequence[Endpoint]) -> list[web.RouteDef]:
        """Give aiohttp's routes."""
        return [web.route(item.method, item.path, self._handler(item)) for item in endpoints]

    def _handler(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            call = await self._call(endpoint, request)
            result = await endpoint.handler(call)
            if isinstance(result, Download):
                return download(result)
            reply = result if isinstance(result, Reply) else Reply(result)
            data = reply.data
            body = data.body if isinstance(data, Encoded) else data.model_dump_json().encode()
            response = web.Response(
                status=reply.status or endpoint.status,
                body=b'{"ok":true,"data":' + body + b"}",
                content_type="application/json",
                headers={"Cache-Control": "no-store"},
            )
            self.set_cookies(request, response, reply)
            return response

        return handle

    async def _call(self, endpoint: Endpoint, request: web.Request) -> Call:
        # A public endpoint does not look at credentials: a stale cookie must not keep anybody from signing in.
        public = endpoint.access is Access.PUBLIC
        actor = None if public else await actor_of(request, self._accounts, self._origins)
        if public and endpoint.recognise:
            actor = await self._recognised(request)
        if actor is None and not public:
            raise NotAuthenticated
        if actor is not None and actor.owes_factor and not endpoint.owing:
            raise SecondFactorRequired
        if actor is not None and not can_call(endpoint.access, actor.role):
            raise NotPermitted
        if endpoint.fresh and actor is not None:
            self._freshness.require(actor)
        caller = caller_of(request, self._origins, self._devices)
        if actor is not None:
            self._visits.observe(actor, caller)
        if endpoint.network_limit:
            account_id = actor.account_id if actor else ""
            await spend_of_network(self._limiter, endpoint.network_limit, network=caller.network, account_id=account_id)
        return Call(
            body=await _parse_body(endpoint.body, request) if endpoint.body else None,
            query=_parse_query(endpoint.query, request) if endpoint.query else None,
            path=request.match_info,
            caller=caller,
            locale=locale_of(request, self._default_locale),
            signed_in=actor,
            browser=read_browser_cookie(request, secure=self._origins.is_secure(request)),
            file=await _read_file(endpoint.file, request) if endpoint.file else b"",
            form=Upload(request, endpoint.upload) if endpoint.upload else None,
        )

    async def _recognised(self, request: web.Request) -> Actor | None:
        """Who calls a public operation: nobody, where the credentials are not, or not yet, good for anything else."""
        try:
            actor = await actor_of(request, self._accounts, self._origins)
        except (NotAuthenticated, NotPermitted):
            return None
        return None if actor is not None and actor.owes_factor else actor

    def set_cookies(self, request: web.Request, response: web.StreamResponse, reply: Reply) -> None:
        """Put the cookies of a reply into a response."""
        secure = self._origins.is_secure(request)
        if reply.browser:
            set_browser_cookie(response, reply.browser, secure=secure)
        name = cookie_name(SESSION_COOKIE, secure=secure)
        if reply.session_token == "":
            # With `Secure`, or browsers would not let go of a `__Host-` cookie.
            response.del_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")
        elif reply.session_token is not None:
            set_session_cookie(response, reply.session_token, reply.session_s, secure=secure)
        if reply.device:
            self._devices.set(response, reply.device, secure=secure)


def download(file: Download) -> web.Response:
    """Answer with a file that is made while it is sent."""

    async def chunks() -> AsyncIterator[bytes]:
        try:
            async for chunk in file.chunks:
                yield chunk
        except DomainError:
            # The head is out already: a broken connection is what is left to say so.
            raise ConnectionResetError from None

    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{file.name}"'}
    return web.Response(body=chunks(), content_type=file.media_type, charset="utf-8", headers=headers)


async def _parse_body(schema: type[BaseModel], request: web.Request) -> BaseModel:
    raw = await patiently(request.read()) if request.can_read_body else b""
    if raw and request.content_type != "application/json":
        raise InvalidInput(fields={"body": "not_json"})
    try:
        data = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError:
        raise InvalidInput(fields={"body": "not_json"}) from None
    return parse(schema, data)


async def _read_file(expected: FileBody, request: web.Request) -> bytes:
    """Read a file; no more of it than is taken."""
    if request.content_type not in expected.types:
        raise InvalidInput(fields={"body": "not_an_image" if request.can_read_body else "required"})
    if (request.content_length or 0) > expected.most:
        raise web.HTTPRequestEntityTooLarge(max_size=expected.most, actual_size=request.content_length or 0)
    data = bytearray()
    while chunk := await patiently(request.content.readany()):
        data += chunk
        if len(data) > expected.most:
            raise web.HTTPRequestEntityTooLarge(max_size=expected.most, actual_size=len(data))
    if not data:
        raise InvalidInput(fields={"body": "required"})
    return bytes(data)


def _parse_query(schema: type[BaseModel], request: web.Request) -> BaseModel:
    query = {name: value for name, value in request.query.items() if name != "lang"}
    return parse(schema, query)


def parse(schema: type[BaseModel], data: object) -> BaseModel:
    """Check data against a schema.

    Raises:
        InvalidInput: it does not fit; says where and why, not what it was.
    """
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        raise invalid(error) from None
