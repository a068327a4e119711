"""A browser without JavaScript: pages, links, forms and cookies over the real server. Shows nothing, runs nothing."""

import re
import secrets
from collections.abc import Mapping
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp

from tests.harness.http import Answer, Http

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_SHAPES = frozenset(["svg", "path", "circle", "rect"])
"""Elements that may close themselves in inline drawings."""


class Strict(HTMLParser):
    """Reads a page as a validator does: every element closed where it was opened, no id twice, no attribute twice."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self._open: list[str] = []
        self._ids: set[str] = set()
        self._labelled: set[str] = set()
        self.references: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an opening tag."""
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.faults.append(f"<{tag}> has an attribute twice")
        for name, value in attrs:
            if name == "id":
                if value in self._ids:
                    self.faults.append(f"id {value} twice")
                self._ids.add(value or "")
            if name in {"for", "aria-describedby", "aria-labelledby", "list"}:
                self.references += [(name, part) for part in (value or "").split()]
            if name.startswith("on") or name == "style":
                self.faults.append(f"<{tag}> has {name}")
        if tag == "img" and "alt" not in names:
            self.faults.append("<img> without alt")
        if tag in {"p", "ul", "ol", "div", "section", "form", "h1", "h2", "table"} and "p" in self._open:
            self.faults.append(f"<{tag}> in <p>")
        if tag == "a" and "a" in self._open:
            self.faults.append("<a> in <a>")
        if tag == "form" and "form" in self._open:
            self.faults.append("<form> in <form>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            if tag not in _SHAPES:
                self.faults.append(f"<{tag}/>")
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Take a closing tag."""
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> where <{self._open[-1] if self._open else ''}> is open")
            if tag in self._open:
                while self._open.pop() != tag:
                    pass
            return
        self._open.pop()

    def finish(self) -> list[str]:
        """Give what is wrong with the page."""
        self.faults += [f"<{tag}> is never closed" for tag in self._open]
        self.faults += [f"{name}={target}: no such id" for name, target in self.references if target not in self._ids]
        return self.faults


def faults_of(html: str) -> list[str]:
    """What is wrong with a page's HTML."""
    parser = Strict()
    parser.feed(html)
    parser.close()
    if not html.startswith("<!doctype html>"):
        parser.faults.append("no doctype")
    return parser.finish()


class Tab:
    """One browser's visit.

    Args:
        session: without cookies; the tab keeps its own.
        url: of the server.
        token: of a session to begin with.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str | None = None) -> None:
        self._http = Http(session, url)
        self._url = url
        self.cookies: dict[str, str] = {"amanah_session": token} if token else {}
        self.path = "/"

    def _headers(self, language: str) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": language}
        return {**headers, "Cookie": cookies} if cookies else headers

    def _keep(self, answer: Answer) -> None:
        for line in answer.headers.getall("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)

    async def get(self, path: str, *, language: str = "id", headers: Mapping[str, str] | None = None) -> Answer:
        """Open an address, without following where it leads."""
        answer = await self._http.call("GET", path, headers={**self._headers(language), **(headers or {})})
        self._keep(answer)
        self.path = path
        return answer

    async def open(self, path: str, *, language: str = "id") -> str:
        """Open an address and go where it leads; give the page."""
        for _ in range(5):
            answer = await self.get(path, language=language)
            if answer.status not in {301, 302, 303}:
                assert answer.status == 200, (path, answer.status)
                html = answer.body.decode()
                assert faults_of(html) == [], path
                return html
            path = urljoin(path, answer.headers["Location"])
        raise AssertionError("goes round in circles")

    async def submit(
        self, path: str, fields: Mapping[str, str] | list[tuple[str, str]], *, origin: str | None = "own"
    ) -> Answer:
        """Send a form, without following where it leads."""
        headers = {**self._headers("id"), "Content-Type": "application/x-www-form-urlencoded"}
        if origin is not None:
            headers["Origin"] = self._url if origin == "own" else origin
        answer = await self._http.call("POST", path, raw=urlencode(fields).encode(), headers=headers)
        self._keep(answer)
        return answer

    async def upload(self, path: str, fields: Mapping[str, str], name: str, file: bytes) -> Answer:
        """Send a form with a file in it, as browsers do, without following where it leads."""
        boundary = f"----{secrets.token_hex(16)}"
        lines = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        head = f'Content-Disposition: form-data; name="{name}"; filename="Nota Bu Wati 0812-9071-3648.png"'
        lines += [f"--{boundary}\r\n{head}\r\nContent-Type: image/png\r\n\r\n".encode(), file, b"\r\n"]
        headers = {**self._headers("id"), "Content-Type": f"multipart/form-data; boundary={boundary}"}
        body = b"".join([*lines, f"--{boundary}--\r\n".encode()])
        answer = await self._http.call("POST", path, raw=body, headers={**headers, "Origin": self._url})
        self._keep(answer)
        return answer

    async def fill(self, path: str, fields: Mapping[str, str] | list[tuple[str, str]]) -> str:
        """Send a form that is taken, and go where it leads; give the page."""
        answer = await self.submit(path, fields)
        assert answer.status == 303, (path, answer.status, _told(answer))
        self.path = urlsplit(answer.headers["Location"]).path
        return await self.open(answer.headers["Location"])


def _told(answer: Answer) -> list[str]:
    return re.findall(r'class="(?:form-error|reason)"[^>]*>([^<]*)', answer.body.decode())
