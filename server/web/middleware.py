"""Around every request: an id, security headers, and the error map. No traceback and no input leaves here."""

import logging
import random
import time
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web
from aiohttp.typedefs import Middleware

from server.kernel.errors import DomainError, InvalidInput, NotFound
from server.web.catalogue import Catalogues
from server.web.embedding import cross_origin
from server.web.errors import Problem, problem_of
from server.web.metrics import Metrics
from server.web.requests import locale_of
from server.web.watching import Asked, Watching

logger = logging.getLogger("amanah.http")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Answering = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
ProblemPage = Callable[[web.Request, Problem], web.StreamResponse]
PROBLEM_PAGE: web.AppKey[ProblemPage] = web.AppKey("problem_page")
"""Shows browsers an error as a page."""

_PROGRAMS = ("/api/", "/assets/", "/socket.io/", "/healthz", "/readyz", "/metrics")
"""Addresses that no person reads."""

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {}"
)
_WIDGET = "/widget"
_HSTS = "max-age=31536000"
"""A year (RFC 6797); neighbouring hosts are not ours to decide on."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def frame_ancestors(path: str, embed_origins: str) -> str:
    """Who may frame a page: the widget any origin of the setting, all else nobody but ourselves for the widget."""
    if path == _WIDGET:
        return " ".join(["'self'", *embed_origins.split()])
    return "'none'"


def make_middleware(
    catalogues: Catalogues,
    metrics: Metrics,
    watching: Watching,
    *,
    default_locale: str,
    embed_origins: str,
    secure: bool,
) -> Middleware:
    """Make the one middleware.

    Args:
        catalogues: words.
        metrics: counts answers.
        watching: traces requests, counts pages and takes reports of faults.
        default_locale: language for those who have not chosen one.
        embed_origins: whose pages may frame the widget.
        secure: whether browsers reach us over TLS, and shall from now on.
    """

    widgets_policy = _CSP.format(frame_ancestors(_WIDGET, embed_origins))
    pages_policy = _CSP.format(frame_ancestors("/", embed_origins))
    # They tell requests apart, and nothing rests on their not being guessed.
    numbers = random.Random()  # noqa: S311 (they tell requests apart, no more)

    def finish(request: web.Request, response: web.StreamResponse, request_id: str, began: float) -> None:
        asked = Asked.of(request)
        metrics.request(asked.route, asked.method, response.status, time.monotonic() - began)
        watching.answered(request, asked, response.status)
        if response.prepared:
            return
        response.headers["X-Request-ID"] = request_id
        policy = widgets_policy if request.path == _WIDGET else pages_policy
        response.headers.setdefault("Content-Security-Policy", policy)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers["Strict-Transport-Security"] = _HSTS
        origin = request.headers.get("Origin", "")
        for name, value in cross_origin(request.method, request.path, origin, embed_origins).items():
            response.headers[name] = value
        if request.path.startswith(("/assets/", "/widget.js", "/feedback.js")):
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"

    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = f"{numbers.getrandbits(64):016x}"
        began = time.monotonic()
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                finish(request, error, request_id, began)
                raise
            response = _told(request, _http_problem(error, request, request_id, catalogues, default_locale))
        except Exception as error:
            if not isinstance(error, DomainError):
                # The type and the id only: the text of an exception may hold what somebody typed.
                logger.error("request %s failed: %s", request_id, type(error).__name__)
                watching.failed(error, Asked.of(request).route)
            locale = locale_of(request, default_locale)
            problem = problem_of(error, request_id=request_id, locale=locale, catalogues=catalogues)
            response = _told(request, problem)
        finish(request, response, request_id, began)
        return response

    return _traced(watching, answered)


def _traced(watching: Watching, answered: Answering) -> Middleware:
    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        with watching.request(request, Asked.of(request)) as told:
            try:
                response = await answered(request, handler)
            except web.HTTPException as redirection:
                told(redirection.status)
                raise
            told(response.status)
            return response

    return around


def _http_problem(
    error: web.HTTPException, request: web.Request, request_id: str, catalogues: Catalogues, default_locale: str
) -> Problem:
    """aiohttp's own refusals (no route, wrong method, body too large) in our envelope, with their own status."""
    domain: DomainError = NotFound()
    if error.status == 413:
        domain = InvalidInput(fields={"body": "too_long"})
    elif error.status != 404:
        domain = InvalidInput(fields={"method": "not_allowed"} if error.status == 405 else {"body": "malformed"})
    problem = problem_of(
        domain, request_id=request_id, locale=locale_of(request, default_locale), catalogues=catalogues
    )
    return Problem(error.status, problem.error)


def _told(request: web.Request, problem: Problem) -> web.StreamResponse:
    """A person who looks at a page is told in a page, a program in the envelope."""
    show = request.app.get(PROBLEM_PAGE)
    if show is None or "text/html" not in request.headers.get("Accept", "") or request.path.startswith(_PROGRAMS):
        return _answer(problem)
    return show(request, problem)


def _answer(problem: Problem) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return web.Response(
        status=problem.status,
        body=orjson.dumps(problem.envelope()),
        content_type="application/json",
        headers=headers,
    )
