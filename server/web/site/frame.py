"""The frame around every public page: who looks, in which language, what is rendered, how it may be kept.

Pages are complete without JavaScript. A handler gets a `Visit` and gives a `Page`, or a response of its own. Must not
know what any page is about.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp_jinja2
import orjson
from aiohttp import web
from markupsafe import Markup, escape

from server.accounts.sessions import SignedIn
from server.kernel.errors import DomainError, NotAuthenticated, RateLimited
from server.kernel.ports import Clock
from server.kernel.wire import Empty
from server.web.catalogue import LOCALES, Catalogues
from server.web.endpoint import Reply
from server.web.errors import STATUS, Problem
from server.web.pages import ACCOUNT_PATHS, Assets
from server.web.requests import (
    LOCALE_COOKIE,
    SESSION_COOKIE,
    caller_of,
    cookie_name,
    locale_of,
    note_cookie,
)
from server.web.site import moments
from server.web.site.caching import ALONE_S, BESIDE_OTHERS_S, Body, Key, PageCache, body_of
from server.web.site.forms import read_form, require_own_origin
from server.web.site.visit import Answering, Greeter, Handler, Page, Reader, Refusal, Visit, Ways

SIGN_IN = "/masuk"
SECOND_STEP = "/masuk/kode"
CONFIRM = "/masuk/pastikan"
SIGN_OUT = "/keluar"
REGISTER = "/daftar"
_YEAR = 365 * 24 * 3600
_LONGEST_CHOICE = 120
_LONGEST_ASKED = 600
_MOST_KNOWN = 10_000
_PRIVATE = "private, no-cache"
_SHARED = "no-cache"

Asked = tuple[str, str, str, str]
"""Path with query, host, the scheme that a proxy saw, languages: as they were sent."""


class Site:
    """Renders public pages.

    Args:
        ways: who looks.
        assets: the built client.
        catalogues: texts.
        clock: the time.
        default_locale: language for those who have not chosen one.
        company: name of the company that runs this server.
        alone: whether no other server has the same store.
    """

    def __init__(
        self,
        ways: Ways,
        assets: Assets,
        catalogues: Catalogues,
        clock: Clock,
        *,
        default_locale: str,
        company: str,
        alone: bool,
    ) -> None:
        self._ways = ways
        self._assets = assets
        self._catalogues = catalogues
        self._default_locale = default_locale
        self.company = company
        self._greeter: Greeter | None = None
        self._words = {locale: self._spoken(locale) for locale in LOCALES}
        self._saying = {locale: self._said_in(locale) for locale in LOCALES}
        # Nobody can guess it, so no text that people wrote is taken for it.
        self._piece_mark = Markup(f"<!--{secrets.token_hex(16)}-->")  # noqa: S704 (our own)
        self.cache = PageCache(clock, lasts_s=ALONE_S if alone else BESIDE_OTHERS_S)
        self._known: dict[Asked, tuple[Key, str]] = {}

    def greet_with(self, greeter: Greeter) -> None:
        """Say who knows what the head of a page shows of people."""
        self._greeter = greeter

    # --- routes ----------------------------------------------------------------------------------------------------

    def shown(self, show: Handler, *, query: Sequence[str] = ()) -> Answering:
        """Make a handler of GET.

        Args:
            show: gives the page.
            query: names in the query that the page is another for; it must look at no others for who is not signed in.
        """

        async def handle(request: web.Request) -> web.StreamResponse:
            asked = _asked(request)
            known = self._known.get(asked) if asked is not None else None
            kept = self.cache.find(known[0]) if known is not None else None
            if known is not None and kept is not None:
                return _sent(request, kept, known[1], _SHARED)
            locale = locale_of(request, self._default_locale)
            key = None
            if not self._cookie(request):
                # Our own address stands in the page, and without a set one it is what the browser calls us.
                own = self._ways.origins.own(request)
                key = (own, request.path, locale, *_chosen(request, query).items())
                kept = self.cache.find(key)
                if kept is not None:
                    self._remember(asked, key, locale)
                    return self._send(request, kept, locale)
            begun = self.cache.begin()
            visit = await self._visit(request, locale)
            if visit.actor is None:
                await self._ways.limiter.spend("page_network", visit.caller.network)
            try:
                page = await show(visit)
            except NotAuthenticated:
                return self.to_sign_in(visit, _chosen(request, query))
            if isinstance(page, web.StreamResponse):
                return page
            body = await self._body(visit, page, _chosen(request, query))
            if key is not None and page.shows and page.status < 300:
                self.cache.put(key, body, page.shows, begun)
            return self._send(request, body, locale)

        return handle

    def posted(self, act: Handler, *, most_file: int = 0, from_anybody: bool = False) -> Answering:
        """Make a handler of POST: forms of ours only.

        Args:
            act: does what the form asks for.
            most_file: bytes of the files that may come with it; 0 for forms without.
            from_anybody: whether files are looked at that come from who is not signed in.
        """

        async def handle(request: web.Request) -> web.StreamResponse:
            require_own_origin(request, self._ways.origins)
            locale = locale_of(request, self._default_locale)
            visit = await self._visit(request, locale)
            keeps_file = visit.actor is not None
            if from_anybody and not keeps_file and request.content_type == "multipart/form-data":
                # Before a byte of it is read: what they send is held in memory.
                await self._ways.limiter.spend("file_network", visit.caller.network)
                keeps_file = True
            form = await read_form(request, most_file=most_file, keeps_file=keeps_file)
            visit = replace(visit, form=form)
            try:
                page = await act(visit)
            except NotAuthenticated:
                return self.to_sign_in(visit)
            if isinstance(page, web.StreamResponse):
                return page
            return self._send(request, await self._body(visit, page), locale, kept="no-store")

        return handle

    # --- what handlers answer with ---------------------------------------------------------------------------------

    def to(self, path: str, *, status: int = 303) -> web.Response:
        """Send the browser to another page of ours."""
        return web.Response(status=status, headers={"Location": path, "Cache-Control": "no-store"})

    def to_sign_in(self, visit: Visit, query: Mapping[str, str] = MappingProxyType({})) -> web.Response:
        """Send whoever is not signed in there, and back afterwards, with what the page looks at and nothing else."""
        if visit.owing is not None:
            return self.to(SECOND_STEP)
        back = visit.request.rel_url.raw_path + (f"?{urlencode(query)}" if query else "")
        return self.to(f"{SIGN_IN}?{urlencode({'next': back})}")

    def signed_in(self, visit: Visit, signed_in: SignedIn, path: str) -> web.Response:
        """Let somebody in and send them on."""
        session = signed_in.session
        response = self.to(path)
        reply = Reply(
            Empty(),
            session_token=signed_in.token,
            session_s=int((session.expires_at - session.created_at).total_seconds()),
            device=signed_in.device,
        )
        self._ways.set_cookies(visit.request, response, reply)
        return response

    def signed_out(self, visit: Visit, path: str) -> web.Response:
        """Let somebody out: the cookie goes, and so do pages that this browser has kept."""
        response = self.to(path)
        self._ways.set_cookies(visit.request, response, Reply(Empty(), session_token=""))
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def refusal(self, visit: Visit, error: DomainError) -> Refusal:
        """Say why a form was not taken."""
        fields = {name: self._catalogues.reason(visit.locale, reason) for name, reason in error.fields.items()}
        return Refusal(
            STATUS[error.code],
            self._catalogues.text(visit.locale, f"error.{error.code}"),
            fields,
            error.retry_after if isinstance(error, RateLimited) else None,
        )

    def text(self, locale: str, key: str, **values: str | int) -> str:
        """Give a text of the catalogues."""
        return self._catalogues.text(locale, key, **values)

    def said(self, locale: str, key: str, **values: str | int) -> Markup:
        """Give a text of the catalogues as it stands in HTML."""
        found: Markup = self._saying[locale]["t"](key, **values)
        return found

    def absolute(self, request: web.Request, path: str) -> str:
        """Give the whole address of a page."""
        return self._ways.origins.own(request) + path

    def _spoken(self, locale: str) -> Markup:
        """What the script says, as JSON: there is no second catalogue to be fetched."""
        keys = sorted(key for key in self._catalogues.keys(locale) if key.startswith(("js.", "hidden.")))
        return escape(orjson.dumps({key: self._catalogues.text(locale, key) for key in keys}).decode())

    def macros(self, visit: Visit, template: str, context: Mapping[str, Any]) -> Any:
        """Give a template's macros, which see the language and what is given, and nothing of who looks."""
        environment = aiohttp_jinja2.get_env(visit.request.app)
        return environment.get_template(template).make_module({**self._saying[visit.locale], **context})

    # --- inside ----------------------------------------------------------------------------------------------------

    def _cookie(self, request: web.Request) -> str:
        secure = self._ways.origins.is_secure(request)
        return request.cookies.get(cookie_name(SESSION_COOKIE, secure=secure), "")

    async def _visit(self, request: web.Request, locale: str) -> Visit:
        caller = caller_of(request, self._ways.origins, self._ways.devices)
        cookie = self._cookie(request)
        if not cookie:
            return Visit(request, locale, caller)
        try:
            actor = await self._ways.sessions.authenticate(cookie)
        except NotAuthenticated:
            return Visit(request, locale, caller)
        note_cookie(request, cookie, actor)
        self._ways.visits.observe(actor, caller)
        if actor.owes_factor:
            return Visit(request, locale, caller, owing=actor)
        return Visit(request, locale, caller, actor)

    async def _body(self, visit: Visit, page: Page, query: Mapping[str, str] = MappingProxyType({})) -> Body:
        reader = None
        if visit.actor is not None:
            reader = await self._greeter.greet(visit.actor) if self._greeter else Reader()
        context = self._frame(visit.request, visit.locale, reader, page.canonical, query)
        context["owing"] = visit.owing is not None
        context.update(page.context)
        html = aiohttp_jinja2.render_string(page.template, visit.request, context)
        return body_of(
            html,
            page.headers.items(),
            page.status,
            piece=page.piece,
            mark=self._piece_mark,
            passing=visit.actor is not None,
        )

    def _frame(
        self,
        request: web.Request,
        locale: str,
        reader: Reader | None,
        canonical: str = "",
        query: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        own = self._ways.origins.own(request)
        return {
            **self._saying[locale],
            "locales": LOCALES,
            "company": self.company,
            "account_path": ACCOUNT_PATHS[locale],
            "assets": self._assets.of("forum"),
            "reader": reader,
            "known": True,
            "words": self._words[locale],
            "owing": False,
            "canonical": own + canonical if canonical else "",
            "own": own,
            "here": request.rel_url.raw_path,
            "languages": [(code, _in_language(request, code, query)) for code in LOCALES],
            "refusal": None,
            "piece_mark": self._piece_mark,
        }

    def _said_in(self, locale: str) -> dict[str, Any]:
        """How templates say things in a language. Texts come escaped, once for all."""
        texts = {key: escape(text) for key, text in self._catalogues.plain(locale).items()}

        def t(key: str, **values: str | int) -> Markup:
            return escape(self._catalogues.text(locale, key, **values)) if values else texts[key]

        return {
            "locale": locale,
            "t": t,
            "day": lambda moment: moments.day(moment, locale),
            "full": lambda moment: moments.full(moment, locale),
            "month": lambda of: moments.month(of, locale),
            "machine": moments.machine,
            "count": lambda number: moments.count(number, locale),
            "q": lambda text: quote(str(text), safe=""),
        }

    def _remember(self, asked: Asked | None, key: Key, locale: str) -> None:
        """Find the page at once when the very same is asked for again."""
        if asked is None:
            return
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[asked] = (key, locale)

    def _send(self, request: web.Request, body: Body, locale: str, kept: str = "") -> web.Response:
        chosen = request.query.get("lang") in LOCALES
        response = _sent(request, body, locale, kept or (_PRIVATE if self._cookie(request) else _SHARED), always=chosen)
        if chosen:
            response.set_cookie(LOCALE_COOKIE, locale, max_age=_YEAR, path="/", samesite="Lax")
        return response

    def problem(self, request: web.Request, problem: Problem) -> web.Response:
        """Show a browser what went wrong, as a page. Who looks is not asked: that may be what went wrong."""
        locale = locale_of(request, self._default_locale)
        context = self._frame(request, locale, None)
        context["known"] = False
        context["problem"] = problem
        # What somebody asked for in vain may be anything that they typed: it does not stand in the page.
        context["here"] = ""
        context["languages"] = [(code, f"/forum?lang={code}") for code in LOCALES]
        html = aiohttp_jinja2.render_string("site/problem.html", request, context)
        headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Content-Language": locale}
        if problem.retry_after is not None:
            headers["Retry-After"] = str(problem.retry_after)
        return web.Response(text=html, status=problem.status, content_type="text/html", headers=headers)


def _asked(request: web.Request) -> Asked | None:
    """Give all of a request that a kept page depends on, as it came; None where there is more to look at."""
    headers = request.headers
    if "Cookie" in headers or "lang=" in request.raw_path:
        return None
    asked = (
        request.raw_path,
        headers.get("Host", ""),
        headers.get("X-Forwarded-Proto", ""),
        headers.get("Accept-Language", ""),
    )
    return asked if sum(map(len, asked)) <= _LONGEST_ASKED else None


def _sent(request: web.Request, body: Body, locale: str, kept: str, *, always: bool = False) -> web.Response:
    """Answer with a page, or that it is still what the browser has; `always` with the page."""
    headers = {
        "Cache-Control": kept,
        "Content-Language": locale,
        "Vary": "Accept-Language, Accept-Encoding, Cookie",
        "ETag": body.tag,
        "Content-Type": "text/html; charset=utf-8",
        **dict(body.headers),
    }
    if body.status == 200 and not always and request.method in {"GET", "HEAD"}:
        asked = request.headers.get("If-None-Match")
        if asked is not None and body.tag in [tag.strip() for tag in asked.split(",")]:
            del headers["Content-Type"]
            return web.Response(status=304, headers=headers)
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=body.plain, status=body.status, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return web.Response(body=body.packed, status=body.status, headers=headers)


def _chosen(request: web.Request, names: Sequence[str]) -> dict[str, str]:
    """Give the part of the query that a page looks at. Nothing else of it gets into a page that others may be shown."""
    return {name: value for name in names if (value := request.query.get(name, "")) and len(value) <= _LONGEST_CHOICE}


def _in_language(request: web.Request, code: str, query: Mapping[str, str]) -> str:
    """Give the address of the same page in a language."""
    return f"{request.rel_url.raw_path}?{urlencode({**query, 'lang': code})}"
