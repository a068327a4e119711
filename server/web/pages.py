"""The pages: what this is (`/`), the widget's frame (`/widget`), the staff desk (`/desk`), one's own account (`/akun`),
and the built client.
"""

from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
import orjson
from aiohttp import web

from server.web import embedding
from server.web.catalogue import LOCALES, Catalogues
from server.web.requests import LOCALE_COOKIE, locale_of

DIST = Path(__file__).parents[2] / "static" / "dist"
_TEMPLATES = Path(__file__).parent / "templates"
_MANIFESTS = ("manifest.json", "widget.json")
"""What Vite wrote: of the applications, and of the widget, which is built by itself."""
_YEAR = 365 * 24 * 3600
_ENTRIES = {
    "site": "src/site/main.ts",
    "forum": "src/site/forum.ts",
    "feedback": "src/site/feedback.ts",
    "triage": "src/site/triage.ts",
    "widget": "src/widget/main.tsx",
    "desk": "src/desk/main.tsx",
    "account": "src/account/main.tsx",
}
ACCOUNT_PATHS = {"id": "/akun", "en": "/account"}
"""language -> the page of one's own account."""


class ClientNotBuilt(RuntimeError):
    """The web client has not been built; `make run` does it."""


class Assets:
    """The built client: which files an entry point needs.

    Args:
        dist: Vite's output folder.

    Raises:
        ClientNotBuilt: there is none.
    """

    def __init__(self, dist: Path = DIST) -> None:
        manifests = [dist / ".vite" / name for name in _MANIFESTS]
        if not all(manifest.is_file() for manifest in manifests):
            raise ClientNotBuilt("the web client is not built: run `make client`")
        self.folder = dist
        self._manifest: dict[str, Any] = {}
        for manifest in manifests:
            self._manifest |= orjson.loads(manifest.read_bytes())

    def of(self, entry: str) -> dict[str, list[str]]:
        """Give `scripts`, `styles` and `preloads` of an entry: file names under `/assets/`."""
        record = self._manifest[_ENTRIES[entry]]
        preloads: list[str] = []
        styles: list[str] = []
        self._collect(record, preloads, styles)
        return {"scripts": [record["file"]], "styles": styles, "preloads": preloads}

    def _collect(self, record: dict[str, Any], preloads: list[str], styles: list[str]) -> None:
        for name in record.get("imports", []):
            imported = self._manifest[name]
            if imported["file"] not in preloads:
                self._collect(imported, preloads, styles)
                preloads.append(imported["file"])
        styles += [name for name in record.get("css", []) if name not in styles]


class Pages:
    """Renders the pages."""

    def __init__(
        self,
        assets: Assets,
        catalogues: Catalogues,
        *,
        default_locale: str,
        company_name: str,
        visit_days: int,
        demo: bool,
    ) -> None:
        self._assets = assets
        self._catalogues = catalogues
        self._default_locale = default_locale
        self._company_name = company_name
        self._visit_days = visit_days
        self._demo = demo

    def attach(self, app: web.Application) -> None:
        """Add templates and routes."""
        aiohttp_jinja2.setup(
            app,
            loader=jinja2.FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            enable_async=False,
            # The files do not change under a running server; looking whether they did costs four calls a page.
            auto_reload=False,
        )
        app.router.add_get("/", self._page("home.html", "site", "home"))
        app.router.add_get("/widget", self._page("shell.html", "widget", "widget"))
        app.router.add_get("/desk", self._page("shell.html", "desk", "desk"))
        app.router.add_get("/desk/{rest:.*}", self._page("shell.html", "desk", "desk"))
        for locale, path in ACCOUNT_PATHS.items():
            app.router.add_get(path, self._page("shell.html", "account", "account", spoken=locale))
        app.router.add_get("/widget.js", self._loader)
        app.router.add_get("/feedback.js", self._feedback_form)
        embedding.attach(app)
        app.router.add_get("/favicon.ico", self._favicon)
        app.router.add_get("/push-worker.js", self._push_worker)
        app.router.add_get("/outbox-worker.js", self._outbox_worker)
        app.router.add_get("/assets/{name:[A-Za-z0-9._-]{1,100}}", self._asset)

    def _page(self, template: str, entry: str, name: str, *, spoken: str | None = None) -> Any:
        """Make a handler; `spoken` is the language of a page that has an address for each."""

        async def show(request: web.Request) -> web.StreamResponse:
            locale = spoken or locale_of(request, self._default_locale)
            config = {"locale": locale, "company": self._company_name, "visit_days": self._visit_days}
            context = {
                "locale": locale,
                "locales": LOCALES,
                "name": name,
                "company": self._company_name,
                "account_path": ACCOUNT_PATHS[locale],
                "demo": self._demo,
                "config": orjson.dumps(config).decode(),
                "assets": self._assets.of(entry),
                "t": lambda key, **values: self._catalogues.text(locale, key, **values),
            }
            response = aiohttp_jinja2.render_template(template, request, context)
            response.headers["Cache-Control"] = "no-cache"
            response.headers["Content-Language"] = locale
            response.headers["Vary"] = "Accept-Language, Cookie"
            if request.query.get("lang") in LOCALES:
                response.set_cookie(LOCALE_COOKIE, locale, max_age=_YEAR, path="/", samesite="Lax")
            return response

        return show

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        return self._file(request.match_info["name"], "public, max-age=31536000, immutable")

    async def _loader(self, _: web.Request) -> web.StreamResponse:
        return self._file("embed.js", "public, max-age=300")

    async def _feedback_form(self, _: web.Request) -> web.StreamResponse:
        return self._file("feedback.js", "public, max-age=300")

    async def _favicon(self, _: web.Request) -> web.StreamResponse:
        return self._file("favicon.svg", "public, max-age=86400")

    async def _outbox_worker(self, _: web.Request) -> web.StreamResponse:
        """The service worker that sends what a closed widget left waiting. At the root, as it has to be."""
        return self._file("outbox-worker.js", "no-cache")

    async def _push_worker(self, _: web.Request) -> web.StreamResponse:
        """The service worker, after the words that it shows: a push brings none. At the root, for the whole site."""
        words = {
            locale: {
                part: self._catalogues.text(locale, f"push.{part}", company=self._company_name)
                for part in ("title", "body")
            }
            for locale in LOCALES
        }
        path = self._assets.folder / "push-worker.js"
        if not path.is_file():
            raise web.HTTPNotFound
        text = f"self.pushWords = {orjson.dumps(words).decode()};\n" + path.read_text("utf-8")
        return web.Response(text=text, content_type="text/javascript", headers={"Cache-Control": "no-cache"})

    def _file(self, name: str, caching: str) -> web.StreamResponse:
        path = self._assets.folder / name
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": caching})
